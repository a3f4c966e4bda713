"""Occlusion against falls of the score worked out on paper."""

import keras
import numpy as np
import pytest
from networks import IMAGE, gap_network, layers

from cam_course.methods.occlusion import Occlusion
from cam_course.network.processor import has_channels_first_convolution

W = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")
IMAGES = np.random.default_rng(1).normal(size=(2, 2, 3, 2)).astype("float32")


def linear(shape: tuple[int, ...], w: np.ndarray) -> keras.Model:
    """S = sum of weight times value, and a bias that must not matter."""
    model = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(w.shape[1])])
    model.layers[-1].set_weights([w, np.full(w.shape[1], 7.0)])
    return model


def silent(model: keras.Model, **options: object) -> Occlusion:
    return Occlusion(model, progress=False, **options)


def test_of_a_linear_model_a_window_of_one_pixel_takes_weight_times_pixel() -> None:
    e = silent(linear((2, 3, 2), W), size=1)(IMAGES, classes="all")
    expected = np.einsum("nhwi,hwic->nchw", IMAGES, W.reshape(2, 3, 2, 2))
    np.testing.assert_allclose(e.maps, expected, rtol=1e-4, atol=1e-5)
    assert (e.maps < 0).any()


@pytest.mark.parametrize("baseline", [0.5, [1.0, -2.0], IMAGES[1] / 2])
def test_the_baseline_is_a_number_a_colour_or_an_image(baseline: object) -> None:
    e = silent(linear((2, 3, 2), W), size=1, baseline=baseline)(IMAGES, classes="all")
    expected = np.einsum("nhwi,hwic->nchw", IMAGES - np.asarray(baseline, "float32"), W.reshape(2, 3, 2, 2))
    np.testing.assert_allclose(e.maps, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(not has_channels_first_convolution(), reason="TensorFlow cannot convolve channels first here")
def test_a_colour_lies_along_the_channels_wherever_they_stand() -> None:
    def network(layout: str) -> keras.Model:
        shape = (3, 3, 3)  # as many columns as channels, so that a colour would fit along both
        maps = layers.Conv2D(2, 2, data_format=layout)
        model = keras.Sequential([keras.Input(shape), maps, layers.GlobalAveragePooling2D(data_format=layout)])
        model.add(layers.Dense(2))
        rng = np.random.default_rng(1)
        model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
        return model

    image, colour = np.random.default_rng(0).normal(size=(1, 3, 3, 3)), [1.0, -2.0, 3.0]
    expected = silent(network("channels_last"), size=1, baseline=colour)(image).maps
    turned = silent(network("channels_first"), size=1, baseline=colour)(np.moveaxis(image, -1, 1)).maps
    np.testing.assert_allclose(turned, expected, rtol=1e-4, atol=1e-5)


def test_a_pixel_has_the_mean_over_all_windows_that_cover_it() -> None:
    # S is the sum of 1 2 3 / 4 5 6 / 7 8 9. Windows of 2 x 2 take 12 and 16 above, 24 and 28 below.
    image = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    e = silent(linear((3, 3, 1), np.ones((9, 1))), size=2, stride=1)(image)
    np.testing.assert_allclose(e.maps[0, 0], [[12, 14, 16], [18, 20, 22], [24, 26, 28]], rtol=1e-6)


def test_the_last_window_ends_with_the_image() -> None:
    # Of 1 2 3 4 5 the windows 1 2, 3 4 and 5 take 3, 7 and 5.
    row = linear((1, 5, 1), np.ones((5, 1)))
    image = np.arange(1.0, 6.0).reshape(1, 1, 5, 1)
    e = silent(row, size=(1, 2), stride=(1, 2))(image)
    np.testing.assert_allclose(e.maps[0, 0], [[3, 3, 7, 7, 5]], rtol=1e-6)
    # In steps of 2 windows of 4 are 1 2 3 4 and 3 4 5, which take 10 and 12.
    e = silent(row, size=(1, 4), stride=(1, 2))(image)
    np.testing.assert_allclose(e.maps[0, 0], [[10, 10, 11, 11, 12]], rtol=1e-6)
    # One window is the whole image.
    np.testing.assert_allclose(silent(row, size=(1, 5))(image).maps, np.full((1, 1, 1, 5), 15), rtol=1e-6)


@pytest.mark.parametrize("length", range(3, 12))
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_no_pixel_is_passed_over_and_no_window_lies_in_another(length: int, stride: int) -> None:
    windows = silent(linear((1, length, 1), np.ones((length, 1))), size=(1, 3), stride=(1, stride))._windows
    (_, along) = windows((1, length, 1))
    assert sorted({x for start, end in along for x in range(start, end)}) == list(range(length))
    assert len(set(along[:, 1])) == len(along)


def test_the_fall_is_that_of_the_score_before_softmax() -> None:
    # With one pixel of IMAGE = [[1, 2], [3, -4]] at 0, f_1 = ReLU(x) loses x where x > 0, f_2 = ReLU(1 - x) becomes 1.
    # So F_1 falls by 1/4, 2/4, 3/4, 0 and F_2 by -1/4, -1/4, -1/4, (5 - 1)/4; the falls of S are (falls of F) w.
    falls = np.array([[[1, -1], [2, -1]], [[3, -1], [0, 4]]]) / 4
    w = np.array([[1.0, 0.5, -1.0], [-2.0, 3.0, 0.0]])
    e = silent(gap_network("softmax"), size=1)(IMAGE, classes="all")
    np.testing.assert_allclose(e.maps[0], np.moveaxis(falls @ w, -1, 0), rtol=1e-5)


def test_without_a_size_the_window_is_an_eighth_and_moves_by_half_of_itself() -> None:
    model = keras.Sequential([keras.Input((None, None, 1)), layers.GlobalAveragePooling2D(), layers.Dense(1)])
    rows, columns = silent(model)._windows((28, 224, 1))
    np.testing.assert_array_equal(rows, [(y, y + 4) for y in range(0, 25, 2)])
    np.testing.assert_array_equal(columns, [(x, x + 28) for x in range(0, 197, 14)])


@pytest.mark.compiled
def test_a_model_for_images_of_any_size_gets_maps_of_any_size() -> None:
    model = keras.Sequential([keras.Input((None, None, 1)), layers.GlobalAveragePooling2D(), layers.Dense(1)])
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    explain = silent(model, size=1)
    for size in ((2, 3), (4, 2)):
        image = np.random.default_rng(0).normal(size=(1, *size, 1))
        np.testing.assert_allclose(explain(image).maps[0, 0], image[0, :, :, 0] / np.prod(size), rtol=1e-4, atol=1e-6)
    assert explain._masked_images.tracings == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"size": 0}, r"size is 0, but must be a whole number of at least 1, or two: \(height, width\)"),
        ({"size": 1.5}, "size is 1.5, but must be a whole number"),
        ({"size": (1, 2, 3)}, r"size is \(1, 2, 3\), but must be"),
        ({"size": "2"}, "size is '2', but must be"),
        ({"stride": (1, 0)}, r"stride is \(1, 0\), but must be a whole number"),
        ({"baseline": np.nan}, "baseline holds NaN"),
    ],
)
def test_wrong_options_are_said_in_one_sentence(options: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        Occlusion(gap_network(), **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"size": 3}, "the window is 3 x 3 pixels, but the images are 2 x 2: choose a smaller size"),
        ({"size": (1, 3)}, "the window is 1 x 3 pixels"),
        ({"size": 1, "stride": 2}, "stride is 2 x 2, but steps larger than the window, 1 x 1, pass over pixels"),
        ({"baseline": [1, 2, 3]}, r"baseline has the shape \(3,\), which does not fit images of shape \(2, 2, 1\)"),
        ({"baseline": np.zeros((1, 2, 2, 1))}, "baseline has the shape"),
    ],
)
def test_what_does_not_fit_the_images_is_said_in_one_sentence(options: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        silent(gap_network(), **options)(IMAGE)
    assert "\n" not in str(caught.value)
