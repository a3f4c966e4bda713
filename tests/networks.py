"""Tiny networks with weights set by hand, so that the right answer is known on paper."""

import cam_course.quiet_tensorflow  # noqa: F401, isort: skip
import keras
import numpy as np
import pytest

from cam_course.network.processor import has_channels_first_convolution

layers = keras.layers

needs_channels_first = pytest.mark.skipif(
    not has_channels_first_convolution(), reason="TensorFlow cannot convolve channels first on this processor"
)

IMAGE = np.array([[1.0, 2.0], [3.0, -4.0]], "float32").reshape(1, 2, 2, 1)
W = np.array([[1.0, 0.5, -1.0], [-2.0, 3.0, 0.0]], "float32")  # feature by class
B = np.array([0.25, -1.0, 2.0], "float32")

# The convolution makes two maps of IMAGE: f_1 = ReLU(x) and f_2 = ReLU(1 - x).
F_MAPS = np.array([[[1.0, 0.0], [2.0, 0.0]], [[3.0, 0.0], [0.0, 5.0]]], "float32")
F = np.array([1.5, 1.25], "float32")  # their means
S = np.array([-0.75, 3.5, 0.5], "float32")  # F @ W + B
M = np.array(  # F_MAPS @ W, a map a class
    [[[1.0, 2.0], [3.0, -10.0]], [[0.5, 1.0], [1.5, 15.0]], [[-1.0, -2.0], [-3.0, 0.0]]], "float32"
)


def convolution() -> keras.layers.Layer:
    """1 x 1, two filters: x and 1 - x, then ReLU."""
    return layers.Conv2D(2, 1, activation="relu", name="maps")


def set_weights(model: keras.Model) -> keras.Model:
    """Give the convolution called "maps" and the dense layer called "scores" their weights."""
    everything = {layer.name: layer for layer in model._flatten_layers()}
    everything["maps"].set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2), np.array([0.0, 1.0])])
    scores = everything["scores"]
    w = W.reshape(scores.kernel.shape)  # of a dense layer, or of a convolution of 1 x 1
    scores.set_weights([w, B] if scores.use_bias else [w])
    return model


def gap_network(activation: str | None = "softmax") -> keras.Model:
    """Convolution, GAP, dense layer."""
    head = layers.Dense(3, activation=activation, name="scores")
    return set_weights(keras.Sequential([keras.Input((2, 2, 1)), convolution(), layers.GlobalAveragePooling2D(), head]))


def flat_network() -> keras.Model:
    """Convolution, Flatten, dense layer with weights 0 to 7 for one class; no GAP."""
    model = keras.Sequential([keras.Input((2, 2, 1)), convolution(), layers.Flatten(), layers.Dense(1, name="scores")])
    model.get_layer("maps").set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2), np.array([0.0, 1.0])])
    model.get_layer("scores").set_weights([np.arange(8.0).reshape(8, 1), np.zeros(1)])
    return model
