"""Cluttered digits: a digit of known box among pieces of others, so that finding it is a task."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SIZE = 64  # pixels, height and width
PIECES = 8  # of other digits
PIECE = 8  # pixels, height and width of a piece
INK = 0.3  # a pixel brighter than this belongs to the digit


@dataclass(frozen=True, eq=False)
class Cluttered:
    """Pictures of digits among pieces of other digits.

    Attributes
    ----------
    images : ndarray, shape (n, 64, 64, 1), float32
        From 0 (black) to 1.
    labels : ndarray, shape (n,), int64
    boxes : ndarray, shape (n, copies, 4), int64
        Of every whole digit in the picture, ``(x0, y0, x1, y1)``, half-open, x the column: the smallest that holds its
        ink.
    """

    images: NDArray[np.float32] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    boxes: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.images)


def clutter(digits: NDArray, labels: NDArray, count: int, seed: int = 0, copies: int = 1) -> Cluttered:
    """Put digits on larger canvases, each among pieces of other digits.

    Parameters
    ----------
    digits : ndarray, shape (N, 28, 28, 1)
        From 0 to 1.
    labels : ndarray, shape (N,)
    count : int
        Pictures.
    seed : int
    copies : int
        Whole digits in each picture, all of one class and apart from each other; at most 3.

    Returns
    -------
    Cluttered

    Raises
    ------
    ValueError
        If copies is not 1, 2 or 3.

    References
    ----------
    Mnih, Heess, Graves, Kavukcuoglu (2014), "Recurrent models of visual attention", NeurIPS, section 4.1: MNIST digits
    among pieces of 8 x 8 pixels.

    Examples
    --------
    >>> ones = np.zeros((3, 28, 28, 1), dtype="float32")
    >>> ones[:, 4:24, 12:15] = 1  # 20 rows of 3 columns
    >>> made = clutter(ones, np.array([1, 1, 1]), count=2)
    >>> made.images.shape, made.labels
    ((2, 64, 64, 1), array([1, 1]))
    >>> x0, y0, x1, y1 = made.boxes[0, 0]
    >>> int(x1 - x0), int(y1 - y0)
    (3, 20)
    """
    if copies not in (1, 2, 3):
        raise ValueError(f"copies is {copies!r}, but 1, 2 or 3 digits have room.")
    rng = np.random.default_rng(seed)
    of_class = {c: np.flatnonzero(labels == c) for c in np.unique(labels)}
    images = np.zeros((count, SIZE, SIZE), np.float32)
    boxes = np.zeros((count, copies, 4), np.int64)
    chosen = rng.integers(len(labels), size=count)
    for i, first in enumerate(chosen):
        for _ in range(PIECES):
            other = digits[rng.integers(len(digits)), :, :, 0]
            row, column = rng.integers(4, 24 - PIECE, size=2)  # where there is ink
            _put(images[i], other[row : row + PIECE, column : column + PIECE], *rng.integers(SIZE - PIECE, size=2))
        whole = [first, *rng.choice(of_class[labels[first]], copies - 1)]
        boxes[i] = _put_apart(images[i], [_cut_out(digits[n, :, :, 0]) for n in whole], rng)
    return Cluttered(images[..., None], labels[chosen].astype(np.int64), boxes)


def _put(canvas: NDArray, ink: NDArray, row: int, column: int) -> None:
    """Ink over ink: the brighter one stays."""
    height, width = ink.shape
    part = canvas[row : row + height, column : column + width]
    np.maximum(part, ink, out=part)


def _put_apart(canvas: NDArray, cut: list[NDArray], rng: np.random.Generator) -> list[tuple[int, int, int, int]]:
    """Put digits where they do not touch each other; returns their boxes."""
    while True:
        boxes: list[tuple[int, int, int, int]] = []
        for ink in cut:
            height, width = ink.shape
            y0, x0 = rng.integers(SIZE - height + 1), rng.integers(SIZE - width + 1)
            boxes.append((int(x0), int(y0), int(x0) + width, int(y0) + height))
        if all(_apart(one, other) for i, one in enumerate(boxes) for other in boxes[:i]):
            for ink, (x0, y0, _, _) in zip(cut, boxes, strict=True):
                _put(canvas, ink, y0, x0)
            return boxes


def _apart(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]


def _cut_out(digit: NDArray) -> NDArray:
    """The smallest part of a picture that holds its ink."""
    rows, columns = np.flatnonzero((digit > INK).any(axis=1)), np.flatnonzero((digit > INK).any(axis=0))
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
