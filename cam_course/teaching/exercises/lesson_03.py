"""Exercises of lesson 03, the mathematics of CAM."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake

# No map is square and no number of cells is a number of maps, so that mixed-up axes show.
SIZES = ((2, 4, 3), (5, 3, 4))


def feature_maps(rng: Generator) -> list[tuple[NDArray]]:
    return [(rng.uniform(0, 3, size),) for size in SIZES]


def means_weights_bias(rng: Generator) -> list[tuple[NDArray, NDArray, float]]:
    return [(rng.uniform(0, 3, K), rng.normal(size=K), bias) for *_, K, bias in ((3, 0.5), (5, -0.75))]


def maps_and_weights(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    return [(rng.uniform(0, 3, size), rng.normal(size=size[-1])) for size in SIZES]


def map_and_bias(rng: Generator) -> list[tuple[NDArray, float]]:
    return [(rng.normal(size=size).round(1), bias) for size, bias in (((2, 4), 0.5), ((5, 3), -0.75))]


def weights_and_cells(rng: Generator) -> list[tuple[NDArray, int]]:
    return [(rng.normal(size=4), 6), (rng.normal(size=3), 35)]


def maps_and_biases(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    """Maps of four classes whose order changes with the bias, with a ReLU and with the largest value for the mean."""
    means = np.array([1.0, 2.0, 3.0, 0.0])
    b = np.array([1.5, -1.8, -2.6, 0.7])
    spread = np.array([9.0, 1.0, 3.0, 20.0])
    some = [means[None, None] + spread * noise_around_zero(rng, size) for size in ((2, 3), (4, 2))]
    return [(some[0], b), (some[1][..., ::-1].copy(), b[::-1].copy())]


def noise_around_zero(rng: Generator, size: tuple[int, int]) -> NDArray:
    noise = rng.uniform(-1, 1, (*size, 1))
    return noise - noise.mean()


def best_first(scores: NDArray) -> NDArray:
    return np.argsort(-scores)


EXERCISES = (
    Exercise(
        id="3.1",
        answer="pooled",
        arguments=("f",),
        right=lambda f: f.mean(axis=(0, 1)),
        cases=feature_maps,
        mistakes=(
            Mistake(
                "sum for mean",
                lambda f: f.sum(axis=(0, 1)),
                Text(
                    "These are the sums of the maps. Global average pooling divides each by the number of its cells.",
                    "맵마다 더한 값입니다. 전역 평균 풀링은 이것을 칸의 수로 나눕니다.",
                ),
            ),
            Mistake(
                "mean over the maps",
                lambda f: f.mean(axis=2),
                Text(
                    "You averaged over k, the last axis: one number is left for each position. One for each map is asked for.",
                    "마지막 축 k에 대해 평균하여 위치마다 숫자가 하나씩 남았습니다. 맵마다 하나씩 남아야 합니다.",
                ),
            ),
            Mistake(
                "mean over everything",
                lambda f: f.mean(),
                Text(
                    "One number for all maps together. The maps must stay apart: which axes are the positions?",
                    "모든 맵을 합쳐 숫자 하나가 되었습니다. 맵은 서로 섞이면 안 됩니다. 위치를 나타내는 축은 어느 것입니까?",
                ),
            ),
            Mistake(
                "one axis only",
                lambda f: f.mean(axis=0),
                Text(
                    "You averaged over the rows only; each map still has its columns.",
                    "행에 대해서만 평균했습니다. 맵마다 열이 아직 남아 있습니다.",
                ),
            ),
            Mistake(
                "largest value for mean",
                lambda f: f.max(axis=(0, 1)),
                Text(
                    "This is the largest value of each map. Its mean is asked for.",
                    "맵마다 가장 큰 값을 구했습니다. 구해야 하는 것은 평균입니다.",
                ),
            ),
        ),
        hints=(
            Text(
                "f has the axes row, column, map. Two of them are to disappear.",
                "f의 축은 행, 열, 맵입니다. 이 가운데 두 축이 사라져야 합니다.",
            ),
            Text(
                "NumPy's `mean` takes a tuple of axes.",
                "NumPy의 `mean`에는 축 여러 개를 튜플로 줄 수 있습니다.",
            ),
        ),
        meaning=Text(
            "One mean for each map: how much of the feature there is stays, where it is goes.",
            "맵마다 평균 하나가 남습니다. 특징이 얼마나 있는지는 남고, 어디에 있는지는 사라집니다.",
        ),
    ),
    Exercise(
        id="3.2",
        answer="score_of_class",
        arguments=("F", "w", "b"),
        right=lambda F, w, b: F @ w + b,
        cases=means_weights_bias,
        mistakes=(
            Mistake(
                "bias forgotten",
                lambda F, w, b: F @ w,
                Text(
                    "The weighted sum is right. One part of the score does not depend on the picture; you were given it.",
                    "가중합은 맞습니다. 점수에는 이미지와 무관한 부분이 하나 더 있고, 그 값도 인자로 받았습니다.",
                ),
            ),
            Mistake(
                "not added up",
                lambda F, w, b: F * w + b,
                Text(
                    "Each product is right, but a score is one number: the products have still to be joined.",
                    "곱은 각각 맞지만 점수는 숫자 하나입니다. 곱을 아직 합치지 않았습니다.",
                ),
            ),
            Mistake(
                "bias for each feature",
                lambda F, w, b: (F * w + b).sum(),
                Text(
                    "The bias came in once for each feature. A class has one bias.",
                    "편향이 특징마다 한 번씩 더해졌습니다. 편향은 클래스마다 하나뿐입니다.",
                ),
            ),
            Mistake(
                "mean for sum",
                lambda F, w, b: (F * w).mean() + b,
                Text(
                    "You averaged over the features. The mean is taken over positions, inside F; over k one adds up.",
                    "특징에 대해 평균했습니다. 평균은 F 안에서 위치에 대해 구하는 것이고, k에 대해서는 더합니다.",
                ),
            ),
            Mistake(
                "absolute value",
                lambda F, w, b: F @ np.abs(w) + b,
                Text(
                    "A feature with a negative weight lowers the score. Keep the sign of each weight.",
                    "가중치가 음수인 특징은 점수를 낮춥니다. 가중치의 부호를 그대로 두십시오.",
                ),
            ),
        ),
        hints=(
            Text(
                "Multiply each mean by the weight of the same feature first.",
                "먼저 특징마다 평균에 그 특징의 가중치를 곱하십시오.",
            ),
            Text("Then add the products up, and think of b.", "그런 다음 곱을 모두 더하고, b도 생각하십시오."),
        ),
        meaning=Text(
            "A weighted sum plus one constant: that is all that a dense layer does for one class.",
            "가중합에 상수 하나를 더한 것, 이것이 완전 연결층이 한 클래스에 대해 하는 계산의 전부입니다.",
        ),
    ),
    Exercise(
        id="3.3",
        answer="map_of_class",
        arguments=("f", "w"),
        right=lambda f, w: f @ w,
        cases=maps_and_weights,
        mistakes=(
            Mistake(
                "weights forgotten",
                lambda f, w: f.sum(axis=2),
                Text(
                    "You added the feature maps as they are. Each counts with the weight of its feature.",
                    "특성인자 맵을 그대로 더했습니다. 맵마다 그 특징의 가중치를 곱해야 합니다.",
                ),
            ),
            Mistake(
                "mean for sum",
                lambda f, w: (f * w).mean(axis=2),
                Text(
                    "Off by a factor, the number of feature maps: over k one adds up.",
                    "특성인자 맵의 수만큼 작습니다. k에 대해서는 더합니다.",
                ),
            ),
            Mistake(
                "averaged first",
                lambda f, w: f.mean(axis=(0, 1)) @ w,
                Text(
                    "One number is left: the positions were averaged away. A map keeps them.",
                    "숫자 하나만 남았습니다. 평균을 구하면서 위치가 사라졌습니다. 맵에는 위치가 남아 있어야 합니다.",
                ),
            ),
            Mistake(
                "ReLU too early",
                lambda f, w: np.maximum(f @ w, 0),
                Text(
                    "The negative cells are gone. They speak against the class and belong to the map.",
                    "음수인 칸이 사라졌습니다. 반대 근거도 맵의 일부입니다.",
                ),
            ),
            Mistake(
                "absolute value",
                lambda f, w: np.abs(f @ w),
                Text(
                    "What speaks against the class now looks like a reason for it. Keep the signs.",
                    "반대 근거가 근거처럼 보이게 되었습니다. 부호를 그대로 두십시오.",
                ),
            ),
            Mistake(
                "rows and columns exchanged",
                lambda f, w: (f @ w).T,
                Text(
                    "The values are right, but rows and columns have changed places.",
                    "값은 맞지만 행과 열이 뒤바뀌었습니다.",
                ),
            ),
        ),
        hints=(
            Text(
                "At each position there are as many values as there are weights.",
                "위치마다 가중치의 수만큼 값이 있습니다.",
            ),
            Text(
                "The sum runs over the last axis of f alone; rows and columns stay.",
                "합은 f의 마지막 축에 대해서만 구합니다. 행과 열의 크기는 그대로 남습니다.",
            ),
        ),
        meaning=Text(
            "This is a class activation map. The same product makes it for every network that ends in GAP and one dense layer.",
            "이것이 클래스 활성화 맵입니다. GAP와 완전 연결층 하나로 끝나는 신경망이라면 언제나 같은 곱으로 구합니다.",
        ),
    ),
    Exercise(
        id="3.4",
        answer="score_from_map",
        arguments=("M", "b"),
        right=lambda M, b: M.mean() + b,
        cases=map_and_bias,
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
                "bias in every cell",
                lambda M, b: (M + b).sum(),
                Text(
                    "The bias came in once for each cell, and the cells were added up. It belongs to no cell.",
                    "편향이 칸마다 한 번씩 더해졌고 칸을 모두 더했습니다. 편향은 어느 칸에도 속하지 않습니다.",
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
            "The map is the score, laid out over the positions. The next section proves it.",
            "맵은 점수를 위치별로 펼쳐 놓은 것입니다. 다음 절에서 이를 증명합니다.",
        ),
    ),
    Exercise(
        id="3.5",
        answer="weights_for_sums",
        arguments=("w", "N"),
        right=lambda w, N: w / N,
        cases=weights_and_cells,
        mistakes=(
            Mistake(
                "N on the wrong side",
                lambda w, N: w * N,
                Text(
                    "The sums are larger than the means, so weights for them must be smaller, not larger still.",
                    "합은 평균보다 크므로, 합에 맞는 가중치는 더 커지는 것이 아니라 작아져야 합니다.",
                ),
            ),
            Mistake(
                "N missing",
                lambda w, N: w + 0,
                Text(
                    "With the same weights the sums would give another score. Which factor lies between a sum and a mean?",
                    "같은 가중치를 쓰면 합에서는 다른 점수가 나옵니다. 합과 평균 사이에는 어떤 계수가 있습니까?",
                ),
            ),
            Mistake(
                "normalised weights",
                lambda w, N: w / np.abs(w).sum(),
                Text(
                    "The weights were divided by their own size. The factor comes from the maps: how many cells has one?",
                    "가중치를 가중치 자신의 크기로 나누었습니다. 계수는 맵에서 나옵니다. 맵 한 장에는 칸이 몇 개 있습니까?",
                ),
            ),
            Mistake(
                "number of features for N",
                lambda w, N: w / len(w),
                Text(
                    "You took the number of features. The factor is the number of positions of a map.",
                    "특징의 수를 사용했습니다. 계수는 맵의 위치의 수입니다.",
                ),
            ),
        ),
        hints=(
            Text(
                "Write the same score twice: once with means and w, once with sums and unknown weights.",
                "같은 점수를 두 번 쓰십시오. 한 번은 평균과 w로, 한 번은 합과 미지의 가중치로 씁니다.",
            ),
            Text(
                "Compare what stands before the same feature in both lines.",
                "두 식에서 같은 특징에 곱해진 것을 비교하십시오.",
            ),
        ),
        meaning=Text(
            "Features that are N times as large go with weights that are N times as small; the score does not change.",
            "특징이 N배 커지면 가중치는 N분의 1로 작아지고, 점수는 변하지 않습니다.",
        ),
    ),
    Exercise(
        id="3.6",
        answer="classes_best_first",
        arguments=("M", "b"),
        right=lambda M, b: best_first(M.mean(axis=(0, 1)) + b),
        cases=maps_and_biases,
        mistakes=(
            Mistake(
                "bias forgotten",
                lambda M, b: best_first(M.mean(axis=(0, 1))),
                Text(
                    "This is the order of the maps' means. A score has one more part, and it can change the order.",
                    "맵의 평균으로 매긴 순서입니다. 점수에는 한 부분이 더 있고, 그것이 순서를 바꿀 수 있습니다.",
                ),
            ),
            Mistake(
                "worst first",
                lambda M, b: np.argsort(M.mean(axis=(0, 1)) + b),
                Text(
                    "The scores are right and the order is reversed: the best class comes first.",
                    "점수는 맞지만 순서가 거꾸로입니다. 점수가 가장 큰 클래스가 처음에 와야 합니다.",
                ),
            ),
            Mistake(
                "bias alone",
                lambda M, b: best_first(b),
                Text(
                    "The biases do not know the picture; the maps are missing.",
                    "편향은 이미지와 무관합니다. 맵이 빠졌습니다.",
                ),
            ),
            Mistake(
                "largest value for mean",
                lambda M, b: best_first(M.max(axis=(0, 1)) + b),
                Text(
                    "One strong cell does not make a score: all cells count.",
                    "강한 칸 하나가 점수를 정하지 않습니다. 모든 칸을 세어야 합니다.",
                ),
            ),
            Mistake(
                "scores instead of classes",
                lambda M, b: np.sort(M.mean(axis=(0, 1)) + b)[::-1],
                Text(
                    "These are the scores. The numbers of the classes are asked for, counted from zero.",
                    "이것은 점수입니다. 클래스의 번호를 0부터 세어 답해야 합니다.",
                ),
            ),
        ),
        hints=(
            Text(
                "Work out the score of every class first, then their order.",
                "먼저 모든 클래스의 점수를 구한 다음 순서를 정하십시오.",
            ),
            Text(
                "`np.argsort` gives the places of the values from small to large.",
                "`np.argsort`는 값이 작은 것부터 큰 것의 순서로 위치를 알려 줍니다.",
            ),
        ),
        meaning=Text(
            "Classes are ranked by their scores, so the bias has a say, though no map shows it.",
            "클래스의 순위는 점수로 정해집니다. 편향은 어느 맵에도 보이지 않지만 순위에 영향을 줍니다.",
        ),
    ),
)
