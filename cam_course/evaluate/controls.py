"""Maps that know nothing of the model: what any method has to beat."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def random_map(size: tuple[int, int], seed: int = 0) -> NDArray:
    """A number between 0 and 1 for every position, drawn at random, shape (H, W).

    Examples
    --------
    >>> random_map((2, 3)).shape
    (2, 3)
    """
    return np.random.default_rng(seed).uniform(size=size)


def centred_blob(size: tuple[int, int]) -> NDArray:
    """A bell in the middle of the picture, shape (H, W), 1 at its centre: photographers put things there.

    Its standard deviation is a quarter of each side.

    Examples
    --------
    >>> centred_blob((3, 3)).round(2)
    array([[0.17, 0.41, 0.17],
           [0.41, 1.  , 0.41],
           [0.17, 0.41, 0.17]])
    """
    bells = [np.exp(-(((np.arange(n) - (n - 1) / 2) / (n / 4)) ** 2) / 2) for n in size]
    return np.outer(*bells)


def edge_map(image: ArrayLike) -> NDArray:
    """How strongly the picture itself changes at each pixel, shape (H, W): Sobel's gradient of its mean over channels.

    Parameters
    ----------
    image : array_like, shape (H, W, C) or (H, W)

    References
    ----------
    Adebayo et al. (2018), "Sanity checks for saliency maps", NeurIPS: an edge detector as the control.

    Examples
    --------
    >>> edge_map([[0.0, 0.0, 1.0, 1.0]] * 3)[1]
    array([0., 4., 4., 0.])
    """
    from scipy.ndimage import sobel

    grey = np.asarray(image, dtype=float)
    grey = grey.mean(axis=-1) if grey.ndim == 3 else grey
    return np.hypot(sobel(grey, axis=0), sobel(grey, axis=1))
