"""The figures of lesson 01: a convolution cell by cell, and cells or windows framed in maps."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from .. import alt_text
from ..drawing import axes_in_rows, new_figure, signed_limit
from ..explanation import Box
from ..figure import DescribedFigure
from .numbers import draw_numbers, signed_text


def show_convolution(g: NDArray, v: NDArray, f: NDArray, cell: tuple[int, int], stride: int = 1) -> DescribedFigure:
    """A small picture, a filter, and the feature map it makes; one cell and its window are framed.

    Parameters
    ----------
    g : ndarray, shape (H, W)
    v : ndarray, shape (k, k)
    f : ndarray, shape (h, w)
    cell : (int, int)
        Row and column of the framed cell of f.
    stride : int
        Steps of the filter from one cell to the next.

    Returns
    -------
    DescribedFigure
        From the left: g, v, the products inside the window, f; one scale for all.
    """
    k = v.shape[0]
    top, left = cell[0] * stride, cell[1] * stride
    products = v * g[top : top + k, left : left + k]
    shown = [
        (g, "picture $g$\nand one window"),
        (v, "filter $v$"),
        (products, f"window × filter,\nsum {signed_text(products.sum(), 0)}"),
        (f, "feature map $f$"),
    ]
    limit = max(signed_limit(values) for values, _ in shown)
    columns = [values.shape[1] for values, _ in shown]
    figure = new_figure(8.4, 7.2 * len(g) / sum(columns) + 0.8)  # cells of one size in all panels
    axes = figure.subplots(1, 4, width_ratios=columns)
    for panel, (values, title) in zip(axes, shown, strict=True):
        drawn = draw_numbers(panel, values, limit)
        panel.set_title(title)
    _draw_frame(axes[0], (left, top, left + k, top + k))
    _draw_frame(axes[3], (cell[1], cell[0], cell[1] + 1, cell[0] + 1))
    figure.colorbar(drawn, ax=axes, shrink=0.8, label="value")
    titles = ["picture g", "filter v", f"window times filter, sum {alt_text.number(products.sum())}", "feature map f"]
    said = alt_text.maps("grids of numbers", titles, [values for values, _ in shown], "value")
    framed = f"row {cell[0]}, column {cell[1]} of the map, and its window, from row {top}, column {left} on"
    return figure.describe(f"{said} Framed: {framed}.")


def show_boxes(maps: Sequence[NDArray], boxes: Sequence[Box], titles: Sequence[str]) -> DescribedFigure:
    """Maps without negative values in a row, one cell or window framed in each.

    Parameters
    ----------
    maps : sequence of ndarray, each (h, w)
        Of different kinds, so each has a colour bar of its own; the sizes may differ, as they do from layer to layer.
    boxes : sequence of (x0, y0, x1, y1)
        Half-open, in cells of the map.
    titles : sequence of str
    """
    figure, axes = axes_in_rows(len(maps), 2, 3.2, 2.8)
    for panel, f, box, title in zip(axes.flat, maps, boxes, titles, strict=False):
        drawn = panel.imshow(f, cmap="gray", vmin=0)
        panel.set_xticks([])
        panel.set_yticks([])
        panel.set_title(title)
        _draw_frame(panel, box)
        figure.colorbar(drawn, ax=panel, shrink=0.75)
    framed = [
        f"{title}, framed are columns {x0} up to {x1}, rows {y0} up to {y1}"
        for title, (x0, y0, x1, y1) in zip(titles, boxes, strict=True)
    ]
    return figure.describe(alt_text.maps("maps in grey, each on a scale of its own", framed, maps, ""))


def _draw_frame(axes: Axes, box: Box) -> None:
    """Frame the cells (x0, y0, x1, y1), half-open, of an image drawn on axes."""
    x0, y0, x1, y1 = box
    corner, orange = (x0 - 0.5, y0 - 0.5), "#e69f00"
    axes.add_patch(Rectangle(corner, x1 - x0, y1 - y0, fill=False, edgecolor=orange, linewidth=2.5, clip_on=False))
