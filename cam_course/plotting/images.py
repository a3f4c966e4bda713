"""Pictures, their feature maps and their class activation maps, as most lessons show them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import alt_text
from ..drawing import as_pictures, axes_in_rows, colour_bar, draw_map, map_label, new_figure, signed_limit
from ..figure import WIDEST, DescribedFigure
from .numbers import signed_text


def show_images(images: ArrayLike, titles: Sequence[str], columns: int | None = None) -> DescribedFigure:
    """Pictures in rows, (n, H, W, C) with values 0 to 1 or 0 to 255, one or three channels."""
    n = len(titles)
    pictures = as_pictures(images, n)
    figure, axes = axes_in_rows(n, columns, 2.0, 2.4)
    for panel, picture, title in zip(axes.flat, pictures, titles, strict=False):
        panel.set_axis_off()
        panel.imshow(picture, cmap="gray", vmin=0, vmax=1)
        panel.set_title(title)
    kind = "in grey" if pictures[0].ndim == 2 else "in colour"
    shown = "; ".join(map(alt_text.plain, titles))
    return figure.describe(f"{n} pictures of {alt_text.size(pictures[0])} pixels, {kind}: {shown}.")


def show_strip(
    maps: Sequence[NDArray],
    titles: Sequence[str],
    images: ArrayLike | None = None,
    shared_scale: bool = True,
    columns: int | None = None,
    label: str | None = None,
    rectified: bool = False,
) -> DescribedFigure:
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
    label : str, optional
        What the colour bar measures; if left out, M_c, or L_c where the maps are rectified.
    rectified : bool
        Whether the maps go from zero up, as after a ReLU: the colour bar then shows the half of the colours in use.
    """
    n = len(maps)
    pictures: list[NDArray | None] = [None] * n
    if images is not None:
        images = np.asarray(images)
        pictures = list(as_pictures(np.broadcast_to(images, (n, *images.shape[-3:])), n))
    figure, axes = axes_in_rows(n, columns, 2.45, 2.75, beside=1.0)
    limit = max(signed_limit(M) for M in maps)
    for panel, M, title, picture in zip(axes.flat, maps, titles, pictures, strict=False):
        drawn = draw_map(panel, M, limit if shared_scale else signed_limit(M), picture)
        panel.set_title(title)
        if not shared_scale:
            colour_bar(figure, drawn, panel, rectified, shrink=0.75)
    label = map_label(rectified) if label is None else label
    if shared_scale:
        colour_bar(figure, drawn, axes, rectified, shrink=0.8, label=label)
    what = ("maps" if images is None else "maps over pictures") + (
        "" if shared_scale else ", each on a scale of its own"
    )
    return figure.describe(alt_text.maps(what, titles, maps, label))


def show_feature_maps(
    images: NDArray, f: NDArray, features: Sequence[int], row_names: Sequence[str]
) -> DescribedFigure:
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
    figure = new_figure(min(WIDEST, 1.9 * (len(features) + 1) + 0.9), 2.05 * n)
    axes = figure.subplots(n, len(features) + 1, squeeze=False)
    for row, image, maps, name in zip(axes, as_pictures(images, n), shown, row_names, strict=True):
        row[0].imshow(image, cmap="gray", vmin=0, vmax=1)
        row[0].set_title(name)
        for panel, k, f_k in zip(row[1:], features, np.moveaxis(maps, -1, 0), strict=True):
            drawn = panel.imshow(f_k, cmap="viridis", vmin=0, vmax=shown.max())
            panel.set_title(f"$f_{{{k}}}$,  $F_{{{k}}}$ = {signed_text(f_k.mean())}")
    for panel in axes.flat:
        panel.set_xticks([])
        panel.set_yticks([])
    figure.colorbar(drawn, ax=axes[:, 1:], shrink=0.8, label="$f_k(x, y)$")
    flat = [(name, k, f_k) for name, maps in zip(row_names, shown, strict=True) for k, f_k in enumerate(maps.T)]
    named = [f"$f_{{{features[k]}}}$ of {name}, mean {alt_text.number(f_k.mean())}" for name, k, f_k in flat]
    what = f"feature maps, beside {'the picture' if n == 1 else f'{n} pictures'} they are of"
    return figure.describe(alt_text.maps(what, named, [f_k.T for *_, f_k in flat], "f_k(x, y), from zero up"))
