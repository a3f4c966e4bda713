"""What every method shares: checking the images, choosing the classes, running in chunks."""

from functools import partial
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from ..explanation import Explanation
from ..network import Network, known_image_shape

Classes = ArrayLike | Literal["all"]


class Explainer:
    """Base of the methods. A subclass says in ``_explain`` how the maps come about.

    Parameters
    ----------
    model : keras.Model
        Kept no longer than the explainer. Weights that are trained further count at the next call.
    """

    exact = False  # whether mean_xy M_c + b_c = S_c is promised
    chunk = 32  # images at a time: memory stays flat however many are given

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
            self._read(image_shape)

    @property
    def network(self) -> Network:
        """The model as it was read; one that does not know the size of its images is read at the first call."""
        if self._network is None:
            raise ValueError(
                f"{self._model.name!r} does not know the size of its images yet: explain some images first."
            )
        return self._network

    def _read(self, image_shape: tuple[int | None, ...] | None) -> None:
        network = Network(self._model, image_shape)
        self._find(network)
        self._network = network  # only now, so that a model that was refused is refused again
        self._compiled = tf.function(
            self._step,
            input_signature=[
                tf.TensorSpec((None, *network.input_shape), tf.float32),
                tf.TensorSpec((None, None), tf.int32),
                tf.TensorSpec((), tf.int32),
            ],
            autograph=False,
        )

    def _find(self, network: Network) -> None:
        """Look up in the network what the method needs; raises where it is not there."""

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
            If the images have the wrong shape or hold NaN, a class does not exist, or both top and classes are given.
            A model that is read only at its first images may be refused here.
        """
        checked, chosen, top = self._checked(images, top, classes)
        try:
            maps, numbers, scores, bias, probabilities = self._run(checked, chosen, top)
        except tf.errors.InvalidArgumentError as error:
            if None not in self.network.input_shape:
                raise
            raise ValueError(
                f"images of the shape {checked.shape[1:]} do not fit through {self.network.name!r}, although it names "
                "no size: give larger ones."
            ) from error
        return Explanation.of(maps, numbers, scores, bias, probabilities, exact=self.exact)

    def _run(self, images: NDArray, chosen: NDArray, top: int) -> list[NDArray]:
        """Maps, classes, scores, bias and probabilities of all images; ``chosen`` counts where ``top`` is 0."""
        self._compiled.get_concrete_function()  # traced in a call, five explainers would draw a warning
        parts = [
            [tensor.numpy() for tensor in self._compiled(images[i : i + self.chunk], chosen[i : i + self.chunk], top)]
            for i in range(0, len(images), self.chunk)
        ]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]

    def _explain(self, images: Any, choose: Any) -> tuple[Any, Any, Any, Any]:
        """Maps (n, K, ...), classes (n, K), bias (n, K) and all scores (n, C); ``choose`` takes S to the classes."""
        raise TypeError(f"{type(self).__name__} names no method: use one of its subclasses.")

    def _step(self, images: Any, chosen: Any, top: Any) -> tuple[Any, ...]:
        maps, numbers, bias, S = self._explain(images, partial(choose, chosen=chosen, top=top))
        S = tf.cast(S, tf.float32)
        scores = tf.gather(S, numbers, batch_dims=1)
        P = tf.gather(self.network.probabilities(S), numbers, batch_dims=1)
        return tf.cast(maps, tf.float32), numbers, scores, tf.cast(bias, tf.float32), P

    def _checked(self, images: ArrayLike, top: int | None, classes: Classes | None) -> tuple[NDArray, NDArray, int]:
        """What is passed on to the compiled step; the model is read first, where it had to wait for images."""
        if self._network is None:
            self._read(self._as_images(images, (None, None, None)).shape[1:])  # checked before the model is built
        checked = self._check_images(images)
        return checked, *self._check_classes(len(checked), top, classes)

    def _check_images(self, images: ArrayLike) -> NDArray:
        return self._as_images(images, self.network.input_shape)

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

    def _check_classes(self, n: int, top: int | None, classes: Classes | None) -> tuple[NDArray, int]:
        count = self.network.classes
        if classes is None:
            top = 1 if top is None else top
            if not isinstance(top, (int, np.integer)) or not 1 <= top <= count:
                raise ValueError(
                    f"top is {top!r}, but {self.network.name!r} has {count} classes: ask for 1 to {count}."
                )
            return np.zeros((n, 0), "int32"), int(top)
        if top is not None:
            raise ValueError("both top and classes are given: choose one of the two.")
        try:
            numbers = np.arange(count) if isinstance(classes, str) and classes == "all" else np.asarray(classes)
        except ValueError:  # rows of different lengths
            numbers = np.zeros(0)
        numbers = np.broadcast_to(numbers, (n, len(numbers))) if numbers.ndim == 1 else numbers
        if numbers.ndim != 2 or len(numbers) != n or not np.issubdtype(numbers.dtype, np.integer):
            raise ValueError(
                f'classes is {classes!r}, but must be a list of whole numbers, an array of shape ({n}, K), or "all".'
            )
        outside = numbers[(numbers < 0) | (numbers >= count)]
        if outside.size:
            raise ValueError(
                f"class {outside.flat[0]} does not exist: {self.network.name!r} has {count} classes, 0 to {count - 1}."
            )
        return numbers.astype("int32"), 0


def choose(S: Any, chosen: Any, top: Any) -> Any:
    """The classes (n, K): the ``top`` best ones, or those chosen where ``top`` is 0."""
    return tf.cond(top > 0, lambda: tf.math.top_k(S, top).indices, lambda: chosen)
