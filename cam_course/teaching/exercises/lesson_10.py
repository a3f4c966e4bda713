"""Exercises of lesson 10, can we trust it?"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake


def curves(rng: Generator) -> list[tuple[NDArray]]:
    """Outputs of a network at equal steps, rising and falling, the ends of different size."""
    fixed = [np.array([0.1, 0.7, 0.9, 0.8, 0.9]), np.array([0.0, 1.0]), np.array([0.9, 0.2, 0.1])]
    return [(P,) for P in (*fixed, *(rng.uniform(size=n) for n in (4, 7, 12)))]


def trapezoids(P: NDArray) -> float:
    return float((P[:-1] + P[1:]).sum() / (2 * (len(P) - 1)))


def maps_and_masks(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    """Signed maps, and masks of different shares of the picture."""
    drawn = []
    for size, share in (((4, 4), 0.25), ((3, 6), 0.5), ((8, 5), 0.1)):
        mask = np.zeros(size, dtype=bool)
        mask.flat[rng.choice(mask.size, round(share * mask.size), replace=False)] = True
        drawn.append((rng.normal(0.4, 1, size), mask))
    return drawn


def energy(M: NDArray, mask: NDArray) -> float:
    positive = np.maximum(M, 0)
    return float(positive[mask].sum() / positive.sum())


def classes(rng: Generator) -> list[tuple[NDArray, NDArray, NDArray, tuple[int, ...]]]:
    """True classes, what is said before and after, and the classes that are given away."""
    fixed = np.array([1, 2, 4, 1, 7, 3, 1]), np.array([1, 2, 4, 7, 7, 3, 1]), np.array([4, 2, 4, 4, 7, 5, 7]), (4, 7)
    drawn = []
    for given in ((4, 7, 9), (0,), (2, 5)):
        true = rng.integers(0, 10, 60)
        before = np.where(rng.uniform(size=60) < 0.8, true, rng.integers(0, 10, 60))
        after = np.where(rng.uniform(size=60) < 0.4, rng.choice(given, 60), before)
        after = np.where(rng.uniform(size=60) < 0.2, rng.integers(0, 10, 60), after)
        drawn.append((true, before, after, given))
    return [fixed, *drawn]


def share(
    true: NDArray, before: NDArray, after: NDArray, given: tuple[int, ...], right: bool = True, other: bool = True
) -> float:
    counted = np.ones(len(true), dtype=bool)
    if right:
        counted &= before == true
    if other:
        counted &= ~np.isin(true, given)
    return float(np.mean(np.isin(after[counted], given)))


def changed(true: NDArray, before: NDArray, after: NDArray, given: tuple[int, ...]) -> float:
    counted = (before == true) & ~np.isin(true, given)
    return float(np.mean(after[counted] != before[counted]))


def of_all(true: NDArray, before: NDArray, after: NDArray, given: tuple[int, ...]) -> float:
    counted = (before == true) & ~np.isin(true, given)
    return float(np.sum(np.isin(after[counted], given)) / len(true))


def maps_of_seeds(rng: Generator) -> list[tuple[NDArray]]:
    """Maps of some seeds, with cells where all agree above and below zero, and cells of zero."""
    fixed = np.array([[[1.0, -2.0], [3.0, 0.0]], [[2.0, -1.0], [-1.0, 0.0]], [[0.5, -0.1], [2.0, 0.0]]])
    drawn = [rng.normal(size=size) + rng.choice([-1.5, 0, 1.5], size[1:]) for size in ((3, 4, 4), (5, 3, 6))]
    return [(maps,) for maps in (fixed, *drawn)]


def unanimous(maps: NDArray) -> NDArray:
    return np.all(maps > 0, axis=0).astype(int) - np.all(maps < 0, axis=0).astype(int)


EXERCISES = (
    Exercise(
        id="10.1",
        answer="area",
        arguments=("P",),
        right=trapezoids,
        cases=curves,
        mistakes=(
            Mistake(
                "mean of the points",
                lambda P: P.mean(),
                Text("This is the mean of the points. The two ends belong to one step each, all others to two."),
            ),
            Mistake(
                "sum",
                lambda P: P.sum(),
                Text("This is a sum of outputs. The area is over fractions from 0 to 1, so each step is 1/n wide."),
            ),
            Mistake(
                "left ends",
                lambda P: P[:-1].mean(),
                Text(
                    "You took the left end of each step. The last point is left out, and the line rises within a step."
                ),
            ),
            Mistake(
                "right ends",
                lambda P: P[1:].mean(),
                Text("You took the right end of each step, so the first point is left out."),
            ),
            Mistake(
                "steps of width one",
                lambda P: (P[:-1] + P[1:]).sum() / 2,
                Text("The trapezoids are right, but 1 wide each. All steps together are 1."),
            ),
            Mistake(
                "one step too many",
                lambda P: (P[:-1] + P[1:]).sum() / (2 * len(P)),
                Text("There is one step less than there are points."),
            ),
        ),
        hints=(
            Text(
                "Between two points the area is a trapezoid: the mean of its two outputs, times the width of the step."
            ),
            Text("n + 1 points make n steps, each 1/n wide."),
        ),
        meaning=Text("It is the mean output on the way, from 0 to 1 whatever the number of steps."),
    ),
    Exercise(
        id="10.2",
        answer="times_chance",
        arguments=("M", "mask"),
        right=lambda M, mask: energy(M, mask) / mask.mean(),
        cases=maps_and_masks,
        mistakes=(
            Mistake(
                "energy alone",
                energy,
                Text("This is the energy. Divide it by what a map that knows nothing would have."),
            ),
            Mistake(
                "negative values counted",
                lambda M, mask: M[mask].sum() / M.sum() / mask.mean(),
                Text("Values below zero came in. Energy is asked of what speaks for the class."),
            ),
            Mistake(
                "absolute value",
                lambda M, mask: np.abs(M)[mask].sum() / np.abs(M).sum() / mask.mean(),
                Text("With absolute values, what speaks against the class counts as if it spoke for it."),
            ),
            Mistake(
                "times for divided by",
                lambda M, mask: energy(M, mask) * mask.mean(),
                Text("You multiplied by the mask's share. Twice chance is the energy divided by it."),
            ),
            Mistake(
                "difference",
                lambda M, mask: energy(M, mask) - mask.mean(),
                Text("You took the difference. How many *times* chance is asked."),
            ),
            Mistake(
                "number of cells",
                lambda M, mask: energy(M, mask) / mask.sum(),
                Text(
                    "You divided by the number of cells in the mask. Its share of the picture is that number by all cells."
                ),
            ),
        ),
        hints=(
            Text("First the energy: what is positive inside, divided by all that is positive."),
            Text("The share of the picture is the mean of the mask, because True counts 1."),
        ),
        meaning=Text("1 is chance. A small mask makes the same energy worth more."),
    ),
    Exercise(
        id="10.3",
        answer="decided_by_sticker",
        arguments=("true", "before", "after", "given"),
        right=share,
        cases=classes,
        mistakes=(
            Mistake(
                "wrong ones counted",
                lambda true, before, after, given: share(true, before, after, given, right=False),
                Text("Pictures that were wrong before came in. What the sticker did shows on those that were right."),
            ),
            Mistake(
                "given classes counted",
                lambda true, before, after, given: share(true, before, after, given, other=False),
                Text(
                    "Pictures of the given classes came in. There the sticker says the truth, and nothing can be seen."
                ),
            ),
            Mistake(
                "any change",
                changed,
                Text("Every change counts here. Asked is how many are now called one of the given classes."),
            ),
            Mistake(
                "share of all pictures",
                of_all,
                Text("You divided by the number of all pictures. The share is of those that could show the effect."),
            ),
            Mistake(
                "the others",
                lambda true, before, after, given: 1 - share(true, before, after, given),
                Text("This is the share that the sticker did not decide."),
            ),
        ),
        hints=(
            Text("Two conditions say which pictures are counted; np.isin(true, given) helps with one of them."),
            Text("Of those, the mean of np.isin(after, given)."),
        ),
        meaning=Text("A number that can be wrong: zero for a network that does not use the sticker."),
    ),
    Exercise(
        id="10.4",
        answer="agreed",
        arguments=("maps",),
        right=unanimous,
        cases=maps_of_seeds,
        mistakes=(
            Mistake(
                "sign of the mean",
                lambda maps: np.sign(maps.mean(axis=0)),
                Text("This is the sign of the mean. One large value can outvote all others there."),
            ),
            Mistake(
                "majority",
                lambda maps: np.sign(np.sign(maps).sum(axis=0)),
                Text("This is the majority. Asked is where *every* seed says the same."),
            ),
            Mistake(
                "only what is positive",
                lambda maps: np.all(maps > 0, axis=0) * 1,
                Text("Where all are below zero the answer is −1: they agree that the cell speaks against the class."),
            ),
            Mistake(
                "agreement without its sign",
                lambda maps: np.abs(unanimous(maps)),
                Text("You say where all agree, but not on what."),
            ),
            Mistake(
                "along another axis",
                lambda maps: np.all(maps > 0, axis=-1) * 1 - np.all(maps < 0, axis=-1) * 1,
                Text("You compared the columns of one map. The seeds are the first axis."),
            ),
        ),
        hints=(
            Text("np.all(maps > 0, axis=0) is a map of True and False."),
            Text("The same for below zero; then a difference of the two."),
        ),
        meaning=Text(
            "What five networks agree on is more likely to be about the digit; the rest is about one network."
        ),
    ),
)
