"""LayerCAM: every position has weights of its own, so fine layers give fine maps."""

from typing import Any

import tensorflow as tf

from .gradient import GradientExplainer


class LayerCAM(GradientExplainer):
    """Layer-wise class activation maps.

    L_c(x, y) = ReLU(sum_k ReLU(dS_c/df_k(x, y)) f_k(x, y)): each value of f is weighted by its own gradient, not by the
    mean over the map.

    Parameters
    ----------
    model : keras.Model
    layer : str, keras.layers.Layer or None
        The layer whose output is f; None for the feature maps that CAM would use.

    Raises
    ------
    ValueError
        If there is no such layer, its output is not (N, h, w, K), or the scores do not depend on it.

    References
    ----------
    Jiang, Zhang, Hou, Cheng, Wei (2021), "LayerCAM: Exploring hierarchical class activation maps for localization",
    IEEE Transactions on Image Processing 30, 5875-5888, equations (6) to (8).

    Examples
    --------
    >>> import keras, numpy as np
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 3), keras.layers.Flatten(), keras.layers.Dense(2)])
    >>> LayerCAM(model)(np.ones((1, 4, 4, 1)), top=2).maps.shape
    (1, 2, 2, 2)
    """

    rectified = True

    def _map(self, f: Any, dS_df: Any) -> Any:
        return tf.nn.relu(tf.reduce_sum(tf.nn.relu(dS_df) * f, axis=-1))
