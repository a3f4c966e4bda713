"""What half precision needs, so that a method's formula can be written as if there were only float32."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from ..network import GapHead, Network, Value

_UNIT = 256.0  # gradients of float16 models would otherwise sink below its smallest numbers; a power of two is exact


def features_and_scores(network: Network, head: GapHead, images: Any, w: Any, b: Any) -> tuple[Any, Any]:
    """f (n, h, w, K) and S (n, C) in float32, so that S = mean f w + b is exact to the rounding of float32.

    They are the network's own; only if its head computes in another precision, S is computed anew from f.
    """
    values = network.run({network.images: images}, to=head.features)
    of_head = network.run({head.features: values[head.features]}, to=network.logits)
    f = tf.cast(network.to_channels_last(head.features, values[head.features]), tf.float32)
    if all(value.dtype == tf.float32 for value in of_head.values()):
        return f, of_head[network.logits]
    return f, tf.reduce_mean(f, axis=(1, 2)) @ w + b


class ScoreGradient:
    """dS_c/dx for one class c of each image, in float32.

    Parameters
    ----------
    network : Network
    values : mapping of Value to tensor
        From which the scores are computed; x is among them.
    x : Value
    after : callable, optional
        As in `Network.run`.

    Attributes
    ----------
    values : dict of Value to tensor
        All that was computed on the way.
    S : tensor, shape (n, C)

    Raises
    ------
    ValueError
        At the call, if no gradient comes back.
    """

    def __init__(self, network: Network, values: Mapping[Value, Any], x: Value, after: Any = None) -> None:
        self._x = values[x]
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as self._tape:
            self._tape.watch(self._x)
            self.values = network.run(values, to=network.logits, after=after)
        self.S = self.values[network.logits]

    def __call__(self, c: Any) -> Any:
        # One image's scores do not depend on another image: the gradient of the sum over images is each one's own.
        unit = tf.one_hot(c, tf.shape(self.S)[1], on_value=_UNIT, off_value=0.0)
        dS_dx = self._tape.gradient(self.S, self._x, output_gradients=tf.cast(unit, self.S.dtype))
        if dS_dx is None:
            raise ValueError(
                "no gradient comes back from the scores: a layer on their way stops it, or rounds; use ScoreCAM or "
                "Occlusion, which need none."
            )
        return tf.cast(dS_dx, tf.float32) / _UNIT
