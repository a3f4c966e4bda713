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
        Above f_k, below w_k f_k, at the right M_c; one scale for all. The line below computes S_c twice: from the
        map and from F.
    """
    w = np.asarray(w, dtype=float)
    K = f.shape[-1]
    M, F = class_activation_map(f, w), global_average_pool(f)
    limit = max(signed_limit(f), signed_limit(f * w), signed_limit(M))
    figure = new_figure(min(WIDEST, 1.25 * K + 2.6), 3.9)
    axes = figure.subplots(2, K + 1, width_ratios=[1] * K + [1.25])
    for k in range(K):
        draw_numbers(axes[0, k], f[..., k], limit)
        axes[0, k].set_title(f"$f_{{{k + 1}}}$\n$w_{{{k + 1}}}$ = {signed_text(w[k], 1)}")
        draw_numbers(axes[1, k], w[k] * f[..., k], limit, decimals=1)
        axes[1, k].set_title(f"$w_{{{k + 1}}} f_{{{k + 1}}}$")
    axes[0, K].set_axis_off()
    drawn = draw_numbers(axes[1, K], M, limit, decimals=1)
    axes[1, K].set_title("$M$, the sum")
    axes[0, K].text(0.5, 0.0, name, ha="center", va="bottom", transform=axes[0, K].transAxes)
    figure.colorbar(drawn, ax=axes, shrink=0.8, label="against (−) and for (+)")
    from_map, from_means = float(M.mean() + b), float(class_scores(F, w, b))
    figure.supxlabel(
        f"(mean of $M$) + $b$ = {signed_text(from_map, 4)}        $\\sum_k w_k F_k + b$ = {signed_text(from_means, 4)}",
        fontsize=11,
    )
    weights = ", ".join(signed_text(value, 1) for value in w)
    said = alt_text.maps("map", [f"the map M of {name}"], [M], "against (−) and for (+)")
    return figure.describe(
        f"{K} feature maps f_k, below them w_k f_k with the weights {weights}, and their sum. {said} "
        f"Mean of M plus b: {signed_text(from_map, 4)}; sum of w_k F_k plus b: {signed_text(from_means, 4)}."
    )
