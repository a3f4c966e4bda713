"""What the methods share that weigh feature maps by the gradient of the score."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import tensorflow as tf

from ..network import Network, Place
from .explainer import Explainer

_UNIT = 256.0  # gradients of float16 models would otherwise sink below its smallest numbers; a power of two is exact


class GradientExplainer(Explainer):
    """Base of the methods that go by dS_c/df. A subclass says in ``_map`` what becomes of f and its gradient.

    The gradient is that of the score before softmax, and runs through the layers behind f alone.

    Parameters
    ----------
    model : keras.Model
    layer : str, keras.layers.Layer or None
        The layer whose output is f; None for the feature maps that CAM would use.
    """

    def __init__(self, model: keras.Model, layer: str | keras.layers.Layer | None = None) -> None:
        self._layer = layer
        if layer is not None:
            self.chunk = 8  # the gradient keeps the outputs of all layers behind it
        super().__init__(model)

    def _find(self, network: Network) -> None:
        self._features = network.layer_output(self._layer)

    def _map(self, f: Any, dS_df: Any) -> Any:
        """The map (n, h, w) of one class from the feature maps and their gradient, both (n, h, w, K)."""
        raise TypeError(f"{type(self).__name__} names no method: use one of its subclasses.")

    def _explain(self, images: Any, choose: Any) -> tuple[Any, Any, Any, Any]:
        values = self.network.run({self.network.images: images}, to=self._features)
        return self._explain_features(values, choose)

    def _explain_features(self, values: Mapping[Place, Any], choose: Any) -> tuple[Any, Any, Any, Any]:
        """The explanation from f on; ``values`` holds f and what was computed on the way to it."""
        network, place = self.network, self._features
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(values[place])
            S = network.run(values, to=network.logits)[network.logits]
        classes = choose(S)
        f = tf.cast(network.maps_last(place, values[place]), tf.float32)
        maps = maps_by_class(
            tape, S, classes, values[place], lambda dS_df: self._map(f, network.maps_last(place, dS_df))
        )
        return maps, classes, tf.zeros_like(classes, tf.float32), S


def maps_by_class(tape: tf.GradientTape, S: Any, classes: Any, x: Any, map_of: Callable[[Any], Any]) -> Any:
    """The maps (n, K, ...) of the chosen classes (n, K); ``map_of`` takes dS_c/dx of one class to maps (n, ...)."""

    def of_one_class(c: Any) -> Any:  # (n,): a class of each image
        # One image's scores do not depend on another image: the gradient of the sum over images is each one's own.
        unit = tf.one_hot(c, tf.shape(S)[1], on_value=_UNIT, off_value=0.0)
        dS_dx = tape.gradient(S, x, output_gradients=tf.cast(unit, S.dtype))
        if dS_dx is None:
            raise ValueError(
                "no gradient comes back from the scores: a layer on their way stops it, or rounds; use ScoreCAM or "
                "Occlusion, which need none."
            )
        return map_of(tf.cast(dS_dx, tf.float32) / _UNIT)

    maps = tf.map_fn(of_one_class, tf.transpose(classes), fn_output_signature=tf.float32)
    return tf.einsum("kn...->nk...", maps)
