"""What every method promises, shown of each of them by the same tests on one small network.

Here methods run compiled, as a user runs them; elsewhere in this folder they run line by line, and
`test_compiled_and_line_by_line_give_the_same` shows that this is the same.
"""

import gc
import weakref
from collections.abc import Callable
from functools import cache, partial

import keras
import numpy as np
import pytest
import tensorflow as tf

import cam_course
from cam_course import Explanation
from cam_course.maps import softmax
from cam_course.methods.execution import Compiled
from cam_course.methods.explainer import Explainer
from cam_course.network.processor import has_channels_first_convolution

pytestmark = pytest.mark.compiled
layers = keras.layers

METHODS: dict[str, Callable[[keras.Model], Explainer]] = {
    "CAM": cam_course.CAM,
    "GradCAM": cam_course.GradCAM,
    "GradCAMPlusPlus": cam_course.GradCAMPlusPlus,
    "GuidedBackprop": cam_course.GuidedBackprop,
    "GuidedGradCAM": cam_course.GuidedGradCAM,
    "HiResCAM": cam_course.HiResCAM,
    "LRP": cam_course.LRP,
    "LayerCAM": cam_course.LayerCAM,
    "Occlusion": partial(cam_course.Occlusion, size=3, stride=(3, 2), progress=False),
    "ScoreCAM": partial(cam_course.ScoreCAM, progress=False),
}

IMAGE_SHAPE = (8, 6, 3)
GRID = (3, 2)  # after a convolution of 3 x 3 in steps of 2
CLASSES = 4
MAP_SHAPE = dict.fromkeys(METHODS, GRID) | {
    "LRP": IMAGE_SHAPE[:2],
    "Occlusion": IMAGE_SHAPE[:2],
    "GuidedBackprop": IMAGE_SHAPE,
    "GuidedGradCAM": IMAGE_SHAPE,
}
IMAGES = np.random.default_rng(0).normal(size=(3, *IMAGE_SHAPE)).astype("float32")

# What a format changes of a number, in parts of it; that of float32, in which methods compute, after some dozen sums.
FLOAT32 = 1e-6
ROUNDING = {"float64": FLOAT32, "mixed_float16": 2**-11, "mixed_bfloat16": 2**-8, "bfloat16": 2**-8}


def network(policy: str = "float32", data_format: str = "channels_last", nested: bool = False) -> keras.Model:
    """Two convolutions, batch normalization, ReLUs, GAP, dropout, dense layer; always the same weights."""
    first = data_format == "channels_first"
    shape = (IMAGE_SHAPE[2], *IMAGE_SHAPE[:2]) if first else IMAGE_SHAPE
    form, dtype = {"data_format": data_format, "dtype": policy}, {"dtype": policy}
    body = [
        layers.Conv2D(4, 3, strides=2, name="early", **form),
        layers.BatchNormalization(axis=1 if first else -1, **dtype),
        layers.ReLU(**dtype),
        layers.Conv2D(5, 2, padding="same", name="late", **form),
        layers.ReLU(**dtype),
    ]
    head = [
        layers.GlobalAveragePooling2D(**form),
        layers.Dropout(0.5, **dtype),
        layers.Dense(CLASSES, activation="softmax", name="scores", **dtype),
    ]
    inside = [keras.Sequential([keras.Input(shape), keras.Sequential(body)])] if nested else body
    model = keras.Sequential([keras.Input(shape), *inside, *head])
    rng = np.random.default_rng(4901)  # see the test of the ReLUs
    for variable in (variable for layer in (*body, *head) for variable in layer.weights):
        values = rng.normal(size=variable.shape)
        if len(variable.shape) > 1:  # so that values stay of one size from layer to layer
            values *= 1.5 / np.sqrt(np.prod(variable.shape[:-1]))
        variable.assign(np.abs(values) + 0.5 if "variance" in variable.path else values)
    return model


@pytest.fixture(scope="module", params=METHODS)
def explain(request: pytest.FixtureRequest) -> Explainer:
    """One explainer for the tests that leave it as it was."""
    return METHODS[request.param](network())


every_method = pytest.mark.parametrize("name", METHODS)


def compiled_parts(explain: Explainer) -> list[Compiled]:
    return [part for part in vars(explain).values() if isinstance(part, Compiled)]


def cut(explain: Explainer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at a time, of three images or of an odd number of masks, so that the last batch is a smaller one."""
    monkeypatch.setattr(explain, "_masks_at_once" if hasattr(explain, "_masks_at_once") else "batch_size", 2)


@cache
def plain(name: str) -> Explanation:
    """What a method makes of all images and classes, with nothing unusual about the model."""
    return METHODS[name](network())(IMAGES, classes="all")


def assert_same(e: Explanation, expected: Explanation, rounding: float = FLOAT32) -> None:
    """The same but for ten times what rounding changes of the largest number."""
    size_of_maps, size_of_scores = np.abs(expected.maps).max(), np.abs(expected.scores).max()
    if expected.maps.shape[2:] == IMAGE_SHAPE[:2]:  # Occlusion adds up differences of scores, LRP shares scores out
        size_of_maps = max(size_of_maps, size_of_scores)
    np.testing.assert_array_equal(e.classes, expected.classes)
    np.testing.assert_allclose(e.maps, expected.maps, rtol=0, atol=10 * rounding * size_of_maps)
    np.testing.assert_allclose(e.scores, expected.scores, rtol=0, atol=10 * rounding * size_of_scores)


def test_no_method_of_the_package_is_left_out() -> None:
    offered = {name: getattr(cam_course, name) for name in cam_course.__all__}
    assert set(METHODS) == {name for name, thing in offered.items() if issubclass(thing, Explainer)}


# -- what comes out ----------------------------------------------------------------------------------------------------


def test_types_and_shapes_are_those_of_the_interface(explain: Explainer) -> None:
    e = explain(IMAGES, top=2)
    assert (e.maps.shape, e.maps.dtype) == ((3, 2, *MAP_SHAPE[type(explain).__name__]), np.float32)
    assert (e.classes.shape, e.classes.dtype) == ((3, 2), np.int64)
    for values in (e.scores, e.bias, e.probabilities):
        assert (values.shape, values.dtype) == ((3, 2), np.float32)
    assert isinstance(e.residual, float)


def test_scores_are_those_before_softmax_and_probabilities_those_of_the_model(explain: Explainer) -> None:
    e, P = explain(IMAGES, classes="all"), explain._model.predict(IMAGES, verbose=0)
    np.testing.assert_allclose(e.probabilities, P, rtol=0, atol=1e-6)
    np.testing.assert_allclose(softmax(e.scores), P, rtol=0, atol=1e-6)


def test_only_an_exact_method_has_a_bias_and_a_residual(explain: Explainer) -> None:
    e = explain(IMAGES, classes="all")
    if isinstance(explain, (cam_course.CAM, cam_course.HiResCAM)):  # one dense layer after the mean
        np.testing.assert_array_equal(e.bias[0], explain._model.get_layer("scores").bias)
        assert e.residual < 1e-5 * np.abs(e.scores).max()
    else:
        assert not e.bias.any()
        assert np.isnan(e.residual)


def test_the_best_classes_come_first_and_each_image_may_have_its_own(explain: Explainer) -> None:
    every = explain(IMAGES, classes="all")
    np.testing.assert_array_equal(every.classes, [range(CLASSES)] * 3)
    best = np.argsort(-every.scores, axis=1)
    for chosen, e in (
        (best[:, :1], explain(IMAGES)),
        (best[:, :3], explain(IMAGES, top=3)),
        ([[2, 0]] * 3, explain(IMAGES, classes=[2, 0])),
        ([[3, 0], [1, 2], [1, 1]], explain(IMAGES, classes=[[3, 0], [1, 2], [1, 1]])),
    ):
        np.testing.assert_array_equal(e.classes, chosen)
        assert_same(e, _of_each_image(every, chosen))


def _of_each_image(e: Explanation, chosen: object) -> Explanation:
    """The part of an Explanation of all classes that is of the classes chosen for each image."""
    picked = [values[np.arange(len(e.maps))[:, None], chosen] for values in (e.maps, e.scores, e.bias, e.probabilities)]
    return Explanation.of(picked[0], chosen, *picked[1:], exact=False)


# -- what changes nothing ----------------------------------------------------------------------------------------------


def test_the_same_call_gives_the_same_bit_for_bit(explain: Explainer) -> None:
    once, again = (explain(IMAGES, classes="all") for _ in range(2))
    np.testing.assert_array_equal(once.maps, again.maps)
    np.testing.assert_array_equal(once.scores, again.scores)


def test_a_batch_is_its_images_one_by_one_however_it_is_cut(
    explain: Explainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = explain(IMAGES, classes="all")
    for i, image in enumerate(IMAGES):
        alone, without_axis = explain(image[None], classes="all"), explain(image, classes="all")
        np.testing.assert_array_equal(alone.maps, without_axis.maps)
        assert_same(alone, _of_one_image(together, i))
    cut(explain, monkeypatch)
    assert_same(explain(IMAGES, classes="all"), together)


def _of_one_image(e: Explanation, i: int) -> Explanation:
    one = slice(i, i + 1)
    return Explanation.of(e.maps[one], e.classes[one], e.scores[one], e.bias[one], e.probabilities[one], exact=False)


@every_method
def test_compiled_and_line_by_line_give_the_same(name: str) -> None:
    compiled = plain(name)
    tf.config.run_functions_eagerly(True)
    try:
        assert_same(METHODS[name](network())(IMAGES, classes="all"), compiled)
    finally:
        tf.config.run_functions_eagerly(False)


@every_method
def test_a_model_inside_another_is_as_one_without(name: str) -> None:
    assert_same(METHODS[name](network(nested=True))(IMAGES, classes="all"), plain(name))


@pytest.mark.skipif(not has_channels_first_convolution(), reason="TensorFlow cannot convolve channels first here")
@every_method
def test_channels_first_gives_the_same_maps(name: str) -> None:
    explain = METHODS[name](network(data_format="channels_first"))
    assert_same(explain(IMAGES.transpose(0, 3, 1, 2), classes="all"), plain(name))


@pytest.mark.parametrize("policy", ROUNDING)
@every_method
def test_in_another_number_format_only_its_rounding_shows(name: str, policy: str) -> None:
    explain = METHODS[name](network(policy))
    e = explain(IMAGES, classes="all")
    assert e.maps.dtype == e.scores.dtype == np.float32
    assert np.isfinite(e.maps).all()
    assert_same(e, plain(name), ROUNDING[policy])
    if explain.exact:  # CAM to float32 even then; a gradient has the format of the layers that it comes through
        allowed = 1e-5 if name == "CAM" else max(1e-5, 10 * ROUNDING[policy])
        assert e.residual < allowed * np.abs(e.scores).max()


def test_no_relu_gets_a_value_that_rounding_could_turn_around() -> None:
    # The gradient at the image jumps there, and no tolerance for the number formats above would be honest.
    model = network()
    for before in (model.layers[1], model.get_layer("late")):
        values = np.abs(keras.Model(model.inputs[0], before.output)(IMAGES))
        assert values.min() > 20 * ROUNDING["bfloat16"] * values.mean()


# -- the model ---------------------------------------------------------------------------------------------------------


def test_weights_that_are_trained_further_count(explain: Explainer) -> None:
    model = explain._model
    weights, before = model.get_weights(), explain(IMAGES, classes="all")
    try:
        model.set_weights([1.5 * values for values in weights])
        after, anew = explain(IMAGES, classes="all"), METHODS[type(explain).__name__](model)(IMAGES, classes="all")
    finally:
        model.set_weights(weights)
    assert_same(after, anew)
    assert np.abs(after.maps - before.maps).max() > 0.1 * np.abs(before.maps).max()


@every_method
def test_the_model_stays_as_it_was(name: str) -> None:
    model = network()
    config, weights, nodes, gradient = model.get_config(), model.get_weights(), _nodes(model), _plain_gradient(model)
    explain = METHODS[name](model)
    explain(IMAGES, top=2)
    if isinstance(explain, cam_course.LRP):
        explain.conservation(IMAGES)
    assert model.get_config() == config
    assert _nodes(model) == nodes
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(_plain_gradient(model), gradient)


def _nodes(model: keras.Model) -> list[tuple[int, int]]:
    """How many calls Keras has recorded of each layer, and from it."""
    return [(len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in model.layers]


def _plain_gradient(model: keras.Model) -> np.ndarray:
    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        P_1 = tf.reduce_sum(model(images)[:, 1])
    return tape.gradient(P_1, images).numpy()


# -- time and memory ---------------------------------------------------------------------------------------------------


def test_any_number_of_images_and_classes_is_traced_once(explain: Explainer, monkeypatch: pytest.MonkeyPatch) -> None:
    cut(explain, monkeypatch)
    for n, top in ((1, 1), (3, 2), (2, 4)):
        explain(IMAGES[:n], top=top)
        if isinstance(explain, cam_course.LRP):
            explain.conservation(IMAGES[:n], top=top)
    parts = compiled_parts(explain)
    assert parts
    assert [part.tracings for part in parts] == [1] * len(parts)


@every_method
def test_model_explainer_and_graph_are_freed_when_dropped(name: str) -> None:
    model = network()
    explain = METHODS[name](model)
    explain(IMAGES)
    if isinstance(explain, cam_course.LRP):
        explain.conservation(IMAGES)
    parts = compiled_parts(explain)
    graphs = [part._graph.get_concrete_function().graph for part in parts]  # TensorFlow would keep a custom gradient's
    watched = [weakref.ref(thing) for thing in (model, explain, model.get_layer("scores").kernel, *parts, *graphs)]
    del model, explain, parts, graphs
    gc.collect()
    assert [reference() for reference in watched] == [None] * len(watched)
