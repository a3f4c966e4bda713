"""Exercises of lesson 01, the review of convolutional networks."""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake

# For the exercise on paper; the numbers stand in the lesson as well.
MAP = np.array([[2, 0, 1, 3], [4, 2, 0, 0], [0, 6, 5, 1], [2, 0, 1, 1]])


def pictures_filters_places(rng: Generator) -> list[tuple[Any, ...]]:
    first = (rng.integers(0, 9, (7, 9)), rng.integers(-3, 4, (3, 3)), 1, 2, 2)
    second = (rng.integers(0, 9, (11, 10)), rng.integers(-3, 4, (3, 3)), 2, 1, 3)
    return [first, second]


def window(g: NDArray, x: int, y: int, k: int) -> NDArray:
    return g[x : x + k, y : y + k]


def sizes(rng: Generator) -> list[tuple[int, int, int, int]]:
    """Side of the picture, of the filter, stride, rim; the stride does not always fit."""
    return [(28, 5, 2, 1), (11, 3, 3, 2), (32, 3, 2, 1)]


def blocks(f: NDArray) -> NDArray:
    """The four 2 x 2 blocks of a 4 x 4 map: (block row, row, block column, column)."""
    return f.reshape(2, 2, 2, 2)


def layer_sizes(rng: Generator) -> list[tuple[int, int, int]]:
    return [(2, 1, 7), (1, 3, 5)]


def lists_of_layers(rng: Generator) -> list[tuple[list[tuple[int, int]]]]:
    return [([(5, 2), (3, 1), (2, 2), (3, 1)],), ([(3, 1), (2, 2), (3, 2), (5, 1)],)]


def receptive_field(layers: list[tuple[int, int]]) -> int:
    r, jump = 1, 1
    for k, s in layers:
        r += (k - 1) * jump
        jump *= s
    return r


def field_with_the_new_jump(layers: list[tuple[int, int]]) -> int:
    r, jump = 1, 1
    for k, s in layers:
        jump *= s
        r += (k - 1) * jump
    return r


def windows_of_maps(rng: Generator) -> list[tuple[NDArray, NDArray, float]]:
    """One whose sum is negative, so that the ReLU shows, and two whose sum is not."""
    g, v = rng.uniform(0, 1, (3, 3, 4)), rng.uniform(0.2, 1, (3, 3, 4))
    return [(g, v, -1.5), (g[::-1].copy(), -v, 0.5), (g.copy(), v * np.array([1, -0.2, 0.6, -0.1]), 0.25)]


EXERCISES = (
    Exercise(
        id="1.1",
        answer="cell_of_map",
        arguments=("g", "v", "x", "y", "s"),
        right=lambda g, v, x, y, s: np.sum(v * window(g, s * x, s * y, len(v))),
        cases=pictures_filters_places,
        mistakes=(
            Mistake(
                "stride forgotten",
                lambda g, v, x, y, s: np.sum(v * window(g, x, y, len(v))),
                Text("Your window begins at row x, column y. With a stride, neighbouring cells lie further apart."),
            ),
            Mistake(
                "filter turned",
                lambda g, v, x, y, s: np.sum(v[::-1, ::-1] * window(g, s * x, s * y, len(v))),
                Text("The filter was turned by 180 degrees. The formula lays it on the picture as it is."),
            ),
            Mistake(
                "rows and columns exchanged",
                lambda g, v, x, y, s: np.sum(v * window(g, s * y, s * x, len(v))),
                Text("Row and column have changed places: x counts rows, and rows are the first axis of g."),
            ),
            Mistake(
                "not added up",
                lambda g, v, x, y, s: v * window(g, s * x, s * y, len(v)),
                Text("These are the products, one for each weight. A cell of the map is one number."),
            ),
            Mistake(
                "mean for sum",
                lambda g, v, x, y, s: np.mean(v * window(g, s * x, s * y, len(v))),
                Text("You averaged the products. A convolution adds them up."),
            ),
        ),
        hints=(
            Text("First find the row and the column of g where the window of this cell begins."),
            Text(
                "Cut a window as large as v out of g with two slices, multiply it by v, and think of what is left to do."
            ),
        ),
        meaning=Text("Every cell of every feature map is made so; only the window moves."),
    ),
    Exercise(
        id="1.2",
        answer="side_of_map",
        arguments=("n", "k", "s", "p"),
        right=lambda n, k, s, p: (n + 2 * p - k) // s + 1,
        cases=sizes,
        mistakes=(
            Mistake(
                "off by one",
                lambda n, k, s, p: (n + 2 * p - k) // s,
                Text("One too few: the window at the very beginning counts as well."),
            ),
            Mistake(
                "padding counted once",
                lambda n, k, s, p: (n + p - k) // s + 1,
                Text("The rim lies on both sides of the picture."),
            ),
            Mistake(
                "padding forgotten",
                lambda n, k, s, p: (n - k) // s + 1,
                Text("The rim makes the picture larger before the filter moves over it. By how much?"),
            ),
            Mistake(
                "rounded up",
                lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1,
                Text(
                    "Too many in some cases: a window that would reach over the edge is left out. Round the other way."
                ),
            ),
            Mistake(
                "not rounded",
                lambda n, k, s, p: (n + 2 * p - k) / s + 1,
                Text("A map has a whole number of rows. What happens to the pixels at the end that no window reaches?"),
            ),
            Mistake(
                "stride forgotten",
                lambda n, k, s, p: n + 2 * p - k + 1,
                Text("That is the side for windows that move by one pixel. With a stride there are fewer."),
            ),
        ),
        hints=(
            Text("How long is a row of the picture, once the rim is there?"),
            Text("Where may the first window begin, and where the last? How many steps lie between them?"),
        ),
        meaning=Text("With this formula you know the shape of every layer before you build it."),
    ),
    Exercise(
        id="1.3",
        answer="mean_pooled",
        right=lambda f: blocks(f).mean(axis=(1, 3)),
        cases=lambda rng: [(MAP,)],
        mistakes=(
            Mistake(
                "max for mean",
                lambda f: blocks(f).max(axis=(1, 3)),
                Text("These are the largest values of the blocks. Mean pooling is asked for."),
            ),
            Mistake(
                "sum for mean",
                lambda f: blocks(f).sum(axis=(1, 3)),
                Text("These are the sums of the blocks. A block has more than one cell."),
            ),
            Mistake(
                "smallest value",
                lambda f: blocks(f).min(axis=(1, 3)),
                Text("These are the smallest values of the blocks. Mean pooling is asked for."),
            ),
            Mistake(
                "rows and columns exchanged",
                lambda f: blocks(f).mean(axis=(1, 3)).T,
                Text("The four means are right; upper right and lower left have changed places."),
            ),
            Mistake(
                "stride 1",
                lambda f: np.array([[f[x : x + 2, y : y + 2].mean() for y in range(3)] for x in range(3)]),
                Text("Your blocks overlap. With stride 2 the next block begins where the last one ended."),
            ),
        ),
        hints=(
            Text("Draw the four blocks of two rows and two columns into the map."),
            Text("Write two rows of two numbers, in square brackets, as the map is written in the text."),
        ),
        meaning=Text("Pooling needs no weights: the block and the rule are all there is."),
    ),
    Exercise(
        id="1.4",
        answer="parameters_of_convolution",
        arguments=("k", "channels_in", "channels_out"),
        right=lambda k, m, n: (k * k * m + 1) * n,
        cases=layer_sizes,
        mistakes=(
            Mistake(
                "bias forgotten",
                lambda k, m, n: k * k * m * n,
                Text("These are the weights. Each filter has one number more, whatever the picture."),
            ),
            Mistake(
                "channels of the input forgotten",
                lambda k, m, n: (k * k + 1) * n,
                Text("A filter reaches through all maps of its input, with a grid of weights for each."),
            ),
            Mistake(
                "one bias for all filters",
                lambda k, m, n: k * k * m * n + 1,
                Text("You counted one bias. How many filters are there?"),
            ),
            Mistake(
                "bias for each channel of the input",
                lambda k, m, n: (k * k + 1) * m * n,
                Text(
                    "You counted a bias for each map of the input. A filter adds everything up first, then its one bias."
                ),
            ),
            Mistake(
                "side for area",
                lambda k, m, n: (k * m + 1) * n,
                Text("A filter is as high as it is wide: how many weights has one of its grids?"),
            ),
        ),
        hints=(
            Text("Count one filter first: how many weights does it have, and what else?"),
            Text("Then there are as many filters as maps that come out. The size of the picture does not occur."),
        ),
        meaning=Text("The size of the picture does not occur: the same weights serve every position."),
    ),
    Exercise(
        id="1.5",
        answer="value_of_cell",
        arguments=("window", "v", "b"),
        right=lambda window, v, b: max(0.0, float(np.sum(window * v)) + b),
        cases=windows_of_maps,
        mistakes=(
            Mistake(
                "ReLU forgotten",
                lambda window, v, b: float(np.sum(window * v)) + b,
                Text("Some of your values are negative. What follows each convolution in this network?"),
            ),
            Mistake(
                "bias forgotten",
                lambda window, v, b: max(0.0, float(np.sum(window * v))),
                Text("The bias of the filter is missing."),
            ),
            Mistake(
                "ReLU too early",
                lambda window, v, b: max(0.0, float(np.sum(window * v))) + b,
                Text("The ReLU comes last, after the bias."),
            ),
            Mistake(
                "ReLU for each channel",
                lambda window, v, b: max(0.0, float(np.maximum(np.sum(window * v, axis=(0, 1)), 0).sum()) + b),
                Text("You cut off what single maps say. All maps of the input go into one sum first."),
            ),
            Mistake(
                "first channel alone",
                lambda window, v, b: max(0.0, float(np.sum(window[..., 0] * v[..., 0])) + b),
                Text("Only the first map of the input was used. A filter reaches through all of them."),
            ),
        ),
        hints=(
            Text("All products of all channels go into one sum."),
            Text("Sum, bias, ReLU: in this order."),
        ),
        meaning=Text("This is one value of a feature map of a trained network, down to the last step."),
    ),
    Exercise(
        id="1.6",
        answer="side_of_field",
        arguments=("layers",),
        right=receptive_field,
        cases=lists_of_layers,
        mistakes=(
            Mistake(
                "stride ignored",
                lambda layers: 1 + sum(k - 1 for k, _ in layers),
                Text(
                    "You took every step as one pixel. After a stride neighbouring cells lie further apart in the picture."
                ),
            ),
            Mistake(
                "jump of the layer itself",
                field_with_the_new_jump,
                Text("The stride of a layer spreads its outputs. What counts here is how far apart its inputs lie."),
            ),
            Mistake(
                "filters added up",
                lambda layers: sum(k for k, _ in layers),
                Text(
                    "You added up the sides of the filters. A filter that is one wide would not widen the field at all."
                ),
            ),
            Mistake(
                "jump for field",
                lambda layers: int(np.prod([s for _, s in layers])),
                Text(
                    "This is how far apart the cells lie, the product of the strides. How wide is what one of them sees?"
                ),
            ),
            Mistake(
                "began with nothing",
                lambda layers: receptive_field(layers) - 1,
                Text("One pixel is missing: before the first layer a cell is a pixel and sees itself."),
            ),
        ),
        hints=(
            Text("Go through the layers in their order with two numbers, r and j. What are they before the first one?"),
            Text("In each layer use j as the layers before have left it, and only then change it."),
        ),
        meaning=Text("The field grows faster after every stride: that is why deep cells see so much."),
    ),
)
