"""The figures of lesson 06: maps at several layers, and boxes on photographs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from .. import alt_text
from ..drawing import as_grey, as_pictures, colour_bar, draw_map, new_figure, signed_limit
from ..explanation import Box
from ..figure import WIDEST, DescribedFigure
from .images import show_strip


def show_layers(
    maps: Sequence[NDArray], layers: Sequence[str], names: Sequence[str], image: ArrayLike, rectified: bool = False
) -> DescribedFigure:
    """Maps of several classes at several layers over one picture: a column a layer, a row a class.

    Parameters
    ----------
    maps : sequence of ndarray, each (K, h, w)
        One array a layer. Each column has one colour scale, with its colour bar below it: within a layer maps can be
        compared, between layers they cannot.
    layers : sequence of str
        Titles of the columns.
    names : sequence of K str
        Names of the rows.
    image : array_like, shape (H, W, C)
        Values 0 to 1 or 0 to 255.
    rectified : bool
        Whether the maps go from zero up, as after a ReLU: the colour bars then show the half of the colours in use.
    """
    [picture] = as_pictures(image, 1)
    figure = new_figure(min(WIDEST, 2.45 * len(maps)), 2.2 * len(names) + 0.9)
    axes = figure.subplots(len(names), len(maps), squeeze=False)
    for column, of_layer, layer in zip(axes.T, maps, layers, strict=True):
        for panel, M in zip(column, of_layer, strict=True):
            drawn = draw_map(panel, M, signed_limit(of_layer), picture)
        column[0].set_title(layer)
        few = MaxNLocator(2)  # labels that have room beside each other
        colour_bar(figure, drawn, column, rectified, location="bottom", shrink=0.85, pad=0.02, ticks=few)
    for panel, name in zip(axes[:, 0], names, strict=True):
        panel.set_ylabel(name)
    titles = [f"{name} at {layer}" for layer in layers for name in names]
    what = "maps over one picture, a column a layer with a scale of its own, a row a class"
    return figure.describe(alt_text.maps(what, titles, [M for of_layer in maps for M in of_layer], ""))


def show_boxes_on_photos(
    maps: Sequence[NDArray], boxes: Sequence[Box | None], titles: Sequence[str], images: ArrayLike
) -> DescribedFigure:
    """Maps over their photographs, each with its box.

    Parameters
    ----------
    maps : sequence of n ndarray, each (h, w)
        On one scale.
    boxes : sequence of n (x0, y0, x1, y1), or None where there is no box
        In pixels of the photograph, half-open: x counts columns.
    titles : sequence of n str
    images : array_like, shape (n, H, W, C)
        Values 0 to 1 or 0 to 255.
    """
    figure = show_strip(maps, titles, images, label="$M_c(x, y)$")
    for panel, box in zip(figure.axes, boxes, strict=False):  # the last of the axes is the colour bar
        if box is not None:
            x0, y0, x1, y1 = box
            panel.add_patch(Rectangle((x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0, fill=False, linewidth=2))
    said = [f"{alt_text.plain(title)} {box or 'none'}" for title, box in zip(titles, boxes, strict=True)]
    return figure.describe(f"{figure.alt} Boxes (left, upper, right, lower edge in pixels): {'; '.join(said)}.")


class BoxedMap:
    """A square picture under a map, and the box around the map's largest part. Drawn once; all three may change.

    Parameters
    ----------
    size : int
        Height and width of the picture in pixels.
    label : str
        What the colour bar measures.
    """

    def __init__(self, size: int, label: str = "$M_c(x, y)$") -> None:
        self._label = label
        self._figure = new_figure(5.2, 4.2)
        self._axes = self._figure.subplots()
        nothing = np.zeros((size, size))
        self._map = draw_map(self._axes, nothing, 1.0, nothing)
        self._picture = self._axes.images[0]
        self._boxes = [Rectangle((0, 0), 1, 1, fill=False, linewidth=2.5, linestyle=style) for style in ("-", ":")]
        for box in self._boxes:
            self._axes.add_patch(box)
        self._axes.set_title(" \n ")
        self._figure.colorbar(self._map, ax=self._axes, shrink=0.85, label=label)

    def at(
        self, picture: NDArray, M: NDArray, box: Box | None, title: str, truth: Box | None = None
    ) -> DescribedFigure:
        """The figure of one picture.

        Parameters
        ----------
        picture : ndarray, shape (size, size, C)
            Values 0 to 1 or 0 to 255.
        M : ndarray, shape (h, w)
        box, truth : (x0, y0, x1, y1), or None where there is none
            In pixels of the picture, half-open: x counts columns. The true box is dotted.
        title : str
        """
        self._picture.set_data(as_grey(as_pictures(picture[None], 1)[0]))
        limit = signed_limit(M)
        self._map.set_data(M)
        self._map.set_clim(-limit, limit)
        for drawn, corners in zip(self._boxes, (box, truth), strict=True):
            drawn.set_visible(corners is not None)
            if corners is not None:
                x0, y0, x1, y1 = corners
                drawn.set_bounds(x0 - 0.5, y0 - 0.5, x1 - x0, y1 - y0)
        self._axes.set_title(title)
        said = alt_text.maps("map over a picture", [title], [M], self._label)
        true = f", dotted the true one {truth}" if truth else ""
        return self._figure.describe(f"{said} Box (left, upper, right, lower edge in pixels): {box or 'none'}{true}.")
