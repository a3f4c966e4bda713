"""What Score-CAM and Occlusion share: forward passes, batches, the progress bar."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from networks import gap_network, layers

from cam_course.methods.explainer import Explainer
from cam_course.methods.occlusion import Occlusion
from cam_course.methods.score_cam import ScoreCAM


class Passes:
    """How many images came by, batch by batch."""

    def __init__(self) -> None:
        self.batches: list[int] = []


class Counting(layers.Layer):
    """Passes its input on and notes each batch; methods run line by line here."""

    def __init__(self, passes: Passes) -> None:
        super().__init__()
        self.passes = passes

    def call(self, x: object) -> object:
        if hasattr(x, "numpy"):  # and not only a symbol of images
            self.passes.batches.append(len(x))  # type: ignore[arg-type]
        return x


def counted() -> tuple[keras.Model, Passes]:
    """Seven maps, five classes; an image of 4 x 4 has 4 windows of 2 x 2."""
    passes = Passes()
    head = [layers.GlobalAveragePooling2D(), layers.Dense(5)]
    return keras.Sequential([keras.Input((4, 4, 1)), Counting(passes), layers.Conv2D(7, 3), *head]), passes


IMAGES = np.random.default_rng(0).normal(size=(3, 4, 4, 1)).astype("float32")
METHODS: list[tuple[Callable[..., Explainer], int]] = [
    (ScoreCAM, 7),
    (lambda model, **options: Occlusion(model, size=2, stride=2, **options), 4),
]


@pytest.mark.parametrize(("method", "masks"), METHODS)
def test_all_classes_cost_as_many_passes_as_one(method: Callable[..., Explainer], masks: int) -> None:
    model, passes = counted()
    explain = method(model, progress=False)
    explain(IMAGES)  # at its first images it is compared with the model
    for classes in ([0], "all"):
        passes.batches.clear()
        explain(IMAGES, classes=classes)
        assert sum(passes.batches) == 3 * (1 + masks)


@pytest.mark.parametrize(("method", "masks"), METHODS)
def test_batches_change_nothing_but_how_many_images_exist_at_once(method: Callable[..., Explainer], masks: int) -> None:
    model, passes = counted()
    expected = method(model, progress=False)(IMAGES, classes="all").maps
    assert max(passes.batches) == masks
    for size in (1, 3):
        explain = method(model, progress=False, batch_size=size)
        explain(IMAGES)  # at its first images it is compared with the model
        passes.batches.clear()
        e = explain(IMAGES, classes="all")
        assert max(passes.batches) == size
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
