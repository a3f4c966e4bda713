"""Exercises of lesson 00, why explain."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake

# For the exercise on paper; the numbers stand in the lesson as well.
PICTURE = np.array([[1.0, 0.5], [0.0, 1.0]])
WEIGHTS = np.array([[-1.0, 4.0], [3.0, 2.0]])
BIAS = -0.5


def pictures(rng: Generator) -> list[tuple[NDArray, NDArray, float]]:
    return [(rng.uniform(0, 1, size), rng.normal(size=size), bias) for size, bias in (((2, 3), 0.5), ((4, 3), -0.75))]


def pictures_and_weights(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    return [(g, w) for g, w, _ in pictures(rng)]


def maps_and_pixels(rng: Generator) -> list[tuple[float, NDArray, list[tuple[int, int]]]]:
    return [(2.5, rng.normal(size=(3, 5)), [(2, 1), (0, 2)]), (-1.0, rng.normal(size=(6, 6)), [(5, 0), (3, 3), (0, 4)])]


def maps_and_stickers(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    """Maps in which a sticker of some pixels, one of them negative, holds a part of what speaks for the class."""
    cases = []
    for size, corner in (((4, 5), (slice(2, 4), slice(0, 2))), ((6, 3), (slice(0, 2), slice(1, 3)))):
        M = rng.normal(size=size)
        M[corner] = [[1.5, 0.75], [-0.5, 2.0]]
        where = np.zeros(size, dtype=bool)
        where[corner] = True
        cases.append((M, where))
    return cases


def scores_of_two_kinds(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    return [(rng.normal(size=5) + 1, rng.normal(size=7)), (rng.normal(size=4) + 0.8, rng.normal(size=6))]


def on_sticker(M: NDArray, where: NDArray) -> float:
    positive = np.maximum(M, 0)
    return float(positive[where].sum() / positive.sum())


def auc(ill: NDArray, healthy: NDArray) -> float:
    return float((ill[:, None] > healthy).mean())


EXERCISES = (
    Exercise(
        id="0.1",
        answer="score_on_paper",
        right=lambda g, w, b: float((w * g).sum() + b),
        cases=lambda rng: [(PICTURE, WEIGHTS, BIAS)],
        mistakes=(
            Mistake(
                "bias forgotten",
                lambda g, w, b: float((w * g).sum()),
                Text("The four products are right. One number belongs to no pixel and is still missing."),
            ),
            Mistake(
                "bias with the wrong sign",
                lambda g, w, b: float((w * g).sum() - b),
                Text("Look at the sign of the bias."),
            ),
            Mistake(
                "weights alone",
                lambda g, w, b: float(w.sum() + b),
                Text("You added up the weights. A weight counts as much as its pixel is bright."),
            ),
            Mistake(
                "absolute value",
                lambda g, w, b: float(np.abs(w * g).sum() + b),
                Text("One pixel speaks against the 8. Keep its sign."),
            ),
            Mistake(
                "mean for sum",
                lambda g, w, b: float((w * g).mean() + b),
                Text("You averaged the products. This score adds them up."),
            ),
            Mistake(
                "weights transposed",
                lambda g, w, b: float((w.T * g).sum() + b),
                Text(
                    "Rows and columns of the weights have changed places: each weight belongs to the pixel at its own place."
                ),
            ),
        ),
        hints=(
            Text("Write the four products first, each at its place."),
            Text("Add them up, signs included, and think of the bias."),
        ),
        meaning=Text("A score above zero means 8, and the four products say which pixel brought how much of it."),
    ),
    Exercise(
        id="0.2",
        answer="map_of",
        arguments=("g", "w"),
        right=lambda g, w: w * g,
        cases=pictures_and_weights,
        mistakes=(
            Mistake(
                "added up",
                lambda g, w: (w * g).sum(),
                Text("This is the score without its bias. The map stops before adding: one number for each pixel."),
            ),
            Mistake(
                "weights alone",
                lambda g, w: w + 0,
                Text(
                    "The weights are the same for every picture. The map is of this picture: a black pixel adds nothing."
                ),
            ),
            Mistake(
                "absolute value",
                lambda g, w: np.abs(w * g),
                Text("Pixels that speak against the 8 now seem to speak for it. Keep the signs."),
            ),
            Mistake(
                "ReLU too early",
                lambda g, w: np.maximum(w * g, 0),
                Text("What speaks against the 8 is gone. The map holds both."),
            ),
            Mistake(
                "sum for product",
                lambda g, w: w + g,
                Text("You added pixel and weight. How does a pixel enter the score?"),
            ),
        ),
        hints=(
            Text("Look at the formula of the score: what stands under the sum, for one pixel?"),
            Text("NumPy does it for all pixels at once, if both arrays have the same shape."),
        ),
        meaning=Text("Your first map: it needs one product for each pixel, and it adds up to the score."),
    ),
    Exercise(
        id="0.3",
        answer="score_without",
        arguments=("S", "M", "pixels"),
        right=lambda S, M, pixels: S - sum(M[row, column] for row, column in pixels),
        cases=maps_and_pixels,
        mistakes=(
            Mistake(
                "wrong sign",
                lambda S, M, pixels: S + sum(M[row, column] for row, column in pixels),
                Text("Blackening a pixel takes away what it had added."),
            ),
            Mistake(
                "first pixel alone",
                lambda S, M, pixels: S - M[pixels[0]],
                Text("There can be more than one pixel in the list."),
            ),
            Mistake(
                "what the pixels added",
                lambda S, M, pixels: sum(M[row, column] for row, column in pixels),
                Text("That is what the pixels had added. What is left of the score without them?"),
            ),
            Mistake(
                "only what spoke for it",
                lambda S, M, pixels: S - sum(max(M[row, column], 0) for row, column in pixels),
                Text("A pixel that spoke against the 8 is taken away as well, and the score rises."),
            ),
            Mistake(
                "all other pixels",
                lambda S, M, pixels: S - (M.sum() - sum(M[row, column] for row, column in pixels)),
                Text("You took away all the other pixels."),
            ),
        ),
        hints=(
            Text("What does one pixel add to the score, and where does that number stand?"),
            Text("A loop over the list: each entry is a pair of row and column."),
        ),
        meaning=Text(
            "You predicted what the black box says, without asking it: that is what an exact map is good for."
        ),
    ),
    Exercise(
        id="0.4",
        answer="share_on_sticker",
        arguments=("M", "where"),
        right=on_sticker,
        cases=maps_and_stickers,
        mistakes=(
            Mistake(
                "signs mixed",
                lambda M, where: float(M[where].sum() / np.maximum(M, 0).sum()),
                Text("A pixel of the sticker speaks against the class; it is no part of what speaks for it."),
            ),
            Mistake(
                "share of the score",
                lambda M, where: float(M[where].sum() / M.sum()),
                Text(
                    "You divided sums in which for and against cancel; such a share can be larger than one. Take what speaks for the class alone."
                ),
            ),
            Mistake(
                "share of the pixels",
                lambda M, where: float(where.mean()),
                Text("That is how much of the picture the sticker covers. How much of the reasons lies on it?"),
            ),
            Mistake(
                "absolute value",
                lambda M, where: float(np.abs(M)[where].sum() / np.abs(M).sum()),
                Text("What speaks against the class was counted as speaking for it."),
            ),
            Mistake(
                "the rest",
                lambda M, where: 1 - on_sticker(M, where),
                Text("That is the share that lies elsewhere."),
            ),
            Mistake(
                "not divided",
                lambda M, where: float(np.maximum(M, 0)[where].sum()),
                Text("That is how much speaks for the class on the sticker. Of how much in all?"),
            ),
        ),
        hints=(
            Text("First set everything that is negative to zero."),
            Text("Then one sum over the sticker, `M[where]`, and one over the whole map."),
        ),
        meaning=Text("A number for what the eye saw: how much of the answer hangs on one place."),
    ),
    Exercise(
        id="0.5",
        answer="auc_of",
        arguments=("S_ill", "S_healthy"),
        right=auc,
        cases=scores_of_two_kinds,
        mistakes=(
            Mistake(
                "turned round",
                lambda ill, healthy: auc(healthy, ill),
                Text("You counted the pairs in which the healthy case has the higher score."),
            ),
            Mistake(
                "threshold at zero",
                lambda ill, healthy: float((np.mean(ill > 0) + np.mean(healthy <= 0)) / 2),
                Text(
                    "This is an accuracy: it depends on where the line is drawn. Here cases are compared with each other, pair by pair."
                ),
            ),
            Mistake(
                "number for share",
                lambda ill, healthy: float((ill[:, None] > healthy).sum()),
                Text("That is the number of pairs. Which share of all pairs is it?"),
            ),
            Mistake(
                "means compared",
                lambda ill, healthy: float(ill.mean() > healthy.mean()),
                Text("You compared the two means. Every ill case is to be compared with every healthy one."),
            ),
            Mistake(
                "first with first",
                lambda ill, healthy: float(np.mean([a > c for a, c in zip(ill, healthy, strict=False)])),
                Text("You compared the first with the first, and so on. All pairs are asked for."),
            ),
        ),
        hints=(
            Text("How many pairs of an ill and a healthy case are there?"),
            Text("Two loops, or one comparison with a new axis: `S_ill[:, None]` stands for a column."),
        ),
        meaning=Text("One half is guessing, one is a perfect order; no threshold is needed."),
    ),
)
