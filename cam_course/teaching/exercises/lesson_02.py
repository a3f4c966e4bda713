"""Exercises of lesson 02, global average pooling."""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake


def stacks(rng: Generator) -> list[tuple[NDArray]]:
    return [(rng.uniform(0, 2, size),) for size in ((3, 2, 4, 5), (2, 5, 3, 4))]


def networks(rng: Generator) -> list[tuple[int, int, int, int, int]]:
    """Side and channels of the picture, filters of the two convolutions, classes; small, so that a bias shows."""
    return [(8, 1, 2, 3, 2), (12, 3, 4, 2, 5)]


def counts(side: int, channels: int, n_1: int, n_2: int, classes: int, **change: Any) -> list[int]:
    """Parameters of the six layers of deck D0's network, or of one in which something is changed."""
    bias, reads, sees = change.get("bias", 1), change.get("reads", n_1), change.get("sees", 1)
    dense = sees * n_2 * classes + change.get("dense_bias", 0) * classes
    return [(9 * channels + bias) * n_1, 0, (9 * reads + bias) * n_2, 0, 0, dense]


def map_sizes(rng: Generator) -> list[tuple[int, int, int, int]]:
    return [(3, 5, 4, 2), (2, 2, 6, 3)]


def means_on_canvas(rng: Generator) -> list[tuple[NDArray, NDArray, int, int]]:
    return [
        (rng.uniform(1, 3, 4), rng.uniform(0, 0.6, 4), 196, 204),
        (rng.uniform(1, 3, 6), rng.uniform(0, 1, 6), 9, 27),
    ]


def a_map(rng: Generator) -> list[tuple[NDArray]]:
    return [(rng.uniform(1, 2, (4, 5)),)]


def changed(f: NDArray) -> dict[str, NDArray]:
    """What is done to the map, in the order of the lesson."""
    return {
        "mirrored": f[:, ::-1],
        "shuffled": np.random.default_rng(0).permutation(f.ravel()),
        "doubled": 2 * f,
        "black around it": np.pad(f, 2),
        "four copies": np.tile(f, (2, 2)),
    }


def stays(f: NDArray) -> NDArray:
    return np.array([bool(np.isclose(other.mean(), f.mean())) for other in changed(f).values()])


def stays_but(*wrong: int) -> Any:
    """The answers with those at some places turned round."""

    def answers(f: NDArray) -> NDArray:
        answer = stays(f)
        answer[list(wrong)] = ~answer[list(wrong)]
        return answer

    return answers


def head(rng: Generator) -> list[tuple[NDArray, NDArray, NDArray]]:
    return [
        (rng.uniform(0, 2, (n, K)), rng.normal(size=(K, C)), rng.normal(size=C)) for n, K, C in ((2, 5, 3), (3, 4, 6))
    ]


def softmax(S: NDArray, axis: int = -1) -> NDArray:
    e = np.exp(S - S.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


EXERCISES = (
    Exercise(
        id="2.1",
        answer="pooled_stack",
        arguments=("f",),
        right=lambda f: f.mean(axis=(1, 2)),
        cases=stacks,
        mistakes=(
            Mistake(
                "sum for mean",
                lambda f: f.sum(axis=(1, 2)),
                Text("These are sums. Divide by the number of positions of a map."),
            ),
            Mistake(
                "axes of one image",
                lambda f: f.mean(axis=(0, 1)),
                Text("You averaged over the images and the rows. The first axis now counts the images."),
            ),
            Mistake(
                "mean over the maps",
                lambda f: f.mean(axis=3),
                Text(
                    "You averaged over the features; each image keeps one number for each position. It is the other way round."
                ),
            ),
            Mistake(
                "mean over each image",
                lambda f: f.mean(axis=(1, 2, 3)),
                Text("The features of an image were averaged together. One number for each feature is asked for."),
            ),
            Mistake(
                "largest value for mean",
                lambda f: f.max(axis=(1, 2)),
                Text("This is global max pooling: it keeps the strength and not the extent."),
            ),
        ),
        hints=(
            Text("The axes are image, row, column, feature. Which two are positions?"),
            Text("NumPy's `mean` takes a tuple of axes, counted from zero."),
        ),
        meaning=Text(
            "This is the whole layer `GlobalAveragePooling2D`: no weights, one mean for each image and feature."
        ),
    ),
    Exercise(
        id="2.2",
        answer="weights_saved",
        arguments=("h", "w", "K", "n"),
        right=lambda h, w, K, n: h * w * K * n - K * n,
        cases=map_sizes,
        mistakes=(
            Mistake(
                "Flatten alone",
                lambda h, w, K, n: h * w * K * n,
                Text("That is what Flatten + Dense needs. GAP + Dense needs some weights, too."),
            ),
            Mistake(
                "GAP alone",
                lambda h, w, K, n: K * n,
                Text("That is what GAP + Dense needs. How many would the other end have?"),
            ),
            Mistake(
                "ratio for difference",
                lambda h, w, K, n: h * w,
                Text("That is how many times as many. How many weights fewer are asked for."),
            ),
            Mistake(
                "classes forgotten",
                lambda h, w, K, n: h * w * K - K,
                Text("That is for one class. Each class has weights of its own."),
            ),
            Mistake(
                "maps forgotten",
                lambda h, w, K, n: h * w * n - n,
                Text("That is for one map. There are K."),
            ),
        ),
        hints=(
            Text("Write down both counts for n classes, without biases."),
            Text("Then subtract the smaller from the larger one."),
        ),
        meaning=Text("All that is saved are the weights that tell one position from another."),
    ),
    Exercise(
        id="2.3",
        answer="parameters_of_six",
        arguments=("side", "channels", "n_1", "n_2", "classes"),
        right=counts,
        cases=networks,
        mistakes=(
            Mistake(
                "bias forgotten",
                lambda *sizes: counts(*sizes, bias=0),
                Text("The convolutions are short of some: each of their filters has one number besides its weights."),
            ),
            Mistake(
                "bias in the dense layer",
                lambda *sizes: counts(*sizes, dense_bias=1),
                Text("The last layer has too many: read again what it does without."),
            ),
            Mistake(
                "channels of the picture in the second convolution",
                lambda *sizes: counts(*sizes, reads=sizes[1]),
                Text("The second convolution does not read the picture. How many maps come in?"),
            ),
            Mistake(
                "one channel for all",
                lambda side, channels, n_1, n_2, classes: counts(side, 1, n_1, n_2, classes, reads=1),
                Text("A filter has nine weights for each map that it reads, not nine in all."),
            ),
            Mistake(
                "Flatten for GAP",
                lambda *sizes: counts(*sizes, sees=(sizes[0] // 4) ** 2),
                Text("Your last layer reads every position. What does GAP hand on?"),
            ),
        ),
        hints=(
            Text("Give six numbers, one for each step of the list. Three of the steps have nothing to train."),
            Text("Go from step to step: how many maps come in, how many go out?"),
        ),
        meaning=Text(
            "The side of the picture occurs nowhere: neither convolution nor GAP has a weight for a position."
        ),
    ),
    Exercise(
        id="2.4",
        answer="F_stays",
        right=stays,
        cases=a_map,
        mistakes=(
            Mistake(
                "black around it is harmless",
                stays_but(3),
                Text(
                    "Look at black around the map again: the sum stays, but over how many positions is it now divided?"
                ),
            ),
            Mistake(
                "four copies change it",
                stays_but(4),
                Text("With four copies the sum is four times as large. And the number of positions?"),
            ),
            Mistake(
                "mirroring changes it",
                stays_but(0),
                Text("A mirrored map has the same values at other places. Does a mean ask for places?"),
            ),
            Mistake(
                "the order matters",
                stays_but(0, 1),
                Text("Mirroring and shuffling move values. Does a mean ask where a value stands?"),
            ),
            Mistake(
                "doubling is harmless",
                stays_but(2),
                Text("If every value is doubled, what becomes of their mean?"),
            ),
            Mistake(
                "both sizes wrong",
                stays_but(3, 4),
                Text("Two of the changes alter the number of positions. Compare, for each, the sum and that number."),
            ),
        ),
        hints=(
            Text("Take a map of two cells, such as 1 and 3, and try each change on it."),
            Text("Write five words, `True` or `False`, in square brackets, in the order of the list."),
        ),
        meaning=Text("GAP keeps how much there is on average, and nothing of where."),
    ),
    Exercise(
        id="2.5",
        answer="pooled_on_canvas",
        arguments=("F", "F_black", "n", "m"),
        right=lambda F, F_black, n, m: (n * F + m * F_black) / (n + m),
        cases=means_on_canvas,
        mistakes=(
            Mistake(
                "no weights",
                lambda F, F_black, n, m: (F + F_black) / 2,
                Text("The two parts are not equally large: one has n positions, the other m."),
            ),
            Mistake(
                "black adds nothing",
                lambda F, F_black, n, m: n * F / (n + m),
                Text("On black a feature map need not be zero: the biases of the convolutions are still there."),
            ),
            Mistake(
                "picture alone",
                lambda F, F_black, n, m: F + 0,
                Text("The mean of the old positions does not change, but the mean over the whole canvas does."),
            ),
            Mistake(
                "parts exchanged",
                lambda F, F_black, n, m: (m * F + n * F_black) / (n + m),
                Text("The two parts have traded their sizes: n positions see the picture, m see black."),
            ),
            Mistake(
                "sum for mean",
                lambda F, F_black, n, m: n * F + m * F_black,
                Text("That is the sum over all positions. How many are there?"),
            ),
        ),
        hints=(
            Text("Which sum do n positions with the mean F have?"),
            Text("Add the sums of both parts, and divide by the number of all positions."),
        ),
        meaning=Text("The larger the black canvas, the closer F comes to its value on black, and the score with it."),
    ),
    Exercise(
        id="2.6",
        answer="probabilities",
        arguments=("F", "w", "b"),
        right=lambda F, w, b: softmax(F @ w + b),
        cases=head,
        mistakes=(
            Mistake(
                "scores for probabilities",
                lambda F, w, b: F @ w + b,
                Text("These are the scores. The network turns them into numbers from zero to one that add up to one."),
            ),
            Mistake(
                "bias forgotten",
                lambda F, w, b: softmax(F @ w),
                Text("The biases differ from class to class, so they change the probabilities."),
            ),
            Mistake(
                "softmax over the images",
                lambda F, w, b: softmax(F @ w + b, axis=0),
                Text("Your columns add up to one. It is the classes of one image that share the probability."),
            ),
            Mistake(
                "softmax over everything",
                lambda F, w, b: np.exp(F @ w + b) / np.exp(F @ w + b).sum(),
                Text("All images together add up to one. Each image must do so by itself."),
            ),
            Mistake(
                "exponential not divided",
                lambda F, w, b: np.exp(F @ w + b),
                Text("The exponentials are right; their sum over the classes is not one yet."),
            ),
        ),
        hints=(
            Text("First the scores of all classes: one product of matrices, and the biases."),
            Text("The course has `softmax`; it works along the last axis."),
        ),
        meaning=Text("GAP, one product, a bias, softmax: that is the whole decision of such a network."),
    ),
)
