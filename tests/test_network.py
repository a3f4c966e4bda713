"""Reading models: the head found by its role in every form that Keras writes it."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from networks import IMAGE, B, M, S, W, convolution, flat_network, gap_network, layers, set_weights

from cam_course import CAM, GradCAM
from cam_course.network import Network, NoGapHeadError


def functional() -> keras.Model:
    x = keras.Input((2, 2, 1))
    y = layers.Dense(3, activation="softmax", name="scores")(layers.GlobalAveragePooling2D()(convolution()(x)))
    return keras.Model(x, y)


def softmax_layer() -> keras.Model:
    return keras.Sequential([keras.Input((2, 2, 1)), *gap_network(None).layers, layers.Softmax()])


def softmax_activation() -> keras.Model:
    return keras.Sequential([keras.Input((2, 2, 1)), *gap_network(None).layers, layers.Activation("softmax")])


def linear_behind_the_softmax() -> keras.Model:
    end = [layers.Activation("linear", dtype="float32"), layers.Identity()]
    return keras.Sequential([keras.Input((2, 2, 1)), *gap_network().layers, *end])


def softmax_layer_inside_the_dense_layer() -> keras.Model:
    return gap_network(layers.Softmax())


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
    linear_behind_the_softmax,
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
        ([layers.GlobalAveragePooling2D(), layers.Dense(4, name="hidden"), layers.Dense(3)], "hidden"),
        ([layers.GlobalMaxPooling2D(name="max"), layers.Dense(3)], "max"),
        ([layers.GlobalAveragePooling2D(), layers.Dense(3, activation="relu", name="rectified")], "rectified"),
        ([layers.GlobalAveragePooling2D(name="only_gap")], "only_gap"),
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


class Own(keras.Model):
    """A subclass written with Keras layers and operations alone."""

    def __init__(self) -> None:
        super().__init__(name="own")
        self.maps = convolution()
        self.pool = layers.GlobalAveragePooling2D()
        self.scores = layers.Dense(3, name="scores")

    def call(self, x: object, training: bool = True) -> object:
        return keras.ops.softmax(self.scores(layers.Dropout(0.5)(self.pool(self.maps(x)), training=training)))


class OwnWithTensorFlow(Own):
    """One that leaves Keras' graph, so that its layers cannot be read."""

    def call(self, x: object, training: bool = False) -> object:
        import tensorflow as tf

        return self.scores(tf.reduce_mean(self.maps(x), axis=(1, 2)))


def test_an_own_subclass_is_read_as_far_as_its_layers_can_be() -> None:
    model = Own()
    model(IMAGE)
    before = [(len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in model.layers]
    e = CAM(set_weights(model))(IMAGE, classes="all")
    np.testing.assert_allclose(e.maps[0], M, rtol=1e-6)
    assert [(len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in model.layers] == before


def test_a_subclass_inside_another_model_is_opened_too() -> None:
    own = Own()
    own(IMAGE)
    model = keras.Sequential([keras.Input((2, 2, 1)), set_weights(own)])
    np.testing.assert_allclose(CAM(model)(IMAGE, classes="all").maps[0], M, rtol=1e-6)


def test_a_subclass_whose_layers_cannot_be_read_is_refused() -> None:
    model = OwnWithTensorFlow()
    model(IMAGE)
    with pytest.raises(
        ValueError, match=r"'own' \(OwnWithTensorFlow\) cannot be read: write its call with Keras layers"
    ):
        CAM(model)


def test_a_model_that_was_never_called_is_read_at_the_first_images() -> None:
    pool, scores = layers.GlobalAveragePooling2D(), layers.Dense(3, name="scores")
    for model in (keras.Sequential([convolution(), pool, scores]), Own()):
        explain = CAM(model)
        with pytest.raises(ValueError, match="explain some images first"):
            _ = explain.network
        assert explain(IMAGE, classes="all").residual < 1e-6
        np.testing.assert_allclose(explain(IMAGE).scores[0, 0], CAM(model)(IMAGE).scores[0, 0])


def test_a_model_without_layers_is_refused() -> None:
    x = keras.Input((2, 2, 1))
    with pytest.raises(ValueError, match="no layers"):
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
    assert network.shape(network.grid()) == (None, 2, 2, 2)
    assert network.layer_names() == ["maps"]


def test_a_model_without_any_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="no grid to draw a map on"):
        GradCAM(keras.Sequential([keras.Input((4,)), layers.Dense(2)]))


def test_the_head_is_read_by_role() -> None:
    head = Network(gap_network()).gap_head()
    assert head.dense.name == "scores"
    np.testing.assert_array_equal(head.dense.kernel, W)
