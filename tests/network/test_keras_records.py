"""Keras' records: what is used of them is still there, and a model comes out of them as calls and values."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from networks import IMAGE, gap_network, layers

from cam_course.network.keras_records import RECORDS, known_image_shape, layers_inside, read_graph


def one_layer() -> keras.Model:
    return keras.Sequential([keras.Input((2, 2, 1)), layers.Flatten(name="flat")])


def node() -> object:
    return one_layer().get_layer("flat")._inbound_nodes[0]


def given() -> bool:
    recorded = node()
    return recorded.arguments.args == (recorded.input_tensors[0],)  # type: ignore[attr-defined]


def filled_in() -> bool:
    recorded, number = node(), np.ones(3)
    args, kwargs = recorded.arguments.fill_in({id(recorded.input_tensors[0]): number})  # type: ignore[attr-defined]
    return len(args) == 1 and args[0] is number and kwargs == {}


def nodes_by_depth() -> bool:
    model = gap_network()
    by_depth = keras.Function(model.inputs, model.outputs)._nodes_by_depth
    names = [node.operation.name for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]
    return names[1:] == [layer.name for layer in model.layers] and sorted(by_depth) == list(range(4))


def outbound() -> bool:
    model = gap_network()
    return [node.operation for node in model.layers[0]._outbound_nodes][-1:] == [model.layers[1]]


def flattened() -> bool:
    inner = gap_network()
    outer = keras.Sequential([keras.Input((2, 2, 1)), inner])
    return {inner, *inner.layers} <= set(outer._flatten_layers(include_self=False))


CHECKS: dict[str, Callable[[], bool]] = {
    "Function._nodes_by_depth": nodes_by_depth,
    "Node.operation": lambda: node().operation.name == "flat",  # type: ignore[attr-defined]
    "Node.is_input": lambda: not node().is_input,  # type: ignore[attr-defined]
    "Node.input_tensors": lambda: node().input_tensors[0].shape == (None, 2, 2, 1),  # type: ignore[attr-defined]
    "Node.outputs": lambda: node().outputs[0].shape == (None, 4),  # type: ignore[attr-defined]
    "Node.arguments.args": given,
    "Node.arguments.fill_in": filled_in,
    "Operation._inbound_nodes": lambda: len(one_layer().get_layer("flat")._inbound_nodes) == 1,
    "Operation._outbound_nodes": outbound,
    "Layer._flatten_layers": flattened,
}


@pytest.mark.parametrize("record", RECORDS)
def test_keras_still_keeps_the_record(record: str) -> None:
    try:
        kept = CHECKS[record]()
    except (AttributeError, TypeError) as error:
        kept, reason = False, f" ({error})"
    else:
        reason = ""
    assert kept, (
        f"Keras {keras.__version__} no longer has {record}, {RECORDS[record]}{reason}: "
        "look in Keras for what took its place, and mend cam_course/network/keras_records.py."
    )


def test_no_other_file_knows_keras_private_records() -> None:
    import re
    from pathlib import Path

    import cam_course

    private = {name.rpartition(".")[2] for name in RECORDS if "._" in name}
    for path in Path(cam_course.__file__).parent.rglob("*.py"):
        if path.name != "keras_records.py":
            assert not re.findall(r"\b(" + "|".join(private) + r")\b", path.read_text(encoding="utf-8")), path


def test_a_model_becomes_calls_from_value_to_value() -> None:
    graph = read_graph(gap_network(), None)
    assert graph is not None
    assert graph.calls[0].operation.name == "maps"
    [images], [output] = graph.inputs, graph.outputs
    assert (images.shape, images.producer) == ((None, 2, 2, 1), None)
    assert (output.shape, output.producer) == ((None, 3), graph.calls[-1])
    values = {images: IMAGE}
    for call in graph.calls:
        values.update(zip(call.outputs, call.run(values), strict=True))
    np.testing.assert_allclose(values[output], gap_network()(IMAGE), rtol=1e-6)


def test_the_image_shape_is_known_once_a_model_was_built_or_called() -> None:
    class Custom(keras.Model):
        def call(self, x: object) -> object:
            return x

    custom, sequential = Custom(), keras.Sequential([layers.Flatten()])
    assert known_image_shape(custom) is None
    assert known_image_shape(sequential) is None
    custom.build((None, 2, 2, 1))
    sequential(IMAGE)
    for model in (custom, sequential, gap_network()):
        assert known_image_shape(model) == (2, 2, 1)


def test_layers_inside_a_layer_at_any_depth() -> None:
    inner = keras.Sequential([layers.ReLU(), keras.Sequential([layers.Flatten()])])
    kinds = [type(layer) for layer in layers_inside(inner)]
    assert layers.ReLU in kinds
    assert layers.Flatten in kinds
    assert layers_inside(object()) == []
