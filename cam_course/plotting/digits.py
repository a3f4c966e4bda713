"""Maps of digits, each with the outline of its digit, so that white stays zero."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from ..drawing import SIGNED_COLOURS, axes_in_rows, colour_bar, map_label, signed_limit


def show_digit_maps(
    images: NDArray,
    maps: Sequence[NDArray],
    titles: Sequence[str],
    columns: int | None = None,
    label: str | None = None,
    shared_scale: bool = True,
    rectified: bool = False,
) -> Figure:
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
    below = shared_scale and (columns is None or n <= columns)  # the colour bar of one row
    figure, axes = axes_in_rows(n, columns, 2.0 if shared_scale else 2.6, 3.4 if below else 2.4, beside=1.0)
    limit = max(signed_limit(M) for M in maps)
    digits = np.broadcast_to(images, (n, *np.shape(images)[-3:]))[..., 0]
    for panel, digit, M, title in zip(axes.flat, digits, maps, titles, strict=False):
        drawn = draw_on_digit(panel, digit, M, limit if shared_scale else signed_limit(M))
        panel.set_title(title, fontsize=11)
        if not shared_scale:
            colour_bar(figure, drawn, panel, rectified, shrink=0.75)
    if shared_scale:
        where: dict[str, Any] = (
            {"location": "bottom", "shrink": 0.6, "aspect": 40} if below else {"shrink": 0.8, "aspect": 30}
        )
        label = map_label(rectified) if label is None else label
        colour_bar(figure, drawn, axes, rectified, **where, label=label)
    return figure


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
