"""The table of what each kind of layer does, held against the layers themselves."""

import keras
import numpy as np
import pytest
from networks import IMAGE, gap_network, layers, set_weights

from cam_course import CAM, LRP
from cam_course.network.layer_kinds import _NAMES, Kind, kind_of, pools

ARGUMENTS = {
    "AlphaDropout": [0.5],
    "Dropout": [0.5],
    "GaussianDropout": [0.5],
    "GaussianNoise": [0.5],
    "MixUp": [],
    "RandomBrightness": [0.5],
    "RandomColorDegeneration": [0.5],
    "RandomContrast": [0.5],
    "RandomHue": [0.5],
    "RandomPosterization": [4],
    "RandomRotation": [0.5],
    "RandomSaturation": [0.5],
    "RandomSharpness": [0.5],
    "RandomTranslation": [0.5, 0.5],
    "RandomZoom": [0.5],
    "SpatialDropout1D": [0.5],
    "SpatialDropout2D": [0.5],
    "SpatialDropout3D": [0.5],
}
OF_OTHER_RANK = {"SpatialDropout1D": (2, 6, 3), "SpatialDropout3D": (2, 6, 6, 2, 3)}
NAMES = {kind: names.split() for kind, names in _NAMES.items()}


def existing(kind: Kind) -> list[str]:
    return [name for name in NAMES[kind] if hasattr(keras.layers, name)]


def test_every_name_stands_in_the_table_once() -> None:
    names = [name for of_kind in NAMES.values() for name in of_kind]
    assert len(names) == len(set(names))


def test_what_is_no_layer_is_an_operation() -> None:
    operations = {name for of_kind in NAMES.values() for name in of_kind if not hasattr(keras.layers, name)}
    known = {"AveragePool", "Cast", "DotProductAttention", "GroupedQueryAttention", "MaxPool", "Mean", "Transpose"}
    newer = {"AdaptiveAveragePooling2D", "AdaptiveMaxPooling2D"} | set(NAMES[Kind.PASSES_ON])
    assert known <= operations <= known | newer


@pytest.mark.parametrize("name", existing(Kind.PASSES_ON))
def test_a_layer_that_passes_on_gives_back_what_it_gets(name: str) -> None:
    layer = getattr(keras.layers, name)(*ARGUMENTS.get(name, []))
    x = np.random.default_rng(0).uniform(size=OF_OTHER_RANK.get(name, (2, 6, 6, 3))).astype("float32")
    np.testing.assert_allclose(layer(x, training=False), x, atol=1e-6)
    assert kind_of(layer) is Kind.PASSES_ON


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(layers.Flatten(), (18,)), (layers.Reshape((9, 2)), (9, 2)), (layers.Permute((2, 1, 3)), (3, 3, 2))],
)
def test_a_layer_that_reshapes_or_permutes_keeps_the_values(layer: keras.layers.Layer, shape: tuple) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 3, 2)).astype("float32")
    y = np.asarray(layer(x))
    assert y.shape == (2, *shape)
    np.testing.assert_array_equal(np.sort(y.ravel()), np.sort(x.ravel()))


def operation(call: object) -> object:
    x = keras.Input((4, 4, 2))
    return call(x)._keras_history.operation  # type: ignore[operator]


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda x: x + x, Kind.ADDS),
        (keras.ops.relu, Kind.ACTIVATES),
        (keras.ops.softmax, Kind.ACTIVATES),
        (lambda x: keras.ops.mean(x, axis=(1, 2)), Kind.AVERAGES),
        (lambda x: keras.ops.average_pool(x, 2), Kind.AVERAGES),
        (lambda x: keras.ops.max_pool(x, 2), Kind.TAKES_MAXIMUM),
        (lambda x: keras.ops.concatenate([x, x]), Kind.CONCATENATES),
        (lambda x: keras.ops.reshape(x, (-1, 32)), Kind.RESHAPES),
        (lambda x: keras.ops.transpose(x, (0, 3, 1, 2)), Kind.PERMUTES),
        (lambda x: keras.ops.cast(x, "float16"), Kind.PASSES_ON),
        (keras.ops.sqrt, None),
    ],
)
def test_an_operation_stands_in_the_table_beside_the_layers(call: object, kind: Kind | None) -> None:
    assert kind_of(operation(call)) is kind


def test_a_subclass_counts_unless_it_has_its_own_call() -> None:
    class Named(layers.Conv2D):
        pass

    class Squared(layers.Conv2D):
        def call(self, x: object) -> object:
            return super().call(x) ** 2

    class MaxPooling(layers.Layer):
        def call(self, x: object) -> object:
            return x

    assert kind_of(Named(1, 1)) is Kind.WEIGHTED_SUM
    assert kind_of(Squared(1, 1)) is None
    assert kind_of(MaxPooling()) is None
    assert not pools(MaxPooling())


@pytest.mark.parametrize("name", ["SpatialDropout2D", "AlphaDropout", "RandomFlip", "ActivityRegularization"])
def test_the_roles_and_lrp_read_the_same_table(name: str) -> None:
    # Both look through the layer: between the maps and the pooling for LRP, after the pooling for CAM's head.
    between = getattr(layers, name)(*ARGUMENTS.get(name, []))
    maps, pool, scores = gap_network(None).layers
    after = [pool, layers.Reshape((1, 1, 2)), between, layers.Flatten(), scores]
    model = set_weights(keras.Sequential([keras.Input((2, 2, 1)), maps, *after]))
    expected = gap_network(None)
    np.testing.assert_allclose(
        CAM(model)(IMAGE, classes="all").maps, CAM(expected)(IMAGE, classes="all").maps, rtol=1e-6
    )
    np.testing.assert_allclose(
        LRP(model)(IMAGE, classes="all").maps, LRP(expected)(IMAGE, classes="all").maps, rtol=1e-5, atol=1e-6
    )
