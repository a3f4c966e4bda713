"""Insertion and deletion on a model whose answer to every picture is known on paper."""

import keras
import numpy as np
import pytest

from cam_course import CAM
from cam_course.evaluate import Curve, baseline_of, completeness_residual, deletion, insertion
from cam_course.evaluate.controls import random_map

layers = keras.layers
SIZE = (4, 5, 2)
W = np.random.default_rng(1).uniform(size=(*SIZE, 3))
IMAGE = np.random.default_rng(2).uniform(size=SIZE)


@pytest.fixture(scope="module")
def linear() -> keras.Model:
    """Scores that are weighted sums of the pixels."""
    model = keras.Sequential([keras.Input(SIZE), layers.Flatten(), layers.Dense(3, use_bias=False)])
    model.layers[-1].set_weights([W.reshape(-1, 3)])
    return model


def evidence(c: int) -> np.ndarray:
    """What every pixel adds to the score: the map that knows the answer."""
    return (IMAGE * W[..., c]).sum(axis=-1)


def test_the_curve_follows_the_pixels_in_the_order_of_the_map(linear: keras.Model) -> None:
    curve = insertion(linear, IMAGE, evidence(1), c=1, baseline="zero", steps=20)
    expected = np.concatenate([[0], np.cumsum(np.sort(evidence(1).ravel())[::-1])])
    np.testing.assert_allclose(curve.values, expected, rtol=1e-5)
    np.testing.assert_allclose(curve.fractions, np.arange(21) / 20)
    gone = deletion(linear, IMAGE, evidence(1), c=1, steps=20)
    np.testing.assert_allclose(gone.values, expected[-1] - expected, rtol=1e-5, atol=1e-5)


def test_no_map_beats_the_one_that_knows_the_answer(linear: keras.Model) -> None:
    best, worst = (insertion(linear, IMAGE, sign * evidence(0), 0, "zero", 20).area for sign in (1, -1))
    others = [insertion(linear, IMAGE, random_map(SIZE[:2], seed), 0, "zero", 20).area for seed in range(30)]
    assert worst < min(others) <= max(others) < best
    # Chance: on average half of the way from nothing to the whole score.
    assert np.mean(others) == pytest.approx(evidence(0).sum() / 2, rel=0.05)
    least = deletion(linear, IMAGE, evidence(0), 0, steps=20).area
    assert least == pytest.approx(worst, rel=1e-5)  # of sums the one is the other, backwards
    assert least < deletion(linear, IMAGE, -evidence(0), 0, steps=20).area


def test_both_ends_are_the_pictures_themselves(linear: keras.Model) -> None:
    for baseline in ("zero", "mean", "blur"):
        start = linear.predict(baseline_of(IMAGE, baseline)[None].astype("float32"), verbose=0)[0, 2]
        whole = linear.predict(IMAGE[None].astype("float32"), verbose=0)[0, 2]
        come, go = (measure(linear, IMAGE, evidence(0), 2, baseline, steps=3) for measure in (insertion, deletion))
        assert (come.values[0], come.values[-1]) == pytest.approx((start, whole), rel=1e-5)
        assert (go.values[0], go.values[-1]) == pytest.approx((whole, start), rel=1e-5)


def test_a_pixel_comes_with_all_its_channels(linear: keras.Model) -> None:
    M = np.zeros(SIZE[:2])
    M[3, 1] = 1.0
    curve = insertion(linear, IMAGE, M, 0, "zero", steps=20)
    assert curve.values[1] == pytest.approx((IMAGE * W[..., 0])[3, 1].sum(), rel=1e-5)


def test_a_flat_map_favours_no_corner(linear: keras.Model) -> None:
    ramp = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(1, use_bias=False)])
    rows = np.repeat(np.arange(8.0), 8)  # what lies further down counts for more
    ramp.layers[-1].set_weights([rows[:, None]])
    area = insertion(ramp, np.ones((8, 8, 1)), np.ones((8, 8)), 0, "zero", steps=64).area
    assert area == pytest.approx(rows.sum() / 2, rel=0.1)  # row by row it would be a third


def test_the_area_is_that_of_the_trapezoids() -> None:
    assert Curve("", np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0])).area == pytest.approx(0.75)
    assert Curve("", np.linspace(0, 1, 11), np.full(11, 0.3)).area == pytest.approx(0.3)


def test_the_name_says_which_direction_is_better(linear: keras.Model) -> None:
    assert insertion(linear, IMAGE, evidence(0), 0, steps=1).name == "insertion, higher is better"
    assert deletion(linear, IMAGE, evidence(0), 0, steps=1).name == "deletion, lower is better"


def test_baselines_by_hand() -> None:
    picture = np.zeros((41, 41, 2))
    picture[20, 20] = (4.0, 8.0)
    assert not baseline_of(picture, "zero").any()
    np.testing.assert_allclose(baseline_of(picture, "mean")[0, 0], np.array([4, 8]) / 41**2)
    blurred = baseline_of(picture, "blur")
    np.testing.assert_allclose(blurred.sum(axis=(0, 1)), [4, 8], rtol=1e-3)
    np.testing.assert_allclose(blurred[..., 1], 2 * blurred[..., 0])  # channels apart
    assert blurred.max() < 0.4


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"M": np.ones((5, 4))}, r"shape \(5, 4\) and the image \(4, 5\) pixels: resize"),
        ({"M": np.full((4, 5), np.nan)}, "holds NaN"),
        ({"steps": 0}, "steps is 0"),
        ({"baseline": "grey"}, "baseline is 'grey'"),
        ({"image": IMAGE[None]}, r"\(1, 4, 5, 2\), but one image is"),
    ],
)
def test_what_makes_no_sense_is_refused(linear: keras.Model, changed: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        insertion(**({"model": linear, "image": IMAGE, "M": evidence(0), "c": 0} | changed))


def test_completeness_of_cam_and_of_a_map_that_lost_something() -> None:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(SIZE), layers.Conv2D(3, 2), layers.GlobalAveragePooling2D(), layers.Dense(3)])
    model.layers[-1].bias.assign([1.0, 2.0, 3.0])
    e = CAM(model)(IMAGE, classes="all")
    assert completeness_residual(e).max() < 1e-5
    e.maps[0, 1, 0, 0] += e.maps[0, 1].size * np.abs(e.scores - e.bias).max() / 2
    np.testing.assert_allclose(completeness_residual(e), [[0, 0.5, 0]], atol=1e-5)
