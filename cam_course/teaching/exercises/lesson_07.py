"""Exercises of lesson 07, damage in a cantilever."""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake


def points(rng: Generator) -> list[tuple[float, float, float]]:
    drawn = rng.uniform((0.5, 0.3, -0.5), (2, 3.7, 0.5), (3, 3))
    return [(1.0, 4.0, 0.5), *((q, d, z) for q, d, z in drawn.tolist())]


def two_maps(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    return [(rng.normal(0, 0.4, size), rng.normal(0.2, 0.4, size)) for size in ((2, 3), (3, 4), (2, 2))]


def strain_pictures(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    cases = []
    for rows, columns in ((4, 6), (6, 5)):
        plain = np.outer(np.linspace(0.5, -0.5, rows), np.linspace(4, 0.5, columns))
        cases.append((1.3 * plain + rng.normal(0, 0.3, (rows, columns)), plain))
    return cases


def maps_and_masks(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    """The largest value on the mask or not, with all that misleads: large negative ones, positive ones on the mask."""
    mask = np.zeros((4, 4), dtype=bool)
    mask[0, 2:] = True
    cases = []
    for row, column in ((0, 2), (2, 0), (0, 3), (3, 1), (3, 3)):
        M = rng.uniform(-1, 1, (4, 4))
        M[row, column] = 3.0
        M[3, 2] = -9.0  # the largest in absolute value lies off the mask,
        cases.append((M, mask.copy()))
    M = rng.uniform(-1, 1, (4, 4))
    M[0, 3], M[3, 3] = 3.0, -2.0
    cases.append((M, mask.copy()))
    M = rng.uniform(-1, 0, (4, 4))
    M[0, 2], M[1, 0] = -9.0, 0.5  # or on it
    return [*cases, (M, mask.copy())]


def halves(rng: Generator) -> list[tuple[float, int, float, int]]:
    return [(3.0, 72, -1.0, 72), (2.0, 60, 0.5, 84), (-1.5, 20, 4.0, 100)]


def sigmoid(s: Any) -> float:
    return float(1 / (1 + np.exp(-s)))


EXERCISES = (
    Exercise(
        id="7.1",
        answer="strain_of",
        arguments=("q", "d", "z"),
        right=lambda q, d, z: q * d * z / 2,
        cases=points,
        mistakes=(
            Mistake(
                "factor missing",
                lambda q, d, z: q * d * z,
                Text(
                    "Proportional it is. Put the clamp's upper edge in, d = 4 and z = 0.5: what comes out, and what should?"
                ),
            ),
            Mistake(
                "distance from the clamp",
                lambda q, d, z: q * (4 - d) * z / 2,
                Text("d is counted from the loaded end. Where you have the largest strain the beam has none."),
            ),
            Mistake(
                "height from the lower edge",
                lambda q, d, z: q * d * (z + 0.5) / 2,
                Text("z is counted from the middle line, and there the strain is zero, not half of its largest."),
            ),
            Mistake(
                "absolute value",
                lambda q, d, z: q * d * abs(z) / 2,
                Text("Below the middle line the beam is pressed together: what sign has the strain there?"),
            ),
        ),
        hints=(
            Text("Begin with the product of the three, and a factor in front that you do not know yet."),
            Text(
                "The factor follows from one point that you know: the upper edge at the clamp, where the strain is q."
            ),
        ),
        meaning=Text("One number, q, tells all sound beams apart; the form d z is the same for each."),
        rtol=1e-3,
    ),
    Exercise(
        id="7.2",
        answer="p_damaged",
        arguments=("M_0", "M_1"),
        right=lambda M_0, M_1: sigmoid(np.mean(M_1) - np.mean(M_0)),
        cases=two_maps,
        mistakes=(
            Mistake(
                "sum for mean",
                lambda M_0, M_1: sigmoid(np.sum(M_1) - np.sum(M_0)),
                Text("You added the cells up. GAP does something else with the positions before the score."),
            ),
            Mistake(
                "classes exchanged",
                lambda M_0, M_1: sigmoid(np.mean(M_0) - np.mean(M_1)),
                Text("This is the probability of the other word."),
            ),
            Mistake(
                "one map alone",
                lambda M_0, M_1: sigmoid(np.mean(M_1)),
                Text("The map of 'sound' does not come in. Softmax weighs two scores against each other."),
            ),
            Mistake(
                "score for probability",
                lambda M_0, M_1: float(np.mean(M_1) - np.mean(M_0)),
                Text(
                    "This is the difference of the scores, which may be any number. One step is missing to a probability."
                ),
            ),
            Mistake(
                "largest value for mean",
                lambda M_0, M_1: sigmoid(np.max(M_1) - np.max(M_0)),
                Text("You took the largest cell of each map. The network takes them all alike."),
            ),
        ),
        hints=(
            Text("First the two scores: how does a score without bias follow from its map?"),
            Text("Then softmax of two scores. It needs only their difference."),
        ),
        meaning=Text("Both maps together hold the whole decision, and one map of their difference would do."),
    ),
    Exercise(
        id="7.3",
        answer="residual",
        arguments=("picture", "plain"),
        right=lambda picture, plain: picture - np.sum(picture * plain) / np.sum(plain**2) * plain,
        cases=strain_pictures,
        mistakes=(
            Mistake(
                "no factor",
                lambda picture, plain: picture - plain,
                Text("The load differs from beam to beam, so the form has to be scaled before it is taken off."),
            ),
            Mistake(
                "not divided",
                lambda picture, plain: picture - np.sum(picture * plain) * plain,
                Text("The factor has only its numerator: a picture that is the form itself would not give zero."),
            ),
            Mistake(
                "fit for residual",
                lambda picture, plain: np.sum(picture * plain) / np.sum(plain**2) * plain,
                Text("This is the fit, what a sound beam would show. What is left of the picture without it?"),
            ),
            Mistake(
                "factor of the largest values",
                lambda picture, plain: picture - np.max(picture) / np.max(plain) * plain,
                Text("You scaled by the largest values. One cell, with its noise or its damage, then decides for all."),
            ),
            Mistake(
                "absolute value",
                lambda picture, plain: np.abs(picture - np.sum(picture * plain) / np.sum(plain**2) * plain),
                Text("The size is right everywhere; the signs are gone. They are asked for."),
            ),
        ),
        hints=(
            Text(
                "Two steps: the factor a, one number, from two sums over all cells; then the picture without the fit."
            ),
            Text(
                "Both sums run over the whole picture. The form stands in the numerator once and in the denominator twice."
            ),
        ),
        meaning=Text("This needs no training at all, only the law of the sound beam."),
    ),
    Exercise(
        id="7.4",
        answer="is_hit",
        arguments=("M", "mask"),
        right=lambda M, mask: float(mask.ravel()[np.argmax(M)]),
        cases=maps_and_masks,
        mistakes=(
            Mistake(
                "absolute value",
                lambda M, mask: float(mask.ravel()[np.argmax(np.abs(M))]),
                Text("The strongest cell against the class counted as well. Which sign speaks for it?"),
            ),
            Mistake(
                "row and column exchanged",
                lambda M, mask: float(mask.T.ravel()[np.argmax(M)]),
                Text("You looked at the mask with row and column exchanged."),
            ),
            Mistake(
                "any positive value",
                lambda M, mask: float(np.max(M[mask]) > 0),
                Text("You asked whether anything on the mask is positive. The peak of the whole map is asked for."),
            ),
            Mistake(
                "smallest for largest",
                lambda M, mask: float(mask.ravel()[np.argmin(M)]),
                Text("This is the place that speaks against the class most."),
            ),
        ),
        hints=(
            Text("Find the row and the column of the largest value first; `np.argmax` counts through all rows."),
            Text("`np.unravel_index` turns that count into a row and a column. Then look at one cell of the mask."),
        ),
        meaning=Text("One bit for each image, so the share over many images is what counts, with its interval."),
    ),
    Exercise(
        id="7.5",
        answer="score_of_both",
        arguments=("S_1", "N_1", "S_2", "N_2"),
        right=lambda S_1, N_1, S_2, N_2: (N_1 * S_1 + N_2 * S_2) / (N_1 + N_2),
        cases=halves,
        mistakes=(
            Mistake(
                "plain mean",
                lambda S_1, N_1, S_2, N_2: (S_1 + S_2) / 2,
                Text("Right for two parts of the same size. A larger part has more cells in the mean."),
            ),
            Mistake(
                "sum of the scores",
                lambda S_1, N_1, S_2, N_2: S_1 + S_2,
                Text("You added the means up. The whole map has one mean, and it lies between those of its parts."),
            ),
            Mistake(
                "not divided",
                lambda S_1, N_1, S_2, N_2: N_1 * S_1 + N_2 * S_2,
                Text("This is the sum over all cells of the map. One step is left to its mean."),
            ),
            Mistake(
                "weights exchanged",
                lambda S_1, N_1, S_2, N_2: (N_2 * S_1 + N_1 * S_2) / (N_1 + N_2),
                Text("Each mean is weighted with the number of cells of the other part."),
            ),
        ),
        hints=(
            Text("A mean times its number of cells is a sum. Sums can be added."),
            Text("Then divide by the number of all cells."),
        ),
        meaning=Text(
            "A score of GAP is evidence per cell: a small part with much evidence is thinned out by a large one without."
        ),
    ),
)
