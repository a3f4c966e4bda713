"""Exercises of lesson 03, the mathematics of CAM."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake


def maps_and_bias(rng: Generator) -> list[tuple[NDArray, float]]:
    """Two maps of one class that no page shows, not square, each with a bias."""
    return [(rng.normal(size=size).round(1), bias) for size, bias in (((2, 4), 0.5), ((5, 3), -0.75))]


EXERCISES = (
    Exercise(
        id="3.1",
        answer="score_from_map",
        arguments=("M", "b"),
        right=lambda M, b: M.mean() + b,
        cases=maps_and_bias,
        mistakes=(
            Mistake(
                "sum for mean",
                lambda M, b: M.sum() + b,
                Text(
                    "Off by a factor: the score averages each map, it does not add it up. How many cells has the map?",
                    "몇 배만큼 큽니다. 점수는 맵의 값을 모두 더한 것이 아니라 평균한 것입니다. 맵에는 칸이 몇 개 있습니까?",
                ),
            ),
            Mistake(
                "bias forgotten",
                lambda M, b: M.mean(),
                Text(
                    "Close. What does the network add to the score that belongs to no position of the map?",
                    "거의 맞았습니다. 어느 위치에도 속하지 않지만 신경망이 점수에 더하는 것은 무엇입니까?",
                ),
            ),
            Mistake(
                "sum for mean, bias forgotten",
                lambda M, b: M.sum(),
                Text(
                    "Two things are missing: the score averages instead of adding up, and one part of it belongs to no "
                    "position of the map.",
                    "두 가지가 빠졌습니다. 점수는 합이 아니라 평균이며, 점수에는 어느 위치에도 속하지 않는 부분이 하나 있습니다.",
                ),
            ),
            Mistake(
                "absolute value",
                lambda M, b: np.abs(M).mean() + b,
                Text(
                    "What speaks against the class lowers its score. Keep the signs of the map.",
                    "반대 근거는 점수를 낮춥니다. 맵의 부호를 그대로 두십시오.",
                ),
            ),
            Mistake(
                "ReLU too early",
                lambda M, b: np.maximum(M, 0).mean() + b,
                Text(
                    "The negative cells are part of the score as well: nothing may be cut off before the mean.",
                    "음수인 칸도 점수의 일부입니다. 평균을 구하기 전에 잘라 내면 안 됩니다.",
                ),
            ),
            Mistake(
                "largest value for mean",
                lambda M, b: M.max() + b,
                Text(
                    "The score is made of all cells of the map, not of its strongest one alone.",
                    "점수는 가장 강한 칸 하나가 아니라 맵의 모든 칸으로 이루어집니다.",
                ),
            ),
        ),
        hints=(
            Text(
                "Write the score with the definition of F_k in it, and change the order of the two sums.",
                "점수의 식에 F_k의 정의를 넣고 두 합의 순서를 바꾸어 보십시오.",
            ),
            Text(
                "The inner sum is then M(x, y). What is left of the outer one, and what stands after it?",
                "그러면 안쪽 합은 M(x, y)가 됩니다. 바깥쪽에는 무엇이 남고, 그 뒤에는 무엇이 더해집니까?",
            ),
        ),
        meaning=Text(
            "The map is the score, laid out over the positions: averaging it and adding the bias gives the score back.",
            "맵은 점수를 위치별로 펼쳐 놓은 것입니다. 평균을 구하고 편향을 더하면 점수로 돌아옵니다.",
        ),
    ),
)
