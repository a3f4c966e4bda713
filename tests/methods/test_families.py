"""The families of keras.applications, untrained, on small images: exact where their head is GAP and one dense layer."""

import keras
import numpy as np
import pytest

from cam_course import CAM, GradCAM
from cam_course.network import NoGapHeadError

pytestmark = pytest.mark.compiled
SIZE = 96
EXACT = [
    "ResNet50", "ResNet50V2", "DenseNet121", "InceptionV3", "Xception", "MobileNet", "MobileNetV2", "EfficientNetB0",
    "EfficientNetV2B0", "NASNetMobile",
]  # fmt: skip
REFUSED = {"VGG16": "fc2", "MobileNetV3Small": "hard_silu|activation|multiply", "ConvNeXtTiny": "layernorm"}


def untrained(name: str, size: int = SIZE) -> keras.Model:
    keras.utils.set_random_seed(0)
    return getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=7)


def images(size: int = SIZE) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (2, size, size, 3)).astype("float32")


@pytest.mark.parametrize("name", EXACT)
def test_the_score_is_the_mean_of_the_map_plus_the_bias(name: str) -> None:
    model = untrained(name)
    e = CAM(model)(images(), classes="all")
    size = np.abs(e.scores).max()
    assert size > 0
    assert e.residual < 1e-5 * size
    np.testing.assert_allclose(e.probabilities, model(images(), training=False), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", REFUSED)
def test_other_heads_are_refused_with_the_reason_and_grad_cam_runs(name: str) -> None:
    size = 48 if name == "VGG16" else SIZE  # its dense layers are large
    model = untrained(name, size)
    with pytest.raises(NoGapHeadError, match=f"(?i)({REFUSED[name]}).*use GradCAM"):
        CAM(model)
    e = GradCAM(model)(images(size), top=2)
    assert min(e.maps.shape[2:]) > 1
    assert np.isfinite(e.maps).all()


def test_a_vision_transformer_gets_a_sentence() -> None:
    layers = keras.layers
    x = keras.Input((32, 32, 3))
    tokens = layers.Reshape((16, 8))(layers.Conv2D(8, 8, strides=8, name="patches")(x))
    tokens = layers.Add()([tokens, layers.MultiHeadAttention(2, 4)(tokens, tokens)])
    model = keras.Model(x, layers.Dense(5)(layers.GlobalAveragePooling1D()(tokens)), name="vit")
    with pytest.raises(NoGapHeadError, match="'vit' does not end in global average pooling"):
        CAM(model)
    with pytest.raises(ValueError, match=r"'vit' is a vision transformer.*use Occlusion"):
        GradCAM(model)
    assert GradCAM(model, layer="patches")(np.ones((1, 32, 32, 3))).maps.shape == (1, 1, 4, 4)
