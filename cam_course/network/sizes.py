"""Whether images are large enough for a network, decided from shapes alone before anything is computed."""

from typing import Any

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras


class SizeError(ValueError):
    """What is wrong with the size of images, and the way out."""


def output_specs(operation: Any, *args: Any, **kwargs: Any) -> list[keras.KerasTensor]:
    """What an operation makes of symbolic tensors.

    Raises
    ------
    SizeError
        If the operation cannot take them, or nothing is left of them.

    Examples
    --------
    >>> pool = keras.layers.MaxPooling2D(2, name="pool")
    >>> output_specs(pool, keras.KerasTensor((1, 1, 9, 3)))
    Traceback (most recent call last):
    ...
    cam_course.network.sizes.SizeError: nothing is left of them after layer 'pool': give larger ones.
    """
    try:
        specs: list[keras.KerasTensor] = keras.tree.flatten(operation.compute_output_spec(*args, **kwargs))
    except ValueError as error:
        if says_too_small(error):
            raise nothing_left_after(operation.name) from error
        reason = str(error).partition("\n")[0].rstrip(".")
        raise SizeError(f"layer {operation.name!r} cannot take them ({reason}): give them in another size.") from error
    if any(0 in spec.shape for spec in specs):
        raise nothing_left_after(operation.name)
    return specs


def says_too_small(error: Exception) -> bool:
    """Whether Keras raised because an output would have no positions."""
    return isinstance(error, ValueError) and "output size would be" in str(error)


def nothing_left_after(layer: str) -> SizeError:
    """Images are so small that after a layer no position is left."""
    return SizeError(f"nothing is left of them after layer {layer!r}: give larger ones.")
