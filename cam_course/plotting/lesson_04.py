"""The figures of lesson 04: the lecture's five columns, the map of one class, colour maps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import Normalize
from numpy.typing import NDArray

from .. import alt_text
from ..drawing import MAP_LABEL, SIGNED_COLOURS, as_pictures, colour_bar, draw_map, new_figure, signed_limit
from ..figure import DescribedFigure
from .digits import draw_on_digit, draw_outline
from .numbers import signed_text


def show_five_columns(
    images: NDArray, maps: NDArray, row_names: Sequence[str], size: tuple[int, int] = (112, 112)
) -> DescribedFigure:
    """The lecture's table: original input, original CAM, resized input, resized CAM, resized input + CAM.

    Parameters
    ----------
    images : ndarray, shape (n, H, W, 1) or (n, H, W, 3)
        Values 0 to 1.
    maps : ndarray, shape (n, h, w)
        Signed; one colour scale for all rows.
    row_names : sequence of n str
    size : (int, int)
        Height and width of the resized columns. The interpolation is bicubic, as in the lecture, so resized values may
        go beyond those of the raw map; colours beyond the scale are clipped.

    Notes
    -----
    The last column draws the input as an outline, where it is half white: half-transparent colours on a black ground
    would no longer be those of the colour bar.
    """
    import cv2

    height, width = size
    heads = ("original\ninput", "original\nCAM", "resized\ninput", "resized\nCAM", "resized\ninput + CAM")
    n = len(images)
    figure = new_figure(8.4, 1.5 * n + 0.4)
    axes = figure.subplots(n, 5, squeeze=False)
    limit = signed_limit(maps)
    colours: dict[str, Any] = {"cmap": SIGNED_COLOURS, "norm": Normalize(-limit, limit)}
    for row, image, M, name in zip(axes, as_pictures(images, n), maps, row_names, strict=True):
        resized = np.clip(cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)  # (width, height)!
        resized_M = cv2.resize(M, (width, height), interpolation=cv2.INTER_CUBIC)
        row[0].imshow(image, cmap="gray", vmin=0, vmax=1)
        row[1].imshow(M, **colours)
        row[2].imshow(resized, cmap="gray", vmin=0, vmax=1)
        drawn = row[3].imshow(resized_M, **colours)
        row[4].imshow(resized_M, **colours)
        draw_outline(row[4], resized)
        row[0].set_ylabel(name)
    for panel in axes.flat:
        panel.set_xticks([])
        panel.set_yticks([])
    for panel, head in zip(axes[0], heads, strict=True):
        panel.set_title(head)
    figure.colorbar(drawn, ax=axes, shrink=min(1.0, 3.6 / n)).set_label(MAP_LABEL)
    columns = "; ".join(" ".join(head.split()) for head in heads)
    said = alt_text.maps("raw maps in the second column", row_names, list(maps), MAP_LABEL)
    return figure.describe(f"A table with a row for each image and the columns {columns}. {said}")


class DigitMap:
    """One digit, and its map for one class: signed, or, as in the lecture, absolute. Drawn once; the class may change.

    Parameters
    ----------
    image : ndarray, shape (H, W, 1)
        Values 0 to 1.
    maps : ndarray, shape (C, h, w)
        The maps of all classes; they share one scale, so that moving from class to class compares them.
    scores : ndarray, shape (C,)
    """

    def __init__(self, image: NDArray, maps: NDArray, scores: NDArray) -> None:
        self._all, self._scores = maps, scores
        self._limit = signed_limit(maps)
        self._figure = new_figure(8.4, 3.3)
        digit, self._raw, self._over, self._axes = self._figure.subplots(1, 4, width_ratios=[1, 1, 1, 1.25])
        digit.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
        digit.set_title("input")
        digit.set_xticks([])
        digit.set_yticks([])
        self._maps = [
            draw_map(self._raw, maps[0], self._limit),
            draw_on_digit(self._over, image[..., 0], maps[0], self._limit),
        ]
        classes = np.arange(len(scores))
        self._bars = self._axes.bar(classes, scores)
        self._axes.axhline(0, color="black", linewidth=0.8)
        self._axes.set_xticks(classes[::3])
        self._axes.locator_params(axis="y", nbins=5)
        self._axes.set_xlabel("class $c$")
        self._axes.set_ylabel("score $S_c$")
        self._over.set_title("and the outline")
        below: dict[str, Any] = {"location": "bottom", "aspect": 30, "label": "one scale for all classes"}
        self._bar = colour_bar(self._figure, self._maps[0], [self._raw, self._over], False, shrink=0.8, **below)

    def at(self, c: int, absolute: bool = False) -> DescribedFigure:
        """The figure for class c.

        Absolute, it draws |M_c|, in which evidence against the class looks like evidence for it. The colours stay those
        of the signed maps; the bar shows the half of them that is used.
        """
        M = np.abs(self._all[c]) if absolute else self._all[c]
        for drawn in self._maps:
            drawn.set_data(M)
        symbol = f"|M_{{{c}}}|" if absolute else f"M_{{{c}}}"
        label = f"${symbol}$, one scale for all classes"
        self._raw.set_title(f"${symbol}(x, y)$")
        self._axes.set_title(f"score of {c}: {signed_text(self._scores[c], 2)}")
        self._bar.ax.set_xlim(0 if absolute else -self._limit, self._limit)
        for d, bar in enumerate(self._bars):
            bar.set_color("0.75" if d != c else "#b2182b" if self._scores[c] > 0 else "#2166ac")
        return self._figure.describe(
            f"A digit, its map raw and with the digit's outline, and the scores of {len(self._scores)} classes as "
            f"bars. {alt_text.maps('map', [f'${symbol}$'], [M], label)} S_{c} is {alt_text.number(self._scores[c])}, "
            f"the highest score that of class {self._scores.argmax()}."
        )


def show_digit_map(image: NDArray, maps: NDArray, scores: NDArray, c: int, absolute: bool = False) -> DescribedFigure:
    """One digit, and its map for class c: signed, or, as in the lecture, absolute; see `DigitMap`."""
    return DigitMap(image, maps, scores).at(c, absolute)


def show_colour_maps(M: NDArray, names: Sequence[str]) -> DescribedFigure:
    """One map in several colour maps: in colour, as a grey print of it, and the lightness along each scale.

    Parameters
    ----------
    M : ndarray, shape (h, w)
        Signed.
    names : sequence of str
        Matplotlib's names of the colour maps.
    """
    from matplotlib import colormaps
    from skimage.color import rgb2lab

    limit = signed_limit(M)
    values = np.linspace(-limit, limit, 256)
    figure = new_figure(2.8 * len(names), 6.4)
    axes = figure.subplots(3, len(names), squeeze=False, height_ratios=[1, 1, 0.7])
    for (coloured, printed, curve), name in zip(axes.T, names, strict=True):
        drawn = coloured.imshow(M, cmap=name, vmin=-limit, vmax=limit)
        coloured.set_title(name)
        figure.colorbar(drawn, ax=coloured, shrink=0.8)
        lightness = rgb2lab(colormaps[name](Normalize(-limit, limit)(M))[..., :3])[..., 0]
        drawn = printed.imshow(lightness, cmap="gray", vmin=0, vmax=100)
        printed.set_title("its lightness L*")
        figure.colorbar(drawn, ax=printed, shrink=0.8)
        along = colormaps[name](np.linspace(0, 1, 256))[:, :3]
        curve.scatter(values, rgb2lab(along[None])[0, :, 0], c=along, s=14)
        curve.set_ylim(0, 105)
        curve.set_xlabel("$M_c(x, y)$")
        curve.set_ylabel("lightness L*")
        for panel in (coloured, printed):
            panel.set_xticks([])
            panel.set_yticks([])
    return figure.describe(
        f"One map, {alt_text.size(M)}, {alt_text.extent(M)}, in the colour maps {', '.join(names)}. Below each its "
        "lightness L* as a grey print, and the curve of L* along the scale, from 0, black, to 100, white."
    )
