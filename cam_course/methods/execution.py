"""How a method runs: compiled once, one batch after another."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


class Compiled:
    """A function of tensors as a TensorFlow graph that is traced once, at the first call.

    After ``tf.config.run_functions_eagerly(True)`` it runs line by line, so that a debugger can step through a method.

    Parameters
    ----------
    function : callable
    signature : tf.TensorSpec
        One for each argument.

    Examples
    --------
    >>> twice = Compiled(lambda x: 2 * x, tf.TensorSpec((None,), tf.float32))
    >>> twice([1.0, 2.0]).numpy(), twice([3.0]).numpy(), twice.tracings
    (array([2., 4.], dtype=float32), array([6.], dtype=float32), 1)
    """

    def __init__(self, function: Callable[..., Any], *signature: tf.TensorSpec) -> None:
        self._function = function
        self._signature = signature
        self._graph = tf.function(function, input_signature=signature, autograph=False)

    def __call__(self, *given: Any) -> Any:
        if tf.config.functions_run_eagerly():
            return self._function(
                *(tf.convert_to_tensor(value, spec.dtype) for value, spec in zip(given, self._signature, strict=True))
            )
        self._graph.get_concrete_function()  # traced in a call, five explainers would draw a warning
        return self._graph(*given)

    @property
    def tracings(self) -> int:
        """How often TensorFlow has traced the function."""
        return int(self._graph.experimental_get_tracing_count())


def in_batches(step: Callable[..., Sequence[Any]], size: int, *arrays: NDArray) -> list[NDArray]:
    """What a step makes of ``size`` rows of the arrays at a time, joined again."""
    parts = [step(*(array[i : i + size] for array in arrays)) for i in range(0, len(arrays[0]), size)]
    return [np.concatenate([np.asarray(tensor) for tensor in part]) for part in zip(*parts, strict=True)]
