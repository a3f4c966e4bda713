"""Channels first: explained where TensorFlow can convolve so, refused in a sentence where it cannot."""

import keras
import numpy as np
import pytest
from networks import layers, needs_channels_first

from cam_course import CAM, LRP, GradCAM, Occlusion
from cam_course.network.processor import has_channels_first_convolution


def network(*before: keras.layers.Layer, convolution: type = layers.Conv2D) -> keras.Model:
    first = {"data_format": "channels_first"}
    head = [layers.GlobalAveragePooling2D(**first), layers.Dense(3)]
    return keras.Sequential([keras.Input((1, 4, 4)), *before, convolution(2, 2, name="maps", **first), *head])


class Custom(layers.Conv2D):
    """Derived from a convolution, with its own call."""

    def call(self, x: object) -> object:
        return super().call(x)


@pytest.mark.skipif(has_channels_first_convolution(), reason="TensorFlow convolves channels first here")
@pytest.mark.parametrize("method", [CAM, GradCAM, LRP])
@pytest.mark.parametrize("convolution", [layers.Conv2D, layers.Conv2DTranspose, Custom])
def test_where_tensorflow_cannot_it_is_said_with_the_ways_out(method: type, convolution: type) -> None:
    with pytest.raises(
        ValueError, match=r"'maps' .* channels first, which TensorFlow cannot do on this machine: set .*ONEDNN"
    ) as caught:
        method(network(convolution=convolution))
    assert "\n" not in str(caught.value)
    assert "channels_last" in str(caught.value)


@pytest.mark.skipif(has_channels_first_convolution(), reason="TensorFlow convolves channels first here")
def test_where_tensorflow_cannot_the_model_itself_fails() -> None:
    with pytest.raises(Exception, match="NHWC"):  # so that the refusal takes nothing away
        network()(np.ones((1, 1, 4, 4), "float32"))


@needs_channels_first
def test_where_tensorflow_can_the_model_is_explained() -> None:
    assert CAM(network())(np.ones((1, 1, 4, 4))).residual < 1e-5


def test_a_layout_without_convolutions_is_no_reason_to_refuse() -> None:
    pool = layers.GlobalAveragePooling2D(data_format="channels_first")
    model = keras.Sequential([keras.Input((2, 4, 4)), pool, layers.Dense(3)])
    explain = Occlusion(model, size=2, progress=False)
    assert explain(np.ones((1, 2, 4, 4))).maps.shape == (1, 1, 4, 4)
