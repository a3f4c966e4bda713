"""The template that every method follows: images, scores, classes, maps."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from ..explanation import Explanation
from ..network import Network, known_image_shape
from .class_choice import Classes, check_choice, choose
from .execution import Compiled, in_batches
from .images import as_images
from .own_output import COMPARED, check_against_model, not_finite

CHOSEN, TOP = tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((), tf.int32)


class Explainer(ABC):
    """Base of the methods. `_step` is the template; a method says what stands in it.

    1. `_find_roles`, once: what of the network the method needs.
    2. `_forward`: from images to scores S, and to whatever else the maps are made from.
    3. The classes are chosen here, from S.
    4. `_maps`: from that and the classes to the maps.

    Parameters
    ----------
    model : keras.Model
        Kept no longer than the explainer. Weights that are trained further count at the next call.
    """

    exact = False  # whether mean_xy M_c + b_c = S_c is promised,
    adds_up = False  # or of the sum over x, y instead of the mean
    rectified = False  # whether no value of a map is negative
    on_grid = True  # whether the maps lie on the grid of feature maps, not on that of the image
    batch_size = 32  # images at a time: memory stays flat however many are given

    _compiled_step: Callable[..., Any]

    def __init__(self, model: keras.Model) -> None:
        if not isinstance(model, keras.Model):
            raise TypeError(no_model(type(self).__name__, model))
        if keras.config.backend() != "tensorflow":
            raise ValueError(
                f"Keras computes with {keras.config.backend()!r} here, but {type(self).__name__} needs TensorFlow: "
                "set the environment variable KERAS_BACKEND to tensorflow before Python starts."
            )
        self._model = model
        self._network: Network | None = None
        self._compared = False  # with the model's own output
        image_shape = known_image_shape(model)
        if image_shape is not None:
            self._read_model(image_shape)

    @property
    def network(self) -> Network:
        """The model as it was read; one that does not know the size of its images is read at the first call."""
        if self._network is None:
            raise ValueError(
                f"{self._model.name!r} does not know the size of its images yet: explain some images first."
            )
        return self._network

    def __call__(self, images: ArrayLike, top: int | None = None, classes: Classes | None = None) -> Explanation:
        """Explain images.

        Parameters
        ----------
        images : array_like, shape (N, H, W, C) or (H, W, C)
            Preprocessed as the model wants them.
        top : int, optional
            That many classes of highest score for each image, best first. Without ``top`` and ``classes`` it is 1.
        classes : sequence of int, array_like of shape (N, K), or "all", optional
            The same classes for every image, or a choice per image.

        Returns
        -------
        Explanation

        Raises
        ------
        ValueError
            If the images have the wrong shape, are too small or hold NaN, a class does not exist, or both top and
            classes are given. A model that is read only at its first images may be refused here.
        """
        checked, chosen, top = self._checked(images, top, classes)
        maps, numbers, scores, bias, probabilities = self._run(checked, chosen, top)
        if not self._compared:
            some = slice(COMPARED)
            check_against_model(
                self._model, self.network, checked[some], numbers[some], scores[some], probabilities[some]
            )
            self._compared = True
        if not np.isfinite([scores.min(), scores.max(), maps.min(), maps.max()]).all():
            raise not_finite(self._model)
        e = Explanation.of(maps, numbers, scores, bias, probabilities, exact=self.exact, adds_up=self.adds_up)
        return replace(e, rectified=self.rectified, frame=self._frame(*checked.shape[1:]))

    # -- the template ------------------------------------------------------------------------------------------------

    @abstractmethod
    def _find_roles(self, network: Network) -> None:
        """Look up in the network what the method needs; raises where it is not there."""

    @abstractmethod
    def _forward(self, images: Any) -> tuple[Any, Any]:
        """Scores S (n, C) of images (n, H, W, C), and the state that `_maps` takes."""

    @abstractmethod
    def _maps(self, state: Any, classes: Any) -> Any:
        """Maps (n, K, ...) of the chosen classes (n, K)."""

    def _bias(self, state: Any, classes: Any) -> Any:
        """b_c of the chosen classes, (n, K); zero for a method that has none."""
        return tf.zeros_like(classes, tf.float32)

    def _step(self, images: Any, chosen: Any, top: Any) -> tuple[Any, ...]:
        S, state = self._forward(images)
        classes = choose(S, chosen, top)
        maps = self._maps(state, classes)
        S = tf.cast(S, tf.float32)
        P = self.network.probabilities(S)
        scores, probabilities = (tf.gather(values, classes, batch_dims=1) for values in (S, P))
        return maps, classes, scores, self._bias(state, classes), probabilities

    def _compile(self) -> None:
        """Compile the step. A method that loops in Python compiles what stands inside its loop instead."""
        self._compiled_step = Compiled(self._step, self._image_spec(), CHOSEN, TOP)

    def _run(self, images: NDArray, chosen: NDArray, top: int) -> list[NDArray]:
        """Maps, classes, scores, bias and probabilities of all images; ``chosen`` counts where ``top`` is 0."""
        return in_batches(lambda *batch: self._compiled_step(*batch, top), self.batch_size, images, chosen)

    # -- reading and checking ----------------------------------------------------------------------------------------

    def _read_model(self, image_shape: tuple[int | None, ...]) -> None:
        network = Network(self._model, image_shape)
        self._find_roles(network)
        self._margins = network.margins() if self.on_grid else (0, 0, 0, 0)
        self._network = network  # only now, so that a model that was refused is refused again
        self._compile()

    def _frame(self, *image_shape: int) -> tuple[float, float, float, float]:
        """The part of the images that the maps cover, as shares of height and width: top, left, bottom, right."""
        height, width = (image_shape[self.network.layout(self.network.images).index(axis)] for axis in "hw")
        top, bottom, left, right = self._margins
        return top / height, left / width, 1 - bottom / height, 1 - right / width

    def _image_spec(self, n: int | None = None) -> tf.TensorSpec:
        return tf.TensorSpec((n, *self.network.input_shape), tf.float32)

    def _checked(self, images: ArrayLike, top: int | None, classes: Classes | None) -> tuple[NDArray, NDArray, int]:
        """Images and choice as the template takes them; the model is read first, where it had to wait for images."""
        if self._network is None:
            unknown = as_images(images, (None, None, None), self._model.name)
            self._read_model(unknown.shape[1:])  # checked before it is built
        checked = self._check_images(images)
        return checked, *check_choice(self.network.name, self.network.classes, len(checked), top, classes)

    def _check_images(self, images: ArrayLike) -> NDArray:
        checked = as_images(images, self.network.input_shape, self.network.name)
        self.network.check_size(checked.shape[1:])
        return checked


def no_model(explainer: str, given: Any) -> str:
    """What was given instead of a model."""
    kind = type(given)
    if any(base.__module__.split(".")[0] == "tf_keras" for base in kind.__mro__):
        return (
            f"{explainer} got a {kind.__name__} of tf_keras, which is Keras 2, but explains models of Keras 3: load or "
            "build the model with keras."
        )
    return f"{explainer} got a {kind.__name__}, but explains a keras.Model."
