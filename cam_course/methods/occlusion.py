"""Occlusion: hide one window of the image after another, and see how far the score falls."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from ..network import Network
from .masking import MaskingExplainer, add_channels, height_and_width


class Occlusion(MaskingExplainer):
    """How far the score falls when a window of the image is hidden. It needs no feature maps: any model will do.

    M_c(x, y) is the mean, over all windows that cover the pixel (x, y), of S_c(image) - S_c(image with the window
    replaced by the baseline): signed, not scaled, positive where the image speaks for the class. The maps are as large
    as the images, (N, K, H, W), because windows overlap and may be cut off: positions of windows are no even grid.

    Parameters
    ----------
    model : keras.Model
    size : int or (int, int), optional
        Of the window in pixels, one number or height and width; left out, an eighth of the image, rounded up.
    stride : int or (int, int), optional
        Steps between windows in pixels, at most the size so that no pixel is passed over; left out, half the size.
        The last window of a row or column ends with the image.
    baseline : float or array_like
        What a window is replaced by, in the values that the model takes: one number, a colour of shape (C,) or a whole
        image (H, W, C). 0 is black only where images run from 0; after Keras' preprocessing for ResNet50 and VGG it is
        the mean colour of ImageNet.
    batch_size : int
        So many masked images exist at once. There is one forward pass for each window, and it serves all classes.
    progress : bool
        Whether a bar counts the passes, on stderr or as a widget in a notebook. It goes when they are
        done; only a notebook that is stored keeps an empty line of it.

    Raises
    ------
    ValueError
        If size, stride or batch_size is not made of whole numbers of at least 1, the stride is larger than the size,
        or baseline holds NaN; at the call if the window is larger than the image or baseline does not fit it.

    Notes
    -----
    Zeiler and Fergus draw the probability that remains. The score before softmax is taken here, as in all methods of
    this package, so that a class does not gain because another one loses.

    References
    ----------
    Zeiler, Fergus (2014), "Visualizing and understanding convolutional networks", ECCV, section 4.2.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((1, 3, 1)), keras.layers.Flatten(), keras.layers.Dense(1, kernel_initializer="ones")])
    >>> image = np.array([5.0, 0.0, -2.0]).reshape(1, 1, 3, 1)  # S = 5 + 0 - 2
    >>> Occlusion(model, size=1, progress=False)(image).maps[0, 0]
    array([[ 5.,  0., -2.]], dtype=float32)
    """

    on_grid = False

    def __init__(
        self,
        model: keras.Model,
        size: int | Sequence[int] | None = None,
        stride: int | Sequence[int] | None = None,
        baseline: ArrayLike = 0.0,
        batch_size: int = 32,
        progress: bool = True,
    ) -> None:
        self._given_size = None if size is None else _height_width("size", size)
        self._given_stride = None if stride is None else _height_width("stride", stride)
        self._baseline = np.asarray(baseline, dtype="float32")
        if not np.isfinite(self._baseline).all():
            raise ValueError("baseline holds NaN or infinite values: give a number, a colour or an image.")
        super().__init__(model, batch_size, progress)

    def _find_roles(self, network: Network) -> None:
        self._source = network.images
        self._mask_row = tf.TensorSpec((None, 4), tf.int32)  # top, left, bottom, right

    def _check_images(self, images: ArrayLike) -> NDArray:
        checked = super()._check_images(images)
        self._check_baseline(checked.shape[1:])
        return checked

    def _count(self, image_shape: tuple[int, ...]) -> int:
        rows, columns = self._windows(image_shape)
        return len(rows) * len(columns)

    def _mask_rows(self, image_shape: tuple[int, ...], f: NDArray) -> NDArray:
        rows, columns = self._windows(image_shape)
        return np.array([(top, left, bottom, right) for top, bottom in rows for left, right in columns], "int32")

    def _masked(self, image: Any, rows: Any) -> Any:
        height, width = height_and_width(self.network, tf.shape(image)[1:])
        top, left, bottom, right = tf.split(rows, 4, axis=1)
        in_height = (tf.range(height) >= top) & (tf.range(height) < bottom)  # (b, H)
        in_width = (tf.range(width) >= left) & (tf.range(width) < right)  # (b, W)
        hidden = in_height[:, :, None] & in_width[:, None, :]
        return tf.where(add_channels(self.network, hidden), self._colour(), image)

    def _colour(self) -> NDArray:
        """The baseline in a shape that broadcasts, a colour along the channels."""
        if self._baseline.ndim != 1:
            return self._baseline
        shape = [-1 if axis == "c" else 1 for axis in self.network.layout(self.network.images)]
        return self._baseline.reshape(shape)

    def _map(self, S_masked: NDArray, S: NDArray, f: NDArray, image_shape: tuple[int, ...]) -> NDArray:
        windows = zip(self._windows(image_shape), height_and_width(self.network, image_shape), strict=True)
        rows, columns = (_inside(along, length) for along, length in windows)
        drop = (S - S_masked).reshape(len(rows), len(columns), len(S))
        total = np.einsum("ijk,ih,jw->khw", drop, rows, columns, optimize=True)
        return total / np.outer(rows.sum(axis=0), columns.sum(axis=0))

    def _windows(self, image_shape: tuple[int, ...]) -> list[NDArray]:
        """Where windows start and end along the height and along the width, each (windows, 2)."""
        lengths = height_and_width(self.network, image_shape)
        sizes = self._given_size or tuple(-(-length // 8) for length in lengths)
        strides = self._given_stride or tuple(max(1, size // 2) for size in sizes)
        if any(size > length for size, length in zip(sizes, lengths, strict=True)):
            raise ValueError(
                f"the window is {sizes[0]} x {sizes[1]} pixels, but the images are {lengths[0]} x {lengths[1]}: "
                "choose a smaller size."
            )
        if any(stride > size for stride, size in zip(strides, sizes, strict=True)):
            raise ValueError(
                f"stride is {strides[0]} x {strides[1]}, but steps larger than the window, {sizes[0]} x {sizes[1]}, "
                "pass over pixels: choose a stride of at most the size."
            )
        starts = [np.arange(0, n - size + step, step) for n, size, step in zip(lengths, sizes, strides, strict=True)]
        ends = [np.minimum(start + size, n) for start, size, n in zip(starts, sizes, lengths, strict=True)]
        return [np.stack(pair, axis=1) for pair in zip(starts, ends, strict=True)]

    def _check_baseline(self, image_shape: tuple[int, ...]) -> None:
        try:
            fits = np.broadcast_shapes(self._colour().shape, image_shape) == image_shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"baseline has the shape {self._baseline.shape}, which does not fit images of shape {image_shape}: "
                "give a number, a value for each channel, or a whole image."
            )


def _height_width(name: str, value: int | Sequence[int]) -> tuple[int, int]:
    pair = [value, value] if isinstance(value, (int, np.integer)) else value
    if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(isinstance(n, (int, np.integer)) for n in pair):
        pair = (0, 0)
    height, width = (int(n) for n in pair)
    if height < 1 or width < 1:
        raise ValueError(f"{name} is {value!r}, but must be a whole number of at least 1, or two: (height, width).")
    return height, width


def _inside(windows: NDArray, length: int) -> NDArray:
    """Whether a position lies in a window, 0 or 1, shape (windows, length)."""
    start, end = windows[:, :1], windows[:, 1:]
    positions = np.arange(length)
    return ((start <= positions) & (positions < end)).astype("float32")
