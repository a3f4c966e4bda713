"""Explanation: its residual, its resizing, its boxes, its figure."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from cam_course import Explanation

ZERO = np.zeros((1, 1), "float32")


def explanation(maps: np.ndarray, **given: object) -> Explanation:
    n, k = maps.shape[:2]
    values: dict = {
        "classes": np.tile(np.arange(k), (n, 1)),
        "scores": maps.mean(axis=(2, 3)),
        "bias": np.zeros((n, k), "float32"),
        "probabilities": np.full((n, k), 0.5, "float32"),
    }
    return Explanation.of(maps, **(values | given))


def test_residual_is_the_largest_difference_between_score_and_mean_plus_bias() -> None:
    maps = np.arange(8, dtype="float32").reshape(1, 2, 2, 2)  # means 1.5 and 5.5
    e = explanation(maps, scores=np.array([[2.0, 5.0]]), bias=np.array([[0.25, 0.0]]))
    assert e.residual == 0.5


def test_a_method_without_the_promise_has_no_residual() -> None:
    assert np.isnan(explanation(np.ones((1, 1, 2, 2), "float32"), exact=False).residual)


def test_an_explanation_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        explanation(np.ones((1, 1, 2, 2), "float32")).residual = 0.0  # type: ignore[misc]


def test_resize_takes_height_then_width_and_stays_within_the_values() -> None:
    maps = np.array([[[[-1.0, 0.0, 2.0], [3.0, -2.0, 1.0]]]], "float32")
    e = explanation(maps).resize((10, 30))
    assert e.maps.shape == (1, 1, 10, 30)
    assert e.maps.min() >= -2.0
    assert e.maps.max() <= 3.0
    assert np.argmax(e.maps[0, 0].mean(axis=0)) > 20  # the right column is still at the right


def test_resizing_moves_the_mean_and_the_residual_says_so() -> None:
    e = explanation(np.array([[[[8.0, 0.0], [0.0, 1.0]]]], "float32"))
    assert e.residual == 0.0
    assert e.resize((2, 2)).residual == 0.0
    resized = e.resize((7, 5))
    assert resized.residual == pytest.approx(abs(resized.maps.mean() - 2.25), abs=1e-6)


@pytest.mark.parametrize("size", [(0, 3), (2.5, 3), (3,), 224])
def test_resize_refuses_what_is_no_size(size: object) -> None:
    with pytest.raises(ValueError, match=r"\(height, width\)"):
        explanation(np.ones((1, 1, 2, 2), "float32")).resize(size)


def test_boxes_are_half_open_and_x_comes_first() -> None:
    M = np.zeros((4, 6), "float32")
    M[1:3, 2:5] = 1.0
    assert explanation(M[None, None]).boxes(0.2) == [[(2, 1, 5, 3)]]


def test_boxes_take_the_largest_connected_part() -> None:
    M = np.zeros((5, 5), "float32")
    M[0, 0] = 9.0
    M[2:4, 2:4] = 5.0
    assert explanation(M[None, None]).boxes(0.2) == [[(2, 2, 4, 4)]]
    assert explanation(M[None, None]).boxes(0.6) == [[(0, 0, 1, 1)]]


def test_no_box_where_nothing_is_positive() -> None:
    assert explanation(np.full((1, 1, 2, 2), -1.0, "float32")).boxes() == [[None]]


def test_there_is_no_box_around_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="maps hold NaN, around which there is no box"):
        explanation(np.full((1, 1, 2, 2), np.nan, "float32")).boxes()


@pytest.mark.parametrize("threshold", [-0.1, 1.0, float("nan")])
def test_boxes_refuse_a_threshold_that_is_no_share(threshold: float) -> None:
    with pytest.raises(ValueError, match="share of the maximum"):
        explanation(np.ones((1, 1, 2, 2), "float32")).boxes(threshold)


def test_show_draws_every_map_on_one_signed_scale(figure_text: Callable[..., str]) -> None:
    maps = np.array([[[[1.0, 2.0]], [[-8.0, 0.0]]]], "float32")
    figure = explanation(maps).show(np.ones((1, 4, 8, 3)), names=["cat", "dog"])
    assert "cat" in (text := figure_text(figure))
    assert "S = 1.50" in text
    drawn = [image for axes in figure.axes[:2] for image in axes.images[1:]]
    assert [image.get_clim() for image in drawn] == [(-8.0, 8.0)] * 2


def test_show_can_scale_each_map_by_itself() -> None:
    maps = np.array([[[[1.0, 2.0]], [[-8.0, 0.0]]]], "float32")
    figure = explanation(maps).show(shared_scale=False)
    assert [axes.images[0].get_clim() for axes in figure.axes[:2]] == [(-2.0, 2.0), (-8.0, 8.0)]


def test_show_refuses_images_that_are_not_those_explained() -> None:
    with pytest.raises(ValueError, match=r"\(1, H, W, 3\)"):
        explanation(np.ones((1, 1, 2, 2), "float32")).show(np.ones((2, 4, 4, 3)))


def test_repr_tells_shapes_and_classes() -> None:
    text = repr(explanation(np.ones((2, 3, 4, 5), "float32")))
    assert text == "Explanation(2 images x 3 classes, maps 4 x 5, classes [0, 1, 2], residual 0)"


# One image, two classes, a value for each input value: a grid of 2 x 3 with two channels that sum to 0..5 and to -1.
VALUES = np.stack([np.stack([np.arange(6.0) + 7, np.full(6, -7.0)], axis=-1), np.full((6, 2), -0.5)])
VALUES = VALUES.reshape(1, 2, 2, 3, 2).astype("float32")


def values(maps: np.ndarray = VALUES) -> Explanation:
    zero = np.zeros(maps.shape[:2], "float32")
    return explanation(maps, scores=zero, exact=False)


def test_maps_with_a_value_for_each_input_value_are_told_with_their_channels() -> None:
    assert repr(values()) == "Explanation(1 image x 2 classes, maps 2 x 3 x 2, classes [0, 1], residual none)"


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_their_channels_are_resized_one_by_one(channels: int) -> None:
    maps = np.random.default_rng(0).normal(size=(2, 3, 4, 5, channels)).astype("float32")
    resized = values(maps).resize((7, 11))
    assert resized.maps.shape == (2, 3, 7, 11, channels)
    for channel in range(channels):
        alone = explanation(maps[..., channel]).resize((7, 11)).maps
        np.testing.assert_allclose(resized.maps[..., channel], alone, rtol=1e-5, atol=1e-6)
    assert np.isnan(resized.residual)


def test_their_boxes_are_those_of_the_sum_over_the_channels() -> None:
    assert values().boxes(0.5) == [[(0, 1, 3, 2), None]]  # above 2.5 lie 3, 4 and 5, the lower row


def test_show_draws_their_sum_over_the_channels_and_says_so(figure_text: Callable[..., str]) -> None:
    figure = values().show(np.ones((1, 4, 6, 3)))
    assert "sum over the channels" in figure_text(figure)
    drawn = [axes.images[1] for axes in figure.axes[:2]]
    assert [image.get_clim() for image in drawn] == [(-5.0, 5.0)] * 2
    np.testing.assert_allclose(drawn[0].get_array(), [[0, 1, 2], [3, 4, 5]])
    separate = values().show(shared_scale=False)
    assert [axes.images[0].get_clim() for axes in separate.axes[:2]] == [(-5.0, 5.0), (-1.0, 1.0)]
