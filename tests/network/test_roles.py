"""Roles in a network: the head found in every form that Keras writes it, and what is refused."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import (
    IMAGE,
    B,
    M,
    S,
    W,
    convolution,
    flat_network,
    gap_network,
    layers,
    needs_channels_first,
    set_weights,
)

from cam_course import CAM, LRP, GradCAM, GuidedBackprop, Occlusion
from cam_course.network import Network, NoGapHeadError


def functional() -> keras.Model:
    x = keras.Input((2, 2, 1))
    y = layers.Dense(3, activation="softmax", name="scores")(layers.GlobalAveragePooling2D()(convolution()(x)))
    return keras.Model(x, y)


def softmax_layer() -> keras.Model:
    return keras.Sequential([keras.Input((2, 2, 1)), *gap_network(None).layers, layers.Softmax()])


def softmax_activation() -> keras.Model:
    return keras.Sequential([keras.Input((2, 2, 1)), *gap_network(None).layers, layers.Activation("softmax")])


def linear_after_the_softmax() -> keras.Model:
    end = [layers.Activation("linear", dtype="float32"), layers.Identity()]
    return keras.Sequential([keras.Input((2, 2, 1)), *gap_network().layers, *end])


def softmax_layer_inside_the_dense_layer() -> keras.Model:
    return gap_network(layers.Softmax())


def softmax_of_tensorflow() -> keras.Model:
    return gap_network(tf.nn.softmax)


def softmax_and_a_cast() -> keras.Model:
    inner = gap_network()
    return keras.Model(inner.inputs, keras.ops.cast(inner.outputs[0], "float16"))


def softmax_operation() -> keras.Model:
    inner = gap_network(None)
    return keras.Model(inner.inputs, keras.ops.softmax(inner.outputs[0]))


def keepdims() -> keras.Model:
    x = keras.Input((2, 2, 1))
    F = layers.Flatten()(layers.GlobalAveragePooling2D(keepdims=True)(convolution()(x)))
    return keras.Model(x, layers.Dense(3, name="scores")(layers.Dropout(0.5)(F)))


def mean_operation() -> keras.Model:
    x = keras.Input((2, 2, 1))
    return keras.Model(x, layers.Dense(3, name="scores")(keras.ops.mean(convolution()(x), axis=(1, 2))))


def average_pooling_of_the_whole_map() -> keras.Model:
    pool = [layers.AveragePooling2D(2), layers.Flatten()]
    return keras.Sequential([keras.Input((2, 2, 1)), convolution(), *pool, layers.Dense(3, name="scores")])


def nested() -> keras.Model:
    x = keras.Input((2, 2, 1))
    backbone = keras.Model(x, convolution()(x), name="backbone")
    head = [layers.GlobalAveragePooling2D(), layers.Dropout(0.5), layers.Dense(3, activation="softmax", name="scores")]
    return keras.Sequential([keras.Input((2, 2, 1)), backbone, *head])


def nested_twice() -> keras.Model:
    x = keras.Input((2, 2, 1))
    inside = keras.Sequential([keras.Input((2, 2, 1)), convolution()], name="inside")
    backbone = keras.Model(x, layers.Identity()(inside(x)), name="backbone")
    head = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(3, name="scores")], name="head")
    return keras.Sequential([keras.Input((2, 2, 1)), backbone, head])


def convolution_for_dense() -> keras.Model:
    end = [layers.GlobalAveragePooling2D(keepdims=True), layers.Conv2D(3, 1, name="scores"), layers.Reshape((3,))]
    return keras.Sequential([keras.Input((2, 2, 1)), convolution(), *end, layers.Activation("softmax")])


FORMS = [
    convolution_for_dense,
    gap_network,
    functional,
    softmax_layer,
    softmax_activation,
    linear_after_the_softmax,
    softmax_of_tensorflow,
    softmax_and_a_cast,
    softmax_layer_inside_the_dense_layer,
    softmax_operation,
    keepdims,
    mean_operation,
    average_pooling_of_the_whole_map,
    nested,
    nested_twice,
]


@pytest.mark.parametrize("form", FORMS)
def test_the_map_worked_out_on_paper_comes_out_of_every_form(form: Callable[[], keras.Model]) -> None:
    e = CAM(set_weights(form()))(IMAGE, classes="all")
    np.testing.assert_allclose(e.maps[0], M, rtol=1e-6)
    np.testing.assert_allclose(e.scores[0], S, rtol=1e-6)
    np.testing.assert_allclose(e.bias[0], B)
    assert e.residual < 1e-6


def test_without_bias_the_bias_is_zero() -> None:
    x = keras.Input((2, 2, 1))
    y = layers.Dense(3, use_bias=False, name="scores")(layers.GlobalAveragePooling2D()(convolution()(x)))
    e = CAM(set_weights(keras.Model(x, y)))(IMAGE, classes="all")
    np.testing.assert_allclose(e.scores[0], S - B, rtol=1e-6)
    assert not e.bias.any()


def test_probabilities_are_those_of_the_models_own_last_step() -> None:
    soft = CAM(gap_network("softmax"))(IMAGE, classes="all").probabilities[0]
    np.testing.assert_allclose(soft, gap_network("softmax")(IMAGE)[0], rtol=1e-6)
    sigmoid = CAM(gap_network("sigmoid"))(IMAGE, classes="all").probabilities[0]
    np.testing.assert_allclose(sigmoid, 1 / (1 + np.exp(-S)), rtol=1e-5)
    without = CAM(gap_network(None))(IMAGE, classes="all").probabilities[0]
    np.testing.assert_allclose(without, soft, rtol=1e-6)


@pytest.mark.parametrize(
    ("end", "named"),
    [
        ([layers.Flatten(), layers.Dense(3)], "'maps'"),
        ([layers.GlobalAveragePooling2D(), layers.Dense(4, "relu", name="hidden"), layers.Dense(3)], "hidden"),
        ([layers.GlobalMaxPooling2D(name="max"), layers.Dense(3)], "max"),
        ([layers.GlobalAveragePooling2D(), layers.Dense(3, activation="relu", name="rectified")], "rectified"),
        ([layers.GlobalAveragePooling2D(), layers.LayerNormalization(name="norm"), layers.Dense(3)], "norm"),
    ],
)
def test_other_heads_are_refused_by_name_and_grad_cam_is_named(end: list, named: str) -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), convolution(), *end], name="other")
    with pytest.raises(NoGapHeadError, match="use GradCAM") as caught:
        CAM(model)
    assert named in str(caught.value)
    assert "'other'" in str(caught.value)
    GradCAM(model)(IMAGE)  # and Grad-CAM does run


def test_several_inputs_or_outputs_are_refused() -> None:
    a, b = keras.Input((2, 2, 1)), keras.Input((2, 2, 1))
    with pytest.raises(ValueError, match="has 2 inputs"):
        CAM(keras.Model([a, b], layers.Add()([a, b])))
    with pytest.raises(ValueError, match="has 2 outputs"):
        CAM(keras.Model(a, [convolution()(a), layers.Flatten()(a)]))


class Custom(keras.Model):
    """A subclass written with Keras layers and operations alone."""

    def __init__(self) -> None:
        super().__init__(name="custom")
        self.maps = convolution()
        self.pool = layers.GlobalAveragePooling2D()
        self.scores = layers.Dense(3, name="scores")

    def call(self, x: object, training: bool = True) -> object:
        return keras.ops.softmax(self.scores(layers.Dropout(0.5)(self.pool(self.maps(x)), training=training)))


class CustomWithTensorFlow(Custom):
    """One that leaves Keras' graph, so that its layers cannot be read."""

    def call(self, x: object, training: bool = False) -> object:
        import tensorflow as tf

        return self.scores(tf.reduce_mean(self.maps(x), axis=(1, 2)))


def test_a_custom_subclass_is_read_as_far_as_its_layers_can_be() -> None:
    model = Custom()
    model(IMAGE)
    before = [(len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in model.layers]
    e = CAM(set_weights(model))(IMAGE, classes="all")
    np.testing.assert_allclose(e.maps[0], M, rtol=1e-6)
    assert [(len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in model.layers] == before


def test_a_subclass_inside_another_model_is_opened_too() -> None:
    custom = Custom()
    custom(IMAGE)
    model = keras.Sequential([keras.Input((2, 2, 1)), set_weights(custom)])
    np.testing.assert_allclose(CAM(model)(IMAGE, classes="all").maps[0], M, rtol=1e-6)


def test_a_subclass_whose_layers_cannot_be_read_is_refused() -> None:
    model = CustomWithTensorFlow()
    model(IMAGE)
    with pytest.raises(
        ValueError, match=r"'custom' \(CustomWithTensorFlow\) cannot be read: write its call with Keras layers"
    ):
        CAM(model)


def test_a_model_that_was_never_called_is_read_at_the_first_images() -> None:
    pool, scores = layers.GlobalAveragePooling2D(), layers.Dense(3, name="scores")
    for model in (keras.Sequential([convolution(), pool, scores]), Custom()):
        explain = CAM(model)
        with pytest.raises(ValueError, match="explain some images first"):
            _ = explain.network
        assert explain(IMAGE, classes="all").residual < 1e-6
        np.testing.assert_allclose(explain(IMAGE).scores[0, 0], CAM(model)(IMAGE).scores[0, 0])


def test_what_is_refused_at_the_first_images_is_refused_again_and_can_be_mended() -> None:
    flat = CAM(keras.Sequential([convolution(), layers.Flatten(), layers.Dense(3)]))
    for _ in range(2):
        with pytest.raises(NoGapHeadError):
            flat(IMAGE)
    explain = CAM(keras.Sequential([convolution(), layers.GlobalAveragePooling2D(), layers.Dense(3)]))
    for wrong in (np.zeros((2, 2)), np.full((1, 2, 2, 1), np.nan), np.zeros((0, 2, 2, 1))):
        with pytest.raises(ValueError, match=r"takes \(N, any, any, any\)|hold NaN"):
            explain(wrong)
    assert explain(IMAGE).maps.shape == (1, 1, 2, 2)


def test_a_model_without_layers_is_refused() -> None:
    x = keras.Input((2, 2, 1))
    with pytest.raises(ValueError, match=r"no layers|not connected"):  # the second by older versions of Keras
        CAM(keras.Model(x, x))


def test_a_quantized_model_is_refused() -> None:
    model = gap_network()
    model.get_layer("scores").quantize("int8")
    with pytest.raises(ValueError, match=r"layer 'scores' of .* is quantized to int8"):
        GradCAM(model)


def test_another_backend_than_tensorflow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = gap_network()
    monkeypatch.setattr("keras.config.backend", lambda: "jax")
    with pytest.raises(ValueError, match=r"computes with 'jax' here, but CAM needs TensorFlow: set .* KERAS_BACKEND"):
        CAM(model)


def test_no_model_at_all_is_refused() -> None:
    with pytest.raises(TypeError, match="got a list"):
        CAM([1, 2])  # type: ignore[arg-type]


def test_a_layer_that_does_not_exist_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(ValueError, match=r"no layer 'mapz'; the nearest names are 'maps'"):
        GradCAM(gap_network(), layer="mapz")


def test_a_layer_without_a_grid_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'scores' has the shape \(None, 3\)"):
        GradCAM(gap_network(), layer="scores")
    with pytest.raises(TypeError, match="layer is a int"):
        GradCAM(gap_network(), layer=3)  # type: ignore[arg-type]


def test_a_nested_model_is_a_layer_as_well() -> None:
    model = set_weights(nested())
    backbone = model.get_layer("backbone")
    expected = GradCAM(model, layer="maps")(IMAGE).maps
    for layer in ("backbone", backbone):
        np.testing.assert_array_equal(GradCAM(model, layer=layer)(IMAGE).maps, expected)


def test_a_layer_that_the_score_does_not_depend_on_is_refused() -> None:
    x, image = keras.Input((2, 2, 1)), keras.Input((2, 2, 1))
    backbone = keras.Model(x, [convolution()(x), layers.Conv2D(1, 1, name="side")(x)])
    used, _ = backbone(image)
    model = keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(used)))
    with pytest.raises(ValueError, match="do not depend on layer 'side'"):
        GradCAM(model, layer="side")


def test_reading_a_model_adds_nothing_to_it() -> None:
    model = gap_network()
    before = [len(layer._inbound_nodes) for layer in model.layers]
    CAM(model)(IMAGE)
    GradCAM(model)(IMAGE)
    assert [len(layer._inbound_nodes) for layer in model.layers] == before


def test_the_grid_without_gap_is_the_last_map_that_no_pooling_layer_made() -> None:
    network = Network(flat_network())
    assert network.grid().shape == (None, 2, 2, 2)
    assert network.layer_names() == ["maps"]


def test_a_model_without_any_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="no grid to draw a map on"):
        GradCAM(keras.Sequential([keras.Input((2, 2, 1)), layers.Flatten(), layers.Dense(2)]))


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            lambda: keras.Sequential([keras.Input((4,)), layers.Dense(2)]),
            r"inputs of shape \(None, 4\), but a map expl",
        ),
        (
            lambda: keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(3, 1)]),
            r"gives scores for each position, of the shape \(None, 4, 4, 3\)",
        ),
        (
            lambda: keras.Sequential([keras.Input((2, 2, 1)), *gap_network().layers, layers.Reshape((1, 3))]),
            "reshapes its probabilities: put the softmax of 'scores' at the end",
        ),
        (lambda: gap_network(lambda S: keras.ops.softmax(S)), "'scores' with the activation '<lambda>'"),
    ],
    ids=["no images", "no single scores", "reshaped probabilities", "unknown activation"],
)
def test_a_model_that_is_no_classifier_of_images_is_refused(model: Callable[[], keras.Model], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        GradCAM(model())


class Halved(layers.Dense):
    """A dense layer with its own call."""

    def call(self, inputs: object, training: bool = False) -> object:
        return super().call(inputs) / 2


class Doubled(keras.Sequential):
    """A Sequential with its own call."""

    def call(self, inputs: object, training: bool = False, mask: object = None) -> object:
        return super().call(2.0 * inputs)


class Residual(keras.Model):
    """A block that may be called with more than the images."""

    def __init__(self) -> None:
        super().__init__(name="residual")
        self.maps = convolution()

    def call(self, x: object, skip: object = None, scale: float = 1.0) -> object:
        return scale * self.maps(x) + (0.0 if skip is None else skip)


def test_what_a_custom_layer_computes_is_not_guessed() -> None:
    end = Halved(3, name="scores")
    model = set_weights(keras.Sequential([keras.Input((2, 2, 1)), convolution(), layers.GlobalAveragePooling2D(), end]))
    with pytest.raises(NoGapHeadError, match=r"'scores' \(Halved\)"):
        CAM(model)
    np.testing.assert_allclose(GradCAM(model)(IMAGE, classes="all").scores[0], S / 2)
    with pytest.raises(ValueError, match="a Halved with softmax inside"):
        GradCAM(keras.Sequential([keras.Input((2, 2, 1)), *model.layers[:-1], Halved(3, activation="softmax")]))


def test_a_models_own_call_counts_and_not_the_graph_below_it() -> None:
    model = Doubled([keras.Input((2, 2, 1)), *gap_network().layers])
    expected = CAM(gap_network())(2 * IMAGE, classes="all").maps
    assert np.abs(expected[0] - M).max() > 1
    np.testing.assert_allclose(CAM(model)(IMAGE, classes="all").maps, expected, rtol=1e-6)


def test_a_nested_model_keeps_what_else_it_was_called_with() -> None:
    x = keras.Input((2, 2, 1))
    block, scores = Residual(), layers.Dense(3, name="scores")
    pool = layers.GlobalAveragePooling2D()
    for f in (block(x, scale=2.0), block(x, skip=x)):
        model = keras.Model(x, scores(pool(f)))
        scores.set_weights([W, B])
        e = CAM(model)(IMAGE, classes="all")
        np.testing.assert_allclose(e.scores, model(IMAGE), rtol=1e-6)
        assert e.residual < 1e-5


@pytest.mark.parametrize("method", [CAM, GradCAM, LRP, GuidedBackprop, lambda model: Occlusion(model, progress=False)])
def test_a_permutation_changes_the_layout(method: Callable[..., Any]) -> None:
    def network(permuted: bool) -> keras.Model:
        turn = [keras.Input((3, 5, 4)), layers.Permute((2, 3, 1))] if permuted else [keras.Input((5, 4, 3))]
        maps = layers.Conv2D(2, 3, activation="relu")
        model = keras.Sequential([*turn, maps, layers.GlobalAveragePooling2D(), layers.Dense(3)])
        rng = np.random.default_rng(0)
        model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
        return model

    images = np.random.default_rng(1).normal(size=(2, 5, 4, 3)).astype("float32")
    expected = method(network(False))(images, classes="all").maps
    turned = method(network(True))(images.transpose(0, 3, 1, 2), classes="all").maps
    np.testing.assert_allclose(turned, expected, rtol=1e-4, atol=1e-5)


@needs_channels_first
@pytest.mark.parametrize("turn", [layers.Permute((2, 3, 1)), lambda f: keras.ops.transpose(f, (0, 2, 3, 1))])
def test_maps_that_are_turned_before_they_are_pooled(turn: Callable[[Any], Any]) -> None:
    x = keras.Input((1, 2, 2))
    f = turn(layers.Conv2D(2, 1, activation="relu", name="maps", data_format="channels_first")(x))
    F = layers.GlobalAveragePooling2D(data_format="channels_last")(f)
    model = set_weights(keras.Model(x, layers.Dense(3, name="scores")(F)))
    np.testing.assert_allclose(CAM(model)(IMAGE.transpose(0, 3, 1, 2), classes="all").maps[0], M, rtol=1e-6)


def test_the_head_is_read_by_role() -> None:
    head = Network(gap_network()).gap_head()
    assert [call.operation.name for call in head.calls] == ["scores"]
    np.testing.assert_array_equal(head.w, W)
    np.testing.assert_array_equal(head.b, B)
