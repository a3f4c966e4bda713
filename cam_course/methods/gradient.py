"""What the methods share that weight feature maps by the gradient of the score."""

from abc import abstractmethod
from typing import Any

import keras
import tensorflow as tf

from ..network import Network
from .class_choice import for_each_class
from .explainer import Explainer
from .precision import ScoreGradient


class GradientExplainer(Explainer):
    """Base of the methods that go by dS_c/df. A subclass says in ``_map`` what becomes of f and its gradient.

    The gradient is that of the score before softmax, and runs through the layers after f alone.

    Parameters
    ----------
    model : keras.Model
    layer : str, keras.layers.Layer or None
        The layer whose output is f; None for the feature maps that CAM would use.
    """

    def __init__(self, model: keras.Model, layer: str | keras.layers.Layer | None = None) -> None:
        self._layer = layer
        if layer is not None:
            self.batch_size = 8  # the gradient keeps the outputs of all layers after f
        super().__init__(model)

    @abstractmethod
    def _map(self, f: Any, dS_df: Any) -> Any:
        """The map (n, h, w) of one class from the feature maps and their gradient, both (n, h, w, K)."""

    def _find_roles(self, network: Network) -> None:
        self._features = network.layer_output(self._layer)

    def _forward(self, images: Any) -> tuple[Any, Any]:
        values = self.network.run({self.network.images: images}, to=self._features)
        gradient = ScoreGradient(self.network, values, self._features)
        return gradient.S, (self._channels_last(values[self._features]), gradient)

    def _maps(self, state: Any, classes: Any) -> Any:
        f, gradient = state
        return for_each_class(lambda c: self._map(f, self._channels_last(gradient(c))), classes)

    def _channels_last(self, f: Any) -> Any:
        """Feature maps or their gradient as (n, h, w, K), float32."""
        return tf.cast(self.network.to_channels_last(self._features, f), tf.float32)
