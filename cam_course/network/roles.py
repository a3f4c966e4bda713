"""The roles in a network: its last feature maps, its pooling, its classifier, its logits.

They are found by what layers do, not by name or number.
"""

import difflib
import math
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
    declared_activation,
    is_keras_own,
    is_known_activation,
    passes_on,
    pools,
)
from .layout import UnknownPartError, layouts, margins, of_pixels
from .processor import has_channels_first_convolution
from .sizes import SizeError, nothing_left_after

_TURN_INTO_PROBABILITIES = ("softmax", "sigmoid")
_AFFINE = (Kind.PASSES_ON, Kind.RESHAPES, Kind.SCALES, Kind.WEIGHTED_SUM)
_LINEAR = (Kind.AVERAGES, Kind.PERMUTES, Kind.MOVES_FRAME)
_LENGTH = 64.0  # of the unit vectors; a power of two is exact

# What a caller of `Network.run` may do with the outputs of a call before they are passed on.
After = Callable[[Call, list[Any]], list[Any]]


class NoGapHeadError(ValueError):
    """The model does not end in global average pooling and scores that are affine in what it pooled."""


@dataclass(frozen=True, eq=False)
class GapHead:
    """The end of a model that CAM needs: f -> GAP -> F -> S, with scores that are affine in F.

    Attributes
    ----------
    features : Value
        The feature maps f.
    pooled : Value
        Their means F.
    calls : list of Call
        What comes between F and S, in order; empty where F is S itself.
    """

    network: "Network"
    features: Value
    pooled: Value
    calls: list[Call]

    def affine(self) -> tuple[Any, Any]:
        """w (K, C) and b (C,) as they are now, float32: S = F w + b."""
        weighted = [call.operation for call in self.calls if not passes_on(call.operation)]
        if len(weighted) == 1 and isinstance(weighted[0], (keras.layers.Dense, keras.layers.Conv2D)):
            [dense] = weighted
            w = ops.reshape(ops.cast(dense.kernel, "float32"), dense.kernel.shape[-2:])
            return w, ops.zeros(w.shape[1:], "float32") if dense.bias is None else ops.cast(dense.bias, "float32")
        # Whatever the layers are: S of F = 0 is b, and S of the unit vectors, times a factor against rounding, w and b.
        K = math.prod(size or 0 for size in self.pooled.shape[1:])
        F = ops.reshape(_LENGTH * ops.eye(K + 1, K, k=-1, dtype="float32"), (K + 1, *self.pooled.shape[1:]))
        network = self.network
        S = ops.cast(network.run({self.pooled: F}, to=network.logits)[network.logits], "float32")
        return (S[1:] - S[0]) / _LENGTH, S[0]

    @property
    def w(self) -> Any:
        """The weights, shape (K, C)."""
        return self.affine()[0]

    @property
    def b(self) -> Any:
        """The bias, shape (C,)."""
        return self.affine()[1]


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
        if len(graph.inputs) != 1:
            raise ValueError(
                f"{model.name!r} has {len(graph.inputs)} inputs, but a map explains one image: hold the others fixed, "
                "as in x = keras.Input(shape) and keras.Model(x, model([x, keras.ops.convert_to_tensor(other)]))."
            )
        if len(graph.outputs) != 1:
            raise ValueError(
                f"{model.name!r} has {len(graph.outputs)} outputs, but a map explains the scores of one: choose it, as "
                "in keras.Model(model.inputs, model.outputs[0])."
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
        self._layouts = layouts(self.images, self._calls, keras.config.image_data_format())
        self._pixels = of_pixels(self.images, self._calls)

        if len(output.shape) == 4:
            raise ValueError(
                f"{self.name!r} gives scores for each position, of the shape {output.shape}, but a map explains one "
                "score: put keras.layers.GlobalAveragePooling2D over the scores before softmax, whose maps they are."
            )
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

    def margins(self) -> tuple[int, int, int, int]:
        """How many pixels of the images the network never sees, at the top, bottom, left and right.

        Raises
        ------
        ValueError
            If that is not known.
        """
        try:
            return margins(self.images, self.calls_to(self.logits), self._layouts)
        except UnknownPartError as error:
            raise ValueError(
                f"{self.name!r} does not see whole images, {error}, so that a map could not be laid over them: give "
                "the model without that layer, and images that are cut already."
            ) from error

    def layout(self, value: Value) -> str:
        """The axes of feature maps or images in their order, such as "hwc" or "chw"."""
        return self._layouts[value]

    def to_channels_last(self, value: Value, f: Any) -> Any:
        """Feature maps as (N, h, w, K), however the model lays them out."""
        order = [1 + self.layout(value).index(axis) for axis in "hwc"]
        return f if order == [1, 2, 3] else ops.transpose(f, (0, *order))

    def probabilities(self, S: Any) -> Any:
        """P from S: the model's own last step; where it has none softmax, and nothing, NaN, of a single score."""
        if self.activation is None and self.classes == 1:
            return ops.full_like(S, float("nan"))
        return ops.sigmoid(S) if self.activation == "sigmoid" else ops.softmax(S)

    def is_affine_after(self, f: Value) -> bool:
        """Whether the scores are a weighted sum of the values of f alone, and a bias."""
        for call in self._back_to_images(self.logits):
            if not (self._is_affine(call) or (call.kind in _LINEAR and len(call.inputs) == 1)):
                return False
            if call.inputs[0] is f:
                return True
        return False

    def gap_head(self) -> GapHead:
        """The GAP that the model ends in and what follows it, found by what layers do and not by name or number.

        Anything affine may follow: dense layers without activation, batch normalization, rescaling, or nothing.

        Raises
        ------
        NoGapHeadError
            If the model ends otherwise; the sentence says how, and names Grad-CAM.
        """
        calls: list[Call] = []
        for call in self._back_to_images(self.logits):
            if self._pools_globally(call) and not self._is_of_pixels(call.inputs[0]):
                return GapHead(self, call.inputs[0], call.outputs[0], calls[::-1])
            if not self._is_affine(call):
                raise self._no_gap_head(call)
            calls.append(call)
        raise self._no_gap_head(None)

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
        grids: list[Call] = []
        for call in reversed(self.calls_to(self.logits)):
            if call.kind is Kind.ATTENDS:
                break
            value = call.outputs[0]
            if self._is_grid(value) and not pools(call.operation):
                if self._all_goes_through(value):
                    return value
                grids.append(call)
        if grids:
            raise ValueError(
                f"the scores of {self.name!r} come from several branches, which end in {_listed(self._ends(grids))}: "
                "name one of them as layer, or give the layer itself, whose map then shows its part alone, or use "
                "Occlusion, which sees all."
            )
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
        if not isinstance(layer, (str, keras.layers.Layer)):
            raise TypeError(f"layer is a {type(layer).__name__}, but must be a layer's name, a Keras layer, or None.")
        name = layer if isinstance(layer, str) else layer.name
        named = [(operation, value) for operation, value in self._outputs_of if operation.name == name]
        found = [(operation, value) for operation, value in named if isinstance(layer, str) or operation is layer]
        if not found and named:
            raise ValueError(
                f"layer {name!r} is not the one of {self.name!r} but another of the same name, such as that of a copy: "
                "give its name, or the layer of this very model."
            )
        if not found:
            names = list(dict.fromkeys(operation.name for operation, _ in self._outputs_of))
            near = difflib.get_close_matches(name, names, n=3) or names[-3:]
            nearest = ", ".join(map(repr, near))
            raise ValueError(f"{self.name!r} has no layer {name!r}; the nearest names are {nearest}.")
        needed = self.calls_to(self.logits)
        found = [(operation, value) for operation, value in found if value.producer in needed] or found[-1:]
        if len({id(operation) for operation, _ in found}) > 1:
            raise ValueError(
                f"{self.name!r} has {len(found)} layers of the name {name!r}, in the models that it is made of: give "
                "the layer itself, such as model.get_layer(...).get_layer(...)."
            )
        if len(found) > 1:
            raise ValueError(
                f"layer {name!r} of {self.name!r} is called {len(found)} times on the way to the scores, and a map "
                "shows one call: name a layer after they meet, or use Occlusion."
            )
        [(_, value)] = found
        if not self._is_grid(value):
            raise ValueError(
                f"the output of layer {name!r} has the shape {value.shape}"
                f"{', and still is the picture' if self._is_of_pixels(value) else ''}, but a map needs feature maps "
                "(N, h, w, K): choose a layer after a convolution and before the pooling."
            )
        if value.producer not in needed:
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
        return tuple(value.shape[1 + self.layout(value).index(axis)] for axis in "hw")

    def _is_grid(self, value: Value) -> bool:
        """Whether a value is feature maps (N, h, w, K) of more than one position, and no picture any more."""
        return bool(self._layouts.get(value)) and self._size(value) != (1, 1) and not self._is_of_pixels(value)

    def _all_goes_through(self, value: Value) -> bool:
        """Whether the images reach the scores through a value alone."""
        return all(self.images not in call.inputs for call in self._needed({value}, self.logits))

    def _ends(self, grids: list[Call]) -> list[str]:
        """Of calls with a grid, from the last to the first, those after which no other one comes in their branch."""
        ends: list[Call] = []
        for call in grids:
            if not any(call in self.calls_to(end.outputs[0]) for end in ends):
                ends.append(call)
        return [call.operation.name for call in reversed(ends)]

    def _is_affine(self, call: Call) -> bool:
        """Whether a call adds nothing to F w + b but other weights and another bias."""
        linear = call.activation == "linear" or call.kind is Kind.PASSES_ON
        return (call.kind in _AFFINE or passes_on(call.operation)) and linear and len(call.inputs) == 1

    def _is_of_pixels(self, value: Value) -> bool:
        """Whether each number still is one of a pixel, no layer with weights before it."""
        return value in self._pixels

    def _pools_globally(self, call: Call) -> bool:
        operation, maps = call.operation, call.inputs[0]
        if call.kind is not Kind.AVERAGES:
            return False
        if isinstance(operation, keras.layers.GlobalAveragePooling2D):
            return True
        if isinstance(operation, keras.layers.AveragePooling2D):
            return operation.padding == "valid" and tuple(operation.pool_size) == self._size(maps)
        if type(operation).__name__ == "Mean":  # keras.ops.mean(f, axis=(1, 2))
            positions = sorted(1 + self.layout(maps).index(axis) for axis in "hw")
            return isinstance(operation.axis, (tuple, list)) and sorted(a % 4 for a in operation.axis) == positions
        return False

    def _no_gap_head(self, found: Call | None) -> NoGapHeadError:
        end = f"{found.operation.name!r} ({type(found.operation).__name__})" if found else "its input"
        return NoGapHeadError(
            f"{self.name!r} does not end in global average pooling of feature maps and layers without activation: "
            f"{end} is found instead. CAM needs that end; use GradCAM, which does not."
        )


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names[:-1])) + f" and {names[-1]!r}" if len(names) > 1 else repr(names[0])
