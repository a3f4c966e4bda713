"""The roles in a network: its last feature maps, its pooling, its classifier, its logits.

They are found by what layers do, not by name or number.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras
from keras import ops

from .keras_records import Call, Value, read_graph
from .layer_kinds import (
    Kind,
    convolves_channels_first,
    data_format_of,
    declared_activation,
    is_keras_own,
    is_known_activation,
    moves_channels,
    passes_on,
    pools,
)
from .processor import has_channels_first_convolution
from .sizes import SizeError, nothing_left_after

_TURN_INTO_PROBABILITIES = ("softmax", "sigmoid")

# What a caller of `Network.run` may do with the outputs of a call before they are passed on.
After = Callable[[Call, list[Any]], list[Any]]


class NoGapHeadError(ValueError):
    """The model does not end in global average pooling and one dense layer."""


@dataclass(frozen=True)
class GapHead:
    """The end of a model that CAM needs: f -> GAP -> F -> dense -> S.

    Attributes
    ----------
    features : Value
        The feature maps f.
    dense : keras.layers.Dense or keras.layers.Conv2D
        The layer with the weights: a dense one, or a convolution of 1 x 1, which is the same on pooled maps.
    """

    features: Value
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


class LogitCall(Call):
    """A dense layer that makes probabilities itself, called without its last step: it makes the scores."""

    def __init__(self, dense: Call) -> None:
        self.__dict__.update(vars(dense))
        self.activation = "linear"
        self.outputs = [Value(dense.outputs[0].shape, producer=self)]

    def run(self, values: Mapping[Value, Any]) -> list[Any]:
        dense = self.operation
        x, kernel = values[self.inputs[0]], dense.kernel
        S = ops.matmul(ops.cast(x, dense.compute_dtype), ops.cast(kernel, dense.compute_dtype))
        return [S if dense.bias is None else S + ops.cast(dense.bias, dense.compute_dtype)]


class Network:
    """A Keras model as a list of calls from images to logits.

    Parameters
    ----------
    model : keras.Model
    image_shape : tuple of int, optional
        Shape of one image, for a model that does not know it yet.

    Attributes
    ----------
    images : Value
        The model's input.
    logits : Value
        The scores S before softmax or sigmoid.
    activation : str or None
        What makes probabilities of the scores at the end of the model, softmax or sigmoid; None where nothing does.
    classes : int
        The number C of scores.
    input_shape : tuple
        Shape of one image; None where any size will do.

    Raises
    ------
    ValueError
        If the layers cannot be read or are quantized, there are several inputs or outputs, the model does not take
        images to the scores of classes, or this machine cannot compute it.

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
        self.name = model.name
        try:
            graph = read_graph(model, image_shape)
        except SizeError as error:
            raise self._does_not_fit(image_shape, error) from error
        if graph is None:
            raise ValueError(
                f"the layers of {model.name!r} ({type(model).__name__}) cannot be read: "
                "write its call with Keras layers and keras.ops alone, or give a functional or Sequential model."
            )
        for kind, values in (("inputs", graph.inputs), ("outputs", graph.outputs)):
            if len(values) != 1:
                raise ValueError(
                    f"{model.name!r} has {len(values)} {kind}, but a map explains one score of one image: "
                    f"give a keras.Model with one of the {kind}."
                )
        [self.images], [output] = graph.inputs, graph.outputs
        if len(self.images.shape) != 4:
            raise ValueError(
                f"{model.name!r} takes inputs of shape {self.images.shape}, but a map explains images, "
                "(N, H, W, C): give a model of images."
            )
        if output.producer is None:
            raise ValueError(f"{model.name!r} has no layers: there is nothing to explain.")
        self.input_shape = self.images.shape[1:]
        self._calls = graph.calls
        self._outputs_of = graph.outputs_of
        self._sizes_that_fit: set[tuple[int | None, ...]] = set()
        self._check_layers()

        self.activation: str | None = None
        self.logits = self._find_logits(output)
        if len(self.logits.shape) != 2 or self.logits.shape[1] is None:
            raise ValueError(
                f"the scores of {self.name!r} have the shape {self.logits.shape}, but a map explains one of "
                "(N, C): end the model in as many numbers as it has classes, for instance with Flatten."
            )
        self.classes = int(self.logits.shape[1] or 0)
        if None not in self.input_shape:
            self.check_size(self.input_shape)

    def run(self, values: Mapping[Value, Any], to: Value, after: After | None = None) -> dict[Value, Any]:
        """All values on the way to one, computed from those that are given and no further back than needed.

        ``after`` takes each call and its outputs, and returns what is passed on instead.
        """
        known = dict(values)
        for call in self._needed(known, to):
            made = call.run(known)
            known.update(zip(call.outputs, made if after is None else after(call, made), strict=True))
        return known

    def calls_to(self, value: Value) -> list[Call]:
        """The calls from the images to a value, in order."""
        return self._needed((), value)

    def check_size(self, image_shape: tuple[int | None, ...]) -> None:
        """Refuse images that are too small for this network, from shapes alone.

        Raises
        ------
        ValueError
            If nothing is left of them after some layer, or a layer cannot take them.
        """
        if image_shape in self._sizes_that_fit:
            return
        specs = {self.images: keras.KerasTensor((1, *image_shape))}
        try:
            for call in self.calls_to(self.logits):
                if self.input_shape == image_shape:  # Keras has computed these shapes before
                    if any(0 in value.shape for value in call.outputs):
                        raise nothing_left_after(call.operation.name)
                else:
                    specs.update(zip(call.outputs, call.specs(specs), strict=True))
        except SizeError as error:
            raise self._does_not_fit(image_shape, error) from error
        self._sizes_that_fit.add(image_shape)

    def channels_first(self, value: Value) -> bool:
        """Whether a value is laid out (N, K, h, w): as the nearest layer before it that says so, or else the first."""
        moved = False
        for call in (*self._back_to_images(value), *self._calls):  # back to the images, and on from them
            if data_format_of(call.operation) is not None:
                return (data_format_of(call.operation) == "channels_first") != moved
            moved ^= moves_channels(call.operation)
        return bool(keras.config.image_data_format() == "channels_first")

    def to_channels_last(self, value: Value, f: Any) -> Any:
        """Feature maps as (N, h, w, K), however the model lays them out."""
        return ops.transpose(f, (0, 2, 3, 1)) if self.channels_first(value) else f

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
        classifier = self._passed_on_from(self.logits)
        if classifier is None or not self._is_classifier(classifier):
            raise self._no_gap_head(classifier)
        pooling = self._passed_on_from(classifier.inputs[0])
        if pooling is None or not self._pools_globally(pooling):
            raise self._no_gap_head(pooling)
        return GapHead(pooling.inputs[0], classifier.operation)

    def grid(self) -> Value:
        """The feature maps that CAM would use; without GAP the last ones that no pooling layer made.

        Raises
        ------
        ValueError
            If there are none, as in a vision transformer after its patches.
        """
        try:
            return self.gap_head().features
        except NoGapHeadError:
            pass
        for call in reversed(self.calls_to(self.logits)):
            if call.kind is Kind.ATTENDS:
                break
            if self._is_grid(call.outputs[0]) and not pools(call.operation):
                return call.outputs[0]
        if any(call.kind is Kind.ATTENDS for call in self._calls):
            raise ValueError(
                f"{self.name!r} is a vision transformer: after its patches no layer has an output (N, h, w, K), so "
                "there is no grid for a map; use Occlusion, which needs none, or name a layer before the attention."
            )
        raise ValueError(
            f"{self.name!r} has no layer whose output is (N, h, w, K), so there is no grid to draw a map on: "
            "give a convolutional model."
        )

    def layer_output(self, layer: str | keras.layers.Layer | None) -> Value:
        """What a layer makes, given by its name or as itself; of None, the grid.

        Raises
        ------
        ValueError
            If there is no such layer, its output is not (N, h, w, K), or the scores do not depend on it.
        """
        if layer is None:
            return self.grid()
        if isinstance(layer, str):
            name, found = layer, [value for operation, value in self._outputs_of if operation.name == layer]
        elif isinstance(layer, keras.layers.Layer):
            name, found = layer.name, [value for operation, value in self._outputs_of if operation is layer]
        else:
            raise TypeError(f"layer is a {type(layer).__name__}, but must be a layer's name, a Keras layer, or None.")
        if not found:
            names = list(dict.fromkeys(operation.name for operation, _ in self._outputs_of))
            near = difflib.get_close_matches(name, names, n=3) or names[-3:]
            nearest = ", ".join(map(repr, near))
            raise ValueError(f"{self.name!r} has no layer {name!r}; the nearest names are {nearest}.")
        value = found[-1]
        if not self._is_grid(value):
            raise ValueError(
                f"the output of layer {name!r} has the shape {value.shape}, but a map needs (N, h, w, K): "
                "choose a layer before the pooling."
            )
        if value.producer not in self.calls_to(self.logits):
            raise ValueError(f"the scores of {self.name!r} do not depend on layer {name!r}: choose one on their way.")
        return value

    def layer_names(self) -> list[str]:
        """Names of the layers whose output is (N, h, w, K), in the order in which they are called."""
        return [call.operation.name for call in self._calls if self._is_grid(call.outputs[0])]

    # -- reading ---------------------------------------------------------------------------------------------------

    def _check_layers(self) -> None:
        """Refuse layers whose weights are no numbers to compute with, and those that this machine cannot run."""
        for call in self._calls:
            name = call.operation.name
            quantized = getattr(call.operation, "quantization_mode", None)
            if quantized:
                raise ValueError(
                    f"layer {name!r} of {self.name!r} is quantized to {quantized}: its numbers are no "
                    "weights, so give the model as it was before."
                )
            if convolves_channels_first(call.operation) and not has_channels_first_convolution():
                raise ValueError(
                    f"layer {name!r} of {self.name!r} convolves with the channels first, which TensorFlow cannot do "
                    "on this machine: set the environment variable TF_ENABLE_ONEDNN_OPTS to 1 before Python starts "
                    "(processors of Intel and AMD), use a GPU, or build the model with channels_last."
                )

    def _does_not_fit(self, image_shape: Any, reason: SizeError) -> ValueError:
        return ValueError(f"images of the shape {image_shape} do not fit through {self.name!r}, {reason}")

    def _needed(self, known: Iterable[Value], to: Value) -> list[Call]:
        """The calls that lead from known values to another one, in order."""
        known, waiting, needed = set(known), [to], set()
        while waiting:
            value = waiting.pop()
            call = value.producer
            if value not in known and call is not None and call not in needed:
                needed.add(call)
                waiting.extend(call.inputs)
        return [call for call in self._calls if call in needed]

    def _back_to_images(self, value: Value) -> Iterator[Call]:
        """The call that made a value, the one that made the first of what that one reads, and so on."""
        while (call := value.producer) is not None:
            yield call
            value = call.inputs[0]

    def _passed_on_from(self, value: Value) -> Call | None:
        """The call that made a value, looking through layers that only pass it on."""
        return next((call for call in self._back_to_images(value) if not passes_on(call.operation)), None)

    def _find_logits(self, output: Value) -> Value:
        """The scores before the softmax or sigmoid that the model may end in, which is noted."""
        call = self._passed_on_from(output)
        if call is None:
            return output
        last, name = call.operation, declared_activation(call.operation)
        if not is_known_activation(name):
            raise ValueError(
                f"{self.name!r} ends in {last.name!r} with the activation {name!r}, and Keras does not know whether it "
                "makes probabilities: use one of keras.activations, by its name."
            )
        if name not in _TURN_INTO_PROBABILITIES:
            return output
        if call.outputs[0].shape != output.shape:
            raise ValueError(f"{self.name!r} reshapes its probabilities: put the {name} of {last.name!r} at the end.")
        self.activation = name
        if isinstance(last, keras.layers.Dense) and is_keras_own(last):
            scores = LogitCall(call)
            self._calls[self._calls.index(call)] = scores
            return scores.outputs[0]
        if isinstance(last, keras.layers.Layer) and call.kind is not Kind.ACTIVATES:
            raise ValueError(
                f"{self.name!r} ends in {last.name!r}, a {type(last).__name__} with {name} inside: "
                f"give it activation=None and put a keras.layers.Activation({name!r}) after it."
            )
        return call.inputs[0]

    def _size(self, value: Value) -> tuple[int | None, ...]:
        """Height and width of feature maps."""
        return value.shape[2:] if self.channels_first(value) else value.shape[1:3]

    def _is_grid(self, value: Value) -> bool:
        return len(value.shape) == 4 and self._size(value) != (1, 1)

    def _is_classifier(self, call: Call) -> bool:
        """Whether the scores are S = F w + b and nothing more, after this call."""
        layer = call.operation
        if not is_keras_own(layer) or call.activation != "linear":
            return False
        if isinstance(layer, keras.layers.Conv2D):
            return layer.groups == 1 and layer.kernel.shape[:2] == (1, 1) and self._size(call.inputs[0]) == (1, 1)
        return isinstance(layer, keras.layers.Dense) and call.outputs[0].shape == self.logits.shape

    def _pools_globally(self, call: Call) -> bool:
        operation, maps = call.operation, call.inputs[0]
        if call.kind is not Kind.AVERAGES:
            return False
        if isinstance(operation, keras.layers.GlobalAveragePooling2D):
            return True
        if isinstance(operation, keras.layers.AveragePooling2D):
            return operation.padding == "valid" and tuple(operation.pool_size) == self._size(maps)
        if type(operation).__name__ == "Mean":  # keras.ops.mean(f, axis=(1, 2))
            positions = [2, 3] if self.channels_first(maps) else [1, 2]
            return isinstance(operation.axis, (tuple, list)) and sorted(a % 4 for a in operation.axis) == positions
        return False

    def _no_gap_head(self, found: Call | None) -> NoGapHeadError:
        end = f"{found.operation.name!r} ({type(found.operation).__name__})" if found else "its input"
        return NoGapHeadError(
            f"{self.name!r} does not end in global average pooling and one dense layer: {end} stands in their place. "
            "CAM needs that end; use GradCAM, which does not."
        )
