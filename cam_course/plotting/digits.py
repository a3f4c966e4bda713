"""Maps of digits, each with the outline of its digit, so that white stays zero."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from .. import alt_text
from ..drawing import SIGNED_COLOURS, axes_in_rows, colour_bar, map_label, signed_limit
from ..figure import WIDEST, DescribedFigure


def show_digit_maps(
    images: NDArray,
    maps: Sequence[NDArray],
    titles: Sequence[str],
    columns: int | None = None,
    label: str | None = None,
    shared_scale: bool = True,
    rectified: bool = False,
) -> DescribedFigure:
    """Maps of digits, each with the outline of its digit; the cells are those of the raw map.

    Parameters
    ----------
    images : ndarray, shape (n, H, W, 1), or (H, W, 1) for all maps
        Values 0 to 1.
    maps : sequence of n ndarrays, each (h, w)
    titles : sequence of n str
    columns : int, optional
        Maps in a row; all in one row if left out.
    label : str, optional
        What the colour bar measures; if left out, M_c, or L_c where the maps are rectified.
    shared_scale : bool
        One colour scale for all. False: each by itself, with its own colour bar, where the maps are of different kinds.
    rectified : bool
        Whether the maps go from zero up, as after a ReLU: the colour bar then shows the half of the colours in use.
    """
    n = len(maps)
    room = int(WIDEST / 2.05)  # maps in one row, the colour bar below it
    below = shared_scale and n <= min(room, columns or n)
    figure, axes = (
        axes_in_rows(n, n, 2.05, 3.5)
        if below
        else axes_in_rows(n, columns, 2.3 if shared_scale else 2.8, 2.7, beside=1.2 if shared_scale else 0.0)
    )
    limit = max(signed_limit(M) for M in maps)
    digits = np.broadcast_to(images, (n, *np.shape(images)[-3:]))[..., 0]
    for panel, digit, M, title in zip(axes.flat, digits, maps, titles, strict=False):
        drawn = draw_on_digit(panel, digit, M, limit if shared_scale else signed_limit(M))
        panel.set_title(title)
        if not shared_scale:
            colour_bar(figure, drawn, panel, rectified, shrink=0.75)
    label = map_label(rectified) if label is None else label
    if shared_scale:
        where: dict[str, Any] = (
            {"location": "bottom", "shrink": 0.6, "aspect": 40} if below else {"shrink": 0.8, "aspect": 30}
        )
        colour_bar(figure, drawn, axes, rectified, **where, label=label)
    what = "maps, each with the outline of its digit" + ("" if shared_scale else " and on a scale of its own")
    return figure.describe(alt_text.maps(what, titles, maps, label))


def draw_on_digit(axes: Axes, digit: NDArray, M: NDArray, limit: float) -> AxesImage:
    """Draw a map of shape (h, w) and over it the outline of a digit of shape (H, W)."""
    height, width = digit.shape
    frame = (-0.5, width - 0.5, height - 0.5, -0.5)
    drawn = axes.imshow(M, cmap=SIGNED_COLOURS, vmin=-limit, vmax=limit, extent=frame)
    draw_outline(axes, digit)
    axes.set_xticks([])
    axes.set_yticks([])
    return drawn


def draw_outline(axes: Axes, picture: NDArray) -> None:
    """Draw the line along which a picture, (H, W) or (H, W, 3), is half white; nothing where it is nowhere so."""
    grey = picture if picture.ndim == 2 else picture.mean(axis=-1)
    if grey.min() < 0.5 < grey.max():
        axes.contour(grey, [0.5], colors="black", linewidths=1.0)
