"""Layer-wise relevance propagation: relevance worked out on paper, and none of it lost on the way."""

import gc
import os
import weakref
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import IMAGE, gap_network, layers

from cam_course.methods.lrp import LRP

RULES = ("epsilon", "gamma", "z+")


def images(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def with_random_weights(model: keras.Model, biases: bool = True) -> keras.Model:
    """Weights of both signs, batch normalization with statistics as after a training."""
    random = np.random.default_rng(1)
    for variable in model.weights:
        values = random.normal(size=variable.shape) * (0.5 if len(variable.shape) > 1 else 0.3)
        if "variance" in variable.path:
            values = random.uniform(0.5, 2.0, size=variable.shape)
        elif "gamma" in variable.path:
            values += 1
        elif len(variable.shape) == 1 and not biases:
            values *= 0
        variable.assign(values)
    return model


# -- on paper ----------------------------------------------------------------------------------------------------------


def two_dense_layers() -> keras.Model:
    """x = (1, 2); h = ReLU(x_1 + x_2, -x_1 + 2 x_2 + 1) = (3, 4); S = 2 h_1 - h_2 + 1 = 3."""
    dense = [layers.Dense(2, activation="relu"), layers.Dense(1)]
    model = keras.Sequential([keras.Input((1, 2, 1)), layers.Flatten(), *dense])
    model.set_weights([np.array([[1, -1], [1, 2]]), np.array([0, 1]), np.array([[2], [-1]]), np.array([1])])
    return model


X = np.array([1.0, 2.0], "float32").reshape(1, 1, 2, 1)


@pytest.mark.parametrize(
    ("arguments", "pixels", "bias"),
    [
        # S = 6 - 4 + 1, so R_h = (6, -4) and the bias has 1. h_1 = 1 + 2 gives 2 and 4 of its 6; h_2 = -1 + 4 + 1 gives
        # 1 and -4 of its -4, and -1 to its bias.
        ({"rule": "epsilon", "epsilon": 0}, [2 + 1, 4 - 4], 1 - 1),
        # 6 and 1 of 7 are positive: R_h = (18/7, 0), the bias has 3/7. h_1 = 1 + 2 gives a third and two thirds.
        ({"rule": "z+"}, [6 / 7, 12 / 7], 3 / 7),
        # What is positive counts twice: 12 - 4 + 2 = 10, so R_h = (3.6, -1.2), the bias 0.6. h_1: 2 + 4 = 6, so 1.2 and
        # 2.4. h_2: -1 + 8 + 2 = 9, so 1.2/9, -9.6/9, and -2.4/9 for the bias.
        ({"rule": "gamma", "gamma": 1.0}, [1.2 + 1.2 / 9, 2.4 - 9.6 / 9], 0.6 - 2.4 / 9),
    ],
)
def test_the_relevance_worked_out_on_paper(arguments: dict, pixels: list, bias: float) -> None:
    explain = LRP(two_dense_layers(), **arguments)
    e = explain(X)
    np.testing.assert_allclose(e.maps[0, 0, 0], pixels, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(e.scores, [[3]], rtol=1e-6)
    balance = explain.conservation(X)
    np.testing.assert_allclose(sum(layer.bias for layer in balance), [[bias]], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(sum(pixels) + bias, 3, rtol=1e-6)


def test_what_epsilon_takes_is_known_on_paper() -> None:
    # S = 3 is its own root mean square, so with epsilon = 1/2 the denominator is 4.5 and two thirds are shared out:
    # R_h = (4, -8/3). h = (3, 4) has the root mean square sqrt(12.5).
    explain = LRP(two_dense_layers(), epsilon=0.5)
    away = 0.5 * np.sqrt(12.5)
    s = np.array([4 / (3 + away), -8 / 3 / (4 + away)])
    np.testing.assert_allclose(explain(X).maps[0, 0, 0], [s[0] - s[1], 2 * s[0] + 4 * s[1]], rtol=1e-5)
    last, first, _ = explain.conservation(X)
    np.testing.assert_allclose(last.stabiliser, [[1]], rtol=1e-5)
    np.testing.assert_allclose(first.stabiliser, [[away * s.sum()]], rtol=1e-5)


STRIP = np.array([1.0, 2.0, 3.0], "float32").reshape(1, 1, 3, 1)


@pytest.mark.parametrize(
    ("arguments", "pixels"),
    [
        # f = (2 - 1, 3 - 2) = (1, 1) and S = 4 mean f, so R_f = (2, 2).
        ({"rule": "epsilon"}, [-1 * 2, 2 * 2 - 2 * 2, 3 * 2]),
        ({"rule": "z+"}, [0, 2, 2]),
        # Between 0 and 4: a weight of 1 counts x, a weight of -1 counts 4 - x. f_1: 3 and 2 of 5; f_2: 2 and 3 of 5.
        ({"bounds": (0, 4)}, [2 * 3 / 5, 2 * 2 / 5 + 2 * 2 / 5, 2 * 3 / 5]),
        ({"rule": "z+", "bounds": ([0], [4])}, [1.2, 1.6, 1.2]),
    ],
)
def test_a_convolution_worked_out_on_paper(arguments: dict, pixels: list) -> None:
    pool = layers.GlobalAveragePooling2D()
    convolution = layers.Conv2D(1, (1, 2), activation="relu")
    model = keras.Sequential([keras.Input((1, 3, 1)), convolution, pool, layers.Dense(1)])
    model.set_weights([np.array([-1, 1]).reshape(1, 2, 1, 1), np.zeros(1), np.array([[4]]), np.zeros(1)])
    np.testing.assert_allclose(LRP(model, **arguments)(STRIP).maps[0, 0, 0], pixels, rtol=1e-5, atol=1e-5)


def test_a_sum_below_zero_is_shared_by_what_pulls_it_down() -> None:
    model = keras.Sequential([keras.Input((1, 2, 1)), layers.Flatten(), layers.Dense(1)])
    model.set_weights([np.array([[1], [-1]]), np.zeros(1)])  # S = 1 - 2 = -1
    np.testing.assert_allclose(LRP(model, "z+")(X).maps[0, 0, 0], [0, -1], atol=1e-6)
    # gamma = 1: 1 - 2 * 2 = -3, so -1 is shared 1/-3 to -4/-3
    np.testing.assert_allclose(LRP(model, "gamma", gamma=1)(X).maps[0, 0, 0], [1 / 3, -4 / 3], rtol=1e-5)


@pytest.mark.parametrize(("rule", "shares"), [("epsilon", [3, -1]), ("z+", [2, 0]), ("gamma", [6 * 2 / 5, -2 / 5])])
def test_a_residual_addition_shares_by_its_summands(rule: str, shares: list) -> None:
    # S = 3 x - x = 2 for x = 1: the first way has 3, the second -1; with gamma = 1 they are 6 and -1 of 5.
    x = keras.Input((1, 1, 1))
    ways = [layers.Conv2D(1, 1, use_bias=False, name=name)(x) for name in ("first", "second")]
    model = keras.Model(x, layers.Flatten()(layers.Add(name="sum")(ways)))
    model.set_weights([np.full((1, 1, 1, 1), 3.0), np.full((1, 1, 1, 1), -1.0)])
    balance = {layer.name: layer for layer in LRP(model, rule, gamma=1).conservation(np.ones((1, 1, 1, 1)))}
    np.testing.assert_allclose([balance[name].output[0, 0] for name in ("first", "second")], shares, atol=1e-5)
    assert balance["sum"].residual < 1e-6


def test_in_maximum_pooling_the_largest_takes_all() -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(1)])
    model.set_weights([np.array([[2.0]]), np.zeros(1)])
    np.testing.assert_allclose(LRP(model)(IMAGE).maps[0, 0], [[0, 0], [6, 0]], rtol=1e-5)  # of 1, 2, 3, -4


def test_in_average_pooling_each_has_its_part() -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), layers.AveragePooling2D(2), layers.Flatten(), layers.Dense(1)])
    model.set_weights([np.array([[2.0]]), np.zeros(1)])
    np.testing.assert_allclose(LRP(model)(IMAGE).maps[0, 0], IMAGE[0, ..., 0] / 2, rtol=1e-5)
    # S = (1 + 2 + 3 - 4) / 2 = 1, shared by 1, 2 and 3
    np.testing.assert_allclose(LRP(model, "z+")(IMAGE).maps[0, 0], [[1 / 6, 2 / 6], [3 / 6, 0]], rtol=1e-5)


def reference(x: np.ndarray, weights: list, c: int, kept: Callable) -> np.ndarray:
    """LRP of dense layers with ReLUs between, written as the formulas stand; kept(z_j, z) is what counts of z_j."""
    values = [x]
    for i in range(0, len(weights), 2):
        z = values[-1] @ weights[i] + weights[i + 1]
        values.append(np.maximum(z, 0) if i + 2 < len(weights) else z)
    R = np.where(np.arange(len(values[-1])) == c, values[-1], 0)
    for i in reversed(range(0, len(weights), 2)):
        a, w, b = values[i // 2], weights[i], weights[i + 1]
        shared = np.zeros(len(a))
        for k in range(len(R)):
            z = a @ w[:, k] + b[k]
            summands = kept(np.append(a * w[:, k], b[k]), z)
            shared += summands[:-1] / summands.sum() * R[k] if R[k] else 0
        R = shared
    return R


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({"rule": "epsilon", "epsilon": 1e-9}, lambda z_j, z: z_j),
        ({"rule": "gamma"}, lambda z_j, z: z_j + 0.25 * np.where(z_j * z > 0, z_j, 0)),
        ({"rule": "z+"}, lambda z_j, z: np.where(z_j * z > 0, z_j, 0)),
    ],
)
def test_three_dense_layers_as_the_formulas_stand(arguments: dict, kept: Callable) -> None:
    dense = [layers.Dense(7, activation="relu"), layers.Dense(6, activation="relu"), layers.Dense(4)]
    model = with_random_weights(keras.Sequential([keras.Input((1, 5, 1)), layers.Flatten(), *dense]))
    x = images(1, 1, 5, 1)  # of both signs, as are the scores
    e = LRP(model, **arguments)(x, classes="all")
    assert e.scores.min() < 0 < e.scores.max()
    weights = [w.astype("float64") for w in model.get_weights()]
    expected = [reference(x.ravel().astype("float64"), weights, c, kept) for c in range(4)]
    np.testing.assert_allclose(e.maps[0, :, 0], expected, rtol=1e-3, atol=1e-5)


# -- nothing is lost ---------------------------------------------------------------------------------------------------


def convolution(filters: int = 4, size: int = 3, **arguments: object) -> keras.layers.Layer:
    return layers.Conv2D(filters, size, padding="same", **arguments)


def chain(*between: keras.layers.Layer) -> keras.Model:
    head = [layers.GlobalAveragePooling2D(), layers.Dense(3)]
    return keras.Sequential([keras.Input((6, 6, 3)), *between, *head])


def joined(join: keras.layers.Layer) -> keras.Model:
    x = keras.Input((6, 6, 3))
    first = convolution(activation="relu")(x)
    second = layers.BatchNormalization()(convolution(4, name="second")(first))
    both = layers.ReLU()(join([first, second]))
    return keras.Model(x, layers.Dense(3, activation="softmax")(layers.Flatten()(both)))


NETWORKS: dict[str, Callable[[], keras.Model]] = {
    "convolution": lambda: chain(convolution(activation="relu"), convolution(activation="relu")),
    "batch normalization after": lambda: chain(
        convolution(), layers.BatchNormalization(), layers.ReLU(), convolution(), layers.BatchNormalization()
    ),
    "batch normalization before": lambda: chain(layers.BatchNormalization(), convolution(activation="relu")),
    "batch normalization, padding, convolution": lambda: chain(
        convolution(activation="relu"),
        layers.BatchNormalization(),
        layers.ZeroPadding2D(2),
        layers.Conv2D(4, 3, strides=2, activation="relu"),
    ),
    "batch normalization alone": lambda: chain(
        convolution(), layers.MaxPooling2D(2), layers.BatchNormalization(), layers.ReLU(), convolution()
    ),
    "preprocessing inside": lambda: chain(
        layers.Rescaling(-0.5, 0.2), layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0]), convolution()
    ),
    "residual addition": lambda: joined(layers.Add()),
    "concatenation": lambda: joined(layers.Concatenate()),
    "average pooling": lambda: chain(convolution(activation="relu"), layers.AveragePooling2D(3, 2, "same")),
    "maximum pooling": lambda: chain(convolution(), layers.MaxPooling2D(3, 2, "same"), layers.ReLU()),
    "separable": lambda: chain(
        convolution(activation="relu"),
        layers.SeparableConv2D(5, 3, depth_multiplier=2),
        layers.BatchNormalization(),
        layers.ReLU(6),
    ),
    "depthwise": lambda: chain(
        layers.DepthwiseConv2D(3, depth_multiplier=2), layers.BatchNormalization(), layers.Activation("relu6")
    ),
    "other activations": lambda: chain(
        convolution(activation="relu6"), convolution(activation="tanh"), layers.Dense(4), layers.LeakyReLU()
    ),
    "maximum of everything": lambda: keras.Sequential(
        [keras.Input((6, 6, 3)), convolution(), layers.Dropout(0.5), layers.GlobalMaxPooling2D(), layers.Dense(3)]
    ),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_no_relevance_is_lost_in_any_layer(network: str) -> None:
    model = with_random_weights(NETWORKS[network]())
    for rule in RULES:
        bias = _check_conservation(LRP(model, rule), images(2, 6, 6, 3))
        if network.startswith("batch normalization") or network == "residual addition":
            assert bias > 0.01, rule  # there is something to account for


@pytest.mark.parametrize(
    "network", ["convolution", "batch normalization before", "preprocessing inside", "depthwise", "concatenation"]
)
def test_nor_in_the_first_layer_by_the_rule_for_inputs_in_a_range(network: str) -> None:
    explain = LRP(with_random_weights(NETWORKS[network]()), "z+", bounds=(-5, [5, 6, 7]))
    _check_conservation(explain, images(2, 6, 6, 3))
    first = [layer for layer in explain.conservation(images(1, 6, 6, 3)) if "conv" in layer.name][-1]
    assert not first.bias.any()
    np.testing.assert_allclose(first.input, first.output, rtol=1e-5)


def test_nor_where_a_separable_convolution_or_padding_comes_first() -> None:
    for first in ([layers.SeparableConv2D(4, 3)], [layers.ZeroPadding2D(2), layers.Conv2D(4, 3)]):
        model = with_random_weights(chain(*first, layers.ReLU()))
        _check_conservation(LRP(model, "gamma", bounds=(-5, 5)), images(2, 6, 6, 3))


def _check_conservation(explain: LRP, x: np.ndarray) -> float:
    """In every layer and on the whole; returns the largest share that biases had."""
    e, balance = explain(x, classes="all"), explain.conservation(x, classes="all")
    np.testing.assert_allclose(balance[0].output, e.scores, rtol=1e-6)
    size = max(np.abs(layer.output).max() for layer in balance)
    assert max(layer.residual for layer in balance) < 2e-5 * size
    bias = sum(layer.bias for layer in balance)
    stabiliser = sum(layer.stabiliser for layer in balance)
    np.testing.assert_allclose(e.maps.sum(axis=(2, 3)) + bias + stabiliser, e.scores, rtol=1e-4, atol=1e-4 * size)
    assert np.abs(stabiliser).max() < 1e-3 * size
    return float(np.abs(bias).max())


@pytest.mark.parametrize("rule", RULES)
def test_without_biases_the_map_adds_up_to_the_score(rule: str) -> None:
    model = chain(convolution(use_bias=False, activation="relu"), convolution(use_bias=False, activation="relu"))
    model.layers[-1].bias.assign([0, 0, 0])
    e = LRP(model, rule)(images(3, 6, 6, 3), classes="all")
    np.testing.assert_allclose(e.maps.sum(axis=(2, 3)), e.scores, rtol=1e-4, atol=1e-6)


def test_alpha_1_beta_0_keeps_what_sums_below_zero_pass_on() -> None:
    # Nothing stands between the halves of a separable convolution, so its first half makes sums below zero. They have
    # relevance where the second half has weights below zero, and there is often nothing positive to share it by.
    model = with_random_weights(
        chain(convolution(activation="relu"), layers.SeparableConv2D(8, 2, activation="relu")), biases=False
    )
    e = LRP(model, "z+")(images(3, 6, 6, 3), classes="all")
    assert (e.scores < 0).any()
    np.testing.assert_allclose(e.maps.sum(axis=(2, 3)), e.scores, rtol=1e-4, atol=1e-6)
    assert (e.maps * np.sign(e.scores)[..., None, None] >= 0).all()  # no map is of two signs


@pytest.mark.parametrize("rule", RULES)
def test_batch_normalization_is_one_with_the_convolution_before_it(rule: str) -> None:
    apart = with_random_weights(chain(convolution(use_bias=False), layers.BatchNormalization(), layers.ReLU()))
    kernel, gamma, beta, mean, variance, *head = apart.get_weights()
    scale = gamma / np.sqrt(variance + 1e-3)
    folded = chain(convolution(activation="relu"))
    folded.set_weights([kernel * scale, beta - mean * scale, *head])
    x = images(2, 6, 6, 3)
    one, other = LRP(apart, rule)(x, classes="all"), LRP(folded, rule)(x, classes="all")
    np.testing.assert_allclose(one.maps, other.maps, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("arguments", [*({"rule": rule} for rule in RULES), {"bounds": (-5, 5)}])
def test_batch_normalization_is_one_with_the_convolution_behind_it(arguments: dict) -> None:
    apart = with_random_weights(chain(layers.BatchNormalization(), layers.Conv2D(4, 3, activation="relu")))
    apart.layers[0].gamma.assign([0.5, -1.5, 2.0])  # one turns the bounds round
    gamma, beta, mean, variance, kernel, bias, *head = _trainable_order(apart)
    scale = gamma / np.sqrt(variance + 1e-3)
    folded = chain(layers.Conv2D(4, 3, activation="relu"))
    shift = np.einsum("abio,i->o", kernel, beta - mean * scale)
    folded.set_weights([kernel * scale[:, None], bias + shift, *head])
    x = images(2, 6, 6, 3)
    one, other = LRP(apart, **arguments)(x, classes="all"), LRP(folded, **arguments)(x, classes="all")
    np.testing.assert_allclose(one.maps, other.maps, rtol=1e-3, atol=1e-5)


def _trainable_order(model: keras.Model) -> list[np.ndarray]:
    return [variable for layer in model.layers for variable in layer.get_weights()]


@pytest.mark.parametrize("rule", RULES)
def test_a_fused_activation_is_the_same_as_a_layer_of_its_own(rule: str) -> None:
    for activation in ("relu", "relu6", "tanh"):
        fused = with_random_weights(chain(convolution(activation=activation), convolution(activation=activation)))
        own = [layers.Activation(activation) for _ in range(2)]
        apart = chain(convolution(), own[0], convolution(), own[1])
        apart.set_weights(fused.get_weights())
        x = 5 * images(2, 6, 6, 3)
        one, other = LRP(fused, rule)(x, classes="all"), LRP(apart, rule)(x, classes="all")
        np.testing.assert_allclose(one.maps, other.maps, rtol=1e-3, atol=1e-3)


# -- what is known of the rules ----------------------------------------------------------------------------------------


def test_with_relus_and_a_small_epsilon_it_is_the_gradient_times_the_input() -> None:
    model, x = with_random_weights(joined(layers.Add())), images(2, 6, 6, 3)
    model.layers[-1].activation = keras.activations.linear
    with tf.GradientTape() as tape:
        values = tf.constant(x)
        tape.watch(values)
        total = tf.reduce_sum(model(values)[:, 1])
    expected = np.sum(x * tape.gradient(total, values).numpy(), axis=-1)
    maps = LRP(model, epsilon=1e-9)(x, classes=[1]).maps[:, 0]
    np.testing.assert_allclose(maps, expected, rtol=1e-3, atol=1e-5)


def test_gamma_lies_between_the_other_two() -> None:
    model, x = with_random_weights(joined(layers.Add())), images(2, 6, 6, 3)

    def maps(*arguments: object) -> np.ndarray:
        return LRP(model, *arguments)(x, classes="all").maps

    none, all_of_it = maps("epsilon", 0), maps("z+")
    np.testing.assert_allclose(maps("gamma", 0, 0), none, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(maps("gamma", 0, 1e-7), none, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(maps("gamma", 0, np.inf), all_of_it, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(maps("gamma", 0, 1e6), all_of_it, rtol=1e-3, atol=1e-4)
    assert np.abs(all_of_it - none).max() > 0.01


def test_relevance_does_not_depend_on_the_unit_of_a_layer() -> None:
    small = with_random_weights(chain(convolution(activation="relu"), convolution(activation="relu")), biases=False)
    large, x = keras.models.clone_model(small), images(1, 6, 6, 3)
    first, *rest = small.get_weights()
    large.set_weights([1e-7 * first, *rest])
    np.testing.assert_allclose(LRP(large)(x).maps, 1e-7 * LRP(small)(x).maps, rtol=1e-3, atol=1e-12)


# -- what all methods promise ------------------------------------------------------------------------------------------


def test_types_and_shapes_are_those_of_the_interface() -> None:
    e = LRP(gap_network())(np.concatenate([IMAGE] * 4), top=2)
    assert (e.maps.shape, e.maps.dtype) == ((4, 2, 2, 2), np.float32)
    assert np.isnan(e.residual)
    assert not e.bias.any()
    (last, *_) = LRP(gap_network()).conservation(np.concatenate([IMAGE] * 4), top=2)
    assert last.name == "scores"
    assert all(v.shape == (4, 2) for v in (last.output, last.input, last.bias, last.stabiliser))


def test_a_batch_is_the_same_as_its_images_one_by_one() -> None:
    model, x = with_random_weights(joined(layers.Add())), images(5, 6, 6, 3)
    classes = [[0, 2], [1, 1], [2, 0], [0, 1], [1, 2]]
    for rule in RULES:
        explain = LRP(model, rule)
        together = explain(x, classes=classes).maps
        alone = [explain(x[i], classes=[classes[i]]).maps for i in range(5)]
        np.testing.assert_allclose(together, np.concatenate(alone), rtol=1e-3, atol=1e-5)


def test_weights_that_are_trained_further_count() -> None:
    model = two_dense_layers()
    explain = LRP(model)
    explain(X)
    *_, kernel, bias = model.get_weights()
    model.set_weights([np.array([[1, 0], [1, 0]]), np.zeros(2), kernel, bias])  # S = 2 * 3 + 1, of which x has 2 and 4
    np.testing.assert_allclose(explain(X).maps[0, 0, 0], [2, 4], rtol=1e-5)


def test_nothing_in_the_model_changes() -> None:
    model, x = with_random_weights(joined(layers.Add())), images(1, 6, 6, 3)

    def state() -> list:
        return [
            (len(layer._inbound_nodes), len(layer._outbound_nodes), layer.trainable, getattr(layer, "activation", None))
            for layer in model.layers
        ]

    before, weights, output = state(), model.get_weights(), model(x)
    explain = LRP(model, "gamma")
    explain(x)
    explain.conservation(x)
    assert state() == before
    np.testing.assert_array_equal(model(x), output)
    for one, other in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_new_number_of_images_or_classes_traces_nothing_anew() -> None:
    explain = LRP(gap_network(), "gamma")
    for n, top in ((1, 1), (2, 3), (5, 2)):
        explain(np.concatenate([IMAGE] * n), top=top)
        explain.conservation(np.concatenate([IMAGE] * n), top=top)
    assert explain._compiled.experimental_get_tracing_count() == 1
    assert explain._counted.experimental_get_tracing_count() == 1


def test_model_and_explainer_are_freed_when_dropped() -> None:
    model = gap_network()
    explain = LRP(model)
    explain(IMAGE)
    explain.conservation(IMAGE)
    watched = [weakref.ref(model), weakref.ref(explain)]
    del model, explain
    gc.collect()
    assert [reference() for reference in watched] == [None, None]


def test_a_model_that_was_never_called_is_read_at_the_first_images() -> None:
    model = keras.Sequential([layers.Conv2D(2, 1), layers.GlobalAveragePooling2D(), layers.Dense(3)])
    explain = LRP(model, bounds=(-4, 3))
    assert all(layer.residual < 1e-5 for layer in explain.conservation(IMAGE))
    assert explain(IMAGE).maps.shape == (1, 1, 2, 2)


def test_operations_in_the_place_of_layers_and_nested_models_do_as_well() -> None:
    x = keras.Input((6, 6, 3))
    backbone = keras.Model(x, keras.ops.relu(convolution(name="a")(x) + convolution(name="b")(x)))
    operations = keras.Model(x, layers.Dense(3)(keras.ops.mean(backbone(x), axis=(1, 2))))
    both = layers.Add()([convolution(name="a")(x), convolution(name="b")(x)])
    plain = keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling2D()(layers.ReLU()(both))))
    plain.set_weights(with_random_weights(operations).get_weights())
    image = images(1, 6, 6, 3)
    for rule in RULES:
        np.testing.assert_allclose(
            LRP(operations, rule)(image).maps, LRP(plain, rule)(image).maps, rtol=1e-4, atol=1e-6
        )


def test_one_tensor_read_twice_has_its_relevance_once() -> None:
    x = keras.Input((2, 2, 1))
    y = layers.Conv2D(1, 1)(x)
    twice = [layers.Add()([y, y]), layers.Concatenate()([y, y])]
    for joint in twice:
        model = with_random_weights(keras.Model(x, layers.Dense(2)(layers.Flatten()(joint))))
        assert all(layer.residual < 1e-5 for layer in LRP(model).conservation(IMAGE, classes="all"))


@pytest.mark.parametrize("arguments", [*({"rule": rule} for rule in RULES), {"bounds": (-5, 5)}])
def test_channels_first_gives_the_same_maps(arguments: dict) -> None:
    def network(data_format: str) -> keras.Model:
        keras.utils.set_random_seed(0)
        axis, shape = (1, (3, 8, 6)) if data_format == "channels_first" else (-1, (8, 6, 3))
        as_said = {"data_format": data_format}
        x = keras.Input(shape)
        first = layers.Conv2D(4, 3, padding="same", activation="relu", **as_said)(x)
        y = layers.BatchNormalization(axis=axis)(layers.DepthwiseConv2D(3, padding="same", **as_said)(first))
        y = layers.MaxPooling2D(2, **as_said)(layers.ReLU()(layers.Add()([first, y])))
        head = layers.Dense(3)(layers.GlobalAveragePooling2D(**as_said)(y))
        return with_random_weights(keras.Model(x, head))

    last, first = network("channels_last"), network("channels_first")
    first.set_weights(last.get_weights())
    pixels = images(2, 8, 6, 3)
    expected = LRP(last, **arguments)(pixels, classes="all").maps
    explain = LRP(first, **arguments)
    np.testing.assert_allclose(
        explain(pixels.transpose(0, 3, 1, 2), classes="all").maps, expected, atol=1e-4 * np.abs(expected).max()
    )
    _check_conservation(explain, pixels.transpose(0, 3, 1, 2))


def test_half_precision_loses_no_more_than_its_own_rounding() -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = with_random_weights(joined(layers.Add()))
    finally:
        keras.config.set_dtype_policy(before)
    for rule in RULES:
        balance = LRP(model, rule).conservation(images(1, 6, 6, 3))
        size = max(np.abs(layer.output).max() for layer in balance)
        assert all(layer.residual < 0.02 * size for layer in balance)


# -- what it refuses ---------------------------------------------------------------------------------------------------


class Own(layers.Conv2D):
    """A convolution that does something else."""

    def call(self, inputs: object) -> object:
        return super().call(inputs) ** 2


def with_operation(operation: Callable) -> keras.Model:
    x = keras.Input((6, 6, 3))
    return keras.Model(x, layers.Dense(3)(layers.Flatten()(operation(x))))


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (lambda: chain(convolution(activation="swish", name="curved")), r"'curved' \(Conv2D, silu\)"),
        (lambda: chain(layers.Activation("gelu", name="curved")), r"'curved' \(Activation, gelu\)"),
        (lambda: chain(layers.LayerNormalization(name="norm")), r"'norm' \(LayerNormalization\)"),
        (lambda: chain(Own(3, 1, name="own")), r"'own' \(Own\)"),
        (lambda: joined(layers.Multiply(name="gate")), r"'gate' \(Multiply\)"),
        (lambda: with_operation(lambda x: x + 1.0), "Add of a constant"),
        (lambda: with_operation(lambda x: layers.Add()([x, x[:, :1]])), "GetItem"),
    ],
)
def test_a_layer_without_a_rule_is_refused_by_name(model: Callable[[], keras.Model], named: str) -> None:
    with pytest.raises(ValueError, match=f"LRP has no rule for layer .*{named}.*use GradCAM") as caught:
        LRP(model())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"rule": "alpha"}, "rule is 'alpha', but must be one of 'epsilon', 'gamma', 'z"),
        ({"epsilon": -1}, "epsilon is -1, but must be 0 or more"),
        ({"gamma": float("nan")}, "gamma is nan"),
        ({"bounds": (1, 0)}, "low < high"),
        ({"bounds": 3}, "low < high"),
        ({"bounds": ([0, 0], [1, 1])}, "1 channel"),
        ({"bounds": ([0, 0], [1, 1, 1])}, "low < high"),
        ({"bounds": (0, np.inf)}, "must be finite"),
    ],
)
def test_a_wrong_argument_is_said_in_one_sentence(arguments: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        LRP(gap_network(), **arguments)
    assert "\n" not in str(caught.value)


def test_images_outside_their_bounds_are_refused() -> None:
    with pytest.raises(ValueError, match="images reach from -4 to 3, which is outside bounds"):
        LRP(gap_network(), bounds=(0, 3))(IMAGE)


def test_bounds_without_weights_to_use_them_are_refused() -> None:
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(ValueError, match="bounds are for a first layer with weights"):
        LRP(model, bounds=(0, 1))


# -- the real network --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not os.environ.get("CAM_COURSE_RESNET50"), reason="CAM_COURSE_RESNET50 names no weights")
def test_resnet50_loses_nothing_on_its_way_through_53_convolutions() -> None:
    path = Path(os.environ["CAM_COURSE_RESNET50"])
    if path.suffix == ".keras":
        model = keras.models.load_model(path, compile=False)
    else:
        model = keras.applications.ResNet50(weights=str(path))
    x = images(1, 224, 224, 3)
    for rule in ("epsilon", "gamma"):  # the second has all that "z+" has
        balance = LRP(model, rule).conservation(x)
        S = balance[0].output
        assert len(balance) > 100
        assert all(layer.residual < 1e-5 * max(1, np.abs(layer.output).max()) * np.abs(S).max() for layer in balance)
        left = balance[-1].input + sum(layer.bias + layer.stabiliser for layer in balance)
        np.testing.assert_allclose(left, S, rtol=1e-4)
