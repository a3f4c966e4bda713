"""Receptive fields worked out on paper, of known networks, and against the gradient."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cam_course.network import Network
from cam_course.network.receptive_field import ReceptiveField, drawn_centre, receptive_field

layers = keras.layers


def field_of(*body: keras.layers.Layer, size: tuple[int | None, int | None] = (20, 20)) -> ReceptiveField:
    head = [layers.Conv2D(1, 1, name="end"), layers.Flatten() if None not in size else layers.GlobalMaxPooling2D()]
    network = Network(keras.Sequential([keras.Input((*size, 1)), *body, *head, layers.Dense(1)]))
    rows, columns = receptive_field(network, network.layer_output("end"))
    assert rows == columns or size[0] != size[1]
    return rows


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], ReceptiveField(0, 1, 1)),
        ([layers.Conv2D(1, 3)], ReceptiveField(1, 1, 3)),
        ([layers.Conv2D(1, 3, padding="same")], ReceptiveField(0, 1, 3)),
        ([layers.Conv2D(1, 3, dilation_rate=2)], ReceptiveField(2, 1, 5)),
        ([layers.MaxPooling2D(2)], ReceptiveField(0.5, 2, 2)),
        ([layers.AveragePooling2D(2), layers.ReLU(), layers.MaxPooling2D(2)], ReceptiveField(1.5, 4, 4)),
        # 20 pixels in steps of 2: one pixel of padding in all, at the end, so the first window begins at pixel 0.
        ([layers.Conv2D(1, 3, strides=2, padding="same")], ReceptiveField(1, 2, 3)),
        ([layers.ZeroPadding2D(1), layers.Conv2D(1, 3, strides=2)], ReceptiveField(0, 2, 3)),
        ([layers.Cropping2D(2)], ReceptiveField(2, 1, 1)),
        # 3 and pool and 3: lesson 01's window of 8 x 8.
        (
            [layers.Conv2D(1, 3, padding="same"), layers.MaxPooling2D(2), layers.Conv2D(1, 3, padding="same")],
            ReceptiveField(0.5, 2, 8),
        ),
    ],
)
def test_by_hand(body: list[keras.layers.Layer], field: ReceptiveField) -> None:
    assert field_of(*body) == field


@pytest.mark.parametrize("pixels", [19, 20, 21, 22])
@pytest.mark.parametrize("stride", [2, 3])
def test_the_window_is_where_the_gradient_is(pixels: int, stride: int) -> None:
    keras.utils.set_random_seed(0)
    positive = {"kernel_initializer": "ones", "padding": "same"}
    body = [layers.Conv2D(1, 5, strides=stride, **positive), layers.Conv2D(1, 3, strides=2, **positive)]
    model = keras.Sequential([keras.Input((pixels, 24, 1)), *body, layers.Flatten(), layers.Dense(1)])
    network = Network(model)
    rows, columns = receptive_field(network, network.grid())
    image = tf.ones((1, pixels, 24, 1))
    with tf.GradientTape() as tape:
        tape.watch(image)
        f = image
        for layer in body:
            f = layer(f)
        cell = f[0, 1, 1, 0]
    touched = tape.gradient(cell, image).numpy()[0, :, :, 0] > 0
    for field, axis, n in ((rows, 1, pixels), (columns, 0, 24)):
        seen = np.flatnonzero(touched.any(axis=axis))
        half = (field.size - 1) / 2
        assert seen[0] == max(0, field.centre(1) - half)
        assert seen[-1] == min(n - 1, field.centre(1) + half)


@pytest.mark.parametrize(
    ("name", "centre"),
    [("ResNet50", 96.0), ("VGG16", 111.5), ("MobileNetV2", 127.0)],
)
def test_the_middle_cell_of_known_networks(name: str, centre: float) -> None:
    base = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(224, 224, 3))
    model = keras.Sequential([base, layers.GlobalAveragePooling2D(), layers.Dense(2)])
    network = Network(model)
    f = network.grid()
    rows, columns = receptive_field(network, f)
    assert tuple(f.shape[1:3]) == (7, 7)
    assert rows == columns
    assert rows.step == 32
    assert rows.centre(3) == centre
    assert drawn_centre(3, 7, 224) == 111.5


def test_branches_are_seen_together() -> None:
    x = keras.Input((20, 20, 1))
    small = layers.Conv2D(2, 1, padding="same")(x)
    large = layers.Conv2D(2, 5, padding="same")(x)
    both = layers.Concatenate(name="both")([small, large])
    network = Network(keras.Model(x, layers.Dense(1)(layers.GlobalAveragePooling2D()(both))))
    assert receptive_field(network, network.layer_output("both"))[0] == ReceptiveField(0, 1, 5)


def test_what_cannot_be_told_is_said() -> None:
    x = keras.Input((20, 20, 1))
    f = layers.Conv2D(2, 3, name="before")(x)
    f = layers.Conv2D(2, 3, name="after")(layers.UpSampling2D(2, name="up")(f))
    network = Network(keras.Model(x, layers.Dense(1)(layers.GlobalAveragePooling2D()(f))))
    with pytest.raises(ValueError, match=r"beyond 'up' \(UpSampling2D\).*choose a layer before it"):
        receptive_field(network, network.layer_output("after"))
    with pytest.raises(ValueError, match="pads as the size of the image asks for"):
        field_of(layers.Conv2D(1, 3, strides=2, padding="same"), size=(None, None))
