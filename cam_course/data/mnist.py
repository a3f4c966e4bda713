"""Handwritten digits: MNIST, or scikit-learn's digits in the same form where MNIST cannot be had."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .cache import MNIST, DownloadError, fetch
from .small_digits import load_small_digits

STAND_IN_TRAIN = 691  # leaves 1,106 test images, so that test image 1005 of the lecture exists here too


@dataclass(frozen=True, eq=False)
class Digits:
    """Images of handwritten digits and their labels.

    Parameters
    ----------
    train_images, test_images : (N, 28, 28, 1) float32 arrays
        White ink on black, from 0 (black) to 1 (white).
    train_labels, test_labels : (N,) int64 arrays
        The digit written, 0 to 9.
    source : str
        ``"MNIST"`` or ``"scikit-learn digits"``.
    notice : str
        One line for the reader: which images these are and what that means.
    """

    train_images: NDArray[np.float32] = field(repr=False)
    train_labels: NDArray[np.int64] = field(repr=False)
    test_images: NDArray[np.float32] = field(repr=False)
    test_labels: NDArray[np.int64] = field(repr=False)
    source: str
    notice: str


def load_mnist() -> Digits:
    """Load MNIST, or scikit-learn's handwritten digits where there is neither MNIST on disk nor a network.

    MNIST is read from Keras' cache (``KERAS_HOME``, by default ``~/.keras``) and checked; where it is missing or
    damaged a copy is downloaded. The stand-in has the same shape, type and range, but only 691 training and 1,106 test
    images, and these were 8 x 8 pixels.

    Returns
    -------
    Digits
        Show its `notice`: it tells the reader which of the two is in use.

    References
    ----------
    Y. LeCun, C. Cortes and C. J. C. Burges: The MNIST database of handwritten digits, 1998.
    E. Alpaydin and C. Kaynak: Optical Recognition of Handwritten Digits. UCI Machine Learning Repository, 1998.

    Examples
    --------
    >>> digits = load_mnist()
    >>> digits.test_images[1005].shape, digits.test_images.dtype
    ((28, 28, 1), dtype('float32'))
    """
    try:
        path = fetch(MNIST)
    except DownloadError as error:
        digits = load_stand_in()
        return replace(digits, notice=f"{digits.notice} {error}")

    with np.load(path, allow_pickle=False) as file:
        train_images, train_labels = _scaled(file["x_train"]), file["y_train"].astype(np.int64)
        test_images, test_labels = _scaled(file["x_test"]), file["y_test"].astype(np.int64)
    notice = f"MNIST: {len(train_images):,} training and {len(test_images):,} test images of handwritten digits."
    if path != MNIST.keras_path and os.path.lexists(MNIST.keras_path):
        notice += f" They come from {path}, because {MNIST.keras_path} is damaged or another file."
    return Digits(train_images, train_labels, test_images, test_labels, "MNIST", notice)


def load_stand_in() -> Digits:
    """scikit-learn's handwritten digits laid out as MNIST is: 20 x 20 pixels in the middle of 28 x 28.

    Examples
    --------
    >>> load_stand_in().train_images.shape
    (691, 28, 28, 1)
    """
    import cv2  # only the stand-in needs it

    small, labels = load_small_digits()
    images = np.zeros((len(small), 28, 28, 1), np.float32)
    for image, pixels in zip(images, small, strict=True):
        enlarged = cv2.resize(pixels, (20, 20), interpolation=cv2.INTER_CUBIC)
        image[4:24, 4:24, 0] = np.clip(enlarged, 0, 1)  # cubic interpolation overshoots

    n = STAND_IN_TRAIN
    notice = (
        f"Stand-in for MNIST: scikit-learn's handwritten digits, {n:,} training and {len(labels) - n:,} test images, "
        "enlarged from 8 x 8 to 28 x 28 pixels. Every formula holds on them, and the trained network that comes with "
        "the course is then one trained on them; scores, accuracies and pictures differ from those in the text."
    )
    return Digits(images[:n], labels[:n], images[n:], labels[n:], "scikit-learn digits", notice)


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 28, 28) grey levels 0 to 255 as (N, 28, 28, 1) numbers from 0 to 1."""
    return np.divide(images[..., np.newaxis], 255, dtype=np.float32)
