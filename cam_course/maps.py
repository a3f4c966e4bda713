"""The arithmetic of the lecture in NumPy alone.

Every function is one formula and carries the lecture's letters:

======  =================================================================
f       feature maps, shape ``(..., h, w, K)``: K maps of h rows, w columns
F       their means, shape ``(..., K)``
w, b    weights ``(K, C)`` and bias ``(C,)`` of the dense layer, C classes
S, P    scores before softmax and probabilities, shape ``(..., C)``
M       class activation map, shape ``(..., h, w)`` or ``(..., h, w, C)``
alpha   Grad-CAM's weights, shape ``(..., K)``
======  =================================================================
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


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


def relu(x: ArrayLike) -> NDArray:
    """max(x, 0), value by value.

    Examples
    --------
    >>> relu([-2.0, 3.0])
    array([0., 3.])
    """
    return np.maximum(x, 0)
