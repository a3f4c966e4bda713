"""The figures of the lessons. Each function takes arrays and returns a figure; none computes what a lesson derives."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from .explanation import MAP_LABEL, SIGNED_COLOURS, Box, as_pictures, draw_map, new_figure, signed_limit
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
    height, width = np.max([grid.shape for grid in grids], axis=0)
    figure, axes = _places(len(grids), columns, max(1.6, 0.55 * width), max(1.2, 0.55 * height) + 0.5, beside=1.1)
    limit = signed_limit(np.concatenate([grid.ravel() for grid in grids]))
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
        text = _signed(value, decimals)
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
    figure = new_figure(1.25 * K + 2.6, 3.8)
    axes = figure.subplots(2, K + 1, width_ratios=[1] * K + [1.25])
    for k in range(K):
        draw_numbers(axes[0, k], f[..., k], limit)
        axes[0, k].set_title(f"$f_{{{k + 1}}}$,  $w_{{{k + 1}}}$ = {_signed(w[k], 1)}", fontsize=11)
        draw_numbers(axes[1, k], w[k] * f[..., k], limit, decimals=1)
        axes[1, k].set_title(f"$w_{{{k + 1}}} f_{{{k + 1}}}$", fontsize=11)
    axes[0, K].set_axis_off()
    drawn = draw_numbers(axes[1, K], M, limit, decimals=1)
    axes[1, K].set_title("$M$, the sum", fontsize=11)
    axes[0, K].text(0.5, 0.0, name, ha="center", va="bottom", fontsize=12, transform=axes[0, K].transAxes)
    figure.colorbar(drawn, ax=axes, shrink=0.8, label="against (−) and for (+)")
    from_map, from_means = float(M.mean() + b), float(class_scores(F, w, b))
    figure.supxlabel(
        f"(mean of $M$) + $b$ = {_signed(from_map, 4)}        $\\sum_k w_k F_k + b$ = {_signed(from_means, 4)}",
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
    pictures: list[NDArray | None] = [None] * n
    if images is not None:
        images = np.asarray(images)
        pictures = list(as_pictures(np.broadcast_to(images, (n, *images.shape[-3:])), n))
    figure, axes = _places(n, columns, 2.3, 2.5, beside=0.9)
    limit = max(signed_limit(M) for M in maps)
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
    figure, axes = _places(n, columns, 1.7, 2.0)
    for place, picture, title in zip(axes.flat, pictures, titles, strict=False):
        place.set_axis_off()
        place.imshow(picture, cmap="gray", vmin=0, vmax=1)
        place.set_title(title, fontsize=10)
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

    Notes
    -----
    The last column draws the input as an outline, where it is half white: half-transparent colours on a black ground
    would no longer be those of the colour bar.
    """
    import cv2

    height, width = size
    heads = ("original\ninput", "original\nCAM", "resized\ninput", "resized\nCAM", "resized\ninput + CAM")
    n = len(images)
    figure = new_figure(8.6, 1.5 * n + 0.4)
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
        _outline(row[4], resized)
        row[0].set_ylabel(name, fontsize=11)
    for place in axes.flat:
        place.set_xticks([])
        place.set_yticks([])
    for place, head in zip(axes[0], heads, strict=True):
        place.set_title(head, fontsize=11)
    figure.colorbar(drawn, ax=axes, shrink=min(1.0, 3.6 / n)).set_label(MAP_LABEL, fontsize=11)
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
    digit.set_title("input", fontsize=12)
    symbol = f"|M_{{{c}}}|" if absolute else f"M_{{{c}}}"
    drawn = draw_map(raw, M, limit)
    raw.set_title(f"${symbol}(x, y)$", fontsize=12)
    _draw_on_digit(over, image[..., 0], M, limit)
    over.set_title(f"${symbol}$ and the outline", fontsize=12)
    digit.set_xticks([])
    digit.set_yticks([])
    colours = ["0.75"] * len(scores)
    colours[c] = "#b2182b" if scores[c] > 0 else "#2166ac"
    bars.bar(np.arange(len(scores)), scores, color=colours)
    bars.axhline(0, color="black", linewidth=0.8)
    bars.set_xticks(np.arange(len(scores)))
    bars.set_xlabel("class $c$")
    bars.set_title(f"$S_c$;  $S_{{{c}}}$ = {_signed(scores[c], 2)}", fontsize=12)
    label = f"${symbol}$, one scale for all classes"
    figure.colorbar(drawn, ax=[raw, over], shrink=0.8, location="bottom", aspect=30, label=label)
    return figure


def show_pixel_scores(g: NDArray, w: NDArray, b: float) -> Figure:
    """One grey picture, the weight of each of its pixels, and what each adds to the score of a linear classifier.

    Parameters
    ----------
    g : ndarray, shape (h, w)
        Grey values 0 to 1.
    w : ndarray, shape (h, w)
    b : float

    Returns
    -------
    matplotlib.figure.Figure
        At the left g, in the middle w, at the right M = w g; w and M on one scale.
    """
    M = w * g
    limit = max(signed_limit(w), signed_limit(M))
    figure = new_figure(9.4, 3.5)
    picture, weights, contributions = figure.subplots(1, 3)
    picture.imshow(g, cmap="gray", vmin=0, vmax=1)
    picture.set_xticks([])
    picture.set_yticks([])
    picture.set_title("picture $g$, black 0 to white 1", fontsize=11)
    draw_numbers(weights, w, limit, decimals=1)
    weights.set_title("weights $w$, the same for every picture", fontsize=11)
    drawn = draw_numbers(contributions, M, limit, decimals=1)
    contributions.set_title("$M = w\\,g$, of this picture", fontsize=11)
    figure.colorbar(drawn, ax=[weights, contributions], shrink=0.8, label="against (−) and for (+)")
    total = M.sum()
    figure.supxlabel(f"sum of $M$ = {_signed(total)},  $b$ = {_signed(b)},  $S$ = {_signed(total + b)}", fontsize=11)
    return figure


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
    panels = [
        (g, "picture $g$\nand one window"),
        (v, "filter $v$"),
        (products, f"window × filter,\nsum {_signed(products.sum(), 0)}"),
        (f, "feature map $f$"),
    ]
    limit = max(signed_limit(values) for values, _ in panels)
    columns = [values.shape[1] for values, _ in panels]
    figure = new_figure(9.0, 7.8 * len(g) / sum(columns) + 0.7)  # cells of one size in all panels
    axes = figure.subplots(1, 4, width_ratios=columns)
    for place, (values, title) in zip(axes, panels, strict=True):
        drawn = draw_numbers(place, values, limit)
        place.set_title(title, fontsize=10)
    _frame(axes[0], (left, top, left + k, top + k))
    _frame(axes[3], (cell[1], cell[0], cell[1] + 1, cell[0] + 1))
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
    for place, f, box, title in zip(axes, maps, boxes, titles, strict=True):
        drawn = place.imshow(f, cmap="gray", vmin=0)
        place.set_xticks([])
        place.set_yticks([])
        place.set_title(title, fontsize=10)
        _frame(place, box)
        figure.colorbar(drawn, ax=place, shrink=0.75)
    return figure


def _frame(axes: Axes, box: Box) -> None:
    """Frame the cells (x0, y0, x1, y1), half-open, of an image drawn on axes."""
    x0, y0, x1, y1 = box
    corner, orange = (x0 - 0.5, y0 - 0.5), "#e69f00"
    axes.add_patch(Rectangle(corner, x1 - x0, y1 - y0, fill=False, edgecolor=orange, linewidth=2.5, clip_on=False))


def show_digit_maps(
    images: NDArray, maps: Sequence[NDArray], titles: Sequence[str], columns: int | None = None, label: str = MAP_LABEL
) -> Figure:
    """Maps of digits, each with the outline of its digit; the cells are those of the raw map, one scale for all.

    Parameters
    ----------
    images : ndarray, shape (n, H, W, 1), or (H, W, 1) for all maps
        Values 0 to 1.
    maps : sequence of n ndarrays, each (h, w)
    titles : sequence of n str
    columns : int, optional
        Maps in a row; all in one row if left out.
    label : str
        What the colour bar measures.
    """
    n = len(maps)
    one_row = columns is None or n <= columns
    figure, axes = _places(n, columns, 2.0, 3.4 if one_row else 2.4, beside=1.0)  # the colour bar of one row lies below
    limit = max(signed_limit(M) for M in maps)
    digits = np.broadcast_to(images, (n, *np.shape(images)[-3:]))[..., 0]
    for place, digit, M, title in zip(axes.flat, digits, maps, titles, strict=False):
        drawn = _draw_on_digit(place, digit, M, limit)
        place.set_title(title, fontsize=11)
    bar = {"location": "bottom", "shrink": 0.6, "aspect": 40} if one_row else {"shrink": 0.8, "aspect": 30}
    figure.colorbar(drawn, ax=axes, **bar).set_label(label, fontsize=11)
    return figure


def _draw_on_digit(axes: Axes, digit: NDArray, M: NDArray, limit: float) -> AxesImage:
    """Draw a map of shape (h, w) and over it the outline of a digit of shape (H, W)."""
    height, width = digit.shape
    frame = (-0.5, width - 0.5, height - 0.5, -0.5)
    drawn = axes.imshow(M, cmap=SIGNED_COLOURS, vmin=-limit, vmax=limit, extent=frame)
    _outline(axes, digit)
    axes.set_xticks([])
    axes.set_yticks([])
    return drawn


def _outline(axes: Axes, picture: NDArray) -> None:
    """Draw the line along which a picture, (H, W) or (H, W, 3), is half white; nothing where it is nowhere so."""
    grey = picture if picture.ndim == 2 else picture.mean(axis=-1)
    if grey.min() < 0.5 < grey.max():
        axes.contour(grey, [0.5], colors="black", linewidths=1.0)


def show_colour_maps(M: NDArray, names: Sequence[str]) -> Figure:
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
    figure = new_figure(2.9 * len(names), 6.4)
    axes = figure.subplots(3, len(names), squeeze=False, height_ratios=[1, 1, 0.7])
    for (coloured, printed, curve), name in zip(axes.T, names, strict=True):
        drawn = coloured.imshow(M, cmap=name, vmin=-limit, vmax=limit)
        coloured.set_title(name, fontsize=12)
        figure.colorbar(drawn, ax=coloured, shrink=0.8)
        lightness = rgb2lab(colormaps[name](Normalize(-limit, limit)(M))[..., :3])[..., 0]
        drawn = printed.imshow(lightness, cmap="gray", vmin=0, vmax=100)
        printed.set_title("its lightness L*", fontsize=12)
        figure.colorbar(drawn, ax=printed, shrink=0.8)
        along = colormaps[name](np.linspace(0, 1, 256))[:, :3]
        curve.scatter(values, rgb2lab(along[None])[0, :, 0], c=along, s=14)
        curve.set_ylim(0, 105)
        curve.set_xlabel("$M_c(x, y)$")
        curve.set_ylabel("lightness L*")
        for place in (coloured, printed):
            place.set_xticks([])
            place.set_yticks([])
    return figure


def show_features(images: NDArray, F: NDArray, titles: Sequence[str], marked: Sequence[int] = ()) -> Figure:
    """Pictures, and beside each the means F_k of its K feature maps as bars on one shared scale.

    Parameters
    ----------
    images : ndarray, shape (n, H, W, 1) or (n, H, W, 3)
    F : ndarray, shape (n, K)
    titles : sequence of n str
    marked : sequence of int
        Features whose bars are drawn in orange, with their number.
    """
    n, K = F.shape
    figure = new_figure(8.6, 1.6 * n + 0.3)
    axes = figure.subplots(n, 2, squeeze=False, width_ratios=[1, 5.5])
    colours = ["#d55e00" if k in marked else "0.6" for k in range(K)]
    for (picture, bars), image, F_n, title in zip(axes, as_pictures(images, n), F, titles, strict=True):
        picture.imshow(image, cmap="gray", vmin=0, vmax=1)
        picture.set_axis_off()
        bars.bar(np.arange(K), F_n, color=colours)
        for k in marked:
            bars.annotate(str(k), (k, F_n[k]), ha="center", va="bottom", fontsize=9)
        bars.set_ylim(0, 1.25 * F.max())  # room for the numbers
        bars.set_xlim(-1, K)
        bars.set_ylabel("$F_k$")
        bars.set_title(title, fontsize=10, loc="left")
    axes[-1, 1].set_xlabel("feature $k$, counted from 0")
    return figure


def show_feature_maps(images: NDArray, f: NDArray, features: Sequence[int], row_names: Sequence[str]) -> Figure:
    """Pictures, and beside each some of its feature maps f_k with their means F_k, all on one scale.

    Parameters
    ----------
    images : ndarray, shape (n, H, W, 1) or (n, H, W, 3)
    f : ndarray, shape (n, h, w, K)
        Not negative, as after a ReLU.
    features : sequence of int
        Which maps k, counted from 0.
    row_names : sequence of n str
    """
    n, shown = len(images), f[..., list(features)]
    figure = new_figure(1.9 * (len(features) + 1) + 0.9, 2.05 * n)
    axes = figure.subplots(n, len(features) + 1, squeeze=False)
    for row, image, maps, name in zip(axes, as_pictures(images, n), shown, row_names, strict=True):
        row[0].imshow(image, cmap="gray", vmin=0, vmax=1)
        row[0].set_title(name, fontsize=10)
        for place, k, f_k in zip(row[1:], features, np.moveaxis(maps, -1, 0), strict=True):
            drawn = place.imshow(f_k, cmap="viridis", vmin=0, vmax=shown.max())
            place.set_title(f"$f_{{{k}}}$,  $F_{{{k}}}$ = {_signed(f_k.mean())}", fontsize=10)
    for place in axes.flat:
        place.set_xticks([])
        place.set_yticks([])
    figure.colorbar(drawn, ax=axes[:, 1:], shrink=0.8, label="$f_k(x, y)$")
    return figure


def show_two_passes() -> Figure:
    """Grad-CAM as a drawing: forward from the image to the score, back from the score to the feature maps."""
    figure = new_figure(8.4, 3.2)
    axes = figure.subplots()
    axes.set(xlim=(0, 12), ylim=(-3.2, 1.6))
    axes.set_axis_off()
    boxes = (
        (0.8, 0, "image"),
        (3.1, 0, "body:\nconvolutions"),
        (6.0, 0, "feature maps\n$f_k(i, j)$"),
        (9.0, 0, "head: GAP,\nor anything else"),
        (11.5, 0, "$S_c$"),
        (6.0, -2.6, "mean over $(i, j)$\n$\\alpha_k^c$"),
        (9.9, -2.6, "weighted sum, ReLU\n$L_c = [\\alpha_1^c f_1 + \\alpha_2^c f_2 + \\dots]_+$"),
    )
    for x, y, text in boxes:
        style = {"boxstyle": "round,pad=0.45", "facecolor": "0.94", "edgecolor": "0.3"}
        axes.text(x, y, text, ha="center", va="center", fontsize=11, bbox=style)
    forward, back = {"color": "#2166ac", "linestyle": "-"}, {"color": "#b2182b", "linestyle": "--"}
    arrows = (
        *(((x0, 0.25), (x1, 0.25), forward) for x0, x1 in ((1.4, 2.0), (4.2, 4.8), (7.2, 7.65), (10.35, 11.05))),
        *(((x0, -0.25), (x1, -0.25), back) for x0, x1 in ((11.05, 10.35), (7.65, 7.2))),
        ((6.0, -0.65), (6.0, -1.95), back),
        ((7.3, -2.6), (7.85, -2.6), forward),
    )
    for start, end, style in arrows:
        axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "linewidth": 2, **style})
    axes.text(0.2, 1.1, "forward: the score", color=forward["color"], fontsize=11)
    axes.text(6.3, -1.35, "back: the gradient $\\partial S_c / \\partial f_k(i, j)$", color=back["color"], fontsize=11)
    return figure


def show_layers(maps: Sequence[NDArray], layers: Sequence[str], names: Sequence[str], image: ArrayLike) -> Figure:
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
    """
    [picture] = as_pictures(image, 1)
    figure = new_figure(2.45 * len(maps), 2.35 * len(names) + 0.8)
    axes = figure.subplots(len(names), len(maps), squeeze=False)
    for column, of_layer, layer in zip(axes.T, maps, layers, strict=True):
        for place, M in zip(column, of_layer, strict=True):
            drawn = draw_map(place, M, signed_limit(of_layer), picture)
        column[0].set_title(layer, fontsize=10)
        figure.colorbar(drawn, ax=column, location="bottom", shrink=0.85, pad=0.02).ax.tick_params(labelsize=8)
    for place, name in zip(axes[:, 0], names, strict=True):
        place.set_ylabel(name, fontsize=10)
    return figure


def _places(n: int, columns: int | None, width: float, height: float, beside: float = 0.0) -> tuple[Figure, NDArray]:
    """A figure with room for n drawings of a size in inches, in rows of so many; places left over stay empty."""
    columns = columns or n
    rows = -(-n // columns)
    figure = new_figure(width * columns + beside, height * rows)
    axes = figure.subplots(rows, columns, squeeze=False)
    for place in axes.flat[n:]:
        place.set_axis_off()
    return figure, axes


def _signed(value: float, decimals: int = 2) -> str:
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}".replace("-", "−")  # + 0.0: no minus before zero
