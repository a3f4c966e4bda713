"""Class activation maps, exact: the mean of every map and the bias add up to the model's own score."""

from typing import Any

import tensorflow as tf

from ..network import Network
from .class_choice import few_or_many
from .explainer import Explainer
from .precision import features_and_scores


class CAM(Explainer):
    """Class activation maps of a model that ends in global average pooling and scores affine in what it pooled.

    M_c(x, y) = sum_k w_k^c f_k(x, y), signed and not scaled, so that S_c = mean_xy M_c(x, y) + b_c.

    Maps and scores of models in half precision are computed in float32. GPUs that round products of float32 to
    TensorFloat-32 keep the promise no better than that, until
    ``tf.config.experimental.enable_tensor_float_32_execution(False)``.

    Parameters
    ----------
    model : keras.Model
        The feature maps, the GAP and what follows it are found by their role. After the GAP may come one dense layer,
        or anything affine: several without activation, batch normalization, rescaling, or nothing.

    Raises
    ------
    NoGapHeadError
        A ValueError, if the model ends otherwise.

    References
    ----------
    Zhou, Khosla, Lapedriza, Oliva, Torralba (2016), "Learning deep features for discriminative localization", CVPR,
    equations (1) and (2).

    Examples
    --------
    >>> import keras, numpy as np
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 3), keras.layers.GlobalAveragePooling2D(),
    ...     keras.layers.Dense(2, activation="softmax")])
    >>> e = CAM(model)(np.ones((1, 4, 4, 1)), classes="all")
    >>> e.maps.shape
    (1, 2, 2, 2)
    >>> bool(np.allclose(e.maps.mean(axis=(2, 3)) + e.bias, e.scores, rtol=1e-5))
    True
    """

    exact = True

    def _find_roles(self, network: Network) -> None:
        self._head = network.gap_head()

    def _forward(self, images: Any) -> tuple[Any, Any]:
        w, b = self._head.affine()  # (K, C) and (C,)
        f, S = features_and_scores(self.network, self._head, images, w, b)
        return S, (f, w, b)

    def _maps(self, state: Any, classes: Any) -> Any:
        f, w, _ = state

        def few() -> Any:  # M_c(x, y) = sum_k w_k^c f_k(x, y) of the chosen classes
            return tf.einsum("nhwk,knc->nhwc", f, tf.gather(w, classes, axis=1))

        def many() -> Any:  # of all classes, and then those chosen
            return tf.gather(tf.tensordot(f, w, 1), classes, axis=3, batch_dims=1)

        return tf.transpose(few_or_many(classes, self.network.classes, few, many), (0, 3, 1, 2))

    def _bias(self, state: Any, classes: Any) -> Any:
        return tf.gather(state[2], classes)
