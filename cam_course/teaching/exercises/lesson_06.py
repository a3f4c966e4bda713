"""Exercises of lesson 06, ResNet50 on photographs."""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake

MEAN_RGB = np.array([123.68, 116.779, 103.939])  # ImageNet's mean colour

# For the exercise on paper; the numbers stand in the lesson as well.
MAP = np.array([[0, 0, 0, 0, 0], [0, 0, 0, 0, 5], [0, 3, 6, 0, 0], [0, 4, 10, 1, 0], [0, 0, 3, 1, 0]])


def pictures(rng: Generator) -> list[tuple[NDArray]]:
    return [(rng.integers(0, 256, size).astype("float64"),) for size in ((2, 3, 3), (3, 1, 3))]


def two_maps(rng: Generator) -> list[tuple[NDArray, NDArray, float, float]]:
    return [
        (rng.normal(size=(3, 4)) + 2, rng.normal(size=(3, 4)), 0.5, -0.25),
        (rng.normal(size=(2, 5)), rng.normal(size=(2, 5)) + 1, -1.5, 0.75),
    ]


def box_of(M: NDArray, share: float = 0.2, largest_part: bool = True) -> tuple[int, int, int, int]:
    """Rows and columns of the largest part above a share of the maximum: first row, last row, first and last column."""
    from scipy.ndimage import label

    threshold = share * M.max()
    above = threshold < M
    if largest_part:
        parts, _ = label(above, np.ones((3, 3)))
        above = parts == np.bincount(parts[parts > 0]).argmax()
    rows, columns = np.flatnonzero(above.any(axis=1)), np.flatnonzero(above.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def as_box(row_0: int, row_1: int, column_0: int, column_1: int) -> NDArray:
    return np.array([column_0, row_0, column_1 + 1, row_1 + 1])


def networks(rng: Generator) -> list[tuple[Any, str, NDArray, int]]:
    """Two convolutions and a head without GAP; the class is never the predicted one."""
    import keras

    L, cases = keras.layers, []
    for seed, name in ((3, "early"), (4, "first")):
        start = {"kernel_initializer": keras.initializers.RandomNormal(stddev=0.5, seed=seed)}
        conv = {"padding": "same", "activation": "relu", **start}
        layers = [L.Conv2D(4, 3, name=name, **conv), L.MaxPooling2D(2), L.Conv2D(3, 3, **conv), L.Flatten()]
        model = keras.Sequential([keras.Input((6, 8, 1)), *layers, L.Dense(3, "softmax", **start)])
        image = rng.uniform(0, 1, (6, 8, 1)).astype("float32")
        cases.append((model, name, image, int(np.argmin(model(image[None])[0]))))
    return cases


def signed_map(model: Any, layer: str | None, image: NDArray, c: int | None) -> NDArray:
    """Grad-CAM before the ReLU, of the score; the last convolution where no layer is named."""
    import tensorflow as tf

    convolutions = [n for n, part in enumerate(model.layers) if "Conv2D" in type(part).__name__]
    index = next(n for n in convolutions if model.layers[n].name == layer) if layer else convolutions[-1]
    f = tf.constant(image[None])
    for part in model.layers[: index + 1]:
        f = part(f)
    with tf.GradientTape() as tape:
        tape.watch(f)
        x = f
        for part in model.layers[index + 1 : -1]:
            x = part(x)
        S = tf.linalg.matmul(x, model.layers[-1].kernel) + model.layers[-1].bias
        S_c = S[0, int(np.argmax(S)) if c is None else c]
    alpha = np.asarray(tape.gradient(S_c, f))[0].mean(axis=(0, 1))
    L: NDArray = np.asarray(f)[0] @ alpha
    return L


def from_0_to_1(M: NDArray) -> NDArray:
    return (M - M.min()) / (M.max() - M.min())


def pictures_and_boxes(rng: Generator) -> list[tuple[NDArray, tuple[int, int, int, int]]]:
    return [(rng.integers(0, 100, (6, 9, 3)), (2, 1, 5, 3)), (rng.integers(0, 100, (8, 8, 3)), (1, 4, 3, 7))]


def covered(picture: NDArray, box: tuple[int, int, int, int], more: int = 0, turned: bool = False) -> NDArray:
    x0, y0, x1, y1 = box
    rows, columns = slice(y0, y1 + more), slice(x0, x1 + more)
    done = np.array(picture)
    done[(columns, rows) if turned else (rows, columns)] = 128
    return done


def all_but_covered(picture: NDArray, box: tuple[int, int, int, int]) -> NDArray:
    x0, y0, x1, y1 = box
    done = np.full_like(picture, 128)
    done[y0:y1, x0:x1] = picture[y0:y1, x0:x1]
    return done


EXERCISES = (
    Exercise(
        id="6.1",
        answer="as_received",
        arguments=("rgb",),
        right=lambda rgb: (rgb - MEAN_RGB)[..., ::-1],
        cases=pictures,
        mistakes=(
            Mistake(
                "RGB for BGR",
                lambda rgb: rgb - MEAN_RGB,
                Text("The mean was taken off, but the order is still red, green, blue."),
            ),
            Mistake(
                "means in the other order",
                lambda rgb: rgb[..., ::-1] - MEAN_RGB,
                Text("You exchanged the colours, but red lost the mean of blue, and blue that of red."),
            ),
            Mistake(
                "mean forgotten",
                lambda rgb: rgb[..., ::-1],
                Text("The order is right. The network also expects the mean colour to be taken off."),
            ),
            Mistake(
                "scaled to 0 ... 1",
                lambda rgb: ((rgb - MEAN_RGB) / 255)[..., ::-1],
                Text("You divided by 255. This network was trained on differences of grey levels, not on 0 to 1."),
            ),
            Mistake(
                "picture turned round",
                lambda rgb: (rgb - MEAN_RGB)[:, ::-1],
                Text("You reversed the columns: the picture is mirrored. The colours are the last axis."),
            ),
        ),
        hints=(
            Text("Two steps: take the mean off each colour, and reverse the order of the last axis."),
            Text("Write the three means in the order in which the colours stand at that moment."),
        ),
        meaning=Text("This is what `preprocess_input` of Keras' ResNet50 does to the colours."),
    ),
    Exercise(
        id="6.2",
        answer="margin",
        arguments=("M_a", "M_b", "b_a", "b_b"),
        right=lambda M_a, M_b, b_a, b_b: (M_a - M_b).mean() + b_a - b_b,
        cases=two_maps,
        mistakes=(
            Mistake(
                "biases forgotten",
                lambda M_a, M_b, b_a, b_b: (M_a - M_b).mean(),
                Text("The difference of the maps is right. Each score has a bias, too, and they differ."),
            ),
            Mistake(
                "biases added",
                lambda M_a, M_b, b_a, b_b: (M_a - M_b).mean() + b_a + b_b,
                Text("The second bias has the wrong sign: the whole second score is subtracted."),
            ),
            Mistake(
                "sum for mean",
                lambda M_a, M_b, b_a, b_b: (M_a - M_b).sum() + b_a - b_b,
                Text("The cells were added up. A score averages its map."),
            ),
            Mistake(
                "absolute value",
                lambda M_a, M_b, b_a, b_b: np.abs(M_a - M_b).mean() + b_a - b_b,
                Text("Where the second class is ahead, the difference is negative. Keep the signs."),
            ),
            Mistake(
                "order exchanged",
                lambda M_a, M_b, b_a, b_b: (M_b - M_a).mean() + b_b - b_a,
                Text("This is how far the second class is ahead of the first. It is asked for the other way round."),
            ),
            Mistake(
                "strongest cells",
                lambda M_a, M_b, b_a, b_b: M_a.max() - M_b.max() + b_a - b_b,
                Text("One cell of each map does not make a score; all cells count."),
            ),
        ),
        hints=(
            Text("Write both scores with their maps and biases."),
            Text("Subtract the second line from the first, term by term."),
        ),
        meaning=Text("So the difference of two maps says where the first class is ahead, and by how much in all."),
    ),
    Exercise(
        id="6.3",
        answer="box",
        right=lambda M: as_box(*box_of(M)),
        cases=lambda rng: [(MAP,)],
        mistakes=(
            Mistake(
                "(y, x) for (x, y)",
                lambda M: as_box(*box_of(M))[[1, 0, 3, 2]],
                Text("Rows and columns have changed places: in a box x counts columns and comes first."),
            ),
            Mistake(
                "last cell for end",
                lambda M: as_box(*box_of(M)) - np.array([0, 0, 1, 1]),
                Text("A box is half-open: its right and lower edges lie after the last cell."),
            ),
            Mistake(
                "counted from one",
                lambda M: as_box(*box_of(M)) + np.array([1, 1, 0, 0]),
                Text("Rows and columns count from zero."),
            ),
            Mistake(
                "all parts",
                lambda M: as_box(*box_of(M, largest_part=False)),
                Text("Your box holds a second part that touches the first one nowhere. Take the largest part alone."),
            ),
            Mistake(
                "another threshold",
                lambda M: as_box(*box_of(M, share=0.5)),
                Text("Your threshold is too high. What is a fifth of the largest value?"),
            ),
            Mistake(
                "everything above zero",
                lambda M: as_box(*box_of(M, share=0.0)),
                Text("You kept every positive cell. The threshold takes the weak ones away."),
            ),
        ),
        hints=(
            Text("Mark the cells above 20 % of the largest value. Which of them hang together?"),
            Text(
                "Four numbers in square brackets: left, upper, right, lower edge, counted from zero; the last two lie after the part."
            ),
        ),
        meaning=Text("The same rule makes all boxes of the lesson, on a finer grid."),
    ),
    Exercise(
        id="6.4",
        answer="map_at",
        arguments=("model", "layer", "image", "c"),
        right=signed_map,
        cases=networks,
        rtol=1e-3,
        mistakes=(
            Mistake(
                "last layer",
                lambda model, layer, image, c: signed_map(model, None, image, c),
                Text("This is the map of the last convolution. A layer was named: its grid is another one."),
            ),
            Mistake(
                "ReLU kept",
                lambda model, layer, image, c: np.maximum(signed_map(model, layer, image, c), 0),
                Text("Nothing in your map is negative. The signed map was asked for, the one before the ReLU."),
            ),
            Mistake(
                "predicted class",
                lambda model, layer, image, c: signed_map(model, layer, image, None),
                Text("This is the map of the class that the model predicts. Ask for the class that is given."),
            ),
            Mistake(
                "each map by itself",
                lambda model, layer, image, c: from_0_to_1(signed_map(model, layer, image, c)),
                Text("Your map was scaled to 0 ... 1 by itself. Zero has moved; give the map as it is."),
            ),
            Mistake(
                "N times",
                lambda model, layer, image, c: 48 * signed_map(model, layer, image, c),
                Text("Off by the number of positions. Here Grad-CAM's map is asked for, not N times it."),
            ),
        ),
        hints=(
            Text("`GradCAM` takes the layer and the ReLU as arguments when it is made."),
            Text("The call returns an Explanation for one image and one class: its `maps` have two axes too many."),
        ),
        meaning=Text("The same two lines serve every layer and every Keras model that has a grid."),
    ),
    Exercise(
        id="6.5",
        answer="cover",
        arguments=("picture", "box"),
        right=covered,
        cases=pictures_and_boxes,
        mistakes=(
            Mistake(
                "(y, x) for (x, y)",
                lambda picture, box: covered(picture, box, turned=True),
                Text("You covered another place: x counts columns, but the first axis of a picture counts rows."),
            ),
            Mistake(
                "one row and column too many",
                lambda picture, box: covered(picture, box, more=1),
                Text("The box is half-open: x1 and y1 are no longer part of it."),
            ),
            Mistake(
                "all but the box",
                all_but_covered,
                Text("You covered everything but the box. It is asked for the other way round."),
            ),
            Mistake(
                "nothing covered",
                lambda picture, box: np.array(picture),
                Text("The picture came back unchanged."),
            ),
        ),
        hints=(
            Text("Work on a copy, so that the picture of the caller stays as it is."),
            Text("Two slices: rows from y0 up to y1, columns from x0 up to x1."),
        ),
        meaning=Text("Now you can ask the network what it says without the place that a map shows."),
    ),
)
