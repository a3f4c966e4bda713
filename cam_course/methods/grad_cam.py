"""Grad-CAM: the weights of the maps come from the gradient of the score, so any architecture will do."""

from typing import Any

import keras
import tensorflow as tf

from .gradient import GradientExplainer


class GradCAM(GradientExplainer):
    """Gradient-weighted class activation maps.

    L_c(i, j) = ReLU(sum_k alpha_k^c f_k(i, j)) with alpha_k^c = (1/Z) sum_ij dS_c/df_k(i, j), Z = h w. The gradient is
    that of the score before softmax, and runs through the layers after f alone.

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
        super().__init__(model, layer)
        self._relu = self.rectified = relu

    def _map(self, f: Any, dS_df: Any) -> Any:
        alpha = tf.reduce_mean(dS_df, axis=(1, 2))
        L = tf.einsum("nhwk,nk->nhw", f, alpha)
        return tf.nn.relu(L) if self._relu else L
