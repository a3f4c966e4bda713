"""Exercises of lesson 04, CAM on handwritten digits."""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake


def small_networks() -> tuple[Any, Any]:
    """Two networks that end in GAP and one dense layer, with other layers at other numbers than the lesson's."""
    import keras

    L = keras.layers
    built = []
    for seed, (K_1, K, C) in enumerate(((2, 3, 4), (3, 4, 2))):
        weights = keras.initializers.RandomNormal(seed=seed)
        conv = {"padding": "same", "activation": "relu", "kernel_initializer": weights, "bias_initializer": weights}
        layers = [keras.Input((6, 8, 1)), L.Conv2D(K_1, 3, **conv), L.Conv2D(K, 3, **conv)]
        layers += [L.GlobalAveragePooling2D(), L.Dropout(0.5)][: 2 - seed]  # one of the two has a layer more
        built.append(
            keras.Sequential([*layers, L.Dense(C, "softmax", kernel_initializer=weights, bias_initializer=weights)])
        )
    return built[0], built[1]


def networks_and_images(rng: Generator) -> list[tuple[Any, NDArray]]:
    return [(model, rng.uniform(0, 1, (1, 6, 8, 1)).astype("float32")) for model in small_networks()]


def parts_of(model: Any, image: NDArray, convolution: int = -1) -> tuple[NDArray, NDArray, NDArray]:
    """f after the given one of the convolutions, w and b."""
    x, found = image, []
    for layer in model.layers:
        x = layer(x)
        found += [x] if type(layer).__name__ == "Conv2D" else []
    w, b = model.layers[-1].get_weights()
    return np.asarray(found[convolution]), w, b


def pooled_parts(model: Any, image: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    f, w, b = parts_of(model, image)
    return f.mean(axis=(1, 2)), w, b


def stacks_and_weights(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    """As many maps as classes, so that transposed weights give no error."""
    return [(rng.uniform(0, 2, (n, h, w, K)), rng.normal(size=(K, K))) for n, h, w, K in ((2, 3, 4, 3), (1, 5, 2, 4))]


def differences(rng: Generator) -> list[tuple[NDArray, float]]:
    return [(rng.normal(size=(3, 4)) + 1, 6.5), (rng.normal(size=(5, 2)) - 2, -1.25)]


def maps_to_resize(rng: Generator) -> list[tuple[NDArray, int, int]]:
    return [(rng.normal(size=(3, 5)).astype("float32"), 9, 20), (rng.normal(size=(4, 4)).astype("float32"), 12, 6)]


def resized(M: NDArray, height: int, width: int, kind: str = "INTER_LINEAR") -> NDArray:
    import cv2

    done: NDArray = cv2.resize(M, (width, height), interpolation=getattr(cv2, kind))
    return done


def maps_and_weights(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    return [(rng.normal(size=(4, 4, 3)).astype("float32"), rng.normal(size=3).astype("float32"))]


def same_either_way(f: NDArray, w: NDArray) -> NDArray:
    """For each pair of steps of the lesson's list, whether their order makes no difference."""
    M = f @ w
    twice = [(resized(f, 9, 11, kind) @ w, resized(M, 9, 11, kind)) for kind in ("INTER_LINEAR", "INTER_CUBIC")]
    large = resized(M, 9, 11)
    twice += [
        (resized(np.maximum(M, 0), 9, 11), np.maximum(large, 0)),
        (resized(M / M.max(), 9, 11), large / large.max()),
    ]
    return np.array([bool(np.allclose(one, other, atol=1e-4)) for one, other in twice])


def either_way_but(*wrong: int) -> Any:
    def answers(f: NDArray, w: NDArray) -> NDArray:
        answer = same_either_way(f, w)
        answer[list(wrong)] = ~answer[list(wrong)]
        return answer

    return answers


def maps_of_classes(rng: Generator) -> list[tuple[NDArray]]:
    """In each stack the value of the largest size is negative, and single maps are much weaker."""
    weak_to_strong = np.array([0.1, 1.0, 3.0])[:, None, None]
    some = rng.uniform(-1, 0.7, (3, 2, 4)) * weak_to_strong
    return [(some,), (-some[::-1, :, ::-1] * np.where(some[::-1, :, ::-1] < 0, 0.4, 2),)]


def each_min_max(maps: NDArray) -> NDArray:
    low, high = maps.min(axis=(1, 2), keepdims=True), maps.max(axis=(1, 2), keepdims=True)
    return (maps - low) / (high - low)


EXERCISES = (
    Exercise(
        id="4.1",
        answer="parts",
        arguments=("model", "image"),
        right=parts_of,
        cases=networks_and_images,
        mistakes=(
            Mistake(
                "another layer",
                lambda model, image: parts_of(model, image, 0),
                Text(
                    "Your f comes from an earlier convolution. CAM needs the maps that are averaged: what does the GAP read?"
                ),
            ),
            Mistake(
                "pooled maps",
                pooled_parts,
                Text("Your f has no positions any more: it was taken after the GAP."),
            ),
            Mistake(
                "bias forgotten",
                lambda model, image: (*parts_of(model, image)[:2], np.zeros(model.layers[-1].units)),
                Text("Your b is zero. A dense layer returns two arrays from `get_weights`."),
            ),
            Mistake(
                "weights transposed",
                lambda model, image: (
                    parts_of(model, image)[0],
                    parts_of(model, image)[1].T,
                    parts_of(model, image)[2],
                ),
                Text(
                    "Your w has classes first. Keras keeps it with the features first, and the product with f needs it so."
                ),
            ),
            Mistake(
                "w and b exchanged",
                lambda model, image: (parts_of(model, image)[0], *parts_of(model, image)[:0:-1]),
                Text("w and b have changed places: the weights come first."),
            ),
        ),
        hints=(
            Text("Find the pooling by its type, `keras.layers.GlobalAveragePooling2D`, among `model.layers`."),
            Text(
                "A second model, from the input of the first to what the pooling reads, gives f. The last layer has w and b."
            ),
        ),
        meaning=Text(
            "It works for every network of this form, wherever its layers stand: they were found by their role."
        ),
    ),
    Exercise(
        id="4.2",
        answer="maps_of_all",
        arguments=("f", "w"),
        right=lambda f, w: f @ w,
        cases=stacks_and_weights,
        mistakes=(
            Mistake(
                "weights transposed",
                lambda f, w: f @ w.T,
                Text(
                    "The classes and the features of w have changed places. Which axis of w belongs to the last one of f?"
                ),
            ),
            Mistake(
                "averaged first",
                lambda f, w: f.mean(axis=(1, 2)) @ w,
                Text("The positions are gone: you have the scores without bias. A map is made before the mean."),
            ),
            Mistake(
                "class axis mixed up",
                lambda f, w: np.moveaxis(f @ w, -1, 1),
                Text("The values are right; the class stands second. Here it stays last, where the feature was."),
            ),
            Mistake(
                "absolute value",
                lambda f, w: np.abs(f @ w),
                Text("Reasons against the class now look like reasons for it. Keep the signs."),
            ),
            Mistake(
                "ReLU too early",
                lambda f, w: np.maximum(f @ w, 0),
                Text("The negative cells are part of the map; without them it no longer adds up to the score."),
            ),
            Mistake(
                "mean for sum",
                lambda f, w: f @ w / len(w),
                Text("Off by a factor, the number of features. Over k one adds up."),
            ),
        ),
        hints=(
            Text("At each position of each image: as many numbers as features, times a table of weights."),
            Text("NumPy's matrix product acts on the last axis of the first array and the first axis of the second."),
        ),
        meaning=Text(
            "One product gives the maps of all classes of all images. As a layer it would be a 1 x 1 convolution."
        ),
    ),
    Exercise(
        id="4.3",
        answer="score_from_difference",
        arguments=("D", "S_black"),
        right=lambda D, S_black: D.mean() + S_black,
        cases=differences,
        mistakes=(
            Mistake(
                "black picture forgotten",
                lambda D, S_black: D.mean(),
                Text(
                    "This is how far the score lies from that of the black picture. Where did the black picture begin?"
                ),
            ),
            Mistake(
                "sum for mean",
                lambda D, S_black: D.sum() + S_black,
                Text("Off by a factor: differences of maps are averaged as maps are."),
            ),
            Mistake(
                "black picture alone",
                lambda D, S_black: 0 * D.mean() + S_black,
                Text("This is the score of the black picture. What did the ink change?"),
            ),
            Mistake(
                "wrong sign",
                lambda D, S_black: S_black - D.mean(),
                Text("The sign is turned: D is the map of the image minus that of the black picture."),
            ),
            Mistake(
                "black picture subtracted twice",
                lambda D, S_black: D.mean() - S_black,
                Text("The black picture has been taken off once already, inside D."),
            ),
        ),
        hints=(
            Text(
                "Write the score of the image and that of the black picture, each as the mean of its map plus the bias."
            ),
            Text("Subtract one line from the other: what happens to the bias?"),
        ),
        meaning=Text("The difference of two maps explains the difference of two scores, exactly; the bias drops out."),
    ),
    Exercise(
        id="4.4",
        answer="resize_to",
        arguments=("M", "height", "width"),
        right=resized,
        cases=maps_to_resize,
        mistakes=(
            Mistake(
                "(h, w) for (w, h)",
                lambda M, height, width: resized(M, width, height),
                Text("Height and width have changed places: OpenCV wants them in another order than NumPy."),
            ),
            Mistake(
                "bicubic",
                lambda M, height, width: resized(M, height, width, "INTER_CUBIC"),
                Text(
                    "This is bicubic interpolation, which invents values beyond those of the map. Bilinear is asked for."
                ),
            ),
            Mistake(
                "nearest",
                lambda M, height, width: resized(M, height, width, "INTER_NEAREST"),
                Text("You repeated the cells. Bilinear interpolation goes gradually from one to the next."),
            ),
            Mistake(
                "map not resized",
                lambda M, height, width: M + 0,
                Text("The map came back as it was."),
            ),
        ),
        hints=(
            Text("`cv2.resize` takes the map and a pair of numbers; look at the order of this pair again."),
            Text("Bilinear interpolation is what it does if nothing else is asked for."),
        ),
        meaning=Text("On maps that are not square this mistake shows; on squares it waits."),
    ),
    Exercise(
        id="4.5",
        answer="order_is_free",
        right=same_either_way,
        cases=maps_and_weights,
        mistakes=(
            Mistake(
                "bicubic believed to matter",
                either_way_but(1),
                Text(
                    "Bicubic interpolation weights its neighbours, too, if with negative weights. Is a weighted sum of sums changed by its order?"
                ),
            ),
            Mistake(
                "ReLU believed free",
                either_way_but(2),
                Text(
                    "Take a cell of 1 beside one of -1. What lies in the middle if you cut first, and if you interpolate first?"
                ),
            ),
            Mistake(
                "own maximum believed free",
                either_way_but(3),
                Text("Is the largest value of a resized map always that of the map?"),
            ),
            Mistake(
                "all believed free",
                either_way_but(2, 3),
                Text("Two of the four are no weighted sums. Try them on a row of two cells."),
            ),
            Mistake(
                "resizing believed to come last",
                either_way_but(0, 1),
                Text(
                    "Resizing is a weighted sum over positions, the map a weighted sum over features. May two sums change places?"
                ),
            ),
        ),
        hints=(
            Text("Two weighted sums may change places. Which of the steps are weighted sums?"),
            Text("Write four words, `True` or `False`, in square brackets, in the order of the list."),
        ),
        meaning=Text("So a map may be made first and resized afterwards: fewer numbers to move, the same result."),
    ),
    Exercise(
        id="4.6",
        answer="on_one_scale",
        arguments=("maps",),
        right=lambda maps: maps / np.abs(maps).max(),
        cases=maps_of_classes,
        mistakes=(
            Mistake(
                "each map by itself",
                lambda maps: maps / np.abs(maps).max(axis=(1, 2), keepdims=True),
                Text(
                    "Each map has a scale of its own, so a weak one looks as strong as the others. One number must serve them all."
                ),
            ),
            Mistake(
                "min-max of each map",
                each_min_max,
                Text("Zero has moved, in each map to another place, and nothing is negative any more."),
            ),
            Mistake(
                "min-max together",
                lambda maps: (maps - maps.min()) / (maps.max() - maps.min()),
                Text("One scale for all, but zero has moved: for and against can no longer be told apart."),
            ),
            Mistake(
                "largest value for largest size",
                lambda maps: maps / maps.max(),
                Text("Some of your values lie below minus one. A negative cell can be the strongest."),
            ),
            Mistake(
                "absolute value",
                lambda maps: np.abs(maps) / np.abs(maps).max(),
                Text("The scale is right, but the signs are gone."),
            ),
        ),
        hints=(
            Text("Zero must stay zero, so nothing is subtracted: divide by one number."),
            Text("Which number, taken over all maps, brings every value between minus one and one?"),
        ),
        meaning=Text("Zero stays zero, and a pale map is a weak one."),
    ),
)
