"""Layer-wise relevance propagation: relevance worked out on paper, and none of it lost on the way."""

import os
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import IMAGE, gap_network, layers

from cam_course.maps import lrp_dense
from cam_course.methods.lrp import LRP, LayerRelevance
from cam_course.methods.lrp_rules import Epsilon, Gamma, Rule, ZBox, ZPlus
from cam_course.network.processor import has_channels_first_convolution

RULES = ("epsilon", "gamma", "z+")
COMPOSITE = {
    layers.Conv2D: Gamma(0.5),
    layers.SeparableConv2D: ZPlus(),
    layers.DepthwiseConv2D: ZPlus(),
    layers.Add: ZPlus(),
}


def assert_same(R: object, expected: object, rounding: float = 1e-5, size: float | None = None) -> None:
    """Equal but for rounding, which goes by the size of what was summed; that of the largest number, if not given."""
    size = np.abs(expected).max() if size is None else size
    np.testing.assert_allclose(R, expected, rtol=0, atol=rounding * size)


def size_of(balance: list[LayerRelevance]) -> float:
    """The most relevance at any layer."""
    return max(np.abs(part).max() for layer in balance for part in (layer.output, layer.bias, layer.stabiliser))


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
    assert_same(e.maps[0, 0, 0], pixels)
    assert_same(e.scores, [[3]])
    balance = explain.conservation(X)
    assert_same(sum(layer.bias for layer in balance), [[bias]], size=3)
    assert_same(sum(pixels) + bias, 3)


def test_what_epsilon_takes_is_known_on_paper() -> None:
    # S = 3 is its own root mean square, so with epsilon = 1/2 the denominator is 4.5 and two thirds are shared out:
    # R_h = (4, -8/3). h = (3, 4) has the root mean square sqrt(12.5).
    explain = LRP(two_dense_layers(), epsilon=0.5)
    away = 0.5 * np.sqrt(12.5)
    s = np.array([4 / (3 + away), -8 / 3 / (4 + away)])
    assert_same(explain(X).maps[0, 0, 0], [s[0] - s[1], 2 * s[0] + 4 * s[1]])
    last, first, _ = explain.conservation(X)
    assert_same(last.stabiliser, [[1]], size=3)
    assert_same(first.stabiliser, [[away * s.sum()]], size=3)


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
    assert_same(LRP(model, **arguments)(STRIP).maps[0, 0, 0], pixels)


def test_a_sum_below_zero_is_shared_by_what_pulls_it_down() -> None:
    model = keras.Sequential([keras.Input((1, 2, 1)), layers.Flatten(), layers.Dense(1)])
    model.set_weights([np.array([[1], [-1]]), np.zeros(1)])  # S = 1 - 2 = -1
    assert_same(LRP(model, "z+")(X).maps[0, 0, 0], [0, -1])
    # gamma = 1: 1 - 2 * 2 = -3, so -1 is shared 1/-3 to -4/-3
    assert_same(LRP(model, "gamma", gamma=1)(X).maps[0, 0, 0], [1 / 3, -4 / 3])


@pytest.mark.parametrize(("rule", "shares"), [("epsilon", [3, -1]), ("z+", [2, 0]), ("gamma", [6 * 2 / 5, -2 / 5])])
def test_a_residual_addition_shares_by_its_summands(rule: str, shares: list) -> None:
    # S = 3 x - x = 2 for x = 1: the first way has 3, the second -1; with gamma = 1 they are 6 and -1 of 5.
    x = keras.Input((1, 1, 1))
    ways = [layers.Conv2D(1, 1, use_bias=False, name=name)(x) for name in ("first", "second")]
    model = keras.Model(x, layers.Flatten()(layers.Add(name="sum")(ways)))
    model.set_weights([np.full((1, 1, 1, 1), 3.0), np.full((1, 1, 1, 1), -1.0)])
    balance = {layer.name: layer for layer in LRP(model, rule, gamma=1).conservation(np.ones((1, 1, 1, 1)))}
    assert_same([balance[name].output[0, 0] for name in ("first", "second")], shares)
    assert balance["sum"].residual < 1e-6


def test_in_maximum_pooling_the_largest_takes_all() -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(1)])
    model.set_weights([np.array([[2.0]]), np.zeros(1)])
    assert_same(LRP(model)(IMAGE).maps[0, 0], [[0, 0], [6, 0]])  # of 1, 2, 3, -4


def test_in_average_pooling_each_has_its_part() -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), layers.AveragePooling2D(2), layers.Flatten(), layers.Dense(1)])
    model.set_weights([np.array([[2.0]]), np.zeros(1)])
    assert_same(LRP(model)(IMAGE).maps[0, 0], IMAGE[0, ..., 0] / 2)
    # S = (1 + 2 + 3 - 4) / 2 = 1, shared by 1, 2 and 3
    assert_same(LRP(model, "z+")(IMAGE).maps[0, 0], [[1 / 6, 2 / 6], [3 / 6, 0]])


# -- dense layers, against the lecture's formula -----------------------------------------------------------------------


def three_dense_layers() -> keras.Model:
    dense = [
        layers.Dense(7, activation="relu", name="first"),
        layers.Dense(6, activation="relu", name="second"),
        layers.Dense(4, name="third"),
    ]
    return with_random_weights(keras.Sequential([keras.Input((1, 5, 1)), layers.Flatten(), *dense]))


PIXELS = images(1, 1, 5, 1)  # of both signs, as are the scores


def by_the_formula(model: keras.Model, c: int, rules: list[Rule]) -> list[np.ndarray]:
    """R of class c at the scores, and what `lrp_dense` makes of it layer by layer; rules are in the order of layers."""
    weights = [w.astype("float64") for w in model.get_weights()]
    dense = list(zip(weights[::2], weights[1::2], strict=True))
    values = [PIXELS.ravel().astype("float64")]
    for w, b in dense:
        z = values[-1] @ w + b
        values.append(z if w is dense[-1][0] else np.maximum(z, 0))
    R = [np.where(np.arange(len(values[-1])) == c, values[-1], 0)]
    for a, (w, b), z, rule in reversed(list(zip(values[:-1], dense, values[1:], rules, strict=True))):
        gamma = np.inf if isinstance(rule, ZPlus) else getattr(rule, "gamma", 0)
        epsilon = getattr(rule, "epsilon", 0) * np.sqrt(np.mean(z**2))  # of what a ReLU leaves of the sums
        R.append(lrp_dense(a, w, b, R[-1], gamma, epsilon))
    return R


def assert_follows_the_formula(explain: LRP, model: keras.Model, rules: list[Rule]) -> None:
    e = explain(PIXELS, classes="all")
    assert e.scores.min() < 0 < e.scores.max()
    balance = explain.conservation(PIXELS, classes="all")[:3]
    for c in range(4):
        R = by_the_formula(model, c, rules)
        size = max(np.abs(of_layer).max() for of_layer in R)
        assert_same(e.maps[0, c, 0], R[-1], size=size)
        assert_same([layer.input[0, c] for layer in balance], [of_layer.sum() for of_layer in R[1:]], size=size)


@pytest.mark.parametrize("rule", [Epsilon(0.1), Epsilon(0), Gamma(0.25), Gamma(0), Gamma(np.inf), ZPlus()], ids=repr)
def test_every_rule_is_the_formula_layer_by_layer(rule: Rule) -> None:
    model = three_dense_layers()
    assert_follows_the_formula(LRP(model, rule), model, [rule] * 3)


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"rule": "epsilon", "epsilon": 0.1}, Epsilon(0.1)),
        ({"rule": "gamma", "gamma": 0.5}, Gamma(0.5)),
        ({"rule": "z+"}, ZPlus()),
    ],
)
def test_a_rule_may_be_called_by_its_name(arguments: dict, rule: Rule) -> None:
    model = three_dense_layers()
    assert_follows_the_formula(LRP(model, **arguments), model, [rule] * 3)


# -- composites --------------------------------------------------------------------------------------------------------

E, G, Z = Epsilon(0.1), Gamma(0.5), ZPlus()


@pytest.mark.parametrize(
    ("composite", "rules"),
    [
        ({"first": G, "second": Z, "third": E}, [G, Z, E]),
        ({layers.Dense: G, "third": Z}, [G, G, Z]),  # a name counts before a type, wherever it stands
        ({"third": Z, layers.Dense: G}, [G, G, Z]),
        ({layers.Dense: G, layers.Layer: Z}, [G, G, G]),  # of several types the first counts
        ({layers.Layer: Z, layers.Dense: G}, [Z, Z, Z]),
        ({"second": Z}, [E, Z, E]),  # what is not named follows "epsilon"
        ({layers.Conv2D: G}, [E, E, E]),
        ({}, [E, E, E]),
    ],
)
def test_in_a_composite_each_layer_follows_its_rule(composite: dict, rules: list[Rule]) -> None:
    model = three_dense_layers()
    assert_follows_the_formula(LRP(model, rule=composite, epsilon=0.1), model, rules)


@pytest.mark.parametrize(("rule", "name"), [(Epsilon(1e-6), "epsilon"), (Gamma(0.25), "gamma"), (ZPlus(), "z+")])
def test_a_composite_of_one_rule_is_that_rule(rule: Rule, name: str) -> None:
    model, x = with_random_weights(joined(layers.Add())), images(2, 6, 6, 3)
    expected = LRP(model, name)(x, classes="all").maps
    for same in (rule, {layers.Layer: rule}, {layers.Dense: rule, layers.Conv2D: rule, layers.Add: rule}):
        np.testing.assert_array_equal(LRP(model, same)(x, classes="all").maps, expected)


def test_convolutions_follow_one_rule_and_one_of_them_its_own() -> None:
    between = [convolution(activation="relu"), convolution(activation="relu", name="last")]
    model, x = with_random_weights(chain(*between)), images(2, 6, 6, 3)
    by_type_and_name = {layers.Conv2D: Gamma(0.5), "last": ZPlus()}
    by_name = {between[0].name: Gamma(0.5), "last": ZPlus(), model.layers[-1].name: Epsilon(1e-6)}
    one, other = (LRP(model, rule)(x, classes="all").maps for rule in (by_type_and_name, by_name))
    np.testing.assert_array_equal(one, other)
    assert np.abs(one - LRP(model, {layers.Conv2D: Gamma(0.5)})(x, classes="all").maps).max() > 0.01 * np.abs(one).max()


@pytest.mark.parametrize("network", ["convolution", "batch normalization before", "preprocessing inside", "depthwise"])
def test_a_box_for_the_first_layer_by_its_name_is_the_same_as_bounds(network: str) -> None:
    model, x = with_random_weights(NETWORKS[network]()), images(2, 6, 6, 3)
    first = next(layer for layer in model.layers if "conv" in layer.name)
    expected = LRP(model, bounds=(-5, [5, 6, 7]))(x, classes="all").maps
    by_name = LRP(model, {first.name: ZBox(-5, [5, 6, 7])})(x, classes="all").maps
    np.testing.assert_array_equal(by_name, expected)


def test_of_a_separable_convolution_the_first_half_follows_the_box() -> None:
    model = with_random_weights(chain(layers.SeparableConv2D(4, 3, name="first"), layers.ReLU()))
    expected = LRP(model, bounds=(-5, 5))(images(2, 6, 6, 3), classes="all").maps
    np.testing.assert_array_equal(LRP(model, {"first": BOX})(images(2, 6, 6, 3), classes="all").maps, expected)


@pytest.mark.parametrize("name", ["folded", "passes", "moves"])
def test_a_rule_for_a_layer_that_follows_none_is_refused(name: str) -> None:
    folded = layers.BatchNormalization(name="folded")
    body = [convolution(name="first"), folded, layers.ReLU(name="passes"), layers.MaxPooling2D(2, name="moves")]
    with pytest.raises(ValueError, match=f"rule has one for layer '{name}' .* which follows none.*do are 'first', 'g"):
        LRP(chain(*body), {name: Z})


BOX = ZBox(-5, 5)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"rule": {"frist": Z}}, ValueError, "no layer 'frist' that rule could be for; the nearest are 'first'"),
        ({"rule": {3: Z}}, TypeError, r"rule maps 3 to ZPlus\(\), but must map the type or name of a layer to a rule"),
        ({"rule": {"first": "z+"}}, TypeError, "rule maps 'first' to 'z\\+', but must map"),
        ({"rule": {"first": Gamma}}, TypeError, "rule maps 'first' to <class .*Gamma'>, but must map"),
        ({"rule": BOX}, ValueError, "ZBox is for the layer that the images reach: give it as bounds, or to that layer"),
        ({"rule": {"second": BOX}}, ValueError, "range of the images, which layer 'second' of .* does not get"),
        ({"rule": {layers.Dense: BOX}}, ValueError, "range of the images, which layer 'second' of .* does not get"),
        ({"rule": {"first": BOX, "second": ZBox(0, 1)}}, ValueError, "has 2 ZBox rules, but images have one range"),
        ({"rule": {"first": BOX}, "bounds": (0, 1)}, ValueError, "both bounds and a ZBox rule are given: choose one"),
        ({"rule": {"first": ZBox([0, 0], 1)}}, ValueError, "takes images of 1 channels: give one number for all"),
    ],
)
def test_a_wrong_composite_is_said_in_one_sentence(arguments: dict, error: type, sentence: str) -> None:
    with pytest.raises(error, match=sentence) as caught:
        LRP(three_dense_layers(), **arguments)
    assert "\n" not in str(caught.value)


def test_images_outside_the_box_of_a_composite_are_refused() -> None:
    with pytest.raises(ValueError, match="which is outside bounds: give the range of the images"):
        LRP(three_dense_layers(), {"first": ZBox(0, 0.1)})(PIXELS)


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
    for rule in (*RULES, COMPOSITE):
        bias = _check_conservation(LRP(model, rule), images(2, 6, 6, 3))
        if network.startswith("batch normalization") or network == "residual addition":
            assert bias > 0.01, rule  # there is something to account for


@pytest.mark.parametrize(
    "network", ["convolution", "batch normalization before", "preprocessing inside", "depthwise", "concatenation"]
)
def test_no_relevance_is_lost_in_the_first_layer_by_the_rule_for_inputs_in_a_range(network: str) -> None:
    explain = LRP(with_random_weights(NETWORKS[network]()), "z+", bounds=(-5, [5, 6, 7]))
    _check_conservation(explain, images(2, 6, 6, 3))
    balance = explain.conservation(images(1, 6, 6, 3))
    first = [layer for layer in balance if "conv" in layer.name][-1]
    assert not first.bias.any()
    assert_same(first.input, first.output, size=size_of(balance))


def test_no_relevance_is_lost_where_a_separable_convolution_or_padding_comes_first() -> None:
    for first in ([layers.SeparableConv2D(4, 3)], [layers.ZeroPadding2D(2), layers.Conv2D(4, 3)]):
        model = with_random_weights(chain(*first, layers.ReLU()))
        _check_conservation(LRP(model, "gamma", bounds=(-5, 5)), images(2, 6, 6, 3))


def _check_conservation(explain: LRP, x: np.ndarray) -> float:
    """In every layer and on the whole; returns the largest share that biases had."""
    e, balance = explain(x, classes="all"), explain.conservation(x, classes="all")
    size = max(size_of(balance), np.abs(e.maps).sum(axis=(2, 3)).max())  # relevance of both signs adds up to little
    assert_same(balance[0].output, e.scores)
    assert max(layer.residual for layer in balance) < 1e-5 * size
    bias = sum(layer.bias for layer in balance)
    stabiliser = sum(layer.stabiliser for layer in balance)
    assert_same(e.maps.sum(axis=(2, 3)) + bias + stabiliser, e.scores, size=size)
    assert np.abs(stabiliser).max() < 1e-3 * size
    return float(np.abs(bias).max())


@pytest.mark.parametrize("rule", RULES)
def test_without_biases_the_map_adds_up_to_the_score(rule: str) -> None:
    model = chain(convolution(use_bias=False, activation="relu"), convolution(use_bias=False, activation="relu"))
    model.layers[-1].bias.assign([0, 0, 0])
    e = LRP(model, rule)(images(3, 6, 6, 3), classes="all")
    assert_same(e.maps.sum(axis=(2, 3)), e.scores, size=np.abs(e.maps).sum(axis=(2, 3)).max())


def test_alpha_1_beta_0_keeps_what_sums_below_zero_pass_on() -> None:
    # Nothing stands between the halves of a separable convolution, so its first half makes sums below zero. They have
    # relevance where the second half has weights below zero, and there is often nothing positive to share it by.
    model = with_random_weights(
        chain(convolution(activation="relu"), layers.SeparableConv2D(8, 2, activation="relu")), biases=False
    )
    e = LRP(model, "z+")(images(3, 6, 6, 3), classes="all")
    assert (e.scores < 0).any()
    assert_same(e.maps.sum(axis=(2, 3)), e.scores, size=np.abs(e.maps).sum(axis=(2, 3)).max())
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
    assert_same(one.maps, other.maps)


@pytest.mark.parametrize("arguments", [*({"rule": rule} for rule in RULES), {"bounds": (-5, 5)}])
def test_batch_normalization_is_one_with_the_convolution_after_it(arguments: dict) -> None:
    apart = with_random_weights(chain(layers.BatchNormalization(), layers.Conv2D(4, 3, activation="relu")))
    apart.layers[0].gamma.assign([0.5, -1.5, 2.0])  # one turns the bounds round
    gamma, beta, mean, variance, kernel, bias, *head = _trainable_order(apart)
    scale = gamma / np.sqrt(variance + 1e-3)
    folded = chain(layers.Conv2D(4, 3, activation="relu"))
    shift = np.einsum("abio,i->o", kernel, beta - mean * scale)
    folded.set_weights([kernel * scale[:, None], bias + shift, *head])
    x = images(2, 6, 6, 3)
    one, other = LRP(apart, **arguments)(x, classes="all"), LRP(folded, **arguments)(x, classes="all")
    assert_same(one.maps, other.maps)


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
        assert_same(one.maps, other.maps)


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
    assert_same(maps, expected)


def test_gamma_lies_between_the_other_two() -> None:
    model, x = with_random_weights(joined(layers.Add())), images(2, 6, 6, 3)

    def maps(*arguments: object) -> np.ndarray:
        return LRP(model, *arguments)(x, classes="all").maps

    none, all_of_it = maps("epsilon", 0), maps("z+")
    assert_same(maps("gamma", 0, 0), none)
    assert_same(maps("gamma", 0, 1e-7), none, rounding=1e-4)
    assert_same(maps("gamma", 0, np.inf), all_of_it)
    assert_same(maps("gamma", 0, 1e6), all_of_it, rounding=1e-4)
    assert np.abs(all_of_it - none).max() > 0.01 * np.abs(none).max()


def test_relevance_does_not_depend_on_the_unit_of_a_layer() -> None:
    small = with_random_weights(chain(convolution(activation="relu"), convolution(activation="relu")), biases=False)
    large, x = keras.models.clone_model(small), images(1, 6, 6, 3)
    first, *rest = small.get_weights()
    large.set_weights([1e-7 * first, *rest])
    assert_same(LRP(large)(x).maps, 1e-7 * LRP(small)(x).maps)


# -- what all methods promise ------------------------------------------------------------------------------------------


def test_conservation_has_a_row_for_each_layer_with_a_value_for_each_image_and_class() -> None:
    model = gap_network()
    balance = LRP(model).conservation(np.concatenate([IMAGE] * 4), top=2)
    assert [layer.name for layer in balance] == ["scores", model.layers[1].name, "maps"]
    for layer in balance:
        for part in (layer.output, layer.input, layer.bias, layer.stabiliser):
            assert (part.shape, part.dtype) == ((4, 2), np.float64)


def test_a_batch_is_the_same_as_its_images_one_by_one() -> None:
    model, x = with_random_weights(joined(layers.Add())), images(5, 6, 6, 3)
    classes = [[0, 2], [1, 1], [2, 0], [0, 1], [1, 2]]
    for rule in RULES:
        explain = LRP(model, rule)
        together = explain(x, classes=classes).maps
        alone = [explain(x[i], classes=[classes[i]]).maps for i in range(5)]
        assert_same(together, np.concatenate(alone))


def test_a_model_that_was_never_called_is_read_at_the_first_images() -> None:
    model = keras.Sequential([layers.Conv2D(2, 1), layers.GlobalAveragePooling2D(), layers.Dense(3)])
    explain = LRP(model, bounds=(-4, 3))
    balance = explain.conservation(IMAGE)
    assert all(layer.residual < 1e-5 * size_of(balance) for layer in balance)
    assert explain(IMAGE).maps.shape == (1, 1, 2, 2)


def test_operations_instead_of_layers_and_nested_models_do_as_well() -> None:
    x = keras.Input((6, 6, 3))
    backbone = keras.Model(x, keras.ops.relu(convolution(name="a")(x) + convolution(name="b")(x)))
    operations = keras.Model(x, layers.Dense(3)(keras.ops.mean(backbone(x), axis=(1, 2))))
    both = layers.Add()([convolution(name="a")(x), convolution(name="b")(x)])
    plain = keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling2D()(layers.ReLU()(both))))
    plain.set_weights(with_random_weights(operations).get_weights())
    image = images(1, 6, 6, 3)
    for rule in RULES:
        assert_same(LRP(operations, rule)(image).maps, LRP(plain, rule)(image).maps)


def test_one_tensor_read_twice_has_its_relevance_once() -> None:
    x = keras.Input((2, 2, 1))
    y = layers.Conv2D(1, 1)(x)
    twice = [layers.Add()([y, y]), layers.Concatenate()([y, y])]
    for joint in twice:
        model = with_random_weights(keras.Model(x, layers.Dense(2)(layers.Flatten()(joint))))
        balance = LRP(model).conservation(IMAGE, classes="all")
        assert all(layer.residual < 1e-5 * size_of(balance) for layer in balance)


@pytest.mark.skipif(not has_channels_first_convolution(), reason="TensorFlow cannot convolve channels first here")
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
    assert_same(explain(pixels.transpose(0, 3, 1, 2), classes="all").maps, expected)
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
        assert all(layer.residual < 0.02 * size_of(balance) for layer in balance)


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
        ({"epsilon": -1}, "epsilon is -1, but must be a number of 0 or more"),
        ({"gamma": float("nan")}, "gamma is nan"),
        ({"gamma": "a lot"}, "gamma is 'a lot', but must be a number of 0 or more"),
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
        model = keras.applications.ResNet50(weights=str(path), input_shape=(96, 96, 3))
    x = images(1, *model.input_shape[1:])
    for rule in ("epsilon", "gamma"):  # the second has all that "z+" has
        balance = LRP(model, rule).conservation(x)
        S = balance[0].output
        assert len(balance) > 100
        assert all(layer.residual < 1e-5 * size_of(balance) for layer in balance)
        left = balance[-1].input + sum(layer.bias + layer.stabiliser for layer in balance)
        assert_same(left, S, size=size_of(balance))
