"""Grad-CAM as others compute it: tf-keras-vis, and the eager loop of most tutorials."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import keras
import tensorflow as tf
from numpy.typing import NDArray


def tf_keras_vis_version() -> str | None:
    """None where it is not installed."""
    try:
        return version("tf-keras-vis")
    except PackageNotFoundError:
        return None


class TfKerasVis:
    """Its Grad-CAM as its documentation calls it, on logits, at the layer named and before scaling."""

    def __init__(self, model: keras.Model) -> None:
        from tf_keras_vis.gradcam import Gradcam
        from tf_keras_vis.utils.model_modifiers import ReplaceToLinear

        self._grad_cam = Gradcam(model, model_modifier=ReplaceToLinear(), clone=True)

    def __call__(self, images: NDArray, classes: Sequence[int], layer: str) -> NDArray:
        """Maps (N, h, w) of one class for each image."""
        from tf_keras_vis.utils.scores import CategoricalScore

        maps = self._grad_cam(
            CategoricalScore([int(c) for c in classes]),
            images,
            penultimate_layer=layer,
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=False,
        )
        return maps.numpy()


class EagerLoop:
    """tf.GradientTape around the eager model, once for each class."""

    def __init__(self, model: keras.Model, layer: str) -> None:
        linear = keras.models.clone_model(model)
        linear.set_weights(model.get_weights())
        linear.layers[-1].activation = keras.activations.linear
        self._f_and_S = keras.Model(linear.input, [linear.get_layer(layer).output, linear.output])

    def __call__(self, images: NDArray, classes: Sequence[int]) -> NDArray:
        """Maps (N, K, h, w) of the same classes for every image."""
        return tf.stack([self._one_class(images, c) for c in classes], axis=1).numpy()

    def _one_class(self, images: NDArray, c: int) -> Any:
        with tf.GradientTape() as tape:
            f, S = self._f_and_S(images, training=False)
            score = S[:, c]
        alpha = tf.reduce_mean(tape.gradient(score, f), axis=(1, 2))
        return tf.nn.relu(tf.einsum("nhwk,nk->nhw", f, alpha))
