"""Exercises of lesson 05, the derivation of Grad-CAM."""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake

# For the exercise on paper; the numbers stand in the lesson as well. Axes: map, row, column.
GRADIENTS = np.array([[[2, 0], [-1, 3]], [[0, -4], [0, 0]]])


def maps_and_gradients(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    some = (rng.uniform(0, 2, (3, 4, 5)), rng.normal(size=(3, 4, 5)))
    return [some, (rng.normal(size=(4, 2, 3)), rng.normal(size=(4, 2, 3)))]


def signed_maps(rng: Generator) -> list[tuple[NDArray, float]]:
    return [(rng.normal(size=(3, 4)) + 0.3, 0.75), (rng.normal(size=(2, 5)) + 0.4, -1.5)]


def maps(rng: Generator) -> list[tuple[NDArray]]:
    return [(rng.normal(size=(3, 4)),), (rng.normal(size=(5, 2)) + 0.5,)]


def probabilities(rng: Generator) -> list[tuple[NDArray, int]]:
    return [(np.array([0.5, 0.2, 0.3]), 1), (np.array([0.1, 0.15, 0.4, 0.35]), 2)]


def delta(P: NDArray, c: int) -> NDArray:
    """1 for class c, else 0."""
    return np.eye(len(P))[c]


def small_networks() -> list[Any]:
    """A head that flattens, and a head with GAP and two dense layers; both end in softmax."""
    import keras

    L = keras.layers
    networks = []
    for seed, pooling in ((2, L.Flatten()), (5, L.GlobalAveragePooling2D())):
        start = {"kernel_initializer": keras.initializers.RandomNormal(stddev=0.4, seed=seed)}
        conv = L.Conv2D(3, 3, padding="same", activation="relu", **start)
        hidden = L.Dense(6, activation="relu", **start)
        networks.append(
            keras.Sequential([keras.Input((4, 5, 1)), conv, pooling, hidden, L.Dense(3, "softmax", **start)])
        )
    return networks


def networks_images_classes(rng: Generator) -> list[tuple[Any, NDArray, int]]:
    images = [rng.uniform(0, 1, (1, 4, 5, 1)).astype("float32") for _ in range(2)]
    networks = small_networks()
    least = [int(np.argmin(model(image)[0])) for model, image in zip(networks, images, strict=True)]
    return list(zip(networks, images, least, strict=True))  # never the predicted class


def maps_and_gradient(model: Any, image: NDArray, c: int, of_probability: bool = False) -> tuple[NDArray, NDArray]:
    """f after the convolution, and the gradient of the score, or of the probability, with respect to it."""
    import tensorflow as tf

    conv, *after, last = model.layers
    f = tf.constant(conv(image))
    with tf.GradientTape() as tape:
        tape.watch(f)
        x = f
        for layer in after:
            x = layer(x)
        value = last(x) if of_probability else tf.linalg.matmul(x, last.kernel) + last.bias
        value = value[0, c]
    return np.asarray(f)[0], np.asarray(tape.gradient(value, f))[0]


def before_relu(f: NDArray, g: NDArray) -> NDArray:
    L: NDArray = f @ g.mean(axis=(0, 1))
    return L


def grad_cam(f: NDArray, g: NDArray) -> NDArray:
    return np.maximum(before_relu(f, g), 0)


EXERCISES = (
    Exercise(
        id="5.1",
        answer="alpha_on_paper",
        right=lambda g: g.mean(axis=(1, 2)),
        cases=lambda rng: [(GRADIENTS,)],
        mistakes=(
            Mistake(
                "sum for mean",
                lambda g: g.sum(axis=(1, 2)),
                Text("These are the sums of the gradients. Grad-CAM averages over the positions."),
            ),
            Mistake(
                "absolute value",
                lambda g: np.abs(g).mean(axis=(1, 2)),
                Text("You dropped the signs. A value that lowers the score makes the mean smaller."),
            ),
            Mistake(
                "ReLU too early",
                lambda g: np.maximum(g, 0).mean(axis=(1, 2)),
                Text("You left out negative derivatives. In Grad-CAM the ReLU comes after the weighted sum, not here."),
            ),
            Mistake(
                "largest value",
                lambda g: g.max(axis=(1, 2)),
                Text("These are the largest derivatives. All positions count, each as much as the others."),
            ),
            Mistake(
                "mean of those that are not zero",
                lambda g: np.array([part[part != 0].mean() for part in g]),
                Text("A position with the derivative zero is a position, too: it counts among the N."),
            ),
        ),
        hints=(
            Text("How many positions has each of the two maps?"),
            Text(
                "Add up the four numbers of each gradient, signs included, and divide. Write two numbers in square brackets."
            ),
        ),
        meaning=Text("One number for each map: how much the score changes, on average, with a value of that map."),
    ),
    Exercise(
        id="5.2",
        answer="my_grad_cam",
        arguments=("f", "dS_df"),
        right=grad_cam,
        cases=maps_and_gradients,
        mistakes=(
            Mistake(
                "gradient not averaged",
                lambda f, g: np.maximum((f * g).sum(axis=2), 0),
                Text(
                    "You multiplied each value by its own derivative. That is a method of its own (see below), but Grad-CAM averages the gradient first."
                ),
            ),
            Mistake(
                "sum for mean",
                lambda f, g: np.maximum(f @ g.sum(axis=(0, 1)), 0),
                Text("Off by a factor, the number of positions: the gradient is averaged, not added up."),
            ),
            Mistake(
                "ReLU forgotten",
                lambda f, g: f @ g.mean(axis=(0, 1)),
                Text("Some of your cells are negative. What comes last in the formula?"),
            ),
            Mistake(
                "ReLU too early",
                lambda f, g: np.maximum(f * g.mean(axis=(0, 1)), 0).sum(axis=2),
                Text(
                    "You cut off each map by itself. Maps that speak against the class must first be added to those that speak for it."
                ),
            ),
            Mistake(
                "negative weights dropped",
                lambda f, g: f @ np.maximum(g.mean(axis=(0, 1)), 0),
                Text("You left out the maps with negative weights. They lower the sum where they are strong."),
            ),
            Mistake(
                "absolute value",
                lambda f, g: np.abs(f @ g.mean(axis=(0, 1))),
                Text("What speaks against the class has become positive. It should become zero."),
            ),
            Mistake(
                "averaged over the maps",
                lambda f, g: np.maximum((f * g.mean(axis=2, keepdims=True)).sum(axis=2), 0),
                Text(
                    "You averaged the gradient over k. The mean goes over the positions, one number for each map is left."
                ),
            ),
        ),
        hints=(
            Text("Three steps: the mean of each gradient, the weighted sum of the maps, the ReLU."),
            Text("Both arrays have the axes row, column, map. The mean is over the first two, the sum over the last."),
        ),
        meaning=Text("You have written Grad-CAM: it needs nothing but f and a gradient."),
    ),
    Exercise(
        id="5.3",
        answer="score_from_grad_cam",
        arguments=("G", "b"),
        right=lambda G, b: G.sum() + b,
        cases=signed_maps,
        mistakes=(
            Mistake(
                "N missing",
                lambda G, b: G.mean() + b,
                Text("That would be right for a class activation map. Grad-CAM's map is N times as small."),
            ),
            Mistake(
                "N twice",
                lambda G, b: G.size * G.sum() + b,
                Text("The factor N came in twice: once by adding up instead of averaging, once more by hand."),
            ),
            Mistake(
                "bias forgotten",
                lambda G, b: G.sum(),
                Text("One part of the score belongs to no position."),
            ),
            Mistake(
                "ReLU",
                lambda G, b: np.maximum(G, 0).sum() + b,
                Text("The equality holds before the ReLU: keep what speaks against the class."),
            ),
            Mistake(
                "side for N",
                lambda G, b: len(G) * G.mean() + b,
                Text("You took the number of rows. N is the number of all positions."),
            ),
        ),
        hints=(
            Text("How is this map related to the class activation map, and how is that one related to the score?"),
            Text("The mean of N times a map: what do the two factors do to each other?"),
        ),
        meaning=Text("Grad-CAM's map before the ReLU adds up to the score without its bias: the N is in the sum."),
    ),
    Exercise(
        id="5.4",
        answer="mean_removed",
        arguments=("M",),
        right=lambda M: np.maximum(-M, 0).mean(),
        cases=maps,
        mistakes=(
            Mistake(
                "wrong sign",
                lambda M: np.minimum(M, 0).mean(),
                Text("The size is right. The mean grows, so the answer is positive."),
            ),
            Mistake(
                "mean of the negative cells alone",
                lambda M: -M[M < 0].mean(),
                Text("You divided by the number of negative cells. A mean of the map divides by all of them."),
            ),
            Mistake(
                "share of cells",
                lambda M: (M < 0).mean(),
                Text("That is how many of the cells are negative. By how much does their removal move the mean?"),
            ),
            Mistake(
                "sum for mean",
                lambda M: np.maximum(-M, 0).sum(),
                Text("That is the change of the sum."),
            ),
            Mistake(
                "mean after the ReLU",
                lambda M: np.maximum(M, 0).mean(),
                Text("That is the new mean. How far is it from the old one?"),
            ),
        ),
        hints=(
            Text("Work out both means, of the map and of the map after the ReLU."),
            Text(
                "What is the difference of a value and of the same value after the ReLU, for a positive and for a negative one?"
            ),
        ),
        meaning=Text(
            "The ReLU raises the mean by what spoke against the class; from the map alone one cannot tell by how much."
        ),
    ),
    Exercise(
        id="5.5",
        answer="gradient_of_P",
        arguments=("P", "c"),
        right=lambda P, c: P[c] * (delta(P, c) - P),
        cases=probabilities,
        mistakes=(
            Mistake(
                "own score alone",
                lambda P, c: P[c] * (1 - P[c]) * delta(P, c),
                Text("The other scores count as well: when one of them grows, this probability falls."),
            ),
            Mistake(
                "delta forgotten",
                lambda P, c: -P[c] * P,
                Text(
                    "Right for the other classes. For its own class the derivative is positive: which term is missing there?"
                ),
            ),
            Mistake(
                "gradient of the logarithm",
                lambda P, c: delta(P, c) - P,
                Text("This is the gradient of the logarithm of the probability. One factor is missing."),
            ),
            Mistake(
                "each class by itself",
                lambda P, c: P * (1 - P),
                Text(
                    "These are the derivatives of each probability with respect to its own score. Here it is one probability and all scores."
                ),
            ),
            Mistake(
                "gradient of the score",
                lambda P, c: delta(P, c),
                Text("This is the gradient of the score. Softmax mixes the classes."),
            ),
        ),
        hints=(
            Text(
                "Give one number for each class: the derivative of this probability with respect to that class's score."
            ),
            Text("Look at the formula above; the one-hot vector for delta is `np.eye(len(P))[c]`."),
        ),
        meaning=Text("The numbers add up to zero: raising all scores together moves no probability."),
    ),
    Exercise(
        id="5.6",
        answer="grad_cam_of",
        arguments=("model", "image", "c"),
        right=lambda model, image, c: grad_cam(*maps_and_gradient(model, image, c)),
        cases=networks_images_classes,
        rtol=1e-3,
        mistakes=(
            Mistake(
                "softmax for logit",
                lambda model, image, c: grad_cam(*maps_and_gradient(model, image, c, of_probability=True)),
                Text(
                    "You differentiated the probability. The last layer ends in softmax; the score is what goes into it."
                ),
            ),
            Mistake(
                "predicted class",
                lambda model, image, c: grad_cam(*maps_and_gradient(model, image, int(np.argmax(model(image)[0])))),
                Text("This is the map of the class that the model predicts. Another one was asked for."),
            ),
            Mistake(
                "gradient not averaged",
                lambda model, image, c: np.maximum(np.multiply(*maps_and_gradient(model, image, c)).sum(axis=2), 0),
                Text(
                    "Each value was multiplied by its own derivative. Grad-CAM averages the gradient over the positions first."
                ),
            ),
            Mistake(
                "sum for mean",
                lambda model, image, c: grad_cam(*maps_and_gradient(model, image, c)) * 20,
                Text("Off by a factor, the number of positions."),
            ),
            Mistake(
                "ReLU forgotten",
                lambda model, image, c: before_relu(*maps_and_gradient(model, image, c)),
                Text("Some of your cells are negative. The ReLU is missing at the end."),
            ),
        ),
        hints=(
            Text(
                "Cut the model after its last convolution: one part gives f, the layers after it are called one by one under the tape."
            ),
            Text(
                "For the score, leave out the last layer's softmax: multiply its input by its weights and add its bias."
            ),
        ),
        meaning=Text("Your function agrees with the package's on networks that CAM refuses."),
    ),
)
