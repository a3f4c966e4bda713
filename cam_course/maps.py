"""The arithmetic of the lecture in NumPy alone.

Every function is one formula and carries the lecture's letters:

======  =================================================================
f       feature maps, shape ``(..., h, w, K)``: K maps of h rows, w columns
x, y    row and column of a position, as in the lecture: f_k(x, y)
F       their means, shape ``(..., K)``
w, b    weights ``(K, C)`` and bias ``(C,)`` of the dense layer, C classes
S, P    scores before softmax and probabilities, shape ``(..., C)``
M       class activation map, shape ``(..., h, w)`` or ``(..., h, w, C)``
alpha   Grad-CAM's weights, shape ``(..., K)``
R       relevance in layer-wise relevance propagation
A       attention: the shares that tokens take from tokens
======  =================================================================
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def convolve(g: ArrayLike, v: ArrayLike, stride: int = 1) -> NDArray:
    """A filter at every place of a picture: f(x, y) = sum_ij v(i, j) g(s x + i, s y + j), without a rim.

    As in every network the filter is not turned round; mathematicians call this a cross-correlation.

    Parameters
    ----------
    g : array_like, shape (H, W)
    v : array_like, shape (k, l)
    stride : int
        s, at least 1.

    Returns
    -------
    f : ndarray, shape ((H - k) // s + 1, (W - l) // s + 1)

    References
    ----------
    Goodfellow, Bengio, Courville (2016), "Deep learning", equation (9.6).

    Examples
    --------
    >>> convolve([[0, 3, 1], [2, 3, 0]], [[1, -1]])
    array([[-3,  2],
           [-1,  3]])
    """
    g, v = np.asarray(g), np.asarray(v)
    windows = np.lib.stride_tricks.sliding_window_view(g, v.shape)[::stride, ::stride]
    return np.asarray(np.sum(windows * v, axis=(-2, -1)))


def global_average_pool(f: ArrayLike) -> NDArray:
    """Mean of every feature map over its positions: F_k = (1/N) sum_xy f_k(x, y), with N = h w.

    Zhou et al. (2016) write F_k as a sum; Keras' ``GlobalAveragePooling2D`` takes the mean, and so does the course.

    Parameters
    ----------
    f : array_like, shape (..., h, w, K)

    Returns
    -------
    F : ndarray, shape (..., K)

    References
    ----------
    Lin, Chen, Yan (2014), "Network in network", section 3.2.

    Examples
    --------
    >>> f = np.array([[[1.0], [2.0]], [[3.0], [6.0]]])  # one map of 2 x 2
    >>> global_average_pool(f)
    array([3.])
    """
    return np.asarray(f).mean(axis=(-3, -2))


def class_scores(F: ArrayLike, w: ArrayLike, b: ArrayLike | None = None) -> NDArray:
    """The scores before softmax: S_c = sum_k w_k^c F_k + b_c.

    Parameters
    ----------
    F : array_like, shape (..., K)
    w : array_like, shape (K,) for one class or (K, C) for C classes
    b : array_like, shape () or (C,), optional
        Left out, there is no bias.

    Returns
    -------
    S : ndarray, shape (...) or (..., C)

    References
    ----------
    Zhou et al. (2016), "Learning deep features for discriminative localization", section 2. The paper drops b_c.

    Examples
    --------
    >>> class_scores([1.0, 2.0], [[3.0, 0.0], [0.5, -1.0]], b=[0.0, 5.0])
    array([4., 3.])
    """
    S = np.asarray(F) @ np.asarray(w)
    return S if b is None else S + np.asarray(b)


def class_activation_map(f: ArrayLike, w: ArrayLike) -> NDArray:
    """How much each position speaks for a class: M_c(x, y) = sum_k w_k^c f_k(x, y).

    Parameters
    ----------
    f : array_like, shape (..., h, w, K)
    w : array_like, shape (K,) for one class or (K, C) for C classes

    Returns
    -------
    M : ndarray, shape (..., h, w) or (..., h, w, C)
        Signed and not scaled. Its mean over the positions is S_c - b_c.

    References
    ----------
    Zhou et al. (2016), equation (2).

    Examples
    --------
    >>> f = np.array([[[1.0, 0.0], [2.0, 1.0]]])  # two maps of 1 x 2
    >>> class_activation_map(f, [1.0, -3.0])
    array([[ 1., -1.]])
    """
    return np.asarray(f) @ np.asarray(w)


def softmax(S: ArrayLike) -> NDArray:
    """Probabilities from scores: P_c = exp(S_c) / sum_c' exp(S_c').

    The largest score is subtracted first. That changes no quotient and keeps exp from overflowing.

    Parameters
    ----------
    S : array_like, shape (..., C)

    Returns
    -------
    P : ndarray, shape (..., C)
        Each row adds up to 1.

    Examples
    --------
    >>> softmax([0.0, 0.0])
    array([0.5, 0.5])
    >>> softmax([1000.0, 0.0])
    array([1., 0.])
    """
    S = np.asarray(S)
    e = np.exp(S - S.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def grad_cam_weights(dS_df: ArrayLike) -> NDArray:
    """Grad-CAM's weights: alpha_k^c = (1/Z) sum_ij dS_c/df_k(i, j), with Z = h w.

    Parameters
    ----------
    dS_df : array_like, shape (..., h, w, K)
        Gradient of the score S_c, before softmax, with respect to the feature maps.

    Returns
    -------
    alpha : ndarray, shape (..., K)

    References
    ----------
    Selvaraju et al. (2017), "Grad-CAM: Visual explanations from deep networks", equation (1).

    Examples
    --------
    >>> grad_cam_weights(np.full((2, 2, 1), 0.25))
    array([0.25])
    """
    return np.asarray(dS_df).mean(axis=(-3, -2))


def grad_cam(f: ArrayLike, alpha: ArrayLike) -> NDArray:
    """Grad-CAM's map: L_c(x, y) = ReLU(sum_k alpha_k^c f_k(x, y)).

    Parameters
    ----------
    f : array_like, shape (..., h, w, K)
    alpha : array_like, shape (..., K)

    Returns
    -------
    L : ndarray, shape (..., h, w)
        Nowhere negative.

    References
    ----------
    Selvaraju et al. (2017), equation (2).

    Examples
    --------
    >>> f = np.array([[[1.0, 0.0], [2.0, 1.0]]])
    >>> grad_cam(f, [1.0, -3.0])
    array([[1., 0.]])
    """
    f, alpha = np.asarray(f), np.asarray(alpha)
    return relu(np.sum(f * alpha[..., None, None, :], axis=-1))


def grad_cam_pp_weights(f: ArrayLike, dS_df: ArrayLike) -> NDArray:
    """Grad-CAM++'s weights: w_k^c = sum_ij a_k^c(i, j) ReLU(g_k(i, j)), with g = dS_c/df.

    a_k^c(i, j) = g^2 / (2 g^2 + (sum_ab f_k(a, b)) g^3), with g = g_k(i, j), and 0 where the denominator is 0.

    Parameters
    ----------
    f : array_like, shape (..., h, w, K)
    dS_df : array_like, shape (..., h, w, K)
        Gradient of the score S_c, before softmax, with respect to the feature maps.

    Returns
    -------
    w : ndarray, shape (..., K)
        To be used like Grad-CAM's alpha. The paper's factor exp(S_c), the same for all k, is left out.

    References
    ----------
    Chattopadhay, Sarkar, Howlader, Balasubramanian (2018), "Grad-CAM++: Generalized gradient-based visual explanations
    for deep convolutional networks", equations (5) and (19).

    Examples
    --------
    >>> f = np.array([[[1.0], [3.0]]])  # one map of 1 x 2, its sum is 4
    >>> grad_cam_pp_weights(f, [[[0.5], [-1.0]]])  # a = 0.25 / (2 * 0.25 + 4 * 0.125), times 0.5
    array([0.125])
    """
    f, g = np.asarray(f, dtype=float), np.asarray(dS_df, dtype=float)
    denominator = 2 * g**2 + f.sum(axis=(-3, -2), keepdims=True) * g**3
    a = np.divide(g**2, denominator, out=np.zeros_like(g), where=denominator != 0)
    return np.sum(a * relu(g), axis=(-3, -2))


def hires_cam(f: ArrayLike, dS_df: ArrayLike) -> NDArray:
    """HiResCAM's map: sum_k dS_c/df_k(x, y) f_k(x, y), each value times its own gradient, nothing averaged.

    Parameters
    ----------
    f : array_like, shape (..., h, w, K)
    dS_df : array_like, shape (..., h, w, K)

    Returns
    -------
    M : ndarray, shape (..., h, w)
        Signed. Where S_c is affine in f, as with one dense layer after f, it adds up to S_c - b_c.

    References
    ----------
    Draelos, Carin (2020), "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural
    networks", arXiv:2011.08891.

    Examples
    --------
    >>> f = np.array([[[1.0, 2.0], [3.0, 0.0]]])  # two maps of 1 x 2
    >>> hires_cam(f, [[[1.0, 1.0], [-2.0, 5.0]]])
    array([[ 3., -6.]])
    """
    return np.sum(np.asarray(dS_df) * np.asarray(f), axis=-1)


def layer_cam(f: ArrayLike, dS_df: ArrayLike) -> NDArray:
    """LayerCAM's map: L_c(x, y) = ReLU(sum_k ReLU(dS_c/df_k(x, y)) f_k(x, y)).

    Parameters
    ----------
    f : array_like, shape (..., h, w, K)
    dS_df : array_like, shape (..., h, w, K)

    Returns
    -------
    L : ndarray, shape (..., h, w)
        Nowhere negative.

    References
    ----------
    Jiang, Zhang, Hou, Cheng, Wei (2021), "LayerCAM: Exploring hierarchical class activation maps for localization",
    equations (6) to (8).

    Examples
    --------
    >>> f = np.array([[[1.0, 2.0], [3.0, 0.0]]])  # two maps of 1 x 2
    >>> layer_cam(f, [[[1.0, 1.0], [-2.0, 5.0]]])
    array([[3., 0.]])
    """
    return relu(hires_cam(f, relu(dS_df)))


def lrp_dense(
    a: ArrayLike, w: ArrayLike, b: ArrayLike, R: ArrayLike, gamma: float = 0.0, epsilon: float = 0.0
) -> NDArray:
    """Relevance of the inputs of one dense layer, z_k = sum_j a_j w_jk + b_k, from that of its outputs.

    R_j = sum_k (z_jk + gamma z_jk^+) / (epsilon + sum_{0,j} (z_jk + gamma z_jk^+)) R_k, with z_jk = a_j w_jk and
    z_0k = b_k. z_jk^+ is z_jk where it has the sign of z_k, else 0; epsilon has that sign too.

    Parameters
    ----------
    a : array_like, shape (J,)
    w : array_like, shape (J, K)
    b : array_like, shape (K,)
    R : array_like, shape (K,)
    gamma : float
        0 for LRP-epsilon; ``numpy.inf`` for LRP-z+, which counts z_jk^+ alone.
    epsilon : float
        In the units of z.

    Returns
    -------
    R_j : ndarray, shape (J,)
        Without bias and epsilon it adds up to sum_k R_k. A sum of which nothing counts shares out nothing.

    References
    ----------
    Montavon, Binder, Lapuschkin, Samek, Müller (2019), "Layer-wise relevance propagation: an overview", section 10.2;
    for sums below zero Andéol et al. (2021), arXiv:2106.04923.

    Examples
    --------
    >>> lrp_dense([1.0, 2.0], [[3.0], [-1.0]], [0.0], [1.0])  # z_1 = 3, z_2 = -2, z = 1
    array([ 3., -2.])
    >>> lrp_dense([1.0, 2.0], [[3.0], [-1.0]], [0.0], [1.0], gamma=np.inf)
    array([1., 0.])
    """
    a, w, b, R = (np.asarray(v, dtype=float) for v in (a, w, b, R))
    summands = np.vstack([a[:, None] * w, b])  # z_jk, the bias last
    z = summands.sum(axis=0)
    sign = np.where(z >= 0, 1.0, -1.0)
    plus = sign * relu(sign * summands)
    counted = plus if np.isinf(gamma) else summands + gamma * plus
    total = counted.sum(axis=0) + epsilon * sign
    s = np.divide(R, total, out=np.zeros_like(z), where=total != 0)
    return counted[:-1] @ s


def attention_rollout(A: ArrayLike) -> NDArray:
    """What each token holds of every token of the input, if blocks did nothing but mix: A~_L ... A~_2 A~_1.

    A~_l = (A_l + I) / 2 is the attention of block l, averaged over its heads, and the path around it.

    Parameters
    ----------
    A : array_like, shape (L, ..., T, T)
        L blocks, the first one first; each row holds the shares that a token takes from the T tokens.

    Returns
    -------
    A : ndarray, shape (..., T, T)
        Its rows add up to 1 as well.

    References
    ----------
    Abnar, Zuidema (2020), "Quantifying attention flow in transformers", ACL, section 3, "attention rollout".

    Examples
    --------
    >>> attention_rollout([[[0.0, 1.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]])
    array([[0.25, 0.75],
           [0.25, 0.75]])
    """
    A = np.asarray(A, dtype=float)
    mixed = (A + np.eye(A.shape[-1])) / 2
    rolled = mixed[0]
    for block in mixed[1:]:
        rolled = block @ rolled
    return rolled


def relu(x: ArrayLike) -> NDArray:
    """max(x, 0), value by value.

    Examples
    --------
    >>> relu([-2.0, 3.0])
    array([0., 3.])
    """
    return np.maximum(x, 0)
