"""Pictures, their feature maps and their class activation maps, as most lessons show them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ..drawing import as_pictures, axes_in_rows, colour_bar, draw_map, map_label, new_figure, signed_limit
from .numbers import signed_text


def show_images(images: ArrayLike, titles: Sequence[str], columns: int | None = None) -> Figure:
    """Pictures in rows, (n, H, W, C) with values 0 to 1 or 0 to 255, one or three channels."""
    n = len(titles)
    pictures = as_pictures(images, n)
    figure, axes = axes_in_rows(n, columns, 1.7, 2.0)
    for panel, picture, title in zip(axes.flat, pictures, titles, strict=False):
        panel.set_axis_off()
        panel.imshow(picture, cmap="gray", vmin=0, vmax=1)
        panel.set_title(title, fontsize=10)
    return figure


def show_strip(
    maps: Sequence[NDArray],
    titles: Sequence[str],
    images: ArrayLike | None = None,
    shared_scale: bool = True,
    columns: int | None = None,
    label: str | None = None,
    rectified: bool = False,
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
    figure, axes = axes_in_rows(n, columns, 2.3, 2.5, beside=0.9)
    limit = max(signed_limit(M) for M in maps)
    for panel, M, title, picture in zip(axes.flat, maps, titles, pictures, strict=False):
        drawn = draw_map(panel, M, limit if shared_scale else signed_limit(M), picture)
        panel.set_title(title, fontsize=10)
        if not shared_scale:
            colour_bar(figure, drawn, panel, rectified, shrink=0.75)
    if shared_scale:
        label = map_label(rectified) if label is None else label
        colour_bar(figure, drawn, axes, rectified, shrink=0.8, label=label)
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
        for panel, k, f_k in zip(row[1:], features, np.moveaxis(maps, -1, 0), strict=True):
            drawn = panel.imshow(f_k, cmap="viridis", vmin=0, vmax=shown.max())
            panel.set_title(f"$f_{{{k}}}$,  $F_{{{k}}}$ = {signed_text(f_k.mean())}", fontsize=10)
    for panel in axes.flat:
        panel.set_xticks([])
        panel.set_yticks([])
    figure.colorbar(drawn, ax=axes[:, 1:], shrink=0.8, label="$f_k(x, y)$")
    return figure
