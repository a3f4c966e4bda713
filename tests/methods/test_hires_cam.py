"""HiResCAM against sums worked out on paper, and where it keeps its promise and where it makes none."""

import keras
import numpy as np
import pytest
from networks import F_MAPS, IMAGE, M, flat_network, gap_network, layers

from cam_course import CAM, GradCAM, HiResCAM
from cam_course.maps import hires_cam


def test_each_value_counts_with_its_own_gradient_and_the_map_adds_up_to_the_score() -> None:
    model = flat_network()
    g = np.array([[[1.0, -2.0], [0.0, 3.0]], [[-1.0, 2.0], [4.0, 0.5]]])
    model.get_layer("scores").set_weights([g.reshape(8, 1), np.array([0.25])])
    e = HiResCAM(model)(IMAGE)
    expected = [[1.0, 0.0], [-3.0, 2.5]]  # 1 * 1 - 2 * 0, 0 * 2 + 3 * 0; -1 * 3 + 2 * 0, 4 * 0 + 0.5 * 5
    np.testing.assert_allclose(e.maps[0, 0], expected)
    np.testing.assert_allclose(hires_cam(F_MAPS, g), expected)
    assert e.scores[0, 0] == pytest.approx(0.75)  # 1 + 0 - 3 + 2.5 + 0.25
    assert e.bias[0, 0] == pytest.approx(0.25)
    assert e.residual < 1e-6
    assert e.cells == 4
    # Grad-CAM's map adds up to something else: alpha = (1, 0.875) times the sums of f, 6 and 5.
    assert GradCAM(model, relu=False)(IMAGE).maps.sum() == pytest.approx(6 * 1 + 5 * 0.875)


def test_on_a_gap_head_it_is_cam_over_n_with_cams_bias() -> None:
    e, cam = HiResCAM(gap_network())(IMAGE, classes="all"), CAM(gap_network())(IMAGE, classes="all")
    np.testing.assert_allclose(4 * e.maps, cam.maps, rtol=1e-6)
    np.testing.assert_allclose(4 * e.maps[0], M, rtol=1e-6)
    np.testing.assert_allclose(e.bias, cam.bias, rtol=1e-6)
    assert e.residual < 1e-5


def random_network(*end: keras.layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(3)
    body = [layers.Conv2D(3, 3, activation="relu", name="features")]
    model = keras.Sequential(
        [keras.Input((7, 6, 2)), *body, *end, layers.Dense(4, "softmax", bias_initializer="normal")]
    )
    model.layers[-1].bias.assign([1.0, -2.0, 3.0, 0.5])
    return model


AFFINE = {
    "flatten": lambda: [layers.Flatten()],
    "two dense layers": lambda: [layers.Flatten(), layers.Dense(5, bias_initializer="normal")],
    "convolution": lambda: [layers.Conv2D(2, 2), layers.BatchNormalization(), layers.Flatten()],
    "average pooling": lambda: [layers.AveragePooling2D(2), layers.Flatten(), layers.Dropout(0.5)],
    "padding": lambda: [layers.ZeroPadding2D(1), layers.Permute((2, 1, 3)), layers.Flatten()],
}
NOT_AFFINE = {
    "ReLU": lambda: [layers.ReLU(), layers.Flatten(), layers.Dense(5, activation="relu")],
    "maximum pooling": lambda: [layers.GlobalMaxPooling2D()],
    "convolution with ReLU": lambda: [layers.Conv2D(2, 2, activation="relu"), layers.Flatten()],
}
IMAGES = np.random.default_rng(0).normal(size=(3, 7, 6, 2))


@pytest.mark.parametrize("end", AFFINE.values(), ids=AFFINE)
def test_wherever_the_scores_are_affine_in_f_the_map_adds_up(end) -> None:
    model = random_network(*end())
    e = HiResCAM(model, layer="features")(IMAGES, classes="all")
    S = np.log(model(IMAGES))  # the scores but for one number for each image
    from_maps = e.maps.sum(axis=(2, 3)) + e.bias
    np.testing.assert_allclose(from_maps - from_maps[:, :1], S - S[:, :1], rtol=1e-3, atol=1e-4)
    assert e.residual < 1e-5 * max(np.abs(e.scores).max(), np.abs(e.maps).sum(axis=(2, 3)).max())
    assert np.abs(e.bias).max() > 0.1


@pytest.mark.parametrize("end", NOT_AFFINE.values(), ids=NOT_AFFINE)
def test_elsewhere_it_makes_no_promise(end) -> None:
    e = HiResCAM(random_network(*end()), layer="features")(IMAGES, classes="all")
    assert np.isnan(e.residual)
    assert not e.bias.any()


def test_a_way_around_f_breaks_the_promise() -> None:
    x = keras.Input((2, 2, 1))
    first = layers.Conv2D(2, 1, name="first")(x)
    both = layers.Add()([layers.Conv2D(2, 1, name="second")(first), first])
    model = keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling2D()(both)))
    assert np.isnan(HiResCAM(model, layer="second")(IMAGE).residual)
    assert HiResCAM(model, layer=model.layers[3])(IMAGE).residual < 1e-5


def test_the_residual_survives_resizing_as_far_as_the_map_does() -> None:
    e = HiResCAM(random_network(layers.Flatten()))(IMAGES, classes="all")
    assert e.resize(e.maps.shape[2:]).residual == pytest.approx(e.residual, abs=1e-6)
    other = e.resize((7, 9))
    by_hand = other.maps.mean(axis=(2, 3)) * e.cells + e.bias
    assert other.residual == pytest.approx(np.abs(by_hand - e.scores).max(), rel=1e-4)
    assert other.residual > 1e-4
