"""An explainer trusts nothing that it cannot name: what it computes is held against the model's own output."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..network import Network, layers_inside

COMPARED = 4  # images
_ROUNDING = {"float32": 1e-3, "float64": 1e-3, "float16": 0.05}  # in parts of the largest; of others as of bfloat16


def check_against_model(
    model: keras.Model, network: Network, images: NDArray, classes: NDArray, scores: NDArray, probabilities: NDArray
) -> None:
    """Compare scores and probabilities of some images with what the model itself says of them.

    Parameters
    ----------
    model : keras.Model
    network : Network
        The model as it was read.
    images : ndarray, shape (n, H, W, C)
    classes, scores, probabilities : ndarray, shape (n, K)
        As they were computed from the network.

    Raises
    ------
    ValueError
        If they differ beyond rounding, or the model says probabilities where nothing was seen that makes them.
    """
    own = _output(model, images)
    if network.activation is None and _are_probabilities(own):
        raise ValueError(
            f"the outputs of {network.name!r} look like probabilities, but what makes them cannot be seen at its end, "
            "and a map explains the scores before it: end the model in a layer with softmax or sigmoid, by its name."
        )
    computed = scores if network.activation is None else probabilities
    allowed = _rounding(model) * max(1e-6, float(np.abs(own).max()))
    if not np.isfinite(own).all() or _distance(computed, own, classes) <= allowed:
        return
    own = _output(tf.function(lambda x: model(x, training=False), autograph=False), images)
    difference = _distance(computed, own, classes)  # TensorFlow has operations that are right only when compiled
    if not difference <= allowed:
        kind = "scores" if network.activation is None else "probabilities"
        raise ValueError(
            f"{network.name!r} could not be read: the {kind} computed from its layers differ from its own output by "
            f"{difference:.2g} where {allowed:.1g} is rounding, so a map would be that of another network: write it as "
            "a functional model of Keras layers, each with training=False at inference."
        )


def _output(model: Callable[..., Any], images: NDArray) -> NDArray:
    inference = {"training": False} if isinstance(model, keras.Model) else {}
    rows = []
    for i in range(len(images)):  # one at a time: a model that runs line by line keeps all its values to the end
        [output] = keras.tree.flatten(model(images[i : i + 1], **inference))  # alone, or in a list or dict
        rows.append(np.asarray(keras.ops.cast(output, "float32")))
    return np.concatenate(rows)


def _distance(computed: NDArray, own: NDArray, classes: NDArray) -> float:
    return float(np.abs(computed - np.take_along_axis(own, classes, axis=1)).max())


def _rounding(model: keras.Model) -> float:
    """How far numbers may be apart, in parts of the largest: as the coarsest number format in the model has it."""
    formats = {str(layer.compute_dtype) for layer in _layers(model)}
    return max((_ROUNDING.get(name, 0.1) for name in formats), default=1e-3)


def not_finite(model: keras.Model) -> ValueError:
    """Scores or maps are not finite; names the first layer whose weights are not."""
    for layer in _layers(model):
        if any(not bool(keras.ops.all(keras.ops.isfinite(weight))) for weight in layer.weights if _is_float(weight)):
            return ValueError(
                f"layer {layer.name!r} of {model.name!r} has weights that are NaN or infinite, so there is nothing to "
                "explain: look at how the model was trained or loaded."
            )
    return ValueError(
        f"{model.name!r} gives scores or maps that are NaN or infinite for these images, although its weights are "
        "finite: look at the range of the images, and at number formats that overflow."
    )


def _are_probabilities(outputs: NDArray) -> bool:
    """Whether rows look like probabilities: several, nowhere negative, adding up to 1."""
    adds_up = np.allclose(outputs.sum(axis=-1), 1.0, atol=1e-3)
    return bool(outputs.shape[-1] > 1 and (outputs >= 0).all() and adds_up)


def _layers(model: keras.Model) -> list[Any]:
    return [layer for layer in layers_inside(model) if not layers_inside(layer)]


def _is_float(weight: Any) -> bool:
    return "float" in str(weight.dtype)
