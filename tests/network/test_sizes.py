"""Images that are too small are refused from shapes alone, the same on every processor."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from networks import layers

from cam_course import CAM, LRP, GradCAM, GuidedBackprop, Occlusion

METHODS = [CAM, GradCAM, LRP, GuidedBackprop, lambda model: Occlusion(model, size=1, progress=False)]


def any_size(*body: keras.layers.Layer) -> keras.Model:
    head = [layers.GlobalAveragePooling2D(), layers.Dense(3)]
    return keras.Sequential([keras.Input((None, None, 1)), *body, *head], name="any_size")


def convolution(name: str = "maps", **arguments: object) -> keras.layers.Layer:
    return layers.Conv2D(2, 3, activation="relu", name=name, **arguments)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("body", "size", "last"),
    [
        (lambda: [convolution()], 2, "maps"),
        (lambda: [convolution(padding="same"), layers.MaxPooling2D(2, name="pool")], 1, "pool"),
        (lambda: [convolution(), layers.AveragePooling2D(2, name="pool"), convolution("late")], 3, "pool"),
        (lambda: [convolution(), layers.MaxPooling2D(2), convolution("late")], 7, "late"),
    ],
    ids=["convolution", "pooling", "pooling after a convolution", "convolution after pooling"],
)
def test_where_nothing_is_left_the_layer_is_named(
    method: Callable, body: Callable[[], list], size: int, last: str
) -> None:
    explain = method(any_size(*body()))
    with pytest.raises(
        ValueError,
        match=rf"images of the shape \({size}, {size}, 1\) do not fit through 'any_size', nothing is left of them "
        rf"after layer '{last}': give larger ones\.$",
    ):
        explain(np.ones((1, size, size, 1)))
    assert np.isfinite(explain(np.ones((1, 12, 12, 1))).maps).all()  # and larger ones are explained


def test_nothing_is_computed_before() -> None:
    ran = []

    class Running(layers.Layer):
        def call(self, x: object) -> object:
            ran.append(x)
            return x

    explain = CAM(any_size(Running(), convolution()))
    ran.clear()
    with pytest.raises(ValueError, match="give larger ones"):
        explain(np.ones((1, 2, 2, 1)))
    assert all(isinstance(x, keras.KerasTensor) or not hasattr(x, "numpy") for x in ran)  # shapes alone


def test_what_a_layer_cannot_take_in_this_size_is_said_with_the_reason() -> None:
    x = keras.Input((None, None, 1))
    up = layers.UpSampling2D(2)(layers.MaxPooling2D(2)(x))
    y = convolution()(layers.Add(name="sum")([x, up]))
    model = keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling2D()(y)))
    explain = GradCAM(model)
    assert explain(np.ones((1, 8, 8, 1))).maps.shape == (1, 1, 6, 6)
    with pytest.raises(ValueError, match=r"layer 'sum' cannot take them \(.*\): give them in another size"):
        explain(np.ones((1, 9, 9, 1)))


def test_a_model_that_was_never_built_stays_free_for_larger_images() -> None:
    pool = layers.MaxPooling2D(2, name="pool")
    for body in ([convolution()], [layers.Conv2D(2, 1), pool]):
        model = keras.Sequential([*body, layers.GlobalAveragePooling2D(), layers.Dense(3)])
        explain = CAM(model)
        with pytest.raises(ValueError, match=r"\(1, 1, 1\) do not fit .*: give larger ones"):
            explain(np.ones((1, 1, 1, 1)))
        assert explain(np.ones((1, 8, 8, 1))).residual < 1e-5


def test_a_custom_subclass_that_was_never_called_too() -> None:
    class Custom(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="custom")
            self.maps, self.pool, self.scores = convolution(), layers.GlobalAveragePooling2D(), layers.Dense(3)

        def call(self, x: object) -> object:
            return self.scores(self.pool(self.maps(x)))

    explain = CAM(Custom())
    with pytest.raises(ValueError, match=r"\(2, 2, 1\) do not fit through 'custom', nothing is left"):
        explain(np.ones((1, 2, 2, 1)))
    assert explain(np.ones((1, 8, 8, 1))).residual < 1e-5


def test_a_model_in_which_nothing_is_ever_left_is_refused_at_once() -> None:
    x = keras.Input((4, 4, 1))
    y = layers.Conv2D(2, 1)(x)[:, :0]  # Keras itself refuses a pooling that leaves nothing
    model = keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling2D()(y)))
    with pytest.raises(ValueError, match=r"\(4, 4, 1\) do not fit through .*, nothing is left of them after layer"):
        CAM(model)
