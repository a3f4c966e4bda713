"""The weights of a trained network, packed for the browser."""

from base64 import b64encode
from typing import Any

import numpy as np

from ... import quiet_tensorflow  # noqa: F401, isort: skip
import keras

from ... import models

_SHAPES = [(3, 3, 1, 32), (32,), (3, 3, 32, 64), (64,), (64, 10), (10,)]


def packed_weights(model: keras.Model) -> dict[str, Any]:
    """The arrays of the network of lesson 04 as the explorer takes them: their shapes, and all numbers in base64.

    Parameters
    ----------
    model : keras.Model
        Of the form of `cam_course.models.mnist_network`.

    Raises
    ------
    ValueError
        If its weights have other shapes.

    Examples
    --------
    >>> from cam_course.models import mnist_network
    >>> packed = packed_weights(mnist_network())
    >>> packed["shapes"][0], len(packed["data"])  # four bytes a number, four characters for three bytes
    ([3, 3, 1, 32], 103820)
    """
    arrays = model.get_weights()
    shapes = [array.shape for array in arrays]
    if shapes != _SHAPES:
        raise ValueError(
            f"{model.name!r} has weights of the shapes {shapes}, but the explorer computes the network of lesson 04, "
            f"{_SHAPES}: give one of that form."
        )
    numbers = np.concatenate([array.ravel() for array in arrays]).astype("<f4")
    return {"shapes": [list(shape) for shape in shapes], "data": b64encode(numbers.tobytes()).decode()}


def shipped_weights() -> dict[str, Any]:
    """`packed_weights` of the network trained on MNIST that comes with the course, whether MNIST is at hand or not.

    Examples
    --------
    >>> len(shipped_weights()["data"])
    103820
    """
    model = models.mnist_network()
    model.load_weights(models.WEIGHTS / models.TRAININGS["MNIST"].files[0])
    return packed_weights(model)
