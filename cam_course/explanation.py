"""What every method returns: maps, and the classes and scores they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import alt_text
from .drawing import (
    SUM_LABEL,
    as_pictures,
    axes_in_rows,
    colour_bar,
    draw_map,
    map_label,
    signed_limit,
)

if TYPE_CHECKING:
    from .figure import DescribedFigure

Box = tuple[int, int, int, int]
WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Explanation:
    """The maps of K classes for each of N images.

    Attributes
    ----------
    maps : ndarray, shape (N, K, h, w), float32
        M_c(x, y), signed and not scaled, on the grid of the feature maps; x is the row, y the column. Methods that give
        each value of the image a value of its own have maps of shape (N, K, H, W, C); `boxes` and `show` take their sum
        over the channels.
    classes : ndarray, shape (N, K), int64
    scores : ndarray, shape (N, K), float32
        S_c, the value before softmax, bias included.
    bias : ndarray, shape (N, K), float32
        b_c; zero for methods that have none.
    probabilities : ndarray, shape (N, K), float32
        NaN where the model makes none: a single score without activation is a regression.
    residual : float
        max |S_c - b_c - mean_xy M_c| over all images and classes; NaN where the method makes no such promise.
    cells : int
        The promise is S_c - b_c = cells * mean_xy M_c: 1 for CAM; the number of cells, h w, for HiResCAM, whose map
        adds up to it. The residual counts it.
    rectified : bool
        Whether the maps are L_c, from zero up, as after a ReLU; else they are M_c, signed.
    frame : (float, float, float, float)
        The part of the images that the maps cover, (top, left, bottom, right) as shares of height and width: all of
        them, unless the network crops its images.

    Examples
    --------
    >>> maps = np.array([[[[1.0, 3.0]]]], dtype="float32")  # one image, one class, a grid of 1 x 2
    >>> one = np.ones((1, 1), dtype="float32")
    >>> e = Explanation.of(maps, classes=[[7]], scores=2.5 * one, bias=0.5 * one, probabilities=one)
    >>> e.residual
    0.0
    >>> e
    Explanation(1 image x 1 class, maps 1 x 2, classes [7], residual 0)
    """

    maps: NDArray
    classes: NDArray
    scores: NDArray
    bias: NDArray
    probabilities: NDArray
    residual: float
    cells: int = 1
    rectified: bool = False
    frame: tuple[float, float, float, float] = WHOLE

    @classmethod
    def of(
        cls,
        maps: NDArray,
        classes: ArrayLike,
        scores: NDArray,
        bias: NDArray,
        probabilities: NDArray,
        exact: bool = True,
        adds_up: bool = False,
    ) -> "Explanation":
        """An Explanation whose residual is computed here.

        ``exact`` says that mean_xy M_c + b_c ought to be S_c; with ``adds_up`` it is sum_xy M_c + b_c.
        """
        cells = int(np.prod(maps.shape[2:4])) if adds_up else 1
        residual = _residual(maps, scores, bias, cells) if exact else float("nan")
        return cls(maps, np.asarray(classes, dtype="int64"), scores, bias, probabilities, residual, cells)

    def resize(self, size: tuple[int, int]) -> "Explanation":
        """The same maps on another grid, for display.

        Interpolation is bilinear: it invents no value above the largest or below the smallest, as bicubic does. It does
        move the mean, so the residual is computed anew and shows by how much. Outside `frame`, where the network sees
        nothing, the maps are zero.

        Parameters
        ----------
        size : (int, int)
            Height and width, in this order, as NumPy has it.

        Raises
        ------
        ValueError
            If size is not two positive whole numbers.

        Examples
        --------
        >>> maps = np.array([[[[0.0, 4.0]]]], dtype="float32")  # one image, one class, a grid of 1 x 2
        >>> zero = np.zeros((1, 1), dtype="float32")
        >>> Explanation.of(maps, [[0]], zero, zero, zero, exact=False).resize((1, 4)).maps
        array([[[[0., 1., 3., 4.]]]], dtype=float32)
        """
        import cv2

        if np.shape(size) != (2,) or any(int(n) != n or n < 1 for n in size):
            raise ValueError(f"resize got {size!r}, but takes two positive whole numbers: (height, width).")
        height, width = (int(n) for n in size)
        n, k, _, _, *channels = self.maps.shape
        top, left, bottom, right = (round(share * n) for share, n in zip(self.frame, 2 * (height, width), strict=True))
        inside = max(1, right - left), max(1, bottom - top)
        maps = np.zeros((n, k, height, width, *channels), self.maps.dtype)
        for ij in np.ndindex(n, k):
            resized = cv2.resize(self.maps[ij], inside, interpolation=cv2.INTER_LINEAR)
            maps[ij][top:bottom, left:right] = resized.reshape(*inside[::-1], *channels)
        residual = self.residual if np.isnan(self.residual) else _residual(maps, self.scores, self.bias, self.cells)
        return replace(self, maps=maps, residual=residual, frame=WHOLE)

    def boxes(self, threshold: float = 0.2) -> list[list[Box | None]]:
        """The box around the largest connected part of each map above a share of its maximum.

        Parameters
        ----------
        threshold : float
            Share of the maximum, 0 <= threshold < 1. Zhou et al. (2016), section 3.2, take 0.2.

        Returns
        -------
        list of N lists of K boxes
            ``(x0, y0, x1, y1)``, half-open, in pixels of the maps' own grid; None where no value is positive. In a box
            x counts columns and y rows, as programs for pictures have it; in M_c(x, y) x is the row.

        Raises
        ------
        ValueError
            If threshold is not in [0, 1), or a map holds NaN.

        Examples
        --------
        >>> maps = np.array([[[[0.0, 0.0, 0.0], [0.0, 5.0, 4.0]]]], dtype="float32")
        >>> zero = np.zeros((1, 1), dtype="float32")
        >>> Explanation.of(maps, [[0]], zero, zero, zero, exact=False).boxes()
        [[(1, 1, 3, 2)]]
        """
        if not 0 <= threshold < 1:
            raise ValueError(f"threshold is {threshold}, but must be a share of the maximum: 0 or more and below 1.")
        if np.isnan(self.maps).any():
            raise ValueError("maps hold NaN, around which there is no box: look at how they were computed.")
        return [[_largest_box(m, threshold) for m in of_image] for of_image in _per_position(self.maps)]

    def show(
        self,
        images: ArrayLike | None = None,
        names: Sequence[str] | None = None,
        shared_scale: bool = True,
    ) -> "DescribedFigure":
        """A figure with the classes of each image in a row, or in two where there is no room.

        Parameters
        ----------
        images : array_like, shape (N, H, W, C) or (H, W, C), optional
            Drawn under the maps, in grey; 0 to 1 or 0 to 255.
        names : sequence of str, optional
            The name of every class of the model, by its number.
        shared_scale : bool
            One colour scale with zero in the middle for all maps, so that they can be compared. False scales each map
            by itself, with a colour bar of its own; then colours mean nothing between maps.

        Returns
        -------
        DescribedFigure
        """
        n, k = self.classes.shape
        pictures = [None] * n if images is None else as_pictures(images, n)
        columns = -(-k // -(-k // 3))  # three at most, in rows that are equally full
        figure, axes = axes_in_rows(n * -(-k // columns) * columns, columns, 2.45, 2.7, beside=1.0)
        panels = axes.reshape(n, -1)
        maps = _per_position(self.maps)
        limit = signed_limit(maps)
        titles = []
        for i, j in np.ndindex(n, panels.shape[1]):
            panel = panels[i, j]
            if j >= k:
                panel.set_axis_off()
                continue
            scale = limit if shared_scale else signed_limit(maps[i, j])
            drawn = draw_map(panel, maps[i, j], scale, pictures[i], self.frame)
            c = int(self.classes[i, j])
            name = f"class {c}" if names is None else names[c]
            P = self.probabilities[i, j]
            numbers = f"S = {self.scores[i, j]:.2f}" + ("" if np.isnan(P) else f", P = {P:.2f}")
            titles.append(f"{name}\n{numbers}" if n == 1 else f"image {i}, {name}\n{numbers}")
            panel.set_title(f"{name}\n{numbers}")
            if not shared_scale:
                colour_bar(figure, drawn, panel, self.rectified, shrink=0.8)
        label = SUM_LABEL if self.maps.ndim == 5 else map_label(self.rectified)
        if shared_scale:
            colour_bar(figure, drawn, axes, self.rectified, shrink=0.8, aspect=30, label=label)
        what = (
            "maps" if images is None else f"map{'s'[: n * k != 1]} over {'its picture' if n == 1 else 'their pictures'}"
        )
        return figure.describe(alt_text.maps(what, titles, [M for row in maps for M in row], label))

    def __repr__(self) -> str:
        n, k = self.classes.shape
        grid = " x ".join(str(size) for size in self.maps.shape[2:])
        numbers = sorted({int(c) for c in self.classes.ravel()})
        shown = ", ".join(map(str, numbers[:5])) + (", ..." if len(numbers) > 5 else "")
        residual = "none" if np.isnan(self.residual) else f"{self.residual:.2g}"
        return (
            f"Explanation({n} image{'s'[: n != 1]} x {k} class{'es' if k != 1 else ''}, maps {grid}, "
            f"classes [{shown}], residual {residual})"
        )


def _per_position(maps: NDArray) -> NDArray:
    """Maps (N, K, h, w) as they are; of maps (N, K, H, W, C) the sum over the channels."""
    return maps if maps.ndim == 4 else maps.sum(axis=-1)


def _residual(maps: NDArray, scores: NDArray, bias: NDArray, cells: int) -> float:
    promised = cells * maps.mean(axis=(2, 3), dtype="float64")
    return float(np.max(np.abs(scores.astype("float64") - bias - promised), initial=0.0))


def _largest_box(M: NDArray, threshold: float) -> Box | None:
    from scipy.ndimage import find_objects, label

    if M.max() <= 0:
        return None
    parts, _ = label(threshold * M.max() < M, structure=np.ones((3, 3)))  # cells that touch at a corner are one part
    largest = np.argmax(np.bincount(parts.ravel())[1:])
    rows, columns = find_objects(parts)[largest]
    return columns.start, rows.start, columns.stop, rows.stop
