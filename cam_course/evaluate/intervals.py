"""A mean over images, how sure it is, and how many images had no answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Mean:
    """A mean with its interval of 95 %.

    Attributes
    ----------
    value, low, high : float
        NaN where no image had an answer.
    n : int
        Images that had one.
    without : int
        Images that had none: their value was NaN.
    """

    value: float
    low: float
    high: float
    n: int
    without: int = 0

    def __str__(self) -> str:
        apart = f", {self.without} without" if self.without else ""
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}, n = {self.n}{apart})"


def mean_with_interval(values: ArrayLike, seed: int = 0, draws: int = 2000) -> Mean:
    """The mean of one number for each image, with a bootstrap interval of 95 %.

    Parameters
    ----------
    values : array_like, shape (n,)
        NaN for an image without an answer; such images are counted apart and enter nothing else.
    seed : int
        Of the bootstrap.
    draws : int
        How often images are drawn anew, with replacement.

    Returns
    -------
    Mean
        The interval reaches from the 2.5th to the 97.5th percentile of the means of the draws.

    References
    ----------
    Efron, Tibshirani (1993), "An introduction to the bootstrap", chapter 13.

    Examples
    --------
    >>> print(mean_with_interval([1.0, 0.0, 1.0, 1.0, float("nan")]))
    0.750 (0.250 to 1.000, n = 4, 1 without)
    """
    values = np.asarray(values, dtype=float).ravel()
    known = values[~np.isnan(values)]
    without = len(values) - len(known)
    if not len(known):
        return Mean(float("nan"), float("nan"), float("nan"), 0, without)
    rng = np.random.default_rng(seed)
    means = [rng.choice(known, len(known)).mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return Mean(float(known.mean()), float(low), float(high), len(known), without)


def share_with_interval(hits: int, n: int) -> Mean:
    """A share of n images, such as an error rate, with Wilson's interval of 95 %.

    It stays within 0 and 1, and has a width even where no image or every image is a hit.

    Parameters
    ----------
    hits : int
    n : int
        At least 1.

    Raises
    ------
    ValueError
        If hits is not between 0 and n, or n is not positive.

    References
    ----------
    Wilson (1927), "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22, 209-212.

    Examples
    --------
    >>> print(share_with_interval(8, 10))
    0.800 (0.490 to 0.943, n = 10)
    """
    if n < 1 or not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share: n must be positive, and hits between 0 and n.")
    z = 1.959964  # 97.5th percentile of the normal distribution
    p = hits / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = float(middle - half), float(middle + half)
    return Mean(p, max(0.0, min(p, low)), min(1.0, max(p, high)), n)  # rounding could put 0 or 1 outside
