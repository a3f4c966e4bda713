"""Grad-CAM: the weights of the maps come from the gradient of the score, so any architecture will do."""

from typing import Any

import keras
import tensorflow as tf

from .explainer import Explainer


class GradCAM(Explainer):
    """Gradient-weighted class activation maps.

    L_c(x, y) = ReLU(sum_k alpha_k^c f_k(x, y)) with alpha_k^c = (1/Z) sum_ij dS_c/df_k(i, j), Z = h w. The gradient is
    that of the score before softmax, and runs through the layers behind f alone.

    Parameters
    ----------
    model : keras.Model
    layer : str, keras.layers.Layer or None
        The layer whose output is f; None for the feature maps that CAM would use.
    relu : bool
        False leaves the ReLU out, so that the map keeps what speaks against the class.

    Raises
    ------
    ValueError
        If there is no such layer, its output is not (N, h, w, K), or the scores do not depend on it.

    References
    ----------
    Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra (2017), "Grad-CAM: Visual explanations from deep networks via
    gradient-based localization", ICCV, equations (1) and (2).

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 3), keras.layers.Flatten(), keras.layers.Dense(2)])
    >>> e = GradCAM(model)(np.ones((5, 4, 4, 1)), top=2)
    >>> e.maps.shape
    (5, 2, 2, 2)
    >>> bool((e.maps >= 0).all())
    True
    """

    def __init__(self, model: keras.Model, layer: str | keras.layers.Layer | None = None, relu: bool = True) -> None:
        super().__init__(model)
        self._features = self.network.grid() if layer is None else self.network.layer_output(layer)
        self._relu = relu

    def _explain(self, images: Any, choose: Any) -> tuple[Any, Any, Any, Any]:
        network = self.network
        values = network.run({network.images: images}, to=self._features)
        f = values[self._features]
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(f)
            S = network.run(values, to=network.logits)[network.logits]
            classes = choose(S)
            chosen = tf.transpose(tf.gather(S, classes, batch_dims=1))  # (K, n)
            # One image's score does not depend on another's maps: the gradient of a class's sum is each one's own.
            totals = tf.reduce_sum(chosen, axis=1)

        def weights(k: Any) -> Any:
            only_k = tf.one_hot(k, tf.size(totals), dtype=totals.dtype)
            return tf.reduce_mean(tape.gradient(totals, f, output_gradients=only_k), axis=(1, 2))

        alpha = tf.map_fn(weights, tf.range(tf.shape(classes)[1]), fn_output_signature=f.dtype)  # (K, n, maps)
        maps = tf.einsum("nhwk,cnk->nchw", f, alpha)
        return tf.nn.relu(maps) if self._relu else maps, classes, tf.zeros_like(classes, tf.float32), S
