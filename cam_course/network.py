"""Reading a Keras model: its last feature maps, its GAP, its dense weights and bias, its logits.

Keras records every call of a layer in a graph. This file flattens that graph, nested models included, into a list of
calls and runs them on tensors, so that a value anywhere inside can be taken out, watched, or put in place of another.
It is the one file that touches Keras' own records; nothing is added to the user's model.
"""

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import quiet_tensorflow  # noqa: F401, isort: skip
import keras
from keras import ops

# One tensor of the flattened graph: the chain of nested calls it stands in, and the symbolic tensor itself.
Place = tuple[tuple[int, ...], int]

_PASSES_ON = (
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.Identity,
    keras.layers.Reshape,
)
_ONLY_AN_ACTIVATION = (keras.layers.Activation, keras.layers.Softmax)
_TURN_INTO_PROBABILITIES = ("softmax", "sigmoid")
# Functions, layers and operations write the same names differently: leaky_relu, LeakyReLU, LeakyRelu.
_ACTIVATIONS = {name.replace("_", ""): name for name in dir(keras.activations)}
_ACTIVATIONS["softmaxv2"] = "softmax"  # TensorFlow's own


class NoGapHeadError(ValueError):
    """The model does not end in global average pooling and one dense layer."""


@dataclass(frozen=True, eq=False)
class Call:
    """One call of one operation: which tensors it reads, which it makes."""

    operation: Any
    node: Any
    reads: list[Place]
    makes: list[Place]

    def run(self, values: Mapping[Place, Any]) -> list[Any]:
        tensors = {id(t): values[place] for t, place in zip(self.node.input_tensors, self.reads, strict=True)}
        args, kwargs = self.node.arguments.fill_in(tensors)
        if isinstance(self.operation, keras.layers.Layer):
            kwargs = kwargs | {"training": False}  # random flips and the like would train by default
        return keras.tree.flatten(self.operation(*args, **kwargs))


# What a caller of `Network.run` may do with the outputs of a call before they are passed on.
After = Callable[[Call, list[Any]], list[Any]]


@dataclass(frozen=True)
class GapHead:
    """The end of a model that CAM needs: f -> GAP -> F -> dense -> S.

    Attributes
    ----------
    features : Place
        The feature maps f.
    dense : keras.layers.Dense or keras.layers.Conv2D
        The layer with the weights: a dense one, or a convolution of 1 x 1, which is the same on pooled maps.
    """

    features: Place
    dense: keras.layers.Layer

    @property
    def w(self) -> Any:
        """Its weights as they are now, shape (K, C), float32."""
        kernel = ops.cast(self.dense.kernel, "float32")
        return ops.reshape(kernel, kernel.shape[-2:])

    @property
    def b(self) -> Any:
        """Its bias as it is now, shape (C,), float32; zero where it has none."""
        bias = self.dense.bias
        return ops.zeros(self.dense.kernel.shape[-1:]) if bias is None else ops.cast(bias, "float32")


class Network:
    """A Keras model as a list of calls from images to logits.

    Parameters
    ----------
    model : keras.Model
    image_shape : tuple of int, optional
        Shape of one image, for a model that does not know it yet.

    Attributes
    ----------
    images : Place
        The model's input.
    logits : Place
        The scores S before softmax or sigmoid.
    fused : Call or None
        The dense layer that applies softmax or sigmoid itself, where there is one; it is run without.
    activation : str or None
        What makes probabilities of the scores at the end of the model, softmax or sigmoid; None where nothing does.
    classes : int
        The number C of scores.
    input_shape : tuple
        Shape of one image; None where any size will do.

    Raises
    ------
    ValueError
        If the layers cannot be read or are quantized, there are several inputs or outputs, or the model does not take
        images to the scores of classes.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 3), keras.layers.GlobalAveragePooling2D(),
    ...     keras.layers.Dense(2, activation="softmax")])
    >>> network = Network(model)
    >>> network.activation, network.classes, tuple(network.gap_head().w.shape)
    ('softmax', 2, (3, 2))
    """

    def __init__(self, model: keras.Model, image_shape: tuple[int | None, ...] | None = None) -> None:
        graph = _graph(model, image_shape)
        if graph is None:
            raise ValueError(
                f"the layers of {model.name!r} ({type(model).__name__}) cannot be read: "
                "write its call with Keras layers and keras.ops alone, or give a functional or Sequential model."
            )
        for kind, tensors in (("inputs", graph.inputs), ("outputs", graph.outputs)):
            if len(tensors) != 1:
                raise ValueError(
                    f"{model.name!r} has {len(tensors)} {kind}, but a map explains one score of one image: "
                    f"give a keras.Model with one of the {kind}."
                )
        if len(graph.inputs[0].shape) != 4:
            raise ValueError(
                f"{model.name!r} takes inputs of shape {tuple(graph.inputs[0].shape)}, but a map explains images, "
                "(N, H, W, C): give a model of images."
            )
        self.name = model.name
        self.input_shape = tuple(graph.inputs[0].shape[1:])
        self.images: Place = ((), id(graph.inputs[0]))
        self._graphs = [graph]  # keep the symbolic tensors alive, whose ids name the places
        self._calls: list[Call] = []
        self._outputs: list[tuple[Any, Place]] = []  # of every operation, the nested models that were opened included
        self._shapes: dict[Place, tuple[int | None, ...]] = {self.images: tuple(graph.inputs[0].shape)}
        output = self._flatten(graph, path=(), inputs=[self.images])[0]
        self._maker = {place: call for call in self._calls for place in call.makes}
        if output not in self._maker:
            raise ValueError(f"{model.name!r} has no layers: there is nothing to explain.")
        for call in self._calls:
            quantized = getattr(call.operation, "quantization_mode", None)
            if quantized:
                raise ValueError(
                    f"layer {call.operation.name!r} of {model.name!r} is quantized to {quantized}: its numbers are no "
                    "weights, so give the model as it was before."
                )

        self.activation: str | None = None
        self.fused: Call | None = None
        self.logits = self._find_logits(output)
        if len(self._shapes[self.logits]) != 2 or self._shapes[self.logits][1] is None:
            raise ValueError(
                f"the scores of {self.name!r} have the shape {self._shapes[self.logits]}, but a map explains one of "
                "(N, C): end the model in as many numbers as it has classes, for instance with Flatten."
            )
        self.classes = int(self._shapes[self.logits][1] or 0)

    def shape(self, place: Place) -> tuple[int | None, ...]:
        """The symbolic shape of the tensor at a place."""
        return self._shapes[place]

    def run(self, values: Mapping[Place, Any], to: Place, after: After | None = None) -> dict[Place, Any]:
        """All values on the way to a place, computed from those that are given and no further back than needed.

        ``after`` takes each call and its outputs, and returns what is passed on in their place.
        """
        known = dict(values)
        for call in self._needed(known, to):
            made = [_dense_scores(call.operation, known[call.reads[0]])] if call is self.fused else call.run(known)
            known.update(zip(call.makes, made if after is None else after(call, made), strict=True))
        return known

    def calls_to(self, place: Place) -> list[Call]:
        """The calls from the images to a place, in order."""
        return self._needed((), place)

    def channels_first(self, place: Place) -> bool:
        """Whether a tensor is laid out (N, K, h, w): as the nearest layer before it that says so, or else the first."""
        turned = False
        for call in (*self._back_to_images(place), *self._calls):  # back to the images, and on from them
            if layout_of(call.operation) is not None:
                return (layout_of(call.operation) == "channels_first") != turned
            turned ^= _turns_layout(call.operation)
        return bool(keras.config.image_data_format() == "channels_first")

    def maps_last(self, place: Place, f: Any) -> Any:
        """Feature maps as (N, h, w, K), however the model lays them out."""
        return ops.transpose(f, (0, 2, 3, 1)) if self.channels_first(place) else f

    def probabilities(self, S: Any) -> Any:
        """P from S: the model's own last step; where it has none, softmax, or sigmoid if there is a single score."""
        activation = self.activation or ("softmax" if self.classes > 1 else "sigmoid")
        return ops.softmax(S) if activation == "softmax" else ops.sigmoid(S)

    def gap_head(self) -> GapHead:
        """The GAP and the dense layer that the model ends in, found by what they do and not by name or number.

        Raises
        ------
        NoGapHeadError
            If the model ends otherwise; the sentence says how, and names Grad-CAM.
        """
        last = self._passed_on_from(self.logits)
        if last is None or not self._weighs_features(last):
            raise self._no_gap_head(last)
        pooling = self._passed_on_from(last.reads[0])
        if pooling is None or not self._pools_globally(pooling):
            raise self._no_gap_head(pooling)
        return GapHead(pooling.reads[0], last.operation)

    def grid(self) -> Place:
        """The feature maps that CAM would use; without GAP the last ones that no pooling layer made.

        Raises
        ------
        ValueError
            If there are none, as in a vision transformer behind its patches.
        """
        try:
            return self.gap_head().features
        except NoGapHeadError:
            pass
        behind: list[Call] = []
        for call in reversed(self._needed((), self.logits)):
            place = call.makes[0]
            if self._is_grid(place) and not _pools(call.operation):
                if any(_attends(after) for after in behind):
                    break
                return place
            behind.append(call)
        if any(_attends(call) for call in self._calls):
            raise ValueError(
                f"{self.name!r} is a vision transformer: behind its patches no layer has an output (N, h, w, K), so "
                "there is no grid for a map; use Occlusion, which needs none, or name a layer before the attention."
            )
        raise ValueError(
            f"{self.name!r} has no layer whose output is (N, h, w, K), so there is no grid to draw a map on: "
            "give a convolutional model."
        )

    def layer_output(self, layer: str | keras.layers.Layer | None) -> Place:
        """Where the output of a layer stands, given by its name or as itself; of None, the grid.

        Raises
        ------
        ValueError
            If there is no such layer, its output is not (N, h, w, K), or the scores do not depend on it.
        """
        if layer is None:
            return self.grid()
        if isinstance(layer, str):
            name, found = layer, [place for operation, place in self._outputs if operation.name == layer]
        elif isinstance(layer, keras.layers.Layer):
            name, found = layer.name, [place for operation, place in self._outputs if operation is layer]
        else:
            raise TypeError(f"layer is a {type(layer).__name__}, but must be a layer's name, a Keras layer, or None.")
        if not found:
            names = list(dict.fromkeys(operation.name for operation, _ in self._outputs))
            near = difflib.get_close_matches(name, names, n=3) or names[-3:]
            nearest = ", ".join(map(repr, near))
            raise ValueError(f"{self.name!r} has no layer {name!r}; the nearest names are {nearest}.")
        place = found[-1]
        if not self._is_grid(place):
            shape = self._shapes[place]
            raise ValueError(
                f"the output of layer {name!r} has the shape {shape}, but a map needs (N, h, w, K): "
                "choose a layer before the pooling."
            )
        if self._maker.get(place) not in self._needed((), self.logits):
            raise ValueError(f"the scores of {self.name!r} do not depend on layer {name!r}: choose one on their way.")
        return place

    def layer_names(self) -> list[str]:
        """Names of the layers whose output is (N, h, w, K), in the order in which they are called."""
        return [call.operation.name for call in self._calls if self._is_grid(call.makes[0])]

    # -- reading ---------------------------------------------------------------------------------------------------

    def _flatten(self, graph: Any, path: tuple[int, ...], inputs: list[Place]) -> list[Place]:
        """Append the calls of a graph, nested models opened up; returns the places of its outputs."""
        stands_at = {id(tensor): place for tensor, place in zip(graph.inputs, inputs, strict=True)}
        for node in _in_order(graph):
            reads = [stands_at[id(tensor)] for tensor in node.input_tensors]
            shape = tuple(node.input_tensors[0].shape[1:])
            inner = _graph(node.operation, shape) if _takes_images_alone(node) else None
            if inner is None:
                makes: list[Place] = [(path, id(tensor)) for tensor in node.outputs]
                self._calls.append(Call(node.operation, node, reads, makes))
                self._shapes.update(zip(makes, (tuple(tensor.shape) for tensor in node.outputs), strict=True))
            else:
                self._graphs.append(inner)
                makes = self._flatten(inner, (*path, id(node)), reads)
            self._outputs.append((node.operation, makes[0]))
            stands_at.update(zip((id(tensor) for tensor in node.outputs), makes, strict=True))
        return [stands_at[id(tensor)] for tensor in graph.outputs]

    def _needed(self, known: Iterable[Place], to: Place) -> list[Call]:
        """The calls that lead from known values to a place, in order."""
        known, waiting, needed = set(known), [to], set()
        while waiting:
            place = waiting.pop()
            call = self._maker.get(place)
            if place not in known and call is not None and call not in needed:
                needed.add(call)
                waiting.extend(call.reads)
        return [call for call in self._calls if call in needed]

    def _back_to_images(self, place: Place) -> Iterator[Call]:
        """The call that made a value, the one that made the first of what that one reads, and so on."""
        while (call := self._maker.get(place)) is not None:
            yield call
            place = call.reads[0]

    def _passed_on_from(self, place: Place) -> Call | None:
        """The call that made a value, looking through layers that only pass it on."""
        return next((call for call in self._back_to_images(place) if not _passes_on(call.operation)), None)

    def _find_logits(self, output: Place) -> Place:
        """Where the scores stand before the softmax or sigmoid that the model may end in, which is noted."""
        call = self._passed_on_from(output)
        if call is None:
            return output
        last, name = call.operation, activation_of(call.operation, written_by_anybody=True)
        if name not in _ACTIVATIONS.values():
            raise ValueError(
                f"{self.name!r} ends in {last.name!r} with the activation {name!r}, and Keras does not know whether it "
                "makes probabilities: use one of keras.activations, by its name."
            )
        if name not in _TURN_INTO_PROBABILITIES:
            return output
        if self._shapes[call.makes[0]] != self._shapes[output]:
            raise ValueError(f"{self.name!r} reshapes its probabilities: put the {name} of {last.name!r} at the end.")
        self.activation = name
        if isinstance(last, keras.layers.Dense) and _is_keras_own(last):
            self.fused = call
            return call.makes[0]
        if isinstance(last, keras.layers.Layer) and not isinstance(last, _ONLY_AN_ACTIVATION):
            raise ValueError(
                f"{self.name!r} ends in {last.name!r}, a {type(last).__name__} with {name} inside: "
                f"give it activation=None and put a keras.layers.Activation({name!r}) behind it."
            )
        return call.reads[0]

    def _size(self, place: Place) -> tuple[int | None, ...]:
        """Height and width of feature maps."""
        return self._shapes[place][2:] if self.channels_first(place) else self._shapes[place][1:3]

    def _is_grid(self, place: Place) -> bool:
        return len(self._shapes[place]) == 4 and self._size(place) != (1, 1)

    def _weighs_features(self, call: Call) -> bool:
        """Whether the scores are S = F w + b and nothing more, after this call."""
        layer = call.operation
        if not _is_keras_own(layer):
            return False
        if call is not self.fused and activation_of(layer) != "linear":
            return False
        if isinstance(layer, keras.layers.Conv2D):
            return layer.groups == 1 and layer.kernel.shape[:2] == (1, 1) and self._size(call.reads[0]) == (1, 1)
        return isinstance(layer, keras.layers.Dense)

    def _pools_globally(self, call: Call) -> bool:
        operation = call.operation
        if isinstance(operation, keras.layers.Layer) and not _is_keras_own(operation):
            return False
        if isinstance(operation, keras.layers.GlobalAveragePooling2D):
            return True
        if isinstance(operation, keras.layers.AveragePooling2D):
            return operation.padding == "valid" and tuple(operation.pool_size) == self._size(call.reads[0])
        if type(operation).__name__ == "Mean":  # keras.ops.mean(f, axis=(1, 2))
            positions = [2, 3] if self.channels_first(call.reads[0]) else [1, 2]
            return isinstance(operation.axis, (tuple, list)) and sorted(a % 4 for a in operation.axis) == positions
        return False

    def _no_gap_head(self, found: Call | None) -> NoGapHeadError:
        end = f"{found.operation.name!r} ({type(found.operation).__name__})" if found else "its input"
        return NoGapHeadError(
            f"{self.name!r} does not end in global average pooling and one dense layer: {end} stands in their place. "
            "CAM needs that end; use GradCAM, which does not."
        )


def _graph(operation: Any, image_shape: tuple[int | None, ...] | None) -> Any:
    """The recorded graph of a model; None for a layer that is no model, or whose layers cannot be read."""
    if _is_keras_own(operation):
        if isinstance(operation, keras.Sequential):
            if operation._functional is None and image_shape is not None:
                operation.build((None, *image_shape))
            return operation._functional
        if hasattr(operation, "_nodes_by_depth"):
            return operation
    return _traced(operation, image_shape) if isinstance(operation, keras.Model) else None


def _is_keras_own(operation: Any) -> bool:
    """Whether Keras itself wrote what an operation computes: a subclass with a call of its own may do anything."""
    owner = next(kind for kind in type(operation).__mro__ if "call" in vars(kind))
    return owner.__module__.split(".")[0] == "keras"


def _takes_images_alone(node: Any) -> bool:
    """Whether an operation was called without anything that its graph, recorded from images, would not know of."""
    return len(node.arguments.args) == 1 and set(node.arguments.kwargs) <= {"training", "mask"}


def _traced(model: keras.Model, image_shape: tuple[int | None, ...] | None) -> Any:
    """The graph of an own subclass of Model, recorded by calling it on a symbolic image; None where that fails."""
    if image_shape is None:
        return None
    layers = list(model._flatten_layers())
    before = [(len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in layers]
    image = keras.Input(image_shape)
    inference = {"training": False} if "training" in inspect.signature(model.call).parameters else {}
    try:
        return keras.Function(image, model.call(image, **inference))
    except Exception:  # the user's code may raise anything on a tensor without values
        return None  # and the caller says that it cannot be read
    finally:
        for layer, (inbound, outbound) in zip(layers, before, strict=True):  # the model stays as it was
            del layer._inbound_nodes[inbound:], layer._outbound_nodes[outbound:]


def known_image_shape(model: keras.Model) -> tuple[int | None, ...] | None:
    """The shape of one image, where the model has been built or called; else None."""
    try:
        return tuple(model.inputs[0].shape[1:])
    except (AttributeError, TypeError):  # what Keras has for a model that recorded nothing
        shapes = list((getattr(model, "_build_shapes_dict", None) or {}).values())
        return tuple(shapes[0][1:]) if len(shapes) == 1 else None


def _in_order(graph: Any) -> Iterable[Any]:
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        yield from (node for node in graph._nodes_by_depth[depth] if not node.is_input)


def activation_of(operation: Any, written_by_anybody: bool = False) -> str:
    """What an operation applies last or is itself, named as in keras.activations; "linear" where it is none of these.

    A ReLU with a ceiling, wherever it lies, is "relu6". What a layer with a call of its own does with its attribute
    ``activation`` is not known; it counts only if the layer may be written by anybody.

    Examples
    --------
    >>> activation_of(keras.layers.Dense(3, activation="softmax")), activation_of(keras.layers.LeakyReLU())
    ('softmax', 'leaky_relu')
    >>> activation_of(keras.layers.Flatten())
    'linear'
    """
    trusted = written_by_anybody or _is_keras_own(operation)
    applied = (getattr(operation, "activation", None) if trusted else None) or operation
    said = getattr(applied, "__name__", type(applied).__name__)
    name = _ACTIVATIONS.get(said.lower().replace("_", ""))
    if name == "relu":
        ceiling = getattr(applied, "max_value", None) is not None
        return "leaky_relu" if getattr(applied, "negative_slope", 0) else "relu6" if ceiling else "relu"
    return name or ("linear" if applied is operation else said)


def layers_inside(layer: Any) -> list[keras.layers.Layer]:
    """The layers that a layer holds, at any depth; none for an operation that is no layer."""
    return list(layer._flatten_layers(include_self=False)) if isinstance(layer, keras.layers.Layer) else []


def _dense_scores(dense: keras.layers.Dense, x: Any) -> Any:
    """The scores of a dense layer before the activation that it applies itself."""
    S = ops.matmul(ops.cast(x, dense.compute_dtype), ops.cast(dense.kernel, dense.compute_dtype))
    return S if dense.bias is None else S + ops.cast(dense.bias, dense.compute_dtype)


def _passes_on(operation: Any) -> bool:
    linear = isinstance(operation, keras.layers.Activation) and operation.activation is keras.activations.linear
    return linear or isinstance(operation, _PASSES_ON) or type(operation).__name__ == "Cast"


def layout_of(operation: Any) -> str | None:
    """channels_first, channels_last, or None for an operation to which it means nothing."""
    return getattr(operation, "data_format", None)


def _turns_layout(operation: Any) -> bool:
    """Whether an operation moves the channels from the first place to the last, or back."""
    if isinstance(operation, keras.layers.Permute):
        axes = operation.dims
    elif type(operation).__name__ == "Transpose":  # keras.ops.transpose
        axes = (operation.axes or (0,))[1:]
    else:
        return False
    return tuple(axes) in ((2, 3, 1), (3, 1, 2))


def _attends(call: Call) -> bool:
    return "Attention" in type(call.operation).__name__


def _pools(operation: Any) -> bool:
    return "Pool" in type(operation).__name__
