"""The figure of lesson 03: the weighted sum of feature maps, in numbers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import alt_text
from ..drawing import new_figure, signed_limit
from ..figure import WIDEST, DescribedFigure
from ..maps import class_activation_map, class_scores, global_average_pool
from .numbers import draw_numbers, signed_text


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
    w = np.asarray(w, dtype=float)
    K = f.shape[-1]
    M, F = class_activation_map(f, w), global_average_pool(f)
    limit = max(signed_limit(f), signed_limit(f * w), signed_limit(M))
    figure = new_figure(min(WIDEST, max(6.0, 1.4 * K)), 5.6)
    grid = figure.add_gridspec(3, max(K, 3), height_ratios=[1, 1, 1.2])
    for k in range(K):
        of_f, of_product = figure.add_subplot(grid[0, k]), figure.add_subplot(grid[1, k])
        draw_numbers(of_f, f[..., k], limit)
        of_f.set_title(f"$f_{{{k + 1}}}$\n$w_{{{k + 1}}}$ = {signed_text(w[k], 1)}")
        draw_numbers(of_product, w[k] * f[..., k], limit, decimals=1)
        of_product.set_title(f"$w_{{{k + 1}}} f_{{{k + 1}}}$")
    of_sum, beside = figure.add_subplot(grid[2, :2]), figure.add_subplot(grid[2, 2:])
    drawn = draw_numbers(of_sum, M, limit, decimals=1)
    of_sum.set_title(f"{name}: $M$, the sum")
    figure.colorbar(drawn, ax=beside, location="bottom", label="against (−) and for (+)")
    from_map, from_means = float(M.mean() + b), float(class_scores(F, w, b))
    both = f"(mean of $M$) + $b$ = {signed_text(from_map, 4)}\n$\\sum_k w_k F_k + b$ = {signed_text(from_means, 4)}"
    beside.set_axis_off()
    beside.text(0.1, 0.5, both, va="center", linespacing=2, fontsize=12, transform=beside.transAxes)
    weights = ", ".join(signed_text(value, 1) for value in w)
    said = alt_text.maps("map", [f"the map M of {name}"], [M], "against (−) and for (+)")
    return figure.describe(
        f"{K} feature maps f_k, below them w_k f_k with the weights {weights}, and their sum. {said} "
        f"Mean of M plus b: {signed_text(from_map, 4)}; sum of w_k F_k plus b: {signed_text(from_means, 4)}."
    )
