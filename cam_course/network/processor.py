"""What TensorFlow can compute on this machine."""

from functools import cache

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import tensorflow as tf


@cache
def has_channels_first_convolution() -> bool:
    """Whether TensorFlow can convolve images that have their channels first: on a GPU, or with oneDNN."""
    one = tf.zeros((1, 1, 1, 1))
    try:
        tf.nn.conv2d(one, one, strides=1, padding="VALID", data_format="NCHW")
    except tf.errors.UnimplementedError:
        return False
    return True
