"""Activation maximisation where the best image is known on paper, and what regularising does to it."""

import keras
import numpy as np
import pytest
from networks import needs_channels_first

from cam_course import ActivationMaximization

layers = keras.layers
_rng = np.random.default_rng(3)
W = _rng.choice([-1, 1], (6, 5, 2, 3)) * _rng.uniform(0.5, 1, (6, 5, 2, 3))


def linear(range_of_classes: int = 3) -> keras.Model:
    """Scores that are weighted sums of the pixels: white where the weight is positive is best."""
    scores = layers.Dense(range_of_classes, activation="softmax", bias_initializer="ones")
    model = keras.Sequential([keras.Input((6, 5, 2)), layers.Flatten(), scores])
    scores.set_weights([W.reshape(-1, 3)[:, :range_of_classes], np.ones(range_of_classes)])
    return model


def small_network(data_format: str = "channels_last") -> keras.Model:
    keras.utils.set_random_seed(0)
    shape = (1, 16, 16) if data_format == "channels_first" else (16, 16, 1)
    conv = {"kernel_size": 3, "padding": "same", "activation": "relu", "data_format": data_format}
    body = [layers.Conv2D(8, **conv), layers.Conv2D(8, **conv), layers.GlobalAveragePooling2D(data_format=data_format)]
    return keras.Sequential([keras.Input(shape), *body, layers.Dense(3)])


def test_the_best_image_of_a_linear_model_is_found() -> None:
    found = ActivationMaximization(linear(), (-1, 2), regularised=False)([0, 2])
    for image, c, score in zip(found.images, (0, 2), found.scores, strict=True):
        np.testing.assert_array_equal(image, np.where(W[..., c] > 0, 2, -1))
        assert score == pytest.approx(np.maximum(2 * W[..., c], -W[..., c]).sum() + 1, rel=1e-5)
    np.testing.assert_array_equal(found.classes, [0, 2])
    assert found.images.dtype == np.float32


def test_scores_are_those_before_softmax_of_the_images_themselves() -> None:
    model = small_network()
    found = ActivationMaximization(model, (0, 1), steps=10)([0, 1, 2])
    S = model.predict(found.images, verbose=0)
    np.testing.assert_allclose(found.scores, np.diag(S), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("regularised", [False, True])
def test_the_score_rises_and_the_range_is_kept(regularised: bool) -> None:
    found = ActivationMaximization(small_network(), (-3, 1), regularised, steps=60)([0, 1, 2])
    assert (found.scores > found.start).all()
    assert found.images.min() >= -3
    assert found.images.max() <= 1


def test_a_regularised_image_is_smoother_and_nearer_to_the_middle() -> None:
    naive, regularised = (
        ActivationMaximization(small_network(), (0, 1), regularised, steps=60)(2).images[0, ..., 0]
        for regularised in (False, True)
    )
    rough = [np.abs(np.diff(image, axis=axis)).mean() for image in (naive, regularised) for axis in (0, 1)]
    assert max(rough[2:]) < 0.5 * min(rough[:2])
    assert np.abs(regularised - 0.5).mean() < np.abs(naive - 0.5).mean()


def test_a_seed_repeats_and_another_one_does_not() -> None:
    maximise = ActivationMaximization(small_network(), (0, 1), steps=5)
    np.testing.assert_array_equal(maximise(1, seed=4).images, maximise(1, seed=4).images)
    assert not np.array_equal(maximise(1, seed=4).images, maximise(1, seed=5).images)


def test_the_model_stays_as_it_was() -> None:
    model = small_network()
    before = model.get_weights()
    ActivationMaximization(model, (0, 1), steps=3)(0)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@needs_channels_first
def test_channels_first_gives_the_same_images() -> None:
    last, first = small_network(), small_network("channels_first")
    first.set_weights(last.get_weights())
    one = ActivationMaximization(last, (0, 1), steps=8)(2)
    other = ActivationMaximization(first, (0, 1), steps=8)(2)
    assert other.images.shape == (1, 1, 16, 16)
    np.testing.assert_allclose(one.images[0, ..., 0], other.images[0, 0], atol=1e-3)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"value_range": (1, 1)}, r"value_range is \(1, 1\), but its first value must be below"),
        ({"steps": 0}, "steps is 0, but must be a whole number"),
        ({"model": "resnet50"}, "got a str, but explains a keras.Model"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, object], sentence: str) -> None:
    with pytest.raises((TypeError, ValueError), match=sentence):
        ActivationMaximization(**({"model": linear(), "value_range": (0, 1)} | given))


def test_a_class_that_does_not_exist_and_a_size_that_is_open_are_refused() -> None:
    with pytest.raises(ValueError, match=r"class 3 does not exist.*has 3 classes, 0 to 2"):
        ActivationMaximization(linear(), (0, 1))(3)
    any_size = keras.Sequential(
        [keras.Input((None, None, 1)), layers.Conv2D(2, 3), layers.GlobalAveragePooling2D(), layers.Dense(2)]
    )
    with pytest.raises(ValueError, match="takes images of any size, and one has to be made"):
        ActivationMaximization(any_size, (0, 1))
