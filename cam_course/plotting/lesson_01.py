"""The figures of lesson 01: a convolution cell by cell, and cells or windows framed in maps."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from ..drawing import new_figure, signed_limit
from ..explanation import Box
from .numbers import draw_numbers, signed_text


def show_convolution(g: NDArray, v: NDArray, f: NDArray, cell: tuple[int, int], stride: int = 1) -> Figure:
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
    matplotlib.figure.Figure
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
    figure = new_figure(9.0, 7.8 * len(g) / sum(columns) + 0.7)  # cells of one size in all panels
    axes = figure.subplots(1, 4, width_ratios=columns)
    for panel, (values, title) in zip(axes, shown, strict=True):
        drawn = draw_numbers(panel, values, limit)
        panel.set_title(title, fontsize=10)
    _draw_frame(axes[0], (left, top, left + k, top + k))
    _draw_frame(axes[3], (cell[1], cell[0], cell[1] + 1, cell[0] + 1))
    figure.colorbar(drawn, ax=axes, shrink=0.8, label="value")
    return figure


def show_boxes(maps: Sequence[NDArray], boxes: Sequence[Box], titles: Sequence[str]) -> Figure:
    """Maps without negative values in a row, one cell or window framed in each.

    Parameters
    ----------
    maps : sequence of ndarray, each (h, w)
        Of different kinds, so each has a colour bar of its own; the sizes may differ, as they do from layer to layer.
    boxes : sequence of (x0, y0, x1, y1)
        Half-open, in cells of the map.
    titles : sequence of str
    """
    figure = new_figure(2.6 * len(maps), 2.5)
    axes = figure.subplots(1, len(maps), squeeze=False)[0]
    for panel, f, box, title in zip(axes, maps, boxes, titles, strict=True):
        drawn = panel.imshow(f, cmap="gray", vmin=0)
        panel.set_xticks([])
        panel.set_yticks([])
        panel.set_title(title, fontsize=10)
        _draw_frame(panel, box)
        figure.colorbar(drawn, ax=panel, shrink=0.75)
    return figure


def _draw_frame(axes: Axes, box: Box) -> None:
    """Frame the cells (x0, y0, x1, y1), half-open, of an image drawn on axes."""
    x0, y0, x1, y1 = box
    corner, orange = (x0 - 0.5, y0 - 0.5), "#e69f00"
    axes.add_patch(Rectangle(corner, x1 - x0, y1 - y0, fill=False, edgecolor=orange, linewidth=2.5, clip_on=False))
