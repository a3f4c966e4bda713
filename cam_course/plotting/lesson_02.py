"""The figures of lesson 02: the means of feature maps as bars, canvases of several sizes, a digit that moves."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .. import alt_text
from ..drawing import as_pictures, new_figure
from ..figure import DescribedFigure


def show_features(images: NDArray, F: NDArray, titles: Sequence[str], marked: Sequence[int] = ()) -> DescribedFigure:
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
    figure = new_figure(8.4, 1.8 * n + 0.3)
    axes = figure.subplots(n, 2, squeeze=False, width_ratios=[1, 5.5])
    colours = ["#d55e00" if k in marked else "0.6" for k in range(K)]
    for (picture, bars), image, F_n, title in zip(axes, as_pictures(images, n), F, titles, strict=True):
        picture.imshow(image, cmap="gray", vmin=0, vmax=1)
        picture.set_axis_off()
        bars.bar(np.arange(K), F_n, color=colours)
        for k in marked:
            bars.annotate(str(k), (k, F_n[k]), ha="center", va="bottom")
        bars.set_ylim(0, 1.25 * F.max())  # room for the numbers
        bars.set_xlim(-1, K)
        bars.set_ylabel("$F_k$")
        bars.set_title(title, loc="left")
    axes[-1, 1].set_xlabel("feature $k$, counted from 0")
    ranges = [f"from {alt_text.number(F_n.min())} to {alt_text.number(F_n.max())}" for F_n in F]
    rows = [
        f"{title}: {said}, largest at k = {F_n.argmax()}." for title, said, F_n in zip(titles, ranges, F, strict=True)
    ]
    orange = f"Orange: k = {', '.join(map(str, marked))}." if len(marked) else ""
    said = f"{n} pictures, and beside each its {K} means F_k as bars on one scale."
    return figure.describe(" ".join([said, *rows, orange]))


def show_canvases(images: Sequence[NDArray], titles: Sequence[str]) -> DescribedFigure:
    """Pictures of several sizes side by side, to one scale, so that a larger canvas looks larger.

    Parameters
    ----------
    images : sequence of ndarray, each (H, W, 1)
        Values 0 to 1.
    titles : sequence of str
    """
    figure = new_figure(8.4, 3.4)
    axes = figure.subplots(1, len(images), width_ratios=[image.shape[1] for image in images])
    for panel, image, title in zip(axes, images, titles, strict=True):
        panel.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
        panel.set_title(title)
        panel.set_axis_off()
    sizes = [f"{alt_text.size(image)} pixels" for image in images]
    shown = "; ".join(f"{size}, {alt_text.plain(title)}" for size, title in zip(sizes, titles, strict=True))
    return figure.describe(f"{len(images)} pictures to one scale: {shown}.")


class MovedDigit:
    """A digit, its means F_k, and the scores of two heads on the same feature maps; drawn once, the digit may move.

    Grey are the numbers at first, orange those now.

    Parameters
    ----------
    image : ndarray, shape (H, W, 1)
        Where the digit is at first; values 0 to 1.
    F : ndarray, shape (K,)
        The means of its feature maps.
    scores : mapping of str to ndarray, shape (C,)
        Of each of the two heads, by its name.
    """

    def __init__(self, image: NDArray, F: NDArray, scores: Mapping[str, NDArray]) -> None:
        self._figure = new_figure(8.4, 3.6)
        places = self._figure.subplot_mosaic([["digit", "F", "F"], ["digit", *scores]], width_ratios=[1.1, 1, 1])
        self._drawn = places["digit"].imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
        places["digit"].set_xticks([])
        places["digit"].set_yticks([])
        places["digit"].set_title("the digit")
        self._steps = {}
        for name, first in {"F": F, **scores}.items():
            axes, edges = places[name], np.arange(len(first) + 1) - 0.5
            axes.stairs(first, edges, fill=True, color="0.8")
            self._steps[name] = axes.stairs(first, edges, color="#d55e00", linewidth=1.8)
            axes.axhline(0, color="black", linewidth=0.8)
            reach = 1.4 * np.abs(first).max()
            axes.set_ylim(0 if first.min() >= 0 else -reach, reach)
            axes.set_title("$F_k$" if name == "F" else name)
        for name in scores:
            places[name].set_xticks(np.arange(0, len(scores[name]), 3))
            places[name].locator_params(axis="y", nbins=4)
            places[name].set_xlabel("class $c$")

    def at(self, image: NDArray, F: NDArray, scores: Mapping[str, NDArray]) -> DescribedFigure:
        """The figure with the digit moved, and what its network then computes."""
        self._drawn.set_data(image[..., 0])
        for name, values in {"F": F, **scores}.items():
            self._steps[name].set_data(values)
        best = "; ".join(
            f"{name}: highest score {alt_text.number(S.max())} of class {S.argmax()}" for name, S in scores.items()
        )
        rows, columns = np.nonzero(image[..., 0] > 0.5)
        at = (
            f"rows {rows.min()} to {rows.max()}, columns {columns.min()} to {columns.max()}" if len(rows) else "nowhere"
        )
        return self._figure.describe(
            f"A digit at {at} of the frame, its {len(F)} means F_k, from {alt_text.number(F.min())} to "
            f"{alt_text.number(F.max())}, and the scores of two heads as orange lines before grey areas, "
            f"those at first. {best}."
        )
