"""What each Keras layer is to layer-wise relevance propagation."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from ..network import Call, Network, Place, activation_of, layout_of
from .lrp_rules import Adds, Moves, Passes, Rule, Scales, Step, Weighs

_KINDS = {
    "weighs": (layers.Conv2D, layers.Dense, layers.DepthwiseConv2D, layers.SeparableConv2D),
    "averages": (layers.AveragePooling2D, layers.GlobalAveragePooling2D),
    "scales": (layers.BatchNormalization, layers.Normalization, layers.Rescaling),
    "adds": (layers.Add,),
    "rearranges": (layers.Cropping2D, layers.Flatten, layers.Permute, layers.Reshape, layers.ZeroPadding2D),
    "picks": (layers.Concatenate, layers.GlobalMaxPooling2D, layers.MaxPooling2D),
    "activates": (layers.Activation, layers.ELU, layers.LeakyReLU, layers.ReLU),
    "passes": (
        layers.Dropout,
        layers.GaussianDropout,
        layers.GaussianNoise,
        layers.Identity,
        layers.RandomBrightness,
        layers.RandomContrast,
        layers.RandomFlip,
        layers.RandomRotation,
        layers.RandomTranslation,
        layers.RandomZoom,
        layers.SpatialDropout2D,
    ),
}
_KIND_OF_LAYER = {layer: kind for kind, of_kind in _KINDS.items() for layer in of_kind}
_KIND_OF_OPERATION = {  # keras.ops written into a functional model
    "Add": "adds",
    "Concatenate": "picks",
    "Mean": "averages",
    "Reshape": "rearranges",
}
_NEVER_NEGATIVE = ("relu", "relu6")
_RISES_THROUGH_ZERO = ("elu", "leaky_relu", "linear", "relu", "relu6", "selu", "tanh")


def steps_of(network: Network, rule: Rule) -> list[Step]:
    """The layers from the images to the logits, in order, as a rule takes them.

    Raises
    ------
    ValueError
        If there is a layer that LRP has no rule for.
    """
    return _Reading(network, rule).steps()


class _Reading:
    """What of a network's graph decides how its layers are taken."""

    def __init__(self, network: Network, rule: Rule) -> None:
        self.network = network
        self.rule = rule
        self.calls = network.calls_to(network.logits)
        self.kinds = {call: self._kind(call) for call in self.calls}
        self.readers: dict[Place, list[Call]] = {}
        self.never_negative: set[Place] = set()
        for call in self.calls:
            for place in call.reads:
                self.readers.setdefault(place, []).append(call)
            if self._makes_nothing_negative(call):
                self.never_negative.update(call.makes)
        # Batch normalization right behind weights is one with them.
        self.folded = {call: scale for call in self.calls if (scale := self._scale_behind(call)) is not None}

    def steps(self) -> list[Step]:
        inside = set(self.folded.values())
        return [step for call in self.calls if call not in inside for step in self._steps(call)]

    def _steps(self, call: Call) -> list[Step]:
        kind, operation, name = self.kinds[call], call.operation, call.operation.name
        reads, make = call.reads, call.makes[0]
        if kind == "weighs":
            return self._weighs(call)
        if kind == "averages":
            return [self._weighted(name, reads, make, lambda x, w: operation.call(x) * w, lambda: (1.0, 0.0))]
        if kind == "scales":
            rank = len(self.network.shape(make))
            if self._feeds_weights(make):
                return [Scales(name=name, reads=reads, make=make, constants=lambda: _scale_and_shift(operation, rank))]
            return [self._weighted(name, reads, make, tf.multiply, lambda: _scale_and_shift(operation, rank))]
        if kind == "adds":
            return [
                Adds(name=name, reads=reads, make=make, z_at=self._behind_relu(make), rectified=self._rectified(make))
            ]
        if kind in ("rearranges", "picks"):
            takes_a_list = type(operation).__name__ == "Concatenate"
            return [
                Moves(
                    name=name,
                    reads=reads,
                    make=make,
                    move=lambda xs: operation.call(xs if takes_a_list else xs[0]),
                    linear=kind == "rearranges",
                )
            ]
        unchanged = kind == "passes" or self._activation(call) == "linear"
        return [Passes(name=name, reads=reads, make=make, unchanged=unchanged)]

    def _weighs(self, call: Call) -> list[Step]:
        """Two steps for a separable convolution, which is two weighted sums; one for all others."""
        layer, name, reads, make = call.operation, call.operation.name, call.reads, call.makes[0]
        rank, scale = len(self.network.shape(make)), self.folded.get(call)
        in_front: list[Step] = []
        if isinstance(layer, layers.SeparableConv2D):
            path, tensor = make
            between: Place = ((*path, id(layer)), tensor)
            kernel = layer.depthwise_kernel
            in_front = [
                self._weighted(
                    f"{name} (depthwise)", reads, between, _depthwise(layer), lambda: (_float32(kernel), 0.0)
                )
            ]
            name, reads = f"{name} (pointwise)", [between]
        behind = None if scale is None else scale.operation
        if scale is not None:
            name, make = f"{name} + {scale.operation.name}", scale.makes[0]
        keeps_z = self._activation(call) in ("linear", "relu")
        step = self._weighted(name, reads, make, _apply(layer), lambda: _weights_and_bias(layer, behind, rank), keeps_z)
        return [*in_front, step]

    def _weighted(
        self,
        name: str,
        reads: list[Place],
        make: Place,
        apply: Callable[[Any, Any], Any],
        constants: Callable[[], tuple[Any, Any]],
        keeps_z: bool = True,
    ) -> Weighs:
        return Weighs(
            name=name,
            reads=reads,
            make=make,
            apply=apply,
            constants=constants,
            z_at=self._behind_relu(make) if keeps_z else None,
            never_negative=reads[0] in self.never_negative,
            rectified=self._rectified(make),
        )

    def _kind(self, call: Call) -> str:
        operation = call.operation
        kind, said = _kind(operation), type(operation).__name__
        if kind in ("weighs", "activates") and self._activation(call) not in _RISES_THROUGH_ZERO:
            kind, said = None, f"{said}, {self._activation(call)}"
        if kind == "adds" and len({self.network.shape(place)[1:] for place in call.reads}) > 1:
            kind, said = None, f"{said} of different shapes"
        if kind == "adds" and len(call.reads) < 2:
            kind, said = None, f"{said} of a constant"
        if kind is None:
            raise ValueError(
                f"LRP has no rule for layer {operation.name!r} ({said}) of {self.network.name!r}: it knows Conv2D, "
                "DepthwiseConv2D, SeparableConv2D, Dense, BatchNormalization, Normalization, Rescaling, average and "
                "maximum pooling, Add, Concatenate, padding, cropping, reshaping, dropout, augmentation, and the "
                f"activations {', '.join(_RISES_THROUGH_ZERO)}; use GradCAM for this model."
            )
        return kind

    def _activation(self, call: Call) -> str:
        return "linear" if call is self.network.fused else activation_of(call.operation)

    def _makes_nothing_negative(self, call: Call) -> bool:
        kind = self.kinds[call]
        if kind in ("weighs", "activates") and self._activation(call) in _NEVER_NEGATIVE:
            return True
        return kind not in ("weighs", "scales") and all(place in self.never_negative for place in call.reads)

    def _rectified(self, place: Place) -> bool:
        """Whether only what is positive here can have relevance, because nothing else gets any further."""
        if place in self.never_negative:
            return True
        readers = self.readers.get(place, [])
        return bool(readers) and all(self._stops_negative(reader) for reader in readers)

    def _stops_negative(self, call: Call) -> bool:
        if self.kinds[call] == "adds":  # where negative summands have no share
            return self.rule.damping == 0 and self._rectified(call.makes[0])
        return self.kinds[call] == "activates" and self._activation(call) in _NEVER_NEGATIVE

    def _behind_relu(self, place: Place) -> Place:
        """The output of the ReLU that alone reads a value, as far as there is one; where it is not 0 it is that value.

        Read there, the value itself need not be kept, and TensorFlow joins the layers in front in one operation.
        """
        readers = self.readers.get(place, [])
        alone = len(readers) == 1 and self.kinds[readers[0]] == "activates" and self._activation(readers[0]) == "relu"
        return readers[0].makes[0] if alone else place

    def _feeds_weights(self, place: Place) -> bool:
        """Whether all that reads a value are weights, so that what was added to it can count as their bias."""
        readers = self.readers.get(place, [])
        return bool(readers) and all(
            self.kinds[reader] in ("weighs", "averages", "scales")
            or (self.kinds[reader] in ("rearranges", "passes") and self._feeds_weights(reader.makes[0]))
            for reader in readers
        )

    def _scale_behind(self, call: Call) -> Call | None:
        readers = self.readers.get(call.makes[0], [])
        if self.kinds[call] != "weighs" or activation_of(call.operation) != "linear" or len(readers) != 1:
            return None
        behind, rank = readers[0].operation, len(self.network.shape(call.makes[0]))
        if not isinstance(behind, layers.BatchNormalization):
            return None
        return (
            readers[0]
            if behind.axis % rank == (1 if layout_of(call.operation) == "channels_first" else rank - 1)
            else None
        )


def _kind(operation: Any) -> str | None:
    if not isinstance(operation, keras.layers.Layer):
        activates = "activates" if activation_of(operation) != "linear" else None
        return _KIND_OF_OPERATION.get(type(operation).__name__, activates)
    own: Any = type(operation)
    for layer in own.__mro__:
        if layer in _KIND_OF_LAYER:  # a subclass with a call of its own may do anything
            return _KIND_OF_LAYER[layer] if own.call is layer.call else None
    return None


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


def _weights_and_bias(layer: Any, behind: Any, rank: int) -> tuple[Any, Any]:
    """w and b of a layer as they are now, the batch normalization behind it multiplied in."""
    w = _float32(layer.pointwise_kernel if isinstance(layer, layers.SeparableConv2D) else layer.kernel)
    b = 0.0 if layer.bias is None else _along(layer.bias, 1 if layout_of(layer) == "channels_first" else -1, rank)
    if behind is None:
        return w, b
    scale, shift = _scale_and_shift(behind, rank)
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
