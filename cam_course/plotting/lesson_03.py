"""The figure of lesson 03: the weighted sum of feature maps, in numbers."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import alt_text
from ..drawing import new_figure, signed_limit
from ..figure import WIDEST, DescribedFigure
from ..maps import class_activation_map, class_scores, global_average_pool
from .numbers import NumberGrid, signed_text, subscript

_SCALE = "against (−) and for (+)"


class WeightedSum:
    """K small feature maps times their weights, and the sum: the class activation map, its mean and the score.

    Above f_k, below them w_k f_k, below those M_c; one scale for all. Beside M_c stands S_c, computed twice: from the
    map and from F. It is drawn once; other weights change its numbers and colours.

    Parameters
    ----------
    f : ndarray, shape (h, w, K)
    b : float
        The bias b_c.
    name : str
        Name of the class, for the titles.
    """

    def __init__(self, f: NDArray, b: float = 0.0, name: str = "c") -> None:
        self._f, self._F, self._b, self._name = f, global_average_pool(f), b, name
        K = f.shape[-1]
        limit, nothing = signed_limit(f), np.zeros_like(f[..., 0])
        self._figure = new_figure(min(WIDEST, max(6.0, 1.4 * K)), 5.6)
        grid = self._figure.add_gridspec(3, max(K, 3), height_ratios=[1, 1, 1.2])
        above = [self._figure.add_subplot(grid[0, k]) for k in range(K)]
        below = [self._figure.add_subplot(grid[1, k]) for k in range(K)]
        of_sum, beside = self._figure.add_subplot(grid[2, :2]), self._figure.add_subplot(grid[2, 2:])
        self._maps = [NumberGrid(axes, f[..., k], limit) for k, axes in enumerate(above)]
        self._products = [NumberGrid(axes, nothing, limit, decimals=1) for axes in below]
        self._sum = NumberGrid(of_sum, nothing, limit, decimals=1)
        for k, (axes, product) in enumerate(zip(above, below, strict=True), start=1):
            axes.set_title(f"$f_{{{k}}}$", loc="left")
            product.set_title(f"$w_{{{k}}} f_{{{k}}}$")
        self._weights = [axes.set_title("", loc="right") for axes in above]
        of_sum.set_title(f"{name}: $M$, the sum")
        self._figure.colorbar(self._sum.image, ax=beside, location="bottom", shrink=0.85, label=_SCALE)
        beside.set_axis_off()
        both = "(mean of $M$) + $b$ =\n$\\sum_k w_k F_k + b$ ="
        style: dict[str, Any] = {"va": "center", "linespacing": 2, "fontsize": 12, "transform": beside.transAxes}
        beside.text(0.62, 0.5, both, ha="right", **style)
        self._both = beside.text(0.65, 0.5, "", **style)

    def at(self, w: ArrayLike) -> DescribedFigure:
        """The figure with the weights w, shape (K,)."""
        w = np.asarray(w, dtype=float)
        products, M = self._f * w, class_activation_map(self._f, w)
        limit = _rounded_up(max(signed_limit(self._f), signed_limit(products), signed_limit(M)))
        for k, (f_k, product, weight) in enumerate(zip(self._maps, self._products, self._weights, strict=True)):
            f_k.show(self._f[..., k], limit)
            product.show(products[..., k], limit)
            weight.set_text(f"w{subscript(k + 1)} = {signed_text(w[k], 1)}")  # no formula: those take long to set
        self._sum.show(M, limit)
        from_map = signed_text(float(M.mean() + self._b), 4)
        from_means = signed_text(float(class_scores(self._F, w, self._b)), 4)
        self._both.set_text(f"{from_map}\n{from_means}")
        weights = ", ".join(signed_text(value, 1) for value in w)
        said = alt_text.maps("map", [f"the map M of {self._name}"], [M], _SCALE)
        return self._figure.describe(
            f"{len(w)} feature maps f_k, below them w_k f_k with the weights {weights}, and their sum. {said} "
            f"Mean of M plus b: {from_map}; sum of w_k F_k plus b: {from_means}."
        )


def show_weighted_sum(f: NDArray, w: ArrayLike, b: float = 0.0, name: str = "c") -> DescribedFigure:
    """K small feature maps times their weights, and the sum: the class activation map, its mean and the score.

    Parameters
    ----------
    f : ndarray, shape (h, w, K)
    w : array_like, shape (K,)
    b : float
        The bias b_c.
    name : str
        Name of the class, for the titles.

    Returns
    -------
    DescribedFigure
        Above f_k, below them w_k f_k, below those M_c; one scale for all. Beside M_c stands S_c, computed twice: from
        the map and from F.
    """
    return WeightedSum(f, b, name).at(w)


def _rounded_up(limit: float) -> float:
    """1, 1.5, 2, 3, 5 or 7 times a power of ten: the colours stay while a weight moves a little."""
    power = 10 ** np.floor(np.log10(limit))
    return next(float(power * step) for step in (1, 1.5, 2, 3, 5, 7, 10) if power * step >= limit)
