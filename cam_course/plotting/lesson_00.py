"""The figure of lesson 00: a linear classifier of pixels."""

from numpy.typing import NDArray

from .. import alt_text
from ..drawing import new_figure, signed_limit
from ..figure import DescribedFigure
from .numbers import NumberGrid, signed_text


def show_pixel_scores(g: NDArray, w: NDArray, b: float) -> DescribedFigure:
    """One grey picture, the weight of each of its pixels, and what each adds to the score of a linear classifier.

    Parameters
    ----------
    g : ndarray, shape (h, w)
        Grey values 0 to 1.
    w : ndarray, shape (h, w)
    b : float

    Returns
    -------
    DescribedFigure
        Above g, below w and M = w g; w and M on one scale.
    """
    M = w * g
    limit = max(signed_limit(w), signed_limit(M))
    figure = new_figure(8.4, 6.6)
    (picture, empty), (weights, contributions) = figure.subplots(2, 2, height_ratios=[0.75, 1])
    empty.set_axis_off()
    picture.imshow(g, cmap="gray", vmin=0, vmax=1)
    picture.set_xticks([])
    picture.set_yticks([])
    picture.set_title("picture $g$, black 0 to white 1")
    NumberGrid(weights, w, limit, decimals=1)
    weights.set_title("weights $w$, the same for every picture")
    drawn = NumberGrid(contributions, M, limit, decimals=1).image
    contributions.set_title("$M = w\\,g$, of this picture")
    figure.colorbar(drawn, ax=[weights, contributions], shrink=0.8, label="against (−) and for (+)")
    total, bias, score = (signed_text(value) for value in (M.sum(), b, M.sum() + b))
    figure.supxlabel(f"sum of $M$ = {total},  $b$ = {bias},  $S$ = {score}")
    titles = ["weights w", "M = w g"]
    said = alt_text.maps("grids of numbers below a grey picture g", titles, [w, M], "against (−) and for (+)")
    return figure.describe(f"{said} The sum of M is {total}, b is {bias}, S is {score}.")
