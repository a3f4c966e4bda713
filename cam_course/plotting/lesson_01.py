"""The figures of lesson 01: a convolution cell by cell, and cells or windows framed in maps."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from .. import alt_text
from ..drawing import SIGNED_COLOURS, axes_in_rows, new_figure, signed_limit
from ..explanation import Box
from ..figure import DescribedFigure
from ..maps import convolve
from .numbers import NumberGrid, signed_text


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
        drawn = NumberGrid(panel, values, limit).image
        panel.set_title(title)
    _draw_frame(axes[0], (left, top, left + k, top + k))
    _draw_frame(axes[3], (cell[1], cell[0], cell[1] + 1, cell[0] + 1))
    figure.colorbar(drawn, ax=axes, shrink=0.8, label="value")
    titles = ["picture g", "filter v", f"window times filter, sum {alt_text.number(products.sum())}", "feature map f"]
    said = alt_text.maps("grids of numbers", titles, [values for values, _ in shown], "value")
    framed = f"row {cell[0]}, column {cell[1]} of the map, and its window, from row {top}, column {left} on"
    return figure.describe(f"{said} Framed: {framed}.")


class ConvolutionSteps:
    """A filter on its way over a picture: one window, its products and their sum, and the cells that were passed.

    Drawn once; the place, the filter, the stride and the rim may change.

    Parameters
    ----------
    picture : ndarray, shape (H, W)
        Values 0 to 1.
    k : int
        Side of the filters.
    """

    def __init__(self, picture: NDArray, k: int = 3) -> None:
        self._picture = picture
        self._figure = new_figure(8.4, 2.9)
        of_picture, *small, of_map = self._figure.subplots(1, 5, width_ratios=[1.35, 1.15, 1.15, 1.15, 1.35])
        self._axes = of_picture, of_map
        self._drawn = of_picture.imshow(picture, cmap="gray", vmin=0, vmax=1)
        empty = np.zeros((k, k))
        self._grids = [NumberGrid(axes, empty, 1.0, decimals=2) for axes in small]
        for axes, title in zip((of_picture, *small), ("picture $g$", "window", "filter $v$", "products"), strict=True):
            axes.set_title(title)
        self._map = of_map.imshow(picture, cmap=SIGNED_COLOURS)
        of_map.set_facecolor("0.8")  # cells to come
        self._frames = [_draw_frame(axes, (0, 0, 1, 1)) for axes in self._axes]
        for axes in self._axes:
            axes.set_xticks([])
            axes.set_yticks([])
        self._figure.colorbar(self._map, ax=of_map, location="bottom", label="$f$; grey: to come")

    def at(self, row: int, column: int, v: NDArray, stride: int = 1, rim: int = 0) -> DescribedFigure:
        """The figure with the filter at one cell of the map; beyond the map's last cell, at that.

        Parameters
        ----------
        row, column : int
        v : ndarray, shape (k, k)
        stride : int
        rim : int
            Width of the rim of zeros around the picture.
        """
        k, g = len(v), np.pad(self._picture, rim)
        f = convolve(g, v, stride)
        row, column = min(row, f.shape[0] - 1), min(column, f.shape[1] - 1)
        window = g[stride * row :, stride * column :][:k, :k]
        _give(self._drawn, g, -rim)
        for grid, values in zip(self._grids, (window, v, window * v), strict=True):
            grid.show(values, 1.0)
        passed = np.where(np.arange(f.size).reshape(f.shape) <= row * f.shape[1] + column, f, np.nan)
        _give(self._map, passed, 0)
        largest = float(np.abs(v).sum())  # of any f: a pixel is at most 1
        if self._map.get_clim() != (-largest, largest):
            self._map.set_clim(-largest, largest)
        total = signed_text(f[row, column], 2)
        self._axes[1].set_title(f"$f({row}, {column})$ = {total}")
        for frame, (x, y), side in zip(
            self._frames, ((stride * column - rim, stride * row - rim), (column, row)), (k, 1), strict=True
        ):
            frame.set_bounds(x - 0.5, y - 0.5, side, side)
        said = alt_text.maps("grids", ["window", "filter", "products"], [window, v, window * v], "value")
        return self._figure.describe(
            f"A picture with a framed window at row {stride * row - rim}, column {stride * column - rim}. {said} "
            f"The feature map of {alt_text.size(f)} up to row {row}, column {column}, where it is {total}."
        )


def _give(drawn: AxesImage, values: NDArray, start: int) -> None:
    """Give an image other values; its first row and column are at ``start``."""
    height, width = values.shape
    frame = (start - 0.5, start + width - 0.5, start + height - 0.5, start - 0.5)
    drawn.set_data(values)
    if tuple(drawn.get_extent()) != frame:
        drawn.set_extent(frame)
        drawn.axes.set(xlim=frame[:2], ylim=frame[2:])


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


def _draw_frame(axes: Axes, box: Box) -> Rectangle:
    """Frame the cells (x0, y0, x1, y1), half-open, of an image drawn on axes."""
    x0, y0, x1, y1 = box
    corner, orange = (x0 - 0.5, y0 - 0.5), "#e69f00"
    frame = Rectangle(corner, x1 - x0, y1 - y0, fill=False, edgecolor=orange, linewidth=2.5, clip_on=False)
    axes.add_patch(frame)
    return frame
