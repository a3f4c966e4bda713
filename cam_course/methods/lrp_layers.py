"""What each Keras layer is to layer-wise relevance propagation."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from ..network import Call, Kind, Network, Value
from ..network.layer_kinds import data_format_of
from .lrp_composite import Composite
from .lrp_rules import Rule, ZBox
from .lrp_steps import MoveStep, PassStep, ScaleStep, Step, SumStep, WeightStep

_NEVER_NEGATIVE = ("relu", "relu6")
_RISES_THROUGH_ZERO = ("elu", "leaky_relu", "linear", "relu", "relu6", "selu", "tanh")
_MOVES = (Kind.CONCATENATES, Kind.MOVES_FRAME, Kind.PERMUTES, Kind.RESHAPES, Kind.TAKES_MAXIMUM)
_DEPEND_ON_VALUES = (Kind.CONCATENATES, Kind.TAKES_MAXIMUM)  # or join several
_SUMS = (Kind.AVERAGES, Kind.SCALES, Kind.WEIGHTED_SUM)


def steps_of(network: Network, composite: Composite) -> list[Step]:
    """The layers from the images to the logits, in order, each with its rule.

    Raises
    ------
    ValueError
        If there is a layer that LRP has no rule for, or a rule for a layer that does not exist.
    """
    calls = network.calls_to(network.logits)
    reading = _Reading(network, calls, composite)
    composite.check_names(network.name, [call.operation for call in calls], reading.with_rule())
    return reading.steps()


def follow_box(steps: list[Step], network: Network, box: ZBox | None) -> list[Step]:
    """The same steps, those with weights that the range of the images reaches with the rule of the box.

    Without a box the rules stay as they are, and it is only checked that a ZBox among them has a range.

    Raises
    ------
    ValueError
        If the range of the images does not reach where it is needed.
    """
    reached = {network.images}
    followed = []
    for step in steps:
        in_range = step.inputs[0] in reached
        if in_range and step.keeps_range:
            reached.add(step.output)
        if box is not None and in_range and isinstance(step, WeightStep):
            step = replace(step, rule=box)
        if isinstance(getattr(step, "rule", None), ZBox) and not (in_range and isinstance(step, WeightStep)):
            raise ValueError(
                f"ZBox needs the range of the images, which layer {step.name!r} of {network.name!r} does not get: "
                "give it to the first layer with weights."
            )
        followed.append(step)
    if box is not None and not any(isinstance(getattr(step, "rule", None), ZBox) for step in followed):
        raise ValueError(f"bounds are for a first layer with weights, but {network.name!r} has none: leave them out.")
    return followed


class _Reading:
    """What of a network's graph decides how its layers are taken."""

    def __init__(self, network: Network, calls: list[Call], composite: Composite) -> None:
        self.network = network
        self.calls = calls
        self.composite = composite
        self.readers: dict[Value, list[Call]] = {}
        self.never_negative: set[Value] = set()
        for call in self.calls:
            self._check(call)
            for value in call.inputs:
                self.readers.setdefault(value, []).append(call)
            if self._makes_nothing_negative(call):
                self.never_negative.update(call.outputs)
        # Batch normalization right after weights is one with them.
        self.folded = {call: scale for call in self.calls if (scale := self._scale_after(call)) is not None}

    def steps(self) -> list[Step]:
        inside = set(self.folded.values())
        return [step for call in self.calls if call not in inside for step in self._steps(call)]

    def with_rule(self) -> list[Any]:
        """The layers and operations that follow a rule."""
        inside = set(self.folded.values())
        following = [call for call in self.calls if call.kind in (*_SUMS, Kind.ADDS) and call not in inside]
        return [call.operation for call in following if not self._only_scales(call)]

    def _only_scales(self, call: Call) -> bool:
        """Whether a layer is one with the weights after it."""
        return call.kind is Kind.SCALES and self._feeds_weights(call.outputs[0])

    def _steps(self, call: Call) -> list[Step]:
        operation, output = call.operation, call.outputs[0]
        step = {"name": operation.name, "inputs": call.inputs, "output": output}
        rank = len(output.shape)
        if call.kind is Kind.WEIGHTED_SUM:
            return self._weighted_sum(call)
        if call.kind is Kind.AVERAGES:
            return [self._weight_step(call, **step, apply=lambda x, w: operation.call(x) * w, constants=_one)]
        if self._only_scales(call):
            return [ScaleStep(**step, constants=lambda: _scale_and_shift(operation, rank))]
        if call.kind is Kind.SCALES:
            return [
                self._weight_step(call, **step, apply=tf.multiply, constants=lambda: _scale_and_shift(operation, rank))
            ]
        if call.kind is Kind.ADDS:
            z_value, rectified = self._after_relu(output), self._is_rectified(output)
            return [SumStep(**step, rule=self._rule_of(call), z_value=z_value, rectified=rectified)]
        if call.kind in _MOVES:
            joins, linear = call.kind is Kind.CONCATENATES, call.kind not in _DEPEND_ON_VALUES
            return [MoveStep(**step, move=lambda xs: operation.call(xs if joins else xs[0]), linear=linear)]
        return [PassStep(**step, unchanged=call.kind is Kind.PASSES_ON or call.activation == "linear")]

    def _weighted_sum(self, call: Call) -> list[Step]:
        """Two steps for a separable convolution, which is two weighted sums; one for all others."""
        layer, name, inputs, output = call.operation, call.operation.name, call.inputs, call.outputs[0]
        rank, scale = len(output.shape), self.folded.get(call)
        before: list[Step] = []
        if isinstance(layer, layers.SeparableConv2D):
            between, kernel = Value(output.shape), layer.depthwise_kernel
            before = [
                self._weight_step(
                    call,
                    name=f"{name} (depthwise)",
                    inputs=inputs,
                    output=between,
                    apply=_depthwise(layer),
                    constants=lambda: (_float32(kernel), 0.0),
                )
            ]
            name, inputs = f"{name} (pointwise)", [between]
        after = None if scale is None else scale.operation
        if scale is not None:
            name, output = f"{name} + {scale.operation.name}", scale.outputs[0]
        step = self._weight_step(
            call,
            name=name,
            inputs=inputs,
            output=output,
            apply=_apply(layer),
            constants=lambda: _weights_and_bias(layer, after, rank),
        )
        if before and isinstance(step.rule, ZBox):  # the range of the images reaches the first half alone
            step = replace(step, rule=self.composite.default)
        return [*before, step]

    def _weight_step(
        self,
        call: Call,
        name: str,
        inputs: list[Value],
        output: Value,
        apply: Callable[[Any, Any], Any],
        constants: Callable[[], tuple[Any, Any]],
    ) -> WeightStep:
        keeps_z = call.activation in ("linear", "relu")
        return WeightStep(
            name=name,
            inputs=inputs,
            output=output,
            rule=self._rule_of(call),
            apply=apply,
            constants=constants,
            z_value=self._after_relu(output) if keeps_z else None,
            never_negative=inputs[0] in self.never_negative,
            rectified=self._is_rectified(output),
        )

    def _rule_of(self, call: Call) -> Rule:
        return self.composite.rule_of(call.operation)

    def _check(self, call: Call) -> None:
        """Refuse a layer that no rule is for."""
        operation = call.operation
        known, said = call.kind not in (None, Kind.ATTENDS), type(operation).__name__
        if call.kind in (Kind.WEIGHTED_SUM, Kind.ACTIVATES) and call.activation not in _RISES_THROUGH_ZERO:
            known, said = False, f"{said}, {call.activation}"
        if call.kind is Kind.ADDS and len({value.shape[1:] for value in call.inputs}) > 1:
            known, said = False, f"{said} of different shapes"
        if call.kind is Kind.ADDS and len(call.inputs) < 2:
            known, said = False, f"{said} of a constant"
        if not known:
            raise ValueError(
                f"LRP has no rule for layer {operation.name!r} ({said}) of {self.network.name!r}: it knows Conv2D, "
                "DepthwiseConv2D, SeparableConv2D, Dense, BatchNormalization, Normalization, Rescaling, average and "
                "maximum pooling, Add, Concatenate, padding, cropping, reshaping, dropout, augmentation, and the "
                f"activations {', '.join(_RISES_THROUGH_ZERO)}; use GradCAM for this model."
            )

    def _makes_nothing_negative(self, call: Call) -> bool:
        if call.kind in (Kind.WEIGHTED_SUM, Kind.ACTIVATES) and call.activation in _NEVER_NEGATIVE:
            return True
        linear_with_weights = call.kind in (Kind.WEIGHTED_SUM, Kind.SCALES)
        return not linear_with_weights and all(value in self.never_negative for value in call.inputs)

    def _is_rectified(self, value: Value) -> bool:
        """Whether only what is positive here can have relevance, because nothing else gets any further."""
        if value in self.never_negative:
            return True
        readers = self.readers.get(value, [])
        return bool(readers) and all(self._stops_negative(reader) for reader in readers)

    def _stops_negative(self, call: Call) -> bool:
        if call.kind is Kind.ADDS:  # where negative summands have no share
            return self._rule_of(call).keeps_one_sign and self._is_rectified(call.outputs[0])
        return call.kind is Kind.ACTIVATES and call.activation in _NEVER_NEGATIVE

    def _after_relu(self, value: Value) -> Value:
        """The output of the ReLU that alone reads a value, as far as there is one; where it is not 0 it is that value.

        Read there, the value itself need not be kept, and TensorFlow joins the layers before it in one operation.
        """
        readers = self.readers.get(value, [])
        alone = len(readers) == 1 and readers[0].kind is Kind.ACTIVATES and readers[0].activation == "relu"
        return readers[0].outputs[0] if alone else value

    def _feeds_weights(self, value: Value) -> bool:
        """Whether all that reads a value are weights, so that what was added to it can count as their bias."""
        readers = self.readers.get(value, [])
        return bool(readers) and all(
            reader.kind in _SUMS
            or (
                reader.kind in (*_MOVES, Kind.PASSES_ON)
                and reader.kind not in _DEPEND_ON_VALUES
                and self._feeds_weights(reader.outputs[0])
            )
            for reader in readers
        )

    def _scale_after(self, call: Call) -> Call | None:
        """The batch normalization that alone reads the sums of a layer with weights."""
        readers = self.readers.get(call.outputs[0], [])
        if call.kind is not Kind.WEIGHTED_SUM or call.activation != "linear" or len(readers) != 1:
            return None
        after, rank = readers[0].operation, len(call.outputs[0].shape)
        if not isinstance(after, layers.BatchNormalization):
            return None
        channels = 1 if data_format_of(call.operation) == "channels_first" else rank - 1
        return readers[0] if after.axis % rank == channels else None


def _one() -> tuple[float, float]:
    """The weight and the bias of a mean."""
    return 1.0, 0.0


def _apply(layer: Any) -> Callable[[Any, Any], Any]:
    """(x, w) -> w x as the layer does it; of a separable convolution the second half."""
    if isinstance(layer, layers.Conv2D):
        return layer.convolution_op
    if isinstance(layer, layers.DepthwiseConv2D):
        return _depthwise(layer)
    if isinstance(layer, layers.SeparableConv2D):
        return lambda x, w: ops.conv(x, w, data_format=layer.data_format)
    return ops.matmul


def _depthwise(layer: Any) -> Callable[[Any, Any], Any]:
    return lambda x, w: ops.depthwise_conv(
        x,
        w,
        strides=layer.strides,
        padding=layer.padding,
        dilation_rate=layer.dilation_rate,
        data_format=layer.data_format,
    )


def _weights_and_bias(layer: Any, after: Any, rank: int) -> tuple[Any, Any]:
    """w and b of a layer as they are now, the batch normalization after it multiplied in."""
    w = _float32(layer.pointwise_kernel if isinstance(layer, layers.SeparableConv2D) else layer.kernel)
    b = 0.0 if layer.bias is None else _along(layer.bias, 1 if data_format_of(layer) == "channels_first" else -1, rank)
    if after is None:
        return w, b
    scale, shift = _scale_and_shift(after, rank)
    outputs = w.shape[-2:] if isinstance(layer, layers.DepthwiseConv2D) else w.shape[-1:]
    return w * tf.reshape(scale, outputs), b * scale + shift


def _scale_and_shift(layer: Any, rank: int) -> tuple[Any, Any]:
    """What a layer multiplies with and adds, as it is now."""
    if isinstance(layer, layers.Rescaling):
        axis = 1 if keras.config.image_data_format() == "channels_first" else -1
        scale, shift = (_along(v, axis, rank) if np.ndim(v) else _float32(v) for v in (layer.scale, layer.offset))
        return scale, shift
    if isinstance(layer, layers.Normalization):
        mean, deviation = _float32(layer.mean), tf.maximum(tf.sqrt(_float32(layer.variance)), keras.config.epsilon())
        return (deviation, mean) if layer.invert else (1 / deviation, -mean / deviation)
    scale = tf.math.rsqrt(_float32(layer.moving_variance) + layer.epsilon)
    scale = scale if layer.gamma is None else scale * _float32(layer.gamma)
    shift = -scale * _float32(layer.moving_mean)
    shift = shift if layer.beta is None else shift + _float32(layer.beta)
    return _along(scale, layer.axis, rank), _along(shift, layer.axis, rank)


def _along(vector: Any, axis: int, rank: int) -> Any:
    """A vector in a shape that broadcasts along an axis."""
    shape = [1] * rank
    shape[axis] = -1
    return tf.reshape(_float32(vector), shape)


def _float32(v: Any) -> Any:
    return tf.cast(ops.convert_to_tensor(v), tf.float32)
