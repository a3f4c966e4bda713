"""Keras' own records of a model, turned into a plain list of calls: the one file that knows them.

Keras records every call of a layer as a node of a graph. That graph is flattened here, nested models included. The
records are not part of Keras' promised interface; ``RECORDS`` names those that are used. Nothing is added to the user's
model.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras
import numpy as np

from .layer_kinds import activation_of, is_keras_own, kind_of
from .sizes import SizeError, output_specs, says_too_small

# What is used of Keras that is not documented, and what it has to be.
RECORDS = {
    "Function._nodes_by_depth": "the nodes of a graph, in lists by their distance from the output",
    "Node.operation": "the layer or operation that was called",
    "Node.is_input": "whether a node is an input of the graph",
    "Node.input_tensors": "the symbolic tensors that a call was given",
    "Node.outputs": "the symbolic tensors that a call returned",
    "Node.arguments.args": "the positional arguments of a call",
    "Node.arguments.fill_in": "the arguments of a call with other tensors, by the id of the symbolic ones",
    "Operation._inbound_nodes": "the calls of an operation",
    "Operation._outbound_nodes": "the calls that read what an operation returned",
    "Layer._flatten_layers": "all layers inside a layer, at any depth",
}


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor inside a network.

    Attributes
    ----------
    shape : tuple
        Its symbolic shape, None where any size will do.
    producer : Call or None
        The call that made it; None for an input of the model and for a constant.
    constant : array_like or None
        What a nested model was given that does not depend on the images.
    """

    shape: tuple[int | None, ...]
    producer: "Call | None" = None
    constant: Any = None


class Call:
    """One call of one operation: which values it reads, which it makes.

    Attributes
    ----------
    operation : keras.Operation
        A layer, or an operation of keras.ops.
    kind : Kind or None
    activation : str
        What is applied last, "linear" for nothing.
    inputs, outputs : list of Value
    constants : list
        What it was called with besides values.
    """

    def __init__(self, node: Any, inputs: list[Value]) -> None:
        self.operation = node.operation
        self.kind = kind_of(node.operation)
        self.activation = activation_of(node.operation)
        self.inputs = inputs
        self.outputs = [Value(tuple(tensor.shape), producer=self) for tensor in node.outputs]
        self.constants = [given for given in node.arguments.args if not isinstance(given, keras.KerasTensor)]
        self._node = node

    def run(self, values: Mapping[Value, Any]) -> list[Any]:
        """The outputs, computed from the values of the inputs; as at inference."""
        args, kwargs = self._arguments(values)
        if isinstance(self.operation, keras.layers.Layer):
            kwargs = kwargs | {"training": False}  # random flips and the like would train by default
        with keras.StatelessScope():  # what a layer would note in itself, such as a loss, is let go
            return keras.tree.flatten(self.operation(*args, **kwargs))

    def specs(self, values: Mapping[Value, keras.KerasTensor]) -> list[keras.KerasTensor]:
        """The same for symbolic tensors: shapes alone, nothing is computed.

        Raises
        ------
        SizeError
            If the operation cannot take them, or nothing is left of them.
        """
        args, kwargs = self._arguments(values)
        return output_specs(self.operation, *args, **kwargs)

    def _arguments(self, values: Mapping[Value, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        tensors = zip(self._node.input_tensors, self.inputs, strict=True)
        args, kwargs = self._node.arguments.fill_in(
            {id(tensor): values[value] if value.constant is None else value.constant for tensor, value in tensors}
        )
        return args, kwargs


@dataclass(frozen=True, eq=False)
class Graph:
    """A model as its calls.

    Attributes
    ----------
    inputs, outputs : list of Value
    calls : list of Call
        In an order in which they can be run.
    outputs_of : list of (operation, Value)
        What every operation made first, in the same order; models that were opened up are among them.
    """

    inputs: list[Value]
    outputs: list[Value]
    calls: list[Call]
    outputs_of: list[tuple[Any, Value]]


def read_graph(model: keras.Model, image_shape: tuple[int | None, ...] | None) -> Graph | None:
    """The calls of a model; None where its layers cannot be read.

    Parameters
    ----------
    model : keras.Model
    image_shape : tuple of int or None
        Shape of one image, for a model that does not know it yet.

    Raises
    ------
    SizeError
        If images of that shape are too small for a model that is built here.
    """
    function = _function_of(model, image_shape)
    if function is None:
        return None
    inputs = [Value(tuple(tensor.shape)) for tensor in function.inputs]
    graph = Graph(inputs, [], [], [])
    graph.outputs.extend(_flatten(function, inputs, graph))
    return graph


def known_image_shape(model: keras.Model) -> tuple[int | None, ...] | None:
    """The shape of one image, where the model has been built or called; else None."""
    try:
        return tuple(model.inputs[0].shape[1:])
    except (AttributeError, TypeError):  # what Keras has for a model that recorded nothing
        shape = (model.get_build_config() or {}).get("input_shape")
        return tuple(shape[1:]) if shape else None


def layers_inside(layer: Any) -> list[keras.layers.Layer]:
    """The layers that a layer holds, at any depth; none for an operation that is no layer."""
    return list(layer._flatten_layers(include_self=False)) if isinstance(layer, keras.layers.Layer) else []


def _flatten(function: Any, inputs: list[Value], graph: Graph) -> list[Value]:
    """Append the calls of one graph of Keras, nested models opened up; returns its outputs."""
    value_of = {id(tensor): value for tensor, value in zip(function.inputs, inputs, strict=True)}
    for node in _in_order(function):
        reads = [value_of[id(tensor)] for tensor in node.input_tensors]
        shape = tuple(node.input_tensors[0].shape[1:])
        inner = _function_of(node.operation, shape) if _takes_images_alone(node) else None
        inside = None if inner is None else _inputs_of(node, inner, value_of)
        if inside is None:
            call = Call(node, reads)
            graph.calls.append(call)
            made = call.outputs
        else:
            made = _flatten(inner, inside, graph)
        graph.outputs_of.append((node.operation, made[0]))
        value_of.update(zip((id(tensor) for tensor in node.outputs), made, strict=True))
    return [value_of[id(tensor)] for tensor in function.outputs]


def _in_order(function: Any) -> Iterator[Any]:
    for depth in sorted(function._nodes_by_depth, reverse=True):
        yield from (node for node in function._nodes_by_depth[depth] if not node.is_input)


def _function_of(operation: Any, image_shape: tuple[int | None, ...] | None) -> Any:
    """The recorded graph of a model; None for a layer that is no model, or whose layers cannot be read."""
    if not isinstance(operation, keras.Model):
        return operation if isinstance(operation, keras.Function) else None
    if not is_keras_own(operation):
        return _traced(operation, image_shape)
    if isinstance(operation, keras.Sequential) and not operation.built and image_shape is not None:
        spec = keras.KerasTensor((1, *image_shape))
        for layer in operation.layers:  # before it is built, which would bind it to images that do not fit
            [spec] = output_specs(layer, spec)
        operation.build((None, *image_shape))
    try:
        return keras.Function(operation.inputs, operation.outputs)
    except AttributeError:  # a Sequential that knows no shape
        return None


def _takes_images_alone(node: Any) -> bool:
    """Whether an operation was called without anything that its graph, recorded from images, would not know of."""
    return len(node.arguments.args) == 1 and set(node.arguments.kwargs) <= {"training", "mask"}


def _inputs_of(node: Any, function: Any, value_of: Mapping[int, Value]) -> list[Value] | None:
    """What a call gives to each input of a nested model; None where that is not sure, and the model stays closed."""
    [given] = node.arguments.args
    if isinstance(given, dict):  # matched by name, whatever the order
        names = [tensor.name for tensor in function.inputs]
        if set(names) != set(given):
            return None
        given = [given[name] for name in names]
    flat = given if isinstance(given, (list, tuple)) else [given]
    if len(flat) != len(function.inputs):
        return None
    return [
        value_of[id(tensor)] if isinstance(tensor, keras.KerasTensor) else Value(np.shape(tensor), constant=tensor)
        for tensor in flat
    ]


def _traced(model: keras.Model, image_shape: tuple[int | None, ...] | None) -> Any:
    """The graph of a custom subclass of Model, recorded by calling it on a symbolic image; None where that fails."""
    if image_shape is None:
        return None
    layers = list(model._flatten_layers())
    before = [(len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in layers]
    image = keras.Input(image_shape)
    inference = {"training": False} if "training" in inspect.signature(model.call).parameters else {}
    try:
        return keras.Function(image, model.call(image, **inference))
    except Exception as error:  # the user's code may raise anything on a tensor without values
        if says_too_small(error):
            raise SizeError("nothing is left of them on the way: give larger ones.") from error
        return None  # and the caller says that it cannot be read
    finally:
        for layer, (inbound, outbound) in zip(layers, before, strict=True):  # the model stays as it was
            del layer._inbound_nodes[inbound:], layer._outbound_nodes[outbound:]
