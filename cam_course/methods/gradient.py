"""What the methods share that weigh feature maps by the gradient of the score."""

from typing import Any

import keras
import tensorflow as tf

from ..network import Network
from .explainer import Explainer


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
        super().__init__(model)

    def _find(self, network: Network) -> None:
        self._features = network.grid() if self._layer is None else network.layer_output(self._layer)

    def _map(self, f: Any, dS_df: Any) -> Any:
        """The map (n, h, w) of one class from the feature maps and their gradient, both (n, h, w, K)."""
        raise TypeError(f"{type(self).__name__} names no method: use one of its subclasses.")

    def _explain(self, images: Any, choose: Any) -> tuple[Any, Any, Any, Any]:
        network, place = self.network, self._features
        values = network.run({network.images: images}, to=place)
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(values[place])
            S = network.run(values, to=network.logits)[network.logits]
            classes = choose(S)
            # One image's score does not depend on another's maps: the gradient of a class's sum is each one's own.
            totals = tf.reduce_sum(tf.gather(S, classes, batch_dims=1), axis=0)  # (K,)
        f = tf.cast(network.maps_last(place, values[place]), tf.float32)

        def map_of(k: Any) -> Any:
            only_k = tf.one_hot(k, tf.size(totals), dtype=totals.dtype)
            gradient = tape.gradient(totals, values[place], output_gradients=only_k)
            return self._map(f, tf.cast(network.maps_last(place, gradient), tf.float32))

        maps = tf.map_fn(map_of, tf.range(tf.size(totals)), fn_output_signature=tf.float32)  # (K, n, h, w)
        return tf.transpose(maps, (1, 0, 2, 3)), classes, tf.zeros_like(classes, tf.float32), S
