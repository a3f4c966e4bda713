"""How relevance goes back through a layer.

Four kinds of steps are enough. A weighted sum (convolution, dense, average pooling, batch normalization) shares by its
rule. An addition of tensors is a weighted sum whose weights are one. A layer that moves values (padding, flattening,
concatenation, maximum pooling) moves their relevance back. An activation passes it on as it is.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import tensorflow as tf

from ..network import Value
from .lrp_rules import Counted, Rule, Share, Shares, part


@dataclass(frozen=True)
class Signal:
    """A value on its way from a scaling layer, or from an image whose range is known, to the next weights.

    Attributes
    ----------
    x : tensor
        The value without what scaling layers added.
    shift : tensor
        What they added: it is part of the bias of the weights.
    low, high : tensor or None
        The least and the most that x can be.
    """

    x: Any
    shift: Any = None
    low: Any = None
    high: Any = None

    def moved(self, move: Callable[[Any], Any]) -> "Signal":
        return Signal(*(None if v is None else move(v) for v in (self.x, self.shift, self.low, self.high)))

    def scaled(self, scale: Any, shift: Any) -> "Signal":
        x = self.x * scale
        shift = shift + tf.zeros_like(x[:1]) + (0.0 if self.shift is None else self.shift * scale)
        if self.low is None:
            return Signal(x, shift)
        ends = self.low * scale, self.high * scale
        return Signal(x, shift, tf.minimum(*ends), tf.maximum(*ends))


@dataclass
class Forward:
    """What a forward pass computed: every value in float32, and the signals on their way to weights."""

    values: dict[Value, Any]
    signals: dict[Value, Signal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """One layer, or two that are taken as one. ``prepare`` computes once what does not depend on the class."""

    name: str
    inputs: list[Value]
    output: Value

    @abstractmethod
    def prepare(self, forward: Forward) -> Share: ...

    @property
    def keeps_range(self) -> bool:
        """Whether the range of the input says what the range of the output is."""
        return False


@dataclass(frozen=True, kw_only=True)
class PassStep(Step):
    """An activation or dropout: f(z) has the relevance of z."""

    unchanged: bool  # whether f(z) is z

    @property
    def keeps_range(self) -> bool:
        return self.unchanged

    def prepare(self, forward: Forward) -> Share:
        if self.unchanged and self.inputs[0] in forward.signals:
            forward.signals[self.output] = forward.signals[self.inputs[0]]
        return lambda R, count: Shares([R])


@dataclass(frozen=True, kw_only=True)
class MoveStep(Step):
    """Every output is one of the inputs, or zero: its relevance goes back to where it came from.

    Attributes
    ----------
    move : callable
        From the list of inputs to the output.
    linear : bool
        Whether the way does not depend on the values, as it does in maximum pooling.
    """

    move: Callable[[list[Any]], Any]
    linear: bool

    @property
    def keeps_range(self) -> bool:
        return self.linear

    def prepare(self, forward: Forward) -> Share:
        if self.linear and self.inputs[0] in forward.signals:
            forward.signals[self.output] = forward.signals[self.inputs[0]].moved(lambda v: self.move([v]))
        xs = [tf.identity(forward.values[value]) for value in self.inputs]  # apart, where one value is read twice
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(xs)
            y = self.move(xs)
        return lambda R, count: Shares(tape.gradient(y, xs, output_gradients=R))


@dataclass(frozen=True, kw_only=True)
class ScaleStep(Step):
    """x * scale + shift before weights. The shift is part of their bias, so all relevance is that of x."""

    constants: Callable[[], tuple[Any, Any]]

    @property
    def keeps_range(self) -> bool:
        return True

    def prepare(self, forward: Forward) -> Share:
        signal = forward.signals.get(self.inputs[0]) or Signal(forward.values[self.inputs[0]])
        forward.signals[self.output] = signal.scaled(*self.constants())
        return lambda R, count: Shares([R])


@dataclass(frozen=True, kw_only=True)
class SumStep(Step):
    """An addition of tensors, each of them a summand.

    Attributes
    ----------
    rule : Rule
    z_value : Value
        Which value is the sum z, at least as far as it has relevance: the output of a ReLU after it will do.
    rectified : bool
        Whether z has relevance only where it is positive.
    """

    rule: Rule
    z_value: Value
    rectified: bool

    def prepare(self, forward: Forward) -> Share:
        summands = AddedSummands(forward.values[self.z_value], [forward.values[value] for value in self.inputs])
        return self.rule.share_out(summands, self.rectified)


@dataclass(frozen=True, kw_only=True)
class WeightStep(Step):
    """A weighted sum z = w x + b.

    Attributes
    ----------
    rule : Rule
    apply : callable
        (x, w) -> w x, linear in both.
    constants : callable
        () -> (w, b) as they are now, float32, b in a shape that broadcasts.
    z_value : Value or None
        Which value is z, at least as far as it has relevance: the output of a ReLU after it will do. None where no
        value is.
    never_negative : bool
        Whether x never is.
    rectified : bool
        Whether z has relevance only where it is positive.
    """

    rule: Rule
    apply: Callable[[Any, Any], Any]
    constants: Callable[[], tuple[Any, Any]]
    z_value: Value | None
    never_negative: bool
    rectified: bool

    def prepare(self, forward: Forward) -> Share:
        x = forward.values[self.inputs[0]]
        signal = forward.signals.get(self.inputs[0]) or Signal(x)
        w, b = self.constants()
        z = forward.values.get(self.z_value) if self.z_value else None
        if z is None:
            z = self.apply(x, w) + b
            forward.values.setdefault(self.output, z)  # between the halves of a separable convolution
        if signal.shift is not None:
            b = b + self.apply(signal.shift, w)
        summands = WeightedSummands(self.apply, signal.x, w, b, z, self.never_negative, signal.low, signal.high)
        return self.rule.share_out(summands, self.rectified)


@dataclass(frozen=True)
class AddedSummands:
    """z = sum_j a_j, with no weights and no bias."""

    z: Any
    a: list[Any]

    def counted(self, rule: Rule, sign: int) -> Counted:
        counts = [rule.rho(a_j, sign) for a_j in self.a]
        return Counted(tf.add_n(counts), lambda s: [of_j * s for of_j in counts], 0.0)


class Product:
    """z = w a, and back from s to a w^T s. A compiled graph leaves z out where nobody reads it."""

    def __init__(self, apply: Callable[[Any, Any], Any], a: Any, w: Any) -> None:
        self._a = a
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as self._tape:
            self._tape.watch(a)
            self.z = apply(a, w)

    def back(self, s: Any) -> Any:
        return self._a * self._tape.gradient(self.z, self._a, output_gradients=s)


@dataclass(frozen=True)
class WeightedSummands:
    """z = sum_j a_j w_j + b; a lies between low and high where they are known."""

    apply: Callable[[Any, Any], Any]
    a: Any
    w: Any
    b: Any
    z: Any
    never_negative: bool
    low: Any = None
    high: Any = None

    def product(self, a: Any, w: Any) -> Product:
        return Product(self.apply, a, w)

    def counted(self, rule: Rule, sign: int) -> Counted:
        parts = self._parts if rule.separates_signs else {1: self.a}
        products = [self.product(a, rule.rho(self.w, sign * sign_of_a)) for sign_of_a, a in parts.items()]
        bias = rule.rho(tf.convert_to_tensor(self.b), sign)
        total = tf.add_n([product.z for product in products]) + bias
        return Counted(total, lambda s: [tf.add_n([product.back(s) for product in products])], bias)

    @cached_property
    def _parts(self) -> dict[int, Any]:
        """The inputs above and below zero: a summand a w has the sign of a times that of w."""
        return {1: self.a} if self.never_negative else {1: part(self.a, 1), -1: part(self.a, -1)}
