"""Guided backpropagation and Guided Grad-CAM against gradients worked out on paper."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import IMAGE, S, convolution, gap_network, layers, set_weights

from cam_course import GradCAM
from cam_course.methods.guided import GuidedBackprop, GuidedGradCAM

# IMAGE is 1, 2, 3, -4; f_1 = ReLU(x) and f_2 = ReLU(1 - x), S_c = mean(w_1 f_1 + w_2 f_2) + b. At 1, 2 and 3 the first
# ReLU is active and passes w_1 / 4 back, at -4 the second, and passes w_2 / 4 back, which the filter turns round.
PLAIN = np.array([[[1, 1], [1, 2]], [[0.5, 0.5], [0.5, -3]], [[-1, -1], [-1, 0]]], "float32") / 4
# Guided: what arrives negative is stopped. That is w_2 = -2 of class 0 and w_1 = -1 of class 2.
GUIDED = np.array([[[1, 1], [1, 0]], [[0.5, 0.5], [0.5, -3]], [[0, 0], [0, 0]]], "float32") / 4
# ReLU(M_c) / 4 of `test_grad_cam`: on the grid of the image, as the convolution is 1 x 1.
GRAD_CAM = np.array([[[1, 2], [3, 0]], [[0.5, 1], [1.5, 15]], [[0, 0], [0, 0]]], "float32") / 4


def plain_gradient(model: keras.Model, images: np.ndarray, c: int) -> np.ndarray:
    x = tf.constant(images, "float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        S_c = tf.reduce_sum(model(x)[:, c])
    return tape.gradient(S_c, x).numpy()


def random_network() -> keras.Model:
    """Two ReLUs one after the other, so that the first receives what the second has let through."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(6, 3, activation="relu", name="early"),
            layers.Conv2D(5, 3, strides=2, activation="relu", name="late"),
            layers.Flatten(),
            layers.Dense(4, name="scores"),
        ]
    )


def images() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, 8, 8, 3)).astype("float32")


def test_what_arrives_negative_at_a_relu_is_stopped_and_plain_backpropagation_keeps_it() -> None:
    for c in range(3):
        np.testing.assert_allclose(plain_gradient(gap_network(None), IMAGE, c)[0, ..., 0], PLAIN[c], rtol=1e-6)
    e = GuidedBackprop(gap_network())(IMAGE, classes="all")
    assert e.maps.shape == (1, 3, 2, 2, 1)
    np.testing.assert_allclose(e.maps[0, ..., 0], GUIDED, rtol=1e-6)


def convolution_and(*relu: Callable) -> keras.Model:
    """The network of `gap_network` with its ReLU written in some other way."""
    x = keras.Input((2, 2, 1))
    f = layers.Conv2D(2, 1, name="maps")(x)
    for step in relu:
        f = step(f)
    return keras.Model(x, layers.Dense(3, name="scores")(layers.GlobalAveragePooling2D()(f)))


def fused(activation: object) -> keras.Model:
    x = keras.Input((2, 2, 1))
    f = layers.Conv2D(2, 1, activation=activation, name="maps")(x)
    return keras.Model(x, layers.Dense(3, name="scores")(layers.GlobalAveragePooling2D()(f)))


def nested() -> keras.Model:
    x = keras.Input((2, 2, 1))
    inside = keras.Sequential([keras.Input((2, 2, 1)), convolution()], name="inside")
    backbone = keras.Model(x, inside(x), name="backbone")
    return keras.Sequential(
        [keras.Input((2, 2, 1)), backbone, layers.GlobalAveragePooling2D(), layers.Dense(3, name="scores")]
    )


FORMS: dict[str, Callable[[], keras.Model]] = {
    "layer": lambda: convolution_and(layers.ReLU()),
    "layer with a maximum": lambda: convolution_and(layers.ReLU(max_value=6)),
    "Activation": lambda: convolution_and(layers.Activation("relu")),
    "Activation relu6": lambda: convolution_and(layers.Activation("relu6")),
    "Activation with a layer": lambda: convolution_and(layers.Activation(layers.ReLU())),
    "operation": lambda: convolution_and(keras.ops.relu),
    "operation relu6": lambda: convolution_and(keras.ops.relu6),
    "function": lambda: convolution_and(keras.activations.relu),
    "function with a maximum": lambda: convolution_and(lambda x: keras.activations.relu(x, max_value=6.0)),
    "TensorFlow's function": lambda: fused(tf.nn.relu),
    "fused": lambda: fused("relu"),
    "fused relu6": lambda: fused("relu6"),
    "fused layer": lambda: fused(layers.ReLU()),
    "nested": nested,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_a_relu_is_found(form: Callable[[], keras.Model]) -> None:
    e = GuidedBackprop(set_weights(form()))(IMAGE, classes="all")
    np.testing.assert_allclose(e.maps[0, ..., 0], GUIDED, rtol=1e-6)
    np.testing.assert_allclose(e.scores[0], S, rtol=1e-6)


def test_a_relu6_passes_nothing_back_above_six() -> None:
    e = GuidedBackprop(set_weights(fused("relu6")))(IMAGE * [[[1], [4]], [[1], [2]]], classes=[1])
    np.testing.assert_allclose(e.maps[0, 0, ..., 0], [[0.125, 0], [0.125, 0]])  # the right column: 8, and 1 - (-8) = 9


def test_a_relu_before_another_by_an_independent_road() -> None:
    keras.utils.set_random_seed(1)
    hidden = [layers.Dense(9, activation="relu"), layers.Dense(7), layers.ReLU()]
    model = keras.Sequential([keras.Input((2, 3, 1)), layers.Flatten(), *hidden, layers.Dense(2)])
    (w1, b1), (w2, b2), (w3, _) = ([w.numpy() for w in layer.weights] for layer in model.layers if layer.weights)
    x = np.random.default_rng(1).normal(size=(5, 2, 3, 1)).astype("float32")
    z1 = x.reshape(5, 6) @ w1 + b1
    z2 = np.maximum(z1, 0) @ w2 + b2
    for c in range(2):
        G2 = np.maximum(w3[:, c], 0) * (z2 > 0)
        G1 = np.maximum(G2 @ w2.T, 0) * (z1 > 0)
        maps = GuidedBackprop(model)(x, classes=[c]).maps
        np.testing.assert_allclose(maps[:, 0], (G1 @ w1.T).reshape(x.shape), rtol=1e-4, atol=1e-6)
        assert np.abs(maps[:, 0] - plain_gradient(model, x, c)).max() > 0.1  # the two are not the same here


def test_where_no_gradient_is_negative_it_is_the_plain_gradient() -> None:
    model = random_network()
    for layer in model.layers:
        layer.set_weights([np.abs(w) for w in layer.get_weights()])
    maps = GuidedBackprop(model)(images(), classes=[2]).maps
    np.testing.assert_allclose(maps[:, 0], plain_gradient(model, images(), 2), rtol=1e-4, atol=1e-6)


def test_guided_grad_cam_is_the_product_on_paper() -> None:
    e = GuidedGradCAM(gap_network())(IMAGE, classes="all")
    assert e.maps.shape == (1, 3, 2, 2, 1)
    np.testing.assert_allclose(e.maps[0, ..., 0], GUIDED * GRAD_CAM, rtol=1e-6)


@pytest.mark.parametrize("layer", [None, "early"])
def test_guided_grad_cam_is_the_product_of_the_two_methods(layer: str | None) -> None:
    model = random_network()  # after "early" a ReLU follows: Grad-CAM's gradient through it is the plain one
    e = GuidedGradCAM(model, layer=layer)(images(), top=3)
    L = GradCAM(model, layer=layer)(images(), top=3)
    guided = GuidedBackprop(model)(images(), top=3)
    np.testing.assert_array_equal(e.classes, L.classes)
    np.testing.assert_allclose(e.scores, L.scores, rtol=1e-5)
    product = guided.maps * L.resize((8, 8)).maps[..., None]
    assert np.abs(product).max() > 1e-3
    np.testing.assert_allclose(e.maps, product, rtol=1e-4, atol=1e-6)


METHODS = pytest.mark.parametrize("method", [GuidedBackprop, GuidedGradCAM])


@keras.saving.register_keras_serializable("cam_course_tests")
class Block(keras.layers.Layer):
    """A layer that keeps a ReLU to itself."""

    def __init__(self) -> None:
        super().__init__(name="block")
        self.relu = layers.ReLU()

    def call(self, x: object) -> object:
        return self.relu(x)


class Rectifying(layers.Layer):
    """A layer that applies its activation who knows where."""

    def __init__(self) -> None:
        super().__init__()
        self.activation = keras.activations.relu

    def call(self, x: object) -> object:
        return self.activation(x) - 1.0


@METHODS
@pytest.mark.parametrize(
    ("between", "sentence"),
    [
        ([], r"'net' has none: use LRP, Occlusion or GradCAM"),
        ([layers.Activation("swish"), layers.Conv2D(1, 1, activation="gelu")], r"none \(its activations: gelu, silu\)"),
        ([layers.LeakyReLU()], r"none \(its activations: leaky_relu\)"),
        ([Rectifying()], r"'net' has none: use LRP"),
        ([layers.ReLU(negative_slope=0.1)], r"none \(its activations: leaky_relu\)"),
        ([layers.ReLU(), Block()], r"layer 'block' \(Block\) holds a ReLU inside"),
    ],
)
def test_without_relus_in_reach_it_refuses_and_names_the_way_out(method: type, between: list, sentence: str) -> None:
    head = [layers.GlobalAveragePooling2D(), layers.Dense(3, activation="softmax")]
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(2, 3), *between, *head], name="net")
    with pytest.raises(ValueError, match=sentence) as caught:
        method(model)
    assert "use LRP, Occlusion or GradCAM" in str(caught.value)
    assert "\n" not in str(caught.value)
