"""A map against a known place: where it points, how much of it lies inside, whether its box fits.

Boxes are ``(x0, y0, x1, y1)``, half-open, in pixels, x the column, as `Explanation.boxes` gives them; maps and masks
are arrays of rows, so that [y, x] is a pixel.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..explanation import Box


def pointing_game(M: ArrayLike, mask: ArrayLike) -> float:
    """Whether the largest value of a map lies in the mask: 1 or 0.

    Where several cells share the largest value, it is the share of them that lie inside. So a constant map gets the
    share of the picture that the mask fills, as much as pointing at random, and not 1.

    Parameters
    ----------
    M : array_like, shape (H, W)
    mask : array_like of bool, shape (H, W)

    Returns
    -------
    float
        NaN for an empty mask: there is nothing to hit.

    Raises
    ------
    ValueError
        If the shapes differ, or M holds NaN.

    References
    ----------
    Zhang, Lin, Brandt, Shen, Sclaroff (2016), "Top-down neural attention by excitation backprop", ECCV, section 4.1.
    There a circle of 15 pixels around the largest value is enough; here the pixel itself has to lie inside.

    Examples
    --------
    >>> mask = [[False, True], [False, False]]
    >>> pointing_game([[0.1, 0.9], [0.3, 0.2]], mask), pointing_game([[1, 1], [1, 1]], mask)
    (1.0, 0.25)
    """
    M, mask = _on_one_grid(M, mask)
    return float(mask[M.max() == M].mean()) if mask.any() else float("nan")


def energy_inside(M: ArrayLike, mask: ArrayLike) -> float:
    """The share of a map's positive values that lies in the mask.

    What speaks against the class, the negative values, is left out.

    Parameters
    ----------
    M : array_like, shape (H, W)
    mask : array_like of bool, shape (H, W)

    Returns
    -------
    float
        NaN for an empty mask, or where no value is positive.

    Raises
    ------
    ValueError
        If the shapes differ, or M holds NaN.

    References
    ----------
    Wang, Wang, Du, Yang, Zhang, Ding, Mardziel, Hu (2020), "Score-CAM: Score-weighted visual explanations for
    convolutional neural networks", CVPR Workshops, section 4.3, the "energy-based pointing game".

    Examples
    --------
    >>> energy_inside([[3.0, 1.0], [0.0, -9.0]], [[True, False], [False, False]])
    0.75
    """
    M, mask = _on_one_grid(M, mask)
    positive = np.maximum(M, 0)
    total = positive.sum()
    return float(positive[mask].sum() / total) if mask.any() and total > 0 else float("nan")


def box_iou(one: Box, other: Box) -> float:
    """Intersection over union of two boxes.

    Parameters
    ----------
    one, other : (x0, y0, x1, y1)

    Returns
    -------
    float
        From 0 (apart) to 1 (equal).

    Raises
    ------
    ValueError
        If a box is empty.

    Examples
    --------
    >>> box_iou((0, 0, 2, 2), (1, 0, 3, 2))  # 2 pixels of 6
    0.3333333333333333
    """
    for x0, y0, x1, y1 in (one, other):
        if x1 <= x0 or y1 <= y0:
            raise ValueError(f"the box {(x0, y0, x1, y1)} is empty: (x0, y0, x1, y1) with x0 < x1 and y0 < y1.")
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    return shared / (_area(one) + _area(other) - shared)


def localised(
    classes: Sequence[int],
    boxes: Sequence[Box | None],
    true_class: int,
    true_boxes: Iterable[Box],
    threshold: float = 0.5,
) -> bool:
    """Whether one of the guesses for an image has the right class and a box that fits.

    The localisation error of ILSVRC and of Zhou et al. is the share of images for which this is False: top-1 with one
    guess for an image, top-5 with five.

    Parameters
    ----------
    classes : sequence of int, length K
        The classes that are guessed.
    boxes : sequence of K boxes
        One for each guess; None for a map without a positive value, which never fits.
    true_class : int
    true_boxes : iterable of boxes
        Every object of that class in the image; one of them is enough.
    threshold : float
        The smallest intersection over union that fits.

    References
    ----------
    Russakovsky et al. (2015), "ImageNet large scale visual recognition challenge", section 4.2; Zhou et al. (2016),
    section 3.2.

    Examples
    --------
    >>> localised([3, 7], [(0, 0, 9, 9), (2, 2, 8, 8)], 7, [(2, 2, 8, 7)])
    True
    >>> localised([3], [(2, 2, 8, 8)], 7, [(2, 2, 8, 7)])  # the box fits, the class is wrong
    False
    """
    truth = list(true_boxes)
    return any(
        c == true_class and box is not None and any(box_iou(box, other) >= threshold for other in truth)
        for c, box in zip(classes, boxes, strict=True)
    )


def mask_of_box(box: Box, size: tuple[int, int]) -> NDArray:
    """A box as a mask.

    Parameters
    ----------
    box : (x0, y0, x1, y1)
    size : (int, int)
        Height and width of the picture.

    Examples
    --------
    >>> mask_of_box((1, 0, 3, 1), (2, 3)).astype(int)
    array([[0, 1, 1],
           [0, 0, 0]])
    """
    x0, y0, x1, y1 = box
    mask = np.zeros(size, dtype=bool)
    mask[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = True
    return mask


def centre_box(size: tuple[int, int], share: float = 0.5) -> Box:
    """The box in the middle of a picture: the guess without a model, which a map has to beat.

    Parameters
    ----------
    size : (int, int)
        Height and width of the picture.
    share : float
        Of each side.

    Examples
    --------
    >>> centre_box((40, 80))
    (20, 10, 60, 30)
    """
    height, width = size
    rows, columns = max(1, round(share * height)), max(1, round(share * width))
    y0, x0 = (height - rows) // 2, (width - columns) // 2
    return x0, y0, x0 + columns, y0 + rows


def _on_one_grid(M: ArrayLike, mask: ArrayLike) -> tuple[NDArray, NDArray]:
    M, mask = np.asarray(M, dtype=float), np.asarray(mask)
    if M.ndim != 2 or M.shape != mask.shape:
        raise ValueError(
            f"the map has the shape {M.shape} and the mask {mask.shape}, but both are (height, width) of one picture: "
            "resize the map first, e.resize(mask.shape)."
        )
    if np.isnan(M).any():
        raise ValueError("the map holds NaN, so it points nowhere: look at how it was computed.")
    return M, mask.astype(bool)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
