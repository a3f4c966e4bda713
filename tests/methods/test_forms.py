"""Models of other forms: mixed number formats, augmentation, channels first, saved and loaded, any size, shared."""

from pathlib import Path

import keras
import numpy as np
import pytest
from networks import IMAGE, M, S, gap_network, layers, set_weights

from cam_course import CAM, LRP, GradCAM, GuidedBackprop
from cam_course.network.processor import has_channels_first_convolution

pytestmark = pytest.mark.compiled


@pytest.fixture
def policy(request: pytest.FixtureRequest) -> object:
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"], indirect=True)
def test_a_float32_head_on_half_precision_is_no_less_exact(policy: str) -> None:
    head = [layers.GlobalAveragePooling2D(), layers.Dense(10, activation="softmax", dtype="float32")]
    model = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(32, 3, activation="relu"), *head])
    e = CAM(model)(np.random.default_rng(0).uniform(size=(4, 16, 16, 3)), classes="all")
    assert e.residual < 1e-5 * np.abs(e.scores).max()


class Augment(layers.Layer):
    """A custom layer that leaves it to Keras whether the layer within trains."""

    def __init__(self) -> None:
        super().__init__()
        self.flip = layers.RandomFlip()

    def call(self, x: object) -> object:
        return self.flip(x)


@pytest.mark.parametrize("method", [CAM, GradCAM, GuidedBackprop, LRP])
def test_augmentation_does_not_happen_when_a_model_is_explained(method: type) -> None:
    keras.utils.set_random_seed(0)
    moved = [
        layers.RandomFlip(),
        layers.RandomRotation(0.5),
        layers.RandomZoom(0.5),
        layers.RandomTranslation(0.5, 0.5),
    ]
    augment = keras.Sequential([*moved, layers.RandomContrast(0.9), layers.RandomBrightness(0.9)])
    body = [layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(3)]
    model = keras.Sequential([keras.Input((8, 8, 3)), augment, *([] if method is LRP else [Augment()]), *body])
    images = np.random.default_rng(0).uniform(size=(4, 8, 8, 3)).astype("float32")
    e, plain = method(model)(images, classes="all"), method(keras.Sequential(body))(images, classes="all")
    np.testing.assert_allclose(e.scores, model.predict(images, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(e.maps, plain.maps, rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(not has_channels_first_convolution(), reason="TensorFlow cannot convolve channels first here")
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
    assert explain._compiled_step.tracings == 1
    with pytest.raises(ValueError, match=r"images of the shape \(2, 2, 1\) do not fit through .*: give larger ones"):
        explain(np.zeros((1, 2, 2, 1)))


def test_a_backbone_shared_by_two_heads_is_explained_along_the_one_that_counts() -> None:
    x, image = keras.Input((2, 2, 1)), keras.Input((2, 2, 1))
    backbone = keras.Model(x, set_weights(gap_network(None)).get_layer("maps")(x))
    scores = [layers.Dense(3)(layers.GlobalAveragePooling2D()(backbone(image))) for _ in range(2)]
    for output in scores:
        model = keras.Model(image, output)
        e = CAM(model)(IMAGE, classes="all")
        np.testing.assert_allclose(e.scores, model(IMAGE), rtol=1e-5, atol=1e-6)
        assert e.residual < 1e-6
