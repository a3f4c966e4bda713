"""The figure of lesson 00: a linear classifier of pixels."""

from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..drawing import new_figure, signed_limit
from .numbers import draw_numbers, signed_text


def show_pixel_scores(g: NDArray, w: NDArray, b: float) -> Figure:
    """One grey picture, the weight of each of its pixels, and what each adds to the score of a linear classifier.

    Parameters
    ----------
    g : ndarray, shape (h, w)
        Grey values 0 to 1.
    w : ndarray, shape (h, w)
    b : float

    Returns
    -------
    matplotlib.figure.Figure
        At the left g, in the middle w, at the right M = w g; w and M on one scale.
    """
    M = w * g
    limit = max(signed_limit(w), signed_limit(M))
    figure = new_figure(9.4, 3.5)
    picture, weights, contributions = figure.subplots(1, 3)
    picture.imshow(g, cmap="gray", vmin=0, vmax=1)
    picture.set_xticks([])
    picture.set_yticks([])
    picture.set_title("picture $g$, black 0 to white 1", fontsize=11)
    draw_numbers(weights, w, limit, decimals=1)
    weights.set_title("weights $w$, the same for every picture", fontsize=11)
    drawn = draw_numbers(contributions, M, limit, decimals=1)
    contributions.set_title("$M = w\\,g$, of this picture", fontsize=11)
    figure.colorbar(drawn, ax=[weights, contributions], shrink=0.8, label="against (−) and for (+)")
    total, bias, score = (signed_text(value) for value in (M.sum(), b, M.sum() + b))
    figure.supxlabel(f"sum of $M$ = {total},  $b$ = {bias},  $S$ = {score}", fontsize=11)
    return figure
