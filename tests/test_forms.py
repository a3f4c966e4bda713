"""Models in other number formats and layouts, saved and loaded, deeper inside others."""

from pathlib import Path

import keras
import numpy as np
import pytest
from networks import IMAGE, M, S, gap_network, layers, set_weights

from cam_course import CAM, GradCAM


@pytest.fixture
def policy(request: pytest.FixtureRequest) -> object:
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "bfloat16"], indirect=True)
def test_in_half_precision_maps_and_scores_still_agree_to_float32(policy: str) -> None:
    keras.utils.set_random_seed(0)
    head = [layers.GlobalAveragePooling2D(), layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(32, 3, activation="relu"), *head])
    images = np.random.default_rng(0).uniform(size=(4, 16, 16, 3))
    e = CAM(model)(images, classes="all")
    assert model.layers[0].compute_dtype != "float32"
    assert e.maps.dtype == e.scores.dtype == np.float32
    assert e.residual < 1e-5 * np.abs(e.scores).max()
    rounding = {"mixed_float16": 1e-2, "mixed_bfloat16": 5e-2, "bfloat16": 5e-2}[policy]
    np.testing.assert_allclose(e.probabilities, np.asarray(model(images)), rtol=rounding)
    grad = GradCAM(model, relu=False)(images, classes="all")
    np.testing.assert_allclose(14 * 14 * grad.maps, e.maps, atol=rounding * np.abs(e.maps).max())


def test_channels_first_gives_the_same_maps() -> None:
    first = {"data_format": "channels_first"}
    maps = layers.Conv2D(2, 1, activation="relu", name="maps", **first)
    model = keras.Sequential(
        [keras.Input((1, 2, 2)), maps, layers.GlobalAveragePooling2D(**first), layers.Dense(3, name="scores")]
    )
    image = IMAGE.transpose(0, 3, 1, 2)
    e = CAM(set_weights(model))(image, classes="all")
    np.testing.assert_allclose(e.maps[0], M, rtol=1e-6)
    np.testing.assert_allclose(4 * GradCAM(model, relu=False)(image, classes="all").maps[0], M, rtol=1e-6)
    np.testing.assert_allclose(GradCAM(model, layer="maps")(image).maps[0, 0], np.maximum(M[1], 0) / 4, rtol=1e-6)


def test_a_loaded_model_is_explained_like_the_one_that_was_saved(tmp_path: Path) -> None:
    gap_network().save(tmp_path / "network.keras")
    e = CAM(keras.models.load_model(tmp_path / "network.keras"))(IMAGE, classes="all")
    np.testing.assert_allclose(e.maps[0], M, rtol=1e-6)
    np.testing.assert_allclose(e.scores[0], S, rtol=1e-6)


def test_images_of_any_size_where_the_model_takes_them() -> None:
    head = [layers.GlobalAveragePooling2D(), layers.Dense(3)]
    model = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(4, 3), *head])
    explain = CAM(model)
    for size in ((8, 8), (5, 9)):
        e = explain(np.random.default_rng(0).normal(size=(2, *size, 1)), classes="all")
        assert e.maps.shape == (2, 3, size[0] - 2, size[1] - 2)
        assert e.residual < 1e-5 * np.abs(e.scores).max()
    assert explain._compiled.experimental_get_tracing_count() == 1


def test_a_backbone_shared_by_two_heads_is_explained_along_the_one_that_counts() -> None:
    x, image = keras.Input((2, 2, 1)), keras.Input((2, 2, 1))
    backbone = keras.Model(x, set_weights(gap_network(None)).get_layer("maps")(x))
    scores = [layers.Dense(3)(layers.GlobalAveragePooling2D()(backbone(image))) for _ in range(2)]
    for output in scores:
        model = keras.Model(image, output)
        e = CAM(model)(IMAGE, classes="all")
        np.testing.assert_allclose(e.scores, model(IMAGE), rtol=1e-5, atol=1e-6)
        assert e.residual < 1e-6
