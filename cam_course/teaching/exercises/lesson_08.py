"""Exercises of lesson 08, localisation without boxes."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake

Box = tuple[int, int, int, int]
Windows = list[tuple[int, int, int]]


def pairs_of_boxes(rng: Generator) -> list[tuple[Box, Box]]:
    """Overlapping, one inside the other, apart along both sides, and drawn at random."""
    cases: list[tuple[Box, Box]] = [
        ((0, 0, 4, 2), (2, 1, 6, 3)),
        ((0, 0, 8, 6), (1, 1, 4, 5)),
        ((0, 0, 2, 3), (5, 6, 9, 8)),
    ]
    for _ in range(3):
        x, y = rng.integers(0, 6, 2)
        width, height = rng.integers(3, 9, 2)
        cases.append(((2, 3, 9, 8), (int(x), int(y), int(x + width), int(y + height))))
    return cases


def overlap(one: Box, other: Box, more: int = 0) -> tuple[int, int]:
    return min(one[2], other[2]) - max(one[0], other[0]) + more, min(one[3], other[3]) - max(one[1], other[1]) + more


def area(box: Box, more: int = 0) -> int:
    return (box[2] - box[0] + more) * (box[3] - box[1] + more)


def ratio(one: Box, other: Box, kind: str = "union", more: int = 0, apart: bool = True) -> float:
    width, height = overlap(one, other, more)
    shared = max(0, width) * max(0, height) if apart else width * height
    sizes = area(one, more), area(other, more)
    below = {"union": sum(sizes) - shared, "sum": sum(sizes), "smaller": min(sizes), "other": sizes[1]}[kind]
    return shared / below


def classes_and_ious(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    fixed = np.array([True, True, False, False, True]), np.array([0.8, 0.5, 0.9, 0.1, 0.2])
    return [fixed, *((rng.uniform(size=12) < 0.6, rng.uniform(0.2, 0.9, 12)) for _ in range(3))]


def error_of(right: NDArray, ious: NDArray, at_least: float = 0.5) -> float:
    return 1 - float(np.mean(right & (ious >= at_least)))


def maps_and_quarters(rng: Generator) -> list[tuple[NDArray, int, int]]:
    return [
        (rng.normal(0.3, 1, size), row, column) for size in ((4, 6), (6, 2)) for row, column in ((0, 1), (1, 0), (1, 1))
    ]


def quarter(M: NDArray, row: int, column: int) -> NDArray:
    h, w = M.shape
    return M[row * h // 2 : (row + 1) * h // 2, column * w // 2 : (column + 1) * w // 2]


def turned(M: NDArray, row: int, column: int) -> float:
    positive = np.maximum(M, 0)
    return float(quarter(positive, column, row).sum() / positive.sum())


def stacks(rng: Generator) -> list[tuple[Windows, int]]:
    return [
        ([(7, 2, 3), (3, 2, 1), (3, 1, 1)], 3),
        ([(3, 1, 1), (2, 2, 0), (3, 1, 1), (2, 2, 0)], 2),
        ([(5, 2, 1), (3, 2, 0)], 4),
        (
            [
                (int(k), int(s), int(p))
                for k, s, p in zip(rng.integers(2, 8, 4), (2, 1, 2, 3), (0, 1, 2, 1), strict=True)
            ],
            1,
        ),
    ]


def middle(
    windows: Windows, cell: int, padding: bool = True, half: bool = True, late: bool = False, size: bool = False
) -> float:
    start, step = 0.0, 1
    for k, s, p in windows:
        moved = ((k - 1) / 2 if half else k - 1) - (p if padding else 0)
        if late:
            step *= s
        start += moved * (1 if size else step)
        if not late:
            step *= s
    return start + step * cell


EXERCISES = (
    Exercise(
        id="8.1",
        answer="iou",
        arguments=("one", "other"),
        right=ratio,
        cases=pairs_of_boxes,
        mistakes=(
            Mistake(
                "sum for union",
                lambda one, other: ratio(one, other, "sum"),
                Text("You divided by both areas together. What the boxes share is counted twice there."),
            ),
            Mistake(
                "boxes that lie apart",
                lambda one, other: ratio(one, other, apart=False),
                Text(
                    "Boxes that lie apart in both directions share something here: a width and a height below zero give a product above it."
                ),
            ),
            Mistake(
                "off by one",
                lambda one, other: ratio(one, other, more=1),
                Text(
                    "You added one pixel to every side. The boxes are half-open: x1 is the first column that is not inside."
                ),
            ),
            Mistake(
                "smaller area for union",
                lambda one, other: ratio(one, other, "smaller"),
                Text("You divided by the smaller box. A small box inside a large one would count as a perfect fit."),
            ),
            Mistake(
                "area of one for union",
                lambda one, other: ratio(one, other, "other"),
                Text(
                    "You divided by the area of the second box alone. The measure must not change when the boxes change places."
                ),
            ),
            Mistake(
                "union for intersection",
                lambda one, other: 1 - ratio(one, other),
                Text("Equal boxes should get 1, boxes that lie apart 0. Yours does the opposite."),
            ),
        ),
        hints=(
            Text(
                "First the width of what they share: from the larger left edge to the smaller right edge, if there is anything between."
            ),
            Text("Then three areas: one, the other, and the shared one. The union follows from these three."),
        ),
        meaning=Text("One number for place and size together: 1 only if the boxes are equal."),
    ),
    Exercise(
        id="8.2",
        answer="localisation_error",
        arguments=("class_right", "ious"),
        right=error_of,
        cases=classes_and_ious,
        mistakes=(
            Mistake(
                "class forgotten",
                lambda right, ious: 1 - float(np.mean(ious >= 0.5)),
                Text("Only the boxes come in. A box around the right thing under a wrong name does not count."),
            ),
            Mistake(
                "box forgotten",
                lambda right, ious: 1 - float(np.mean(right)),
                Text("Only the classes come in: this is the error of classification."),
            ),
            Mistake(
                "share of right ones",
                lambda right, ious: float(np.mean(right & (ious >= 0.5))),
                Text("This is the share that is right. An error counts the others."),
            ),
            Mistake(
                "above for at least",
                lambda right, ious: 1 - float(np.mean(right & (ious > 0.5))),
                Text("Nearly. One box fits exactly one half: does it count?"),
            ),
            Mistake(
                "one of the two is enough",
                lambda right, ious: 1 - float(np.mean(right | (ious >= 0.5))),
                Text("An image with the right class and a bad box counts as right here. Both are needed."),
            ),
            Mistake(
                "mean IoU",
                lambda right, ious: 1 - float(np.mean(right * ious)),
                Text(
                    "You averaged the IoU. An image is right or wrong; how well the box fits beyond one half does not count."
                ),
            ),
        ),
        hints=(
            Text("For each image one answer, right or wrong, from two conditions."),
            Text("Then the share of wrong ones."),
        ),
        meaning=Text("A better classifier lowers this error with the very same boxes; so say both."),
    ),
    Exercise(
        id="8.3",
        answer="share_in_quarter",
        arguments=("M", "row", "column"),
        right=lambda M, row, column: quarter(np.maximum(M, 0), row, column).sum() / np.maximum(M, 0).sum(),
        cases=maps_and_quarters,
        mistakes=(
            Mistake(
                "negative values counted",
                lambda M, row, column: quarter(M, row, column).sum() / M.sum(),
                Text(
                    "Values below zero came in. They speak against the class; the share is asked of what speaks for it."
                ),
            ),
            Mistake(
                "absolute value",
                lambda M, row, column: quarter(np.abs(M), row, column).sum() / np.abs(M).sum(),
                Text("With absolute values, what speaks against the class counts as if it spoke for it."),
            ),
            Mistake(
                "row and column exchanged",
                turned,
                Text("You took the quarter with row and column exchanged."),
            ),
            Mistake(
                "not divided",
                lambda M, row, column: quarter(np.maximum(M, 0), row, column).sum(),
                Text("This is the sum in the quarter. A share is of the whole."),
            ),
            Mistake(
                "mean for sum",
                lambda M, row, column: quarter(np.maximum(M, 0), row, column).mean() / np.maximum(M, 0).mean(),
                Text("A quotient of means gives 1, and not one quarter, to a map that is the same everywhere."),
            ),
            Mistake(
                "ReLU on the quarter alone",
                lambda M, row, column: quarter(np.maximum(M, 0), row, column).sum() / M.sum(),
                Text("In the quarter you left the negative values out, in the whole map you did not."),
            ),
        ),
        hints=(
            Text("First set what is below zero to zero, in the whole map."),
            Text("Then a slice for the rows, one for the columns, and two sums."),
        ),
        meaning=Text("A map that knows nothing of the class gets one quarter; that is the number to beat."),
    ),
    Exercise(
        id="8.4",
        answer="middle_of",
        arguments=("windows", "cell"),
        right=middle,
        cases=stacks,
        mistakes=(
            Mistake(
                "padding forgotten",
                lambda windows, cell: middle(windows, cell, padding=False),
                Text("The windows begin at pixel 0 here. With padding they begin further to the left."),
            ),
            Mistake(
                "whole window for half",
                lambda windows, cell: middle(windows, cell, half=False),
                Text("You moved by the whole window. Its middle is half of that away from its first cell."),
            ),
            Mistake(
                "step multiplied too early",
                lambda windows, cell: middle(windows, cell, late=True),
                Text(
                    "A layer's own stride counts for the layers after it: within its window the cells lie as they did before."
                ),
            ),
            Mistake(
                "pixels for cells",
                lambda windows, cell: middle(windows, cell, size=True),
                Text(
                    "Every layer moves by cells of *its input*, and these lie further and further apart in the image."
                ),
            ),
            Mistake(
                "cell 0",
                lambda windows, cell: middle(windows, 0),
                Text("This is where cell 0 lies. From one cell to the next it is a step."),
            ),
        ),
        hints=(
            Text(
                "Go through the layers with two numbers, start and step, as the two formulas say; the order of the two matters."
            ),
            Text("At the end: start, and a step for each cell."),
        ),
        meaning=Text(
            "That is where the middle of the window lies; what lies in it the network weighs as it has learned."
        ),
    ),
)
