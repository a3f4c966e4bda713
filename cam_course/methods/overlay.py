"""Laying maps over the images that they explain."""

from typing import Any

import tensorflow as tf


def enlarged(maps: Any, height: Any, width: Any, margins: tuple[int, int, int, int]) -> Any:
    """Maps (n, h, w, K) on the grid of the image, (n, height, width, K), bilinearly.

    ``margins`` is how many pixels the network does not see, at the top, bottom, left and right: there it is zero.
    """
    top, bottom, left, right = margins
    seen = tf.image.resize(maps, (height - top - bottom, width - left - right))
    return tf.pad(seen, ((0, 0), (top, bottom), (left, right), (0, 0)))
