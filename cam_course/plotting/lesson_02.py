"""The figure of lesson 02: the means of feature maps as bars."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..drawing import as_pictures, new_figure


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


def show_canvases(images: Sequence[NDArray], titles: Sequence[str]) -> Figure:
    """Pictures of several sizes side by side, to one scale, so that a larger canvas looks larger.

    Parameters
    ----------
    images : sequence of ndarray, each (H, W, 1)
        Values 0 to 1.
    titles : sequence of str
    """
    figure = new_figure(8.5, 3.2)
    axes = figure.subplots(1, len(images), width_ratios=[image.shape[1] for image in images])
    for panel, image, title in zip(axes, images, titles, strict=True):
        panel.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
        panel.set_title(title, fontsize=9)
        panel.set_axis_off()
    return figure
