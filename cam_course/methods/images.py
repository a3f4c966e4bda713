"""Images as the methods take them."""

import os
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray


def as_images(images: ArrayLike, expected: tuple[int | None, ...], name: str) -> NDArray:
    """Images as (N, H, W, C), float32; the shape of one has to be the one expected, where that says something.

    Parameters
    ----------
    images : array_like, shape (N, H, W, C) or (H, W, C)
    expected : tuple of int or None
    name : str
        Of the model, for the sentences.

    Raises
    ------
    TypeError
        If they are no images but what holds or names them.
    ValueError
        If they have the wrong shape or hold NaN.
    """
    _check_kind(images)
    shapes = {np.shape(image) for image in images} if isinstance(images, (list, tuple)) and _are_arrays(images) else ()
    if len(shapes) > 1:
        raise ValueError(
            f"images of {len(shapes)} sizes are given, such as {' and '.join(map(str, sorted(shapes)[:2]))}: resize "
            "them to one, or explain them one by one."
        )
    array = np.asarray(images, dtype="float32")
    array = array[None] if array.ndim == 3 else array
    fits = array.ndim == 4 and all(want in (None, got) for want, got in zip(expected, array.shape[1:], strict=True))
    if not fits or not len(array):
        wanted = ", ".join("any" if size is None else str(size) for size in expected)
        raise ValueError(
            f"images have the shape {np.shape(images)}, but {name!r} takes (N, {wanted}) with N > 0: "
            "resize them, or add the missing axis."
        )
    if not np.isfinite([array.min(), array.max()]).all():  # an array of truths would be a quarter of the images
        raise ValueError("images hold NaN or infinite values: look at how they were read and scaled.")
    return array


def _check_kind(images: Any) -> None:
    """Refuse what is no array of numbers but something that leads to images."""
    kind = type(images).__name__
    if isinstance(images, (str, bytes, os.PathLike)):
        way_out = "read it first, for instance with cam_course.data.photos.load_photo, and prepare it for the model."
        raise TypeError(f"images is the path {os.fspath(images)!r}, but must be the images themselves: {way_out}")
    if isinstance(images, tf.data.Dataset) or hasattr(images, "__next__"):
        raise TypeError(
            f"images is a {kind}, but must be an array: take a batch of it, such as next(iter(dataset))[0]."
        )
    if isinstance(images, keras.KerasTensor) or (tf.is_tensor(images) and not hasattr(images, "numpy")):
        raise TypeError(
            f"images is a symbolic tensor ({kind}), which holds no values: explain images outside of tf.function, "
            "Dataset.map and functional models."
        )
    if isinstance(images, tuple) and len(images) == 2 and np.ndim(images[0]) > np.ndim(images[1]):
        raise TypeError("images is a pair, as of images and labels: give the images alone, the first of the two.")


def _are_arrays(images: Any) -> bool:
    return all(hasattr(image, "shape") for image in images)
