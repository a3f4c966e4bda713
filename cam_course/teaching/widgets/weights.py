"""Live figure of the lesson on the mathematics of CAM: one slider for each weight."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...figure import DescribedFigure
from ...maps import class_activation_map, class_scores, global_average_pool
from ...plotting import WeightedSum
from ...plotting.numbers import subscript
from .live import show_live, slider


def weight_sliders(f: NDArray, w: ArrayLike, b: float = 0.0, name: str = "c") -> None:
    """Show K feature maps, a slider for each weight, and the map, its mean and the score as they follow.

    Parameters
    ----------
    f : ndarray, shape (h, w, K)
    w : array_like, shape (K,)
        The weights to start from.
    b : float
    name : str
        Name of the class.
    """
    drawn = WeightedSum(f, b, name)

    def at(**weights: float) -> tuple[DescribedFigure, str]:
        w = list(weights.values())
        from_map = class_activation_map(f, w).mean() + b
        from_means = class_scores(global_average_pool(f), w, b)
        line = (
            f"S = mean of M + b = <b>{from_map:.4f}</b>, &nbsp; Σ<sub>k</sub> w<sub>k</sub> F<sub>k</sub> + b = "
            f"<b>{from_means:.4f}</b>, &nbsp; difference {abs(from_map - from_means):.0e}"
        )
        return drawn.at(w), line

    sliders = {
        f"w{k}": slider(f"w{subscript(k)}", float(value), -2, 2, 0.1)
        for k, value in enumerate(np.asarray(w, dtype=float), start=1)
    }
    show_live(sliders, at)
