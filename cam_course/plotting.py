"""The figures of the lessons. Each function takes arrays and returns a figure; none computes what a lesson derives."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray

from .explanation import MAP_LABEL, SIGNED_COLOURS, as_pictures, draw_map, new_figure, signed_limit
from .maps import class_activation_map, class_scores, global_average_pool

_LARGEST_WITH_NUMBERS = 10  # cells a side; beyond that the numbers could not be read


def show_numbers(
    arrays: Sequence[ArrayLike],
    titles: Sequence[str],
    columns: int | None = None,
    decimals: int | None = None,
    label: str = "value",
) -> Figure:
    """Small arrays as grids of cells, the value in each, on one shared colour scale with zero in the middle.

    Parameters
    ----------
    arrays : sequence of array_like, each of shape (h, w)
        Up to 10 x 10 cells; larger ones are drawn without numbers.
    titles : sequence of str
    columns : int, optional
        Grids in a row; all in one row if left out.
    decimals : int, optional
        Digits behind the point; if left out, none for whole numbers and two for others.
    label : str
        What the colour bar measures.
    """
    grids = [np.atleast_2d(np.asarray(array, dtype=float)) for array in arrays]
    columns = columns or len(grids)
    rows = -(-len(grids) // columns)
    figure = new_figure(1.9 * columns + 0.9, 2.15 * rows)
    axes = figure.subplots(rows, columns, squeeze=False)
    limit = signed_limit(np.concatenate([grid.ravel() for grid in grids]))
    for place in axes.flat[len(grids) :]:
        place.set_axis_off()
    for place, grid, title in zip(axes.flat, grids, titles, strict=False):
        drawn = draw_numbers(place, grid, limit, decimals)
        place.set_title(title, fontsize=10)
    figure.colorbar(drawn, ax=axes, shrink=0.8, label=label)
    return figure


def draw_numbers(axes: Axes, values: NDArray, limit: float, decimals: int | None = None) -> AxesImage:
    """Draw an array of shape (h, w) as cells with their values; colours run from -limit to limit."""
    drawn = axes.imshow(values, cmap=SIGNED_COLOURS, vmin=-limit, vmax=limit)
    height, width = values.shape
    axes.set_xticks(np.arange(-0.5, width), labels=[])
    axes.set_yticks(np.arange(-0.5, height), labels=[])
    axes.grid(color="0.6", linewidth=0.6)
    axes.tick_params(length=0)
    if max(height, width) > _LARGEST_WITH_NUMBERS:
        return drawn
    whole = np.allclose(values, np.round(values))
    decimals = decimals if decimals is not None else (0 if whole else 2)
    for (i, j), value in np.ndenumerate(values):
        colour = "white" if abs(value) > 0.65 * limit else "black"
        text = f"{value + 0.0:.{decimals}f}".replace("-", "−")
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=11 if decimals == 0 else 9)
    return drawn


def show_weighted_sum(f: NDArray, w: ArrayLike, b: float = 0.0, name: str = "c") -> Figure:
    """K small feature maps times their weights, and the sum: the class activation map, its mean and the score.

    Parameters
    ----------
    f : ndarray, shape (h, w, K)
    w : array_like, shape (K,)
    b : float
        The bias b_c.
    name : str
        Name of the class, for the titles.

    Returns
    -------
    matplotlib.figure.Figure
        Above f_k, below w_k f_k, at the right M_c; one scale for all. The line below computes S_c twice: from the
        map and from F.
    """
    w = np.asarray(w, dtype=float)
    K = f.shape[-1]
    M, F = class_activation_map(f, w), global_average_pool(f)
    limit = max(signed_limit(f), signed_limit(f * w), signed_limit(M))
    figure = new_figure(1.45 * K + 3.2, 4.3)
    axes = figure.subplots(2, K + 1, width_ratios=[1] * K + [1.5])
    for k in range(K):
        draw_numbers(axes[0, k], f[..., k], limit)
        axes[0, k].set_title(f"$f_{{{k + 1}}}$,  $w_{{{k + 1}}}$ = {_signed(w[k])}", fontsize=10)
        draw_numbers(axes[1, k], w[k] * f[..., k], limit, decimals=1)
        axes[1, k].set_title(f"$w_{{{k + 1}}} f_{{{k + 1}}}$", fontsize=10)
    axes[0, K].set_axis_off()
    drawn = draw_numbers(axes[1, K], M, limit, decimals=1)
    axes[1, K].set_title(f"$M$ for {name}: sum of the row", fontsize=10)
    figure.colorbar(drawn, ax=axes, shrink=0.8, label="value: against (−) and for (+)")
    from_map, from_means = float(M.mean() + b), float(class_scores(F, w, b))
    figure.supxlabel(
        f"mean of $M$ + $b$ = {_signed(from_map, 4)}        $\\sum_k w_k F_k + b$ = {_signed(from_means, 4)}",
        fontsize=11,
    )
    return figure


def show_strip(
    maps: Sequence[NDArray],
    titles: Sequence[str],
    images: ArrayLike | None = None,
    shared_scale: bool = True,
    columns: int | None = None,
    label: str = MAP_LABEL,
) -> Figure:
    """Maps in a row, each over its picture where pictures are given.

    Parameters
    ----------
    maps : sequence of ndarray, each (h, w); the sizes may differ, as they do from layer to layer
    titles : sequence of str
    images : array_like, shape (H, W, C) for all maps or (n, H, W, C), optional
        Values 0 to 1 or 0 to 255.
    shared_scale : bool
        One colour scale for all. False: each by itself, with its own colour bar, where the maps are of different kinds.
    columns : int, optional
        Maps in a row; all in one row if left out.
    label : str
        What the colour bar measures.
    """
    n = len(maps)
    columns = columns or n
    rows = -(-n // columns)
    pictures: list[NDArray | None] = [None] * n
    if images is not None:
        images = np.asarray(images)
        pictures = list(as_pictures(np.broadcast_to(images, (n, *images.shape[-3:])), n))
    figure = new_figure(2.3 * columns + 0.9, 2.5 * rows)
    axes = figure.subplots(rows, columns, squeeze=False)
    limit = max(signed_limit(M) for M in maps)
    for place in axes.flat[n:]:
        place.set_axis_off()
    for place, M, title, picture in zip(axes.flat, maps, titles, pictures, strict=False):
        drawn = draw_map(place, M, limit if shared_scale else signed_limit(M), picture)
        place.set_title(title, fontsize=10)
        if not shared_scale:
            figure.colorbar(drawn, ax=place, shrink=0.75)
    if shared_scale:
        figure.colorbar(drawn, ax=axes, shrink=0.8, label=label)
    return figure


def show_images(images: ArrayLike, titles: Sequence[str], columns: int | None = None) -> Figure:
    """Pictures in rows, (n, H, W, C) with values 0 to 1 or 0 to 255, one or three channels."""
    n = len(titles)
    pictures = as_pictures(images, n)
    columns = columns or n
    rows = -(-n // columns)
    figure = new_figure(1.7 * columns, 1.95 * rows)
    axes = figure.subplots(rows, columns, squeeze=False)
    for place in axes.flat:
        place.set_axis_off()
    for place, picture, title in zip(axes.flat, pictures, titles, strict=False):
        place.imshow(picture, cmap="gray", vmin=0, vmax=1)
        place.set_title(title, fontsize=9)
    return figure


def show_five_columns(
    images: NDArray, maps: NDArray, row_names: Sequence[str], size: tuple[int, int] = (112, 112)
) -> Figure:
    """The decks' table: original input, original CAM, resized input, resized CAM, resized input + CAM.

    Parameters
    ----------
    images : ndarray, shape (n, H, W, 1) or (n, H, W, 3)
        Values 0 to 1.
    maps : ndarray, shape (n, h, w)
        Signed; one colour scale for all rows.
    row_names : sequence of n str
    size : (int, int)
        Height and width of the resized columns. As in the decks the interpolation is bicubic, so resized values may go
        beyond those of the raw map; colours beyond the scale are clipped.
    """
    import cv2

    height, width = size
    heads = ("original input", "original CAM", "resized input", "resized CAM", "resized input + CAM")
    n = len(images)
    figure = new_figure(8.6, 1.62 * n + 0.3)
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
        row[4].imshow(resized, cmap="gray", vmin=0, vmax=1)
        row[4].imshow(resized_M, alpha=0.6, **colours)
        row[0].set_ylabel(name, fontsize=9)
    for place in axes.flat:
        place.set_xticks([])
        place.set_yticks([])
    for place, head in zip(axes[0], heads, strict=True):
        place.set_title(head, fontsize=9)
    figure.colorbar(drawn, ax=axes, shrink=min(1.0, 3 / n), label="$M_c(x, y)$")
    return figure


def show_digit_map(image: NDArray, maps: NDArray, scores: NDArray, c: int, absolute: bool = False) -> Figure:
    """One digit, and its map for class c: signed, or, as the decks have it, absolute.

    Parameters
    ----------
    image : ndarray, shape (H, W, 1)
        Values 0 to 1.
    maps : ndarray, shape (C, h, w)
        The maps of all classes; they share one scale, so that moving from class to class compares them.
    scores : ndarray, shape (C,)
    c : int
    absolute : bool
        Draw |M_c|, in which evidence against the class looks like evidence for it.
    """
    limit = signed_limit(maps)
    M = np.abs(maps[c]) if absolute else maps[c]
    figure = new_figure(9.0, 3.1)
    digit, raw, over, bars = figure.subplots(1, 4, width_ratios=[1, 1, 1, 1.25])
    digit.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
    digit.set_title("input", fontsize=10)
    symbol = f"|M_{{{c}}}|" if absolute else f"M_{{{c}}}"
    drawn = draw_map(raw, M, limit)
    raw.set_title(f"${symbol}(x, y)$", fontsize=10)
    draw_map(over, M, limit, image[..., 0])
    over.set_title(f"${symbol}$ over the input", fontsize=10)
    digit.set_xticks([])
    digit.set_yticks([])
    colours = ["0.75"] * len(scores)
    colours[c] = "#b2182b" if scores[c] > 0 else "#2166ac"
    bars.bar(np.arange(len(scores)), scores, color=colours)
    bars.axhline(0, color="black", linewidth=0.8)
    bars.set_xticks(np.arange(len(scores)))
    bars.set_xlabel("class $c$")
    bars.set_title(f"$S_c$;  $S_{{{c}}}$ = {_signed(scores[c], 2)}", fontsize=10)
    figure.colorbar(drawn, ax=[raw, over], shrink=0.8, location="bottom", aspect=30, label=f"${symbol}$")
    return figure


def _signed(value: float, decimals: int = 2) -> str:
    return f"{value + 0.0:.{decimals}f}".replace("-", "−")
