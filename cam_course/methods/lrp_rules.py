"""The arithmetic of layer-wise relevance propagation: how a layer shares out the relevance of its output.

Four kinds of layers are enough. A weighted sum (convolution, dense, average pooling, batch normalization) shares by the
rule. An addition of tensors is a weighted sum whose weights are one. A layer that moves values (padding, flattening,
concatenation, maximum pooling) moves their relevance back. An activation passes it on as it is.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

from ..network import Place


@dataclass(frozen=True)
class Rule:
    """How a sum z = sum_j z_j + b shares out its relevance R: R_j = R kept(z_j) / (sum_j kept(z_j) + kept(b)).

    Attributes
    ----------
    damping : float
        What a summand is multiplied by whose sign is not the one looked for: 1 keeps all as they are, 0 drops it.
    epsilon : float
        Added to the denominator, away from zero, in units of the root mean square of z over the layer.
    by_sign : bool
        The sign looked for is that of z; otherwise it is plus.
    """

    damping: float
    epsilon: float = 0.0
    by_sign: bool = False

    def kept(self, v: Any, sign: int) -> Any:
        if self.damping == 1:
            return v
        return tf.nn.leaky_relu(v, self.damping) if sign > 0 else tf.minimum(v, self.damping * v)

    def signs(self, rectified: bool) -> tuple[int, ...]:
        """The signs to look for; a sum behind which a ReLU stands has relevance only where it is positive."""
        return (1, -1) if self.by_sign and not rectified else (1,)


Z_PLUS = Rule(damping=0.0)


@dataclass(frozen=True)
class Shares:
    """What becomes of the relevance at a layer's output: the shares of its inputs, of its bias, and of nobody."""

    inputs: list[Any]
    bias: Any = 0.0
    stabiliser: Any = 0.0


# From the relevance at a layer's output; the bool says whether the bias and the stabiliser are asked for.
Share = Callable[[Any, bool], Shares]


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
    """What a forward pass left behind: every value in float32, and the signals on their way to weights."""

    values: dict[Place, Any]
    signals: dict[Place, Signal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """One layer, or two that are taken as one. ``prepare`` computes once what does not depend on the class."""

    name: str
    reads: list[Place]
    make: Place

    @abstractmethod
    def prepare(self, forward: Forward, rule: Rule) -> Share: ...


@dataclass(frozen=True, kw_only=True)
class Passes(Step):
    """An activation or dropout: f(z) has the relevance of z."""

    unchanged: bool  # whether f(z) is z

    def prepare(self, forward: Forward, rule: Rule) -> Share:
        if self.unchanged and self.reads[0] in forward.signals:
            forward.signals[self.make] = forward.signals[self.reads[0]]
        return lambda R, count: Shares([R])


@dataclass(frozen=True, kw_only=True)
class Moves(Step):
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

    def prepare(self, forward: Forward, rule: Rule) -> Share:
        if self.linear and self.reads[0] in forward.signals:
            forward.signals[self.make] = forward.signals[self.reads[0]].moved(lambda v: self.move([v]))
        xs = [tf.identity(forward.values[place]) for place in self.reads]  # apart, where one place is read twice
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(xs)
            y = self.move(xs)
        return lambda R, count: Shares(tape.gradient(y, xs, output_gradients=R))


@dataclass(frozen=True, kw_only=True)
class Scales(Step):
    """x * scale + shift in front of weights. The shift is part of their bias, so all relevance is that of x."""

    constants: Callable[[], tuple[Any, Any]]

    def prepare(self, forward: Forward, rule: Rule) -> Share:
        signal = forward.signals.get(self.reads[0]) or Signal(forward.values[self.reads[0]])
        forward.signals[self.make] = signal.scaled(*self.constants())
        return lambda R, count: Shares([R])


@dataclass(frozen=True, kw_only=True)
class Adds(Step):
    """An addition of tensors, each of them a summand.

    Attributes
    ----------
    z_at : Place
        Where the sum z stands, at least as far as it has relevance: behind a ReLU will do.
    rectified : bool
        Whether z has relevance only where it is positive.
    """

    z_at: Place
    rectified: bool

    def prepare(self, forward: Forward, rule: Rule) -> Share:
        xs = [forward.values[place] for place in self.reads]
        z = forward.values[self.z_at]
        kept = {sign: [rule.kept(x, sign) for x in xs] for sign in rule.signs(self.rectified)}
        totals = {sign: z if rule.damping == 1 else tf.add_n(of_sign) for sign, of_sign in kept.items()}
        divide = _division(z, totals, rule, self.rectified)

        def share(R: Any, count: bool) -> Shares:
            s = divide(R)
            inputs = [tf.add_n([kept[sign][i] * s[sign] for sign in s]) for i in range(len(xs))]
            return Shares(inputs, stabiliser=_nobodys(R, s, totals) if count else 0.0)

        return share


@dataclass(frozen=True, kw_only=True)
class Weighs(Step):
    """A weighted sum z = w x + b.

    Attributes
    ----------
    apply : callable
        (x, w) -> w x, linear in both.
    constants : callable
        () -> (w, b) as they are now, float32, b in a shape that broadcasts.
    z_at : Place or None
        Where z stands, at least as far as it has relevance: behind a ReLU will do. None where nothing keeps it.
    never_negative : bool
        Whether x never is.
    rectified : bool
        Whether z has relevance only where it is positive.
    """

    apply: Callable[[Any, Any], Any]
    constants: Callable[[], tuple[Any, Any]]
    z_at: Place | None
    never_negative: bool
    rectified: bool

    def prepare(self, forward: Forward, rule: Rule) -> Share:
        x = forward.values[self.reads[0]]
        signal = forward.signals.get(self.reads[0]) or Signal(x)
        w, b = self.constants()
        z = forward.values.get(self.z_at) if self.z_at else None
        if z is None:
            z = self.apply(x, w) + b
            forward.values.setdefault(self.make, z)  # between the halves of a separable convolution
        if signal.shift is not None:
            b = b + self.apply(signal.shift, w)
        if signal.low is not None:
            return self._share_in_range(signal, w)
        signs = rule.signs(self.rectified)
        one_part = rule.damping == 1 or self.never_negative
        parts = {1: signal.x} if one_part else {1: tf.nn.relu(signal.x), -1: -tf.nn.relu(-signal.x)}
        terms = {
            (sign, of_x): _weighted(self.apply, part, rule.kept(w, sign * of_x))
            for sign in signs
            for of_x, part in parts.items()
        }
        biases = {sign: rule.kept(b, sign) for sign in signs}
        totals = dict.fromkeys(signs, z)
        if rule.damping != 1:
            totals[1] = tf.add_n([terms[1, of_x][0] for of_x in parts]) + biases[1]
            if -1 in signs:  # kept(v, +) + kept(v, -) = (1 + damping) v, which spares a convolution
                totals[-1] = (1 + rule.damping) * z - totals[1]
        divide = _division(z, totals, rule, self.rectified)

        def share(R: Any, count: bool) -> Shares:
            s = divide(R)
            inputs = [part * tf.add_n([terms[sign, of_x][1](s[sign]) for sign in s]) for of_x, part in parts.items()]
            if not count:
                return Shares([tf.add_n(inputs)])
            of_bias = tf.add_n([biases[sign] * s[sign] for sign in s])
            return Shares([tf.add_n(inputs)], of_bias, _nobodys(R, s, totals))

        return share

    def _share_in_range(self, signal: Signal, w: Any) -> Share:
        """z^B: what counts is by how much x is more than the least and less than the most it could be; no bias."""
        above, below = signal.x - signal.low, signal.x - signal.high
        z_above, back_from_above = _weighted(self.apply, above, Z_PLUS.kept(w, 1))
        z_below, back_from_below = _weighted(self.apply, below, Z_PLUS.kept(w, -1))
        total = z_above + z_below

        def share(R: Any, count: bool) -> Shares:
            s = tf.math.divide_no_nan(R, total)
            return Shares([above * back_from_above(s) + below * back_from_below(s)], stabiliser=R - total * s)

        return share


def _weighted(apply: Callable[[Any, Any], Any], x: Any, w: Any) -> tuple[Any, Callable[[Any], Any]]:
    """w x, and the transposed map s -> w^T s. A compiled graph leaves out the first where nobody uses it."""
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(x)
        y = apply(x, w)
    return y, lambda s: tape.gradient(y, x, output_gradients=s)


def _division(z: Any, totals: dict[int, Any], rule: Rule, rectified: bool) -> Callable[[Any], dict[int, Any]]:
    """R -> R / total for each sign looked for: the relevance of one unit of what is kept; zero where the total is."""
    if rule.epsilon:
        norm = tf.math.reduce_euclidean_norm(z, axis=range(1, len(z.shape)), keepdims=True)
        away = rule.epsilon * norm / tf.sqrt(tf.cast(tf.size(z[0]), tf.float32))
        signed = away if rectified else tf.where(z >= 0, away, -away)
        totals = {sign: total + signed for sign, total in totals.items()}
    if -1 not in totals:
        return lambda R: {1: tf.math.divide_no_nan(R, totals[1])}
    up = z > 0
    return lambda R: {
        1: tf.math.divide_no_nan(tf.where(up, R, 0.0), totals[1]),
        -1: tf.math.divide_no_nan(tf.where(up, 0.0, R), totals[-1]),
    }


def _nobodys(R: Any, s: dict[int, Any], totals: dict[int, Any]) -> Any:
    """The relevance that neither the inputs nor the bias get."""
    return R - tf.add_n([s[sign] * totals[sign] for sign in s])
