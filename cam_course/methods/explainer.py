"""The template that every method follows: images, scores, classes, maps."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from ..explanation import Explanation
from ..network import Network, known_image_shape
from .class_choice import Classes, check_choice, choose
from .execution import Compiled, in_batches

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

    exact = False  # whether mean_xy M_c + b_c = S_c is promised
    batch_size = 32  # images at a time: memory stays flat however many are given

    _compiled_step: Callable[..., Any]

    def __init__(self, model: keras.Model) -> None:
        if not isinstance(model, keras.Model):
            raise TypeError(f"{type(self).__name__} got a {type(model).__name__}, but explains a keras.Model.")
        if keras.config.backend() != "tensorflow":
            raise ValueError(
                f"Keras computes with {keras.config.backend()!r} here, but {type(self).__name__} needs TensorFlow: "
                "set the environment variable KERAS_BACKEND to tensorflow before Python starts."
            )
        self._model = model
        self._network: Network | None = None
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
        return Explanation.of(maps, numbers, scores, bias, probabilities, exact=self.exact)

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

    def _bias(self, classes: Any) -> Any:
        """b_c of the chosen classes, (n, K); zero for a method that has none."""
        return tf.zeros_like(classes, tf.float32)

    def _step(self, images: Any, chosen: Any, top: Any) -> tuple[Any, ...]:
        S, state = self._forward(images)
        classes = choose(S, chosen, top)
        maps = self._maps(state, classes)
        S = tf.cast(S, tf.float32)
        P = self.network.probabilities(S)
        scores, probabilities = (tf.gather(values, classes, batch_dims=1) for values in (S, P))
        return maps, classes, scores, self._bias(classes), probabilities

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
        self._network = network  # only now, so that a model that was refused is refused again
        self._compile()

    def _image_spec(self, n: int | None = None) -> tf.TensorSpec:
        return tf.TensorSpec((n, *self.network.input_shape), tf.float32)

    def _checked(self, images: ArrayLike, top: int | None, classes: Classes | None) -> tuple[NDArray, NDArray, int]:
        """Images and choice as the template takes them; the model is read first, where it had to wait for images."""
        if self._network is None:
            self._read_model(self._as_images(images, (None, None, None)).shape[1:])  # checked before it is built
        checked = self._check_images(images)
        return checked, *check_choice(self.network.name, self.network.classes, len(checked), top, classes)

    def _check_images(self, images: ArrayLike) -> NDArray:
        checked = self._as_images(images, self.network.input_shape)
        self.network.check_size(checked.shape[1:])
        return checked

    def _as_images(self, images: ArrayLike, expected: tuple[int | None, ...]) -> NDArray:
        """Images as (N, H, W, C), float32; the shape of one has to be the one expected, where that says something."""
        array = np.asarray(images, dtype="float32")
        array = array[None] if array.ndim == 3 else array
        fits = array.ndim == 4 and all(want in (None, got) for want, got in zip(expected, array.shape[1:], strict=True))
        if not fits or not len(array):
            wanted = ", ".join("any" if size is None else str(size) for size in expected)
            raise ValueError(
                f"images have the shape {np.shape(images)}, but {self._model.name!r} takes (N, {wanted}) with N > 0: "
                "resize them, or add the missing axis."
            )
        if not np.isfinite([array.min(), array.max()]).all():  # an array of truths would be a quarter of the images
            raise ValueError("images hold NaN or infinite values: look at how they were read and scaled.")
        return array
