"""Score-CAM against weights worked out on paper."""

import keras
import numpy as np
import pytest
from networks import F_MAPS, IMAGE, flat_network, gap_network, layers

from cam_course.maps import softmax
from cam_course.methods.score_cam import ScoreCAM

# The gap network on IMAGE = [[1, 2], [3, -4]] has
# f_1 = ReLU(x) = [[1, 2], [3, 0]] and f_2 = ReLU(1 - x) = [[0, 0], [0, 5]].
# H_1 = f_1 / 3: X o H_1 = [[1/3, 4/3], [3, 0]], its F = ((1/3 + 4/3 + 3) / 4, (2/3 + 1) / 4) = (7/6, 5/12).
# H_2 = f_2 / 5: X o H_2 = [[0, 0], [0, -4]], its F = (0, (1 + 1 + 1 + 5) / 4) = (0, 2).
# X_b = 0: its F = (0, 1). Then S = F w + b, class by class:
UNDER_1 = np.array([7 / 6 - 5 / 6 + 1 / 4, 7 / 12 + 5 / 4 - 1, -7 / 6 + 2])
UNDER_2 = np.array([-4 + 1 / 4, 6 - 1, 2.0])
BASELINE = np.array([-2 + 1 / 4, 3 - 1, 2.0])
CIC = np.stack([UNDER_1 - BASELINE, UNDER_2 - BASELINE])  # (maps, classes): [[7/3, -7/6, -7/6], [-2, 3, 0]]


def silent(model: keras.Model, **options: object) -> ScoreCAM:
    return ScoreCAM(model, progress=False, **options)


def test_the_weights_are_the_softmax_of_the_increase_over_the_baseline() -> None:
    np.testing.assert_allclose(CIC, [[7 / 3, -7 / 6, -7 / 6], [-2, 3, 0]], rtol=1e-12)
    alpha = np.exp(CIC) / np.exp(CIC).sum(axis=0)
    e = silent(gap_network())(IMAGE, classes="all")
    np.testing.assert_allclose(e.maps[0], np.moveaxis(F_MAPS @ alpha, -1, 0), rtol=1e-5)


def test_the_baseline_cancels_in_the_softmax_but_not_in_definition_5() -> None:
    under = np.stack([UNDER_1, UNDER_2])
    np.testing.assert_allclose(softmax(CIC.T), softmax(under.T), rtol=1e-12)
    e = silent(gap_network())(IMAGE, classes="all")
    for alpha in (CIC, under, softmax(under)):  # definition 5, the same without baseline, the authors' program
        other = np.maximum(np.moveaxis(F_MAPS @ alpha, -1, 0), 0)
        assert np.abs(other / other.max() - e.maps[0] / e.maps[0].max()).max() > 0.01


def test_the_score_is_that_before_softmax() -> None:
    with_softmax = silent(gap_network("softmax"))(IMAGE, classes="all").maps
    np.testing.assert_allclose(with_softmax, silent(gap_network(None))(IMAGE, classes="all").maps)


def row_network(kernel: np.ndarray, w: np.ndarray) -> keras.Model:
    """A row of pixels, two maps that see two pixels each and do not overlap, GAP, dense layer without bias."""
    maps = layers.Conv2D(2, (1, 2), strides=(1, 2), use_bias=False)
    scores = layers.Dense(w.shape[1], use_bias=False)
    model = keras.Sequential([keras.Input((1, None, 1)), maps, layers.GlobalAveragePooling2D(), scores])
    maps.set_weights([kernel.reshape(1, 2, 1, 2)])
    scores.set_weights([w])
    return model


def test_masks_are_resized_bilinearly_and_only_then_scaled() -> None:
    # f_1 takes the even pixels and f_2 the odd ones: f_1 = (0, 4, 0) and f_2 = (0, 0, 6).
    # Resized to six pixels f_1 is (0, 1, 3, 3, 1, 0), with the maximum 3 and not 4, so H_1 = (0, 1/3, 1, 1, 1/3, 0);
    # f_2 is (0, 0, 0, 1.5, 4.5, 6), so H_2 = (0, 0, 0, 1/4, 3/4, 1).
    # X o H_1 = (0, 0, 4, 0, 0, 0) with F = (4/3, 0), and X o H_2 = (0, 0, 0, 0, 0, 6) with F = (0, 2).
    # Class 0: S = (1, 1), so alpha = (1/2, 1/2). Class 1: S = (log 3, 0), so alpha = (3/4, 1/4).
    image = np.array([0, 0, 4, 0, 0, 6], "float32").reshape(1, 1, 6, 1)
    w = np.array([[3 / 4, 3 / 4 * np.log(3)], [1 / 2, 0]])
    e = silent(row_network(np.eye(2), w))(image, classes="all")
    np.testing.assert_allclose(e.maps[0, :, 0], [[0, 2, 3], [0, 3, 1.5]], rtol=1e-5)


def test_a_constant_map_has_an_empty_mask_and_what_is_negative_is_cut_off() -> None:
    # f_1 = x = [[1, 2], [3, -4]] and f_2 = 2 everywhere.
    # H_1 = (x + 4) / 7 and X o H_1 = [[5/7, 12/7], [3, 0]], so F_1 = 19/14.
    # H_2 = 0 leaves the baseline alone: F_1 = 0. F_2 is 2 under both. With w_1 = 14/19 log 2 the scores differ by
    # log 2, so alpha = (2/3, 1/3) and L = ReLU(2/3 x + 2/3).
    maps, scores = layers.Conv2D(2, 1), layers.Dense(1)
    model = keras.Sequential([keras.Input((2, 2, 1)), maps, layers.GlobalAveragePooling2D(), scores])
    maps.set_weights([np.array([1.0, 0.0]).reshape(1, 1, 1, 2), np.array([0.0, 2.0])])
    scores.set_weights([np.array([[14 / 19 * np.log(2)], [0.3]]), np.array([7.0])])
    np.testing.assert_allclose(silent(model)(IMAGE).maps[0, 0], [[4 / 3, 2], [8 / 3, 0]], rtol=1e-5)


def test_an_image_whose_maps_are_all_constant_weighs_them_all_alike() -> None:
    e = silent(gap_network())(0 * IMAGE, classes="all")  # f_1 = 0 and f_2 = 1
    np.testing.assert_allclose(e.maps, 0.5)


def test_a_constant_map_stays_constant_when_it_is_resized() -> None:
    # f_1 = 0.1 (x_even + x_odd) is 0.3 everywhere and f_2 is 0. Both masks are empty, so alpha = (1/2, 1/2); noise of
    # rounding, scaled up to 1, would give f_1 a score of its own.
    image = np.array([1, 2] * 3, "float32").reshape(1, 1, 6, 1)
    e = silent(row_network(np.array([[0.1, 0.0], [0.1, 0.0]]), np.array([[50.0], [0.0]])))(image)
    np.testing.assert_allclose(e.maps, np.full((1, 1, 1, 3), 0.15), rtol=1e-5)


def test_all_constant_maps_share_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    # 0, 0, x, 0, x and 3 everywhere, in six maps; the first four weights of the dense layer tell the classes apart.
    maps, scores = layers.Conv2D(6, 1), layers.Dense(2)
    model = keras.Sequential([keras.Input((2, 2, 1)), maps, layers.GlobalAveragePooling2D(), scores])
    maps.set_weights([np.array([0.0, 0, 1, 0, 1, 0]).reshape(1, 1, 1, 6), np.array([0.0, 0, 0, 0, 0, 3])])
    scores.set_weights([np.arange(12.0).reshape(6, 2) / 12, np.zeros(2)])
    explain = silent(model)
    once = explain(IMAGE, classes="all").maps
    passes = []
    masked_images = explain._masked_images
    monkeypatch.setattr(
        explain, "_masked_images", lambda image, rows, c: passes.append(len(rows)) or masked_images(image, rows, c)
    )
    shared = explain(IMAGE, classes="all").maps
    assert sum(passes) == 3
    monkeypatch.setattr("cam_course.methods.score_cam._passes", lambda f: (np.arange(6), np.arange(6)))
    passes.clear()
    np.testing.assert_allclose(explain(IMAGE, classes="all").maps, shared, rtol=1e-6)
    assert sum(passes) == 6
    np.testing.assert_array_equal(once, shared)


def test_any_head_and_any_layer_will_do() -> None:
    assert silent(flat_network())(IMAGE).maps.shape == (1, 1, 2, 2)
    head = [layers.Flatten(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(2, 3, name="early"), layers.Conv2D(3, 2), *head])
    image = np.random.default_rng(0).normal(size=(6, 6, 1))
    by_name = silent(model, layer="early")(image, classes="all")
    by_itself = silent(model, layer=model.layers[0])(image, classes="all")
    assert by_name.maps.shape == (1, 2, 4, 4)
    np.testing.assert_array_equal(by_name.maps, by_itself.maps)
    with pytest.raises(ValueError, match="has no layer 'erly'; the nearest names are 'early'"):
        silent(model, layer="erly")
