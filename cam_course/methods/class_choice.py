"""Which classes are explained."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

Classes = ArrayLike | Literal["all"]


def check_choice(name: str, count: int, n: int, top: int | None, classes: Classes | None) -> tuple[NDArray, int]:
    """The classes (n, K) that are asked for and 0, or none and how many of the best.

    Parameters
    ----------
    name : str
        Of the model, for the sentences.
    count : int
        Its number of classes.
    n : int
        The number of images.
    top, classes
        As the user gave them.

    Raises
    ------
    ValueError
        If a class does not exist, or both top and classes are given.
    """
    if classes is None:
        top = 1 if top is None else top
        if not isinstance(top, (int, np.integer)) or not 1 <= top <= count:
            raise ValueError(f"top is {top!r}, but {name!r} has {count} classes: ask for 1 to {count}.")
        return np.zeros((n, 0), "int32"), int(top)
    if top is not None:
        raise ValueError("both top and classes are given: choose one of the two.")
    try:
        numbers = np.arange(count) if isinstance(classes, str) and classes == "all" else np.asarray(classes)
    except ValueError:  # rows of different lengths
        numbers = np.zeros(0)
    numbers = np.broadcast_to(numbers, (n, len(numbers))) if numbers.ndim == 1 else numbers
    if numbers.ndim != 2 or len(numbers) != n or not np.issubdtype(numbers.dtype, np.integer):
        raise ValueError(
            f'classes is {classes!r}, but must be a list of whole numbers, an array of shape ({n}, K), or "all".'
        )
    outside = numbers[(numbers < 0) | (numbers >= count)]
    if outside.size and count == 1:
        raise ValueError(
            f"class {outside.flat[0]} does not exist: {name!r} has one score, class 0, and the other class is its "
            "negative: take GradCAM(..., relu=False) or CAM, and read the map with the signs turned round."
        )
    if outside.size:
        raise ValueError(f"class {outside.flat[0]} does not exist: {name!r} has {count} classes, 0 to {count - 1}.")
    return numbers.astype("int32"), 0


def choose(S: Any, chosen: Any, top: Any) -> Any:
    """The classes (n, K): the ``top`` best ones, or those chosen where ``top`` is 0."""
    return tf.cond(top > 0, lambda: tf.math.top_k(S, top).indices, lambda: chosen)


def few_or_many(classes: Any, count: int, few: Callable[[], Any], many: Callable[[], Any]) -> Any:
    """Call one of two ways to the same maps: for few chosen classes, or for many of all.

    Weights picked out for every image anew cost more than the maps of all classes, once more than an eighth is asked.
    """
    return tf.cond(8 * tf.shape(classes)[1] < count, few, many)


def for_each_class(map_of: Callable[[Any], Any], classes: Any) -> Any:
    """Maps (n, K, ...) from ``map_of``, which takes one class of each image, (n,), to maps (n, ...)."""
    maps = tf.map_fn(map_of, tf.transpose(classes), fn_output_signature=tf.float32)
    return tf.einsum("kn...->nk...", maps)
