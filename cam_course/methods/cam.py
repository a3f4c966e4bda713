"""Class activation maps, exact: the mean of every map and the bias add up to the model's own score."""

from typing import Any

import tensorflow as tf

from ..network import Network
from .explainer import Explainer


class CAM(Explainer):
    """Class activation maps of a model that ends in global average pooling and one dense layer.

    M_c(x, y) = sum_k w_k^c f_k(x, y), signed and not scaled, so that S_c = mean_xy M_c(x, y) + b_c.

    Maps and scores of models in half precision are computed in float32. GPUs that round products of float32 to
    TensorFloat-32 keep the promise no better than that, until
    ``tf.config.experimental.enable_tensor_float_32_execution(False)``.

    Parameters
    ----------
    model : keras.Model
        The feature maps, the GAP and the dense layer are found by their role.

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

    def _find(self, network: Network) -> None:
        self._head = network.gap_head()

    def _explain(self, images: Any, choose: Any) -> tuple[Any, Any, Any, Any]:
        network, head = self.network, self._head
        values = network.run({network.images: images}, to=head.features)
        behind = network.run({head.features: values[head.features]}, to=network.logits)
        f = tf.cast(network.maps_last(head.features, values[head.features]), tf.float32)
        if all(value.dtype == tf.float32 for value in behind.values()):
            S = behind[network.logits]
        else:  # half precision would round the score more than the promise allows
            S = tf.reduce_mean(f, axis=(1, 2)) @ head.w + head.b
        classes = choose(S)

        def few_classes() -> Any:
            return tf.einsum("nhwk,knc->nhwc", f, tf.gather(head.w, classes, axis=1))

        def many_classes() -> Any:  # their weights anew for every image would cost more than all maps
            return tf.gather(tf.tensordot(f, head.w, 1), classes, axis=3, batch_dims=1)

        maps = tf.cond(8 * tf.shape(classes)[1] < head.w.shape[1], few_classes, many_classes)
        return tf.transpose(maps, (0, 3, 1, 2)), classes, tf.gather(head.b, classes), S
