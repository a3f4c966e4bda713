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


def show_digit_map(image: NDArray, maps: NDArray, scores: NDArray, c: int, absolute: bool = False) -> DescribedFigure:
    """One digit, and its map for class c: signed, or, as in the lecture, absolute.

    Parameters
    ----------
    image : ndarray, shape (H, W, 1)
        Values 0 to 1.
    maps : ndarray, shape (C, h, w)
        The maps of all classes; they share one scale, so that moving from class to class compares them.
    scores : ndarray, shape (C,)
    c : int
    absolute : bool
        Draw |M_c|, in which evidence against the class looks like evidence for it. The colours stay those of the signed
        maps; the bar shows the half of them that is used.
    """
    limit = signed_limit(maps)
    M = np.abs(maps[c]) if absolute else maps[c]
    figure = new_figure(8.4, 3.3)
    digit, raw, over, bars = figure.subplots(1, 4, width_ratios=[1, 1, 1, 1.25])
    digit.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
    digit.set_title("input")
    symbol = f"|M_{{{c}}}|" if absolute else f"M_{{{c}}}"
    drawn = draw_map(raw, M, limit)
    raw.set_title(f"${symbol}(x, y)$")
    draw_on_digit(over, image[..., 0], M, limit)
    over.set_title(f"${symbol}$ and the outline")
    digit.set_xticks([])
    digit.set_yticks([])
    colours = ["0.75"] * len(scores)
    colours[c] = "#b2182b" if scores[c] > 0 else "#2166ac"
    bars.bar(np.arange(len(scores)), scores, color=colours)
    bars.axhline(0, color="black", linewidth=0.8)
    bars.set_xticks(np.arange(len(scores)))
    bars.set_xlabel("class $c$")
    bars.set_title(f"$S_c$;  $S_{{{c}}}$ = {signed_text(scores[c], 2)}")
    label = f"${symbol}$, one scale for all classes"
    colour_bar(figure, drawn, [raw, over], absolute, shrink=0.8, location="bottom", aspect=30, label=label)
    said = alt_text.maps("map", [f"${symbol}$"], [M], label)
    return figure.describe(
        f"A digit, its map raw and with the digit's outline, and the scores of {len(scores)} classes as bars. {said} "
        f"S_{c} is {alt_text.number(scores[c])}, the highest score that of class {scores.argmax()}."
    )


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
