"""Grad-CAM++: positions are weighted so that several objects of a class count, whatever their size."""

from typing import Any

import tensorflow as tf

from .gradient import GradientExplainer


class GradCAMPlusPlus(GradientExplainer):
    """Grad-CAM++ in its closed form.

    L_c(i, j) = ReLU(sum_k w_k^c f_k(i, j)),  w_k^c = sum_ij a_k^c(i, j) ReLU(g_k(i, j)),  g = dS_c/df, and

    a_k^c(i, j) = g^2 / (2 g^2 + (sum_ab f_k(a, b)) g^3), with g = g_k(i, j), and 0 where g = 0 or the denominator is 0.

    Notes
    -----
    The paper defines a by second and third derivatives of Y_c, which may be any smooth function of the score, and takes
    Y_c = exp(S_c). If moreover S_c is linear in f near the image, as in a network of ReLUs, they are exp(S_c) g^2 and
    exp(S_c) g^3: exp(S_c) leaves the quotient and remains as one positive factor of w_k^c. It is left out here, because
    it changes no map but by that factor and overflows in float32 above a score of 88.

    Other libraries, read in 2026: pytorch-grad-cam agrees, but for 1e-6 added to the denominator, which is not small
    where g is below 1e-3; torch-cam sums f g^3 over the map instead of multiplying the sum of f by the local g^3;
    xplique takes the mean of f for its sum; tf-keras-vis divides the a of each map by their sum, unlike equation (19).

    Raises
    ------
    ValueError
        If there is no such layer, its output is not (N, h, w, K), or the scores do not depend on it.

    References
    ----------
    Chattopadhay, Sarkar, Howlader, Balasubramanian (2018), "Grad-CAM++: Generalized gradient-based visual explanations
    for deep convolutional networks", WACV; the numbers of equations are those of arXiv:1710.11063.

    Examples
    --------
    >>> import keras, numpy as np
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 3), keras.layers.Flatten(), keras.layers.Dense(2)])
    >>> GradCAMPlusPlus(model)(np.ones((1, 4, 4, 1)), top=2).maps.shape
    (1, 2, 2, 2)
    """

    rectified = True

    def _map(self, f: Any, dS_df: Any) -> Any:
        g, sum_f = dS_df, tf.reduce_sum(f, axis=(1, 2), keepdims=True)
        a = tf.math.divide_no_nan(g**2, 2 * g**2 + sum_f * g**3)
        w = tf.reduce_sum(a * tf.nn.relu(g), axis=(1, 2))
        return tf.nn.relu(tf.einsum("nhwk,nk->nhw", f, w))
