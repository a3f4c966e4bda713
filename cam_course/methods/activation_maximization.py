"""Activation maximisation: the image that the model itself would call most a class, searched from nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..network import Network, known_image_shape
from .class_choice import check_choice
from .execution import Compiled
from .explainer import no_model
from .precision import ScoreGradient

_START = 0.05  # of the range: how strong the noise is that the search begins with
_STEP = 0.05  # of the range: the root mean square of one step
_JITTER = 1 / 16  # of each side: how far the image is shifted before a step, at most
_BLUR = 0.5  # pixels: standard deviation of the Gaussian after every step
_DECAY = 0.02  # share of the distance from the middle of the range that every step takes away


@dataclass(frozen=True, eq=False)
class Maximised:
    """Images that were made to raise a score.

    Attributes
    ----------
    images : ndarray, shape (K, H, W, C), float32
        As the model takes them.
    classes : ndarray, shape (K,), int64
    scores : ndarray, shape (K,), float32
        S_c of the image of class c, before softmax.
    start : ndarray, shape (K,), float32
        S_c of the noise that the search began with.
    """

    images: NDArray
    classes: NDArray
    scores: NDArray
    start: NDArray


class ActivationMaximization:
    """The image that maximises the score of a class, by gradient ascent from noise.

    Every step goes along dS_c/dimage, scaled to one length, and stays in the range of values. Naive, that is all, and
    what comes out looks like noise: many images raise a score, and most of them are no pictures. Regularised, three
    things are asked for besides: the score is to survive small shifts (jitter), neighbours are to be alike (a little
    blur after every step), and values are to stay near the middle of the range (decay).

    Parameters
    ----------
    model : keras.Model
        Of one image size.
    value_range : (float, float)
        The smallest and the largest value that the model is to be given: (0, 1) for the digits of the lessons, (-1, 1)
        after Keras' preprocessing for MobileNetV2, about (-124, 152) after that for ResNet50.
    regularised : bool
    steps : int

    Raises
    ------
    TypeError
        If model is no keras.Model.
    ValueError
        If the model takes images of any size, the range is empty, or steps is not positive; at the call if a class does
        not exist.

    References
    ----------
    Simonyan, Vedaldi, Zisserman (2014), "Deep inside convolutional networks: Visualising image classification models
    and saliency maps", ICLR Workshop, section 2, equation (1): the score before softmax, with decay. Yosinski, Clune,
    Nguyen, Fuchs, Lipson (2015), "Understanding neural networks through deep visualization", section 3: blur. Olah,
    Mordvintsev, Schubert (2017), "Feature visualization", Distill: jitter.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(
    ...     1, use_bias=False)])
    >>> model.layers[-1].set_weights([np.array([[2.0], [-1.0]])])  # S = 2 x_1 - x_2
    >>> found = ActivationMaximization(model, value_range=(0, 1), regularised=False)(0)
    >>> found.images.ravel(), found.scores
    (array([1., 0.], dtype=float32), array([2.], dtype=float32))
    """

    def __init__(
        self,
        model: keras.Model,
        value_range: tuple[float, float],
        regularised: bool = True,
        steps: int = 200,
    ) -> None:
        if not isinstance(model, keras.Model):
            raise TypeError(no_model(type(self).__name__, model))
        low, high = value_range
        if not low < high:
            raise ValueError(f"value_range is {value_range!r}, but its first value must be below the second.")
        if not isinstance(steps, (int, np.integer)) or steps < 1:
            raise ValueError(f"steps is {steps!r}, but must be a whole number of at least 1.")
        shape = known_image_shape(model)
        if shape is None or None in shape:
            raise ValueError(
                f"{model.name!r} takes images of any size, and one has to be made: give a model whose Input has a "
                "height and a width."
            )
        self._network = Network(model, shape)
        self._shape = tuple(int(size or 0) for size in shape)  # none is None here
        self._low, self._high = float(low), float(high)
        self._regularised, self._steps = regularised, int(steps)
        images = tf.TensorSpec((None, *self._network.input_shape), tf.float32)
        self._gradient = Compiled(self._score_and_gradient, images, tf.TensorSpec((None,), tf.int32))

    def __call__(self, classes: int | Sequence[int], seed: int = 0) -> Maximised:
        """Search an image for each class.

        Parameters
        ----------
        classes : int or sequence of int
        seed : int
            Of the noise that the search begins with, and of the jitter.

        Returns
        -------
        Maximised
        """
        asked, _ = check_choice(self._network.name, self._network.classes, 1, None, np.atleast_1d(classes))
        chosen = asked[0]
        c = tf.constant(chosen, tf.int32)
        rng = np.random.default_rng(seed)
        span, middle = self._high - self._low, (self._high + self._low) / 2
        shape = (len(chosen), *self._shape)
        images = middle + span * _START * rng.normal(size=shape)
        start = np.asarray(self._gradient(_as_given(images), c)[0])
        rows, columns = (1 + self._network.layout(self._network.images).index(axis) for axis in "hw")
        for _ in range(self._steps):
            if self._regularised:
                reach = [int(shape[axis] * _JITTER) for axis in (rows, columns)]
                shift = [int(rng.integers(-most, most + 1)) for most in reach]
                images = np.roll(images, shift, (rows, columns))
            gradient = np.asarray(self._gradient(_as_given(images), c)[1], dtype=float)
            size = np.sqrt(np.mean(gradient**2, axis=tuple(range(1, gradient.ndim)), keepdims=True))
            images = images + span * _STEP * gradient / np.where(size > 0, size, 1)
            if self._regularised:
                images = np.roll(images, [-each for each in shift], (rows, columns))
                images = _blurred(images, (rows, columns))
                images = middle + (1 - _DECAY) * (images - middle)
            images = np.clip(images, self._low, self._high)
        scores = np.asarray(self._gradient(_as_given(images), c)[0])
        return Maximised(images.astype("float32"), chosen.astype("int64"), scores, start)

    def _score_and_gradient(self, images: tf.Tensor, classes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        network = self._network
        gradient = ScoreGradient(network, {network.images: images}, network.images)
        S = tf.cast(gradient.S, tf.float32)
        return tf.gather(S, classes, batch_dims=1), gradient(classes)


def _as_given(images: NDArray) -> tf.Tensor:
    return tf.constant(images.astype("float32"))


def _blurred(images: NDArray, axes: tuple[int, int]) -> NDArray:
    from scipy.ndimage import gaussian_filter

    deviations = [_BLUR if axis in axes else 0 for axis in range(images.ndim)]
    return np.asarray(gaussian_filter(images, deviations))
