"""What Score-CAM and Occlusion share: forward passes, batches, the progress bar."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from networks import gap_network, layers

from cam_course.methods.explainer import Explainer
from cam_course.methods.occlusion import Occlusion
from cam_course.methods.score_cam import ScoreCAM


class Counting(layers.Layer):
    """Passes its input on, and notes how many images came by, and how many at most at once."""

    def build(self, shape: tuple) -> None:
        self.passes = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.at_once = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x: object) -> object:
        n = keras.ops.cast(keras.ops.shape(x)[0], "float32")
        self.passes.assign_add(n)
        self.at_once.assign(keras.ops.maximum(self.at_once, n))
        return x


def counted() -> tuple[keras.Model, Counting]:
    """Seven maps, five classes; an image of 4 x 4 has 4 windows of 2 x 2."""
    counting = Counting()
    head = [layers.GlobalAveragePooling2D(), layers.Dense(5)]
    model = keras.Sequential([keras.Input((4, 4, 1)), counting, layers.Conv2D(7, 3), *head])
    counting.passes.assign(0)
    counting.at_once.assign(0)
    return model, counting


IMAGES = np.random.default_rng(0).normal(size=(3, 4, 4, 1)).astype("float32")
METHODS: list[tuple[Callable[..., Explainer], int]] = [
    (ScoreCAM, 7),
    (lambda model, **options: Occlusion(model, size=2, stride=2, **options), 4),
]


@pytest.mark.parametrize(("method", "masks"), METHODS)
def test_all_classes_cost_as_many_passes_as_one(method: Callable[..., Explainer], masks: int) -> None:
    model, counting = counted()
    explain = method(model, progress=False)
    for classes in ([0], "all"):
        counting.passes.assign(0)
        explain(IMAGES, classes=classes)
        assert int(counting.passes) == 3 * (1 + masks)


@pytest.mark.parametrize(("method", "masks"), METHODS)
def test_batches_change_nothing_but_how_many_images_exist_at_once(method: Callable[..., Explainer], masks: int) -> None:
    model, counting = counted()
    expected = method(model, progress=False)(IMAGES, classes="all").maps
    assert int(counting.at_once) == masks
    for size in (1, 3):
        counting.at_once.assign(0)
        e = method(model, progress=False, batch_size=size)(IMAGES, classes="all")
        assert int(counting.at_once) == size
        np.testing.assert_allclose(e.maps, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("method", "masks"), METHODS)
def test_the_bar_goes_to_stderr_and_can_be_silenced(
    method: Callable[..., Explainer], masks: int, capsys: pytest.CaptureFixture[str]
) -> None:
    model, _ = counted()
    explain = method(model)
    capsys.readouterr()
    explain(IMAGES)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert type(explain).__name__ in shown.err
    assert f"/{3 * masks} " in shown.err
    explain = method(model, progress=False)
    capsys.readouterr()
    explain(IMAGES)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("method", "masks"), METHODS)
@pytest.mark.parametrize("batch_size", [0, 2.5, "all"])
def test_a_wrong_batch_size_is_said_in_one_sentence(
    method: Callable[..., Explainer], masks: int, batch_size: object
) -> None:
    with pytest.raises(ValueError, match=r"batch_size is .*, but must be a whole number of at least 1\.$"):
        method(gap_network(), batch_size=batch_size)
