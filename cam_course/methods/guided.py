"""Guided backpropagation and Guided Grad-CAM: the gradient at the image itself, with what speaks against cut away."""

from typing import Any

import keras
import tensorflow as tf

from ..network import Call, Network, layers_inside
from ..network.layer_kinds import activation_of
from .class_choice import for_each_class
from .execution import Compiled
from .explainer import Explainer
from .grad_cam import GradCAM
from .overlay import enlarged
from .precision import ScoreGradient


class GuidedBackprop(Explainer):
    """Guided backpropagation: the gradient of the score at the image, of which each ReLU passes back the positive part.

    At y = ReLU(x), where the gradient G = dS_c/dy arrives, plain backpropagation passes back (x > 0) G; guided
    backpropagation passes back (x > 0) (G > 0) G. The gradient is that of the score before softmax.

    Every value of the image gets one of its own, so the maps are (N, K, H, W, C). What they add up to is not promised.

    Parameters
    ----------
    model : keras.Model
        With ReLUs: as layers (``ReLU``, also with ``max_value=6``, or ``Activation("relu")``), as the activation of
        other layers, or as ``keras.ops.relu``. Any other activation on the way passes its plain gradient back, and so
        does a ReLU in the code of a custom layer, where it cannot be seen.

    Raises
    ------
    ValueError
        If the model has no ReLU, or has one inside a layer that keeps its layers to itself.

    References
    ----------
    Springenberg, Dosovitskiy, Brox, Riedmiller (2015), "Striving for simplicity: the all convolutional net", ICLR
    workshop, section 3.4 and figure 1.

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 3, activation="relu"),
    ...     keras.layers.Flatten(), keras.layers.Dense(2)])
    >>> e = GuidedBackprop(model)(np.ones((5, 4, 4, 1)), top=2)
    >>> e.maps.shape
    (5, 2, 4, 4, 1)
    """

    on_grid = False
    batch_size = 8  # the gradient at the image keeps the output of every ReLU

    def _find_roles(self, network: Network) -> None:
        _check_relus(network)

    def _forward(self, images: Any) -> tuple[Any, Any]:
        gradient = ScoreGradient(self.network, {self.network.images: images}, self.network.images, after=_guide)
        return gradient.S, gradient

    def _maps(self, gradient: Any, classes: Any) -> Any:
        return _at_images(self.network, gradient, classes)


class GuidedGradCAM(GradCAM):
    """Guided Grad-CAM: guided backpropagation, times the Grad-CAM map enlarged to the image bilinearly.

    Grad-CAM tells the classes apart but is coarse; guided backpropagation is fine but hardly depends on the class.
    The maps are (N, K, H, W, C), a value for each value of the image.

    Parameters
    ----------
    model : keras.Model
        With ReLUs, as in `GuidedBackprop`.
    layer : str, keras.layers.Layer or None
        The layer of the Grad-CAM map; None for the feature maps that CAM would use.

    Raises
    ------
    ValueError
        Where `GradCAM` or `GuidedBackprop` raises it.

    References
    ----------
    Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra (2020), "Grad-CAM: Visual explanations from deep networks via
    gradient-based localization", International Journal of Computer Vision 128, section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 3, activation="relu"),
    ...     keras.layers.Flatten(), keras.layers.Dense(2)])
    >>> e = GuidedGradCAM(model)(np.ones((5, 4, 4, 1)), top=2)
    >>> e.maps.shape
    (5, 2, 4, 4, 1)
    """

    on_grid = False
    batch_size = GuidedBackprop.batch_size

    def __init__(self, model: keras.Model, layer: str | keras.layers.Layer | None = None) -> None:
        super().__init__(model, layer)
        self.rectified = False  # the product has the signs of guided backpropagation

    def _find_roles(self, network: Network) -> None:
        super()._find_roles(network)
        _check_relus(network)
        self._unseen = network.margins()

    def _forward(self, images: Any) -> tuple[Any, Any]:
        guided = ScoreGradient(self.network, {self.network.images: images}, self.network.images, after=_guide)
        way_to_f = [value for call in self.network.calls_to(self._features) for value in call.outputs]
        values = {value: guided.values[value] for value in (self.network.images, *way_to_f)}
        plain = ScoreGradient(self.network, values, self._features)  # Grad-CAM's gradient is not guided
        return plain.S, ((self._channels_last(values[self._features]), plain), guided)

    def _maps(self, state: Any, classes: Any) -> Any:
        of_grad_cam, guided = state
        L = super()._maps(of_grad_cam, classes)
        values = _at_images(self.network, guided, classes)
        _, _, height, width, _ = tf.unstack(tf.shape(values))
        L = enlarged(tf.transpose(L, (0, 2, 3, 1)), height, width, self._unseen)  # (n, H, W, K)
        return values * tf.transpose(L, (0, 3, 1, 2))[..., None]


def _at_images(network: Network, gradient: ScoreGradient, classes: Any) -> Any:
    """The gradient at the images, (n, K, H, W, C)."""
    return for_each_class(lambda c: network.to_channels_last(network.images, gradient(c)), classes)


@tf.custom_gradient
def _identity(y: Any) -> Any:
    return tf.identity(y), tf.nn.relu


# In a graph of its own, because TensorFlow never forgets a custom gradient, nor the graph in which it was made: that of
# a model would stay, and its weights with it.
_pass_back_the_positive = Compiled(_identity, tf.TensorSpec(None, tf.float32))


def _guide(call: Call, made: list[Any]) -> list[Any]:
    """After a ReLU an identity whose gradient is ReLU(G); the ReLU's own gradient does the rest."""
    if not _is_relu(call.operation):
        return made
    guided = tf.cast(_pass_back_the_positive(tf.cast(made[0], tf.float32)), made[0].dtype)
    return [tf.ensure_shape(guided, made[0].shape)]


def _is_relu(operation: Any) -> bool:
    """Whether an operation is a ReLU or ends in one; a leaky one is none."""
    return activation_of(operation) in ("relu", "relu6")


def _check_relus(network: Network) -> None:
    operations = [call.operation for call in network.calls_to(network.logits)]
    for operation in operations:
        if not _is_relu(operation) and any(_is_relu(layer) for layer in layers_inside(operation)):
            raise ValueError(
                f"layer {operation.name!r} ({type(operation).__name__}) holds a ReLU inside, where guided "
                "backpropagation cannot reach it: write it as a functional model, or use LRP, Occlusion or GradCAM."
            )
    if not any(_is_relu(operation) for operation in operations):
        others = sorted({activation_of(operation) for operation in operations[:-1]} - {"linear"})  # the last may be P's
        found = f" (its activations: {', '.join(others)})" if others else ""
        raise ValueError(
            f"guided backpropagation is defined for networks of ReLUs, but {network.name!r} has none{found}: "
            "use LRP, Occlusion or GradCAM."
        )
