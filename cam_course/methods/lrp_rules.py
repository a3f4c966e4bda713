"""The rules of layer-wise relevance propagation, as in Montavon et al. (2019), section 10.2.

A layer's outputs are sums z_k = sum_{0,j} a_j w_jk of its inputs a_j times weights; j = 0 stands for the bias, with
a_0 = 1 and w_0k = b_k. Every rule is this one (section 10.2.2), with a rho and an epsilon of its own:

    R_j = sum_k  a_j rho(w_jk) / (epsilon + sum_{0,j} a_j rho(w_jk))  R_k

The paper has inputs that are never negative and sums that a ReLU follows. For others, v^+ is the part of a summand with
the sign of its sum z_k, and v^- the part with the other sign: with nothing positive to share it by, the relevance of a
sum below zero would be lost (Andéol et al. 2021).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Shares:
    """What becomes of the relevance at a layer's output: the shares of its inputs, of its bias, and of nobody."""

    inputs: list[Any]
    bias: Any = 0.0
    stabiliser: Any = 0.0


# From the relevance R_k at a layer's output; the bool says whether the bias and the stabiliser are asked for.
Share = Callable[[Any, bool], Shares]


@dataclass(frozen=True)
class Counted:
    """What a rule counts of the summands of a layer.

    Attributes
    ----------
    total : tensor
        sum_{0,j} a_j rho(w_jk), the bias included.
    back : callable
        From s_k to a_j c_j with c_j = sum_k rho(w_jk) s_k, for each input of the layer.
    bias : tensor
        rho(w_0k).
    """

    total: Any
    back: Callable[[Any], list[Any]]
    bias: Any


class Summands(Protocol):
    """A layer whose outputs are sums z: `counted` says what a rule counts of them, for sums of a sign."""

    @property
    def z(self) -> Any: ...

    def counted(self, rule: "Rule", sign: int) -> Counted: ...


class Rule(ABC):
    """How the sums of a layer share out their relevance among their summands."""

    @property
    def separates_signs(self) -> bool:
        """Whether summands above and below zero count differently."""
        return True

    @property
    def keeps_one_sign(self) -> bool:
        """Whether summands of the other sign have no share."""
        return False

    @abstractmethod
    def rho(self, v: Any, sign: int) -> Any:
        """What counts of weights, or of summands, where the sum has this sign, 1 or -1."""

    def totals(self, z: Any, counted: dict[int, Counted]) -> dict[int, Any]:
        """sum_{0,j} a_j rho(w_jk), for sums of each sign."""
        if not self.separates_signs:
            return {1: z}
        total = counted[1].total
        if -1 not in counted:
            return {1: total}
        both = self.rho(tf.constant(1.0), 1) + self.rho(tf.constant(1.0), -1)  # rho is linear on either side of zero
        return {1: total, -1: both * z - total}  # which spares a convolution

    def stabiliser(self, z: Any, rectified: bool) -> Any:
        """epsilon, with the sign of the sum."""
        return 0.0

    def share_out(self, layer: Summands, rectified: bool) -> Share:
        """The four steps of section 10.2.2, of which the first does not depend on the class.

        ``rectified`` says that only sums above zero have relevance, because a ReLU follows.
        """
        z = layer.z
        signs = (1, -1) if self.separates_signs and not rectified else (1,)
        counted = {sign: layer.counted(self, sign) for sign in signs}
        totals = self.totals(z, counted)
        denominators = {sign: totals[sign] + self.stabiliser(z, rectified) for sign in signs}  # step 1

        def share(R: Any, count: bool) -> Shares:
            of_sign = {1: tf.where(z > 0, R, 0.0), -1: tf.where(z > 0, 0.0, R)} if len(signs) == 2 else {1: R}
            s = {sign: tf.math.divide_no_nan(of_sign[sign], denominators[sign]) for sign in signs}  # step 2
            back = [counted[sign].back(s[sign]) for sign in signs]  # steps 3 and 4
            inputs = [tf.add_n(of_input) for of_input in zip(*back, strict=True)]
            if not count:
                return Shares(inputs)
            bias = tf.add_n([counted[sign].bias * s[sign] for sign in signs])
            return Shares(inputs, bias, R - tf.add_n([totals[sign] * s[sign] for sign in signs]))

        return share


@dataclass(frozen=True)
class Epsilon(Rule):
    """LRP-epsilon: R_j = sum_k  a_j w_jk / (epsilon + sum_{0,j} a_j w_jk)  R_k.

    Montavon et al. (2019), section 10.2.1; Bach et al. (2015), equation (58). epsilon has the sign of the sum, and is
    measured in root mean squares of the layer's sums, as far as they have relevance (after the ReLU, where one
    follows), so that it means the same in every layer.
    """

    epsilon: float = 1e-6

    def __post_init__(self) -> None:
        _check_not_negative("epsilon", self.epsilon)

    @property
    def separates_signs(self) -> bool:
        return False

    def rho(self, v: Any, sign: int) -> Any:
        return v

    def stabiliser(self, z: Any, rectified: bool) -> Any:
        if not self.epsilon:
            return 0.0
        norm = tf.math.reduce_euclidean_norm(z, axis=range(1, len(z.shape)), keepdims=True)
        epsilon = self.epsilon * norm / tf.sqrt(tf.cast(tf.size(z[0]), tf.float32))
        return epsilon if rectified else tf.where(z >= 0, epsilon, -epsilon)


@dataclass(frozen=True)
class Gamma(Rule):
    """LRP-gamma: R_j = sum_k  a_j (w_jk + gamma w_jk^+) / sum_{0,j} a_j (w_jk + gamma w_jk^+)  R_k.

    Montavon et al. (2019), section 10.2.1. gamma = 0 is LRP-epsilon with epsilon = 0, gamma = infinity is LRP-z+.
    """

    gamma: float = 0.25

    def __post_init__(self) -> None:
        _check_not_negative("gamma", self.gamma)

    def rho(self, v: Any, sign: int) -> Any:
        return sign * tf.nn.leaky_relu(sign * v, 1 / (1 + self.gamma))  # (v + gamma v^+) / (1 + gamma), for any gamma

    @property
    def separates_signs(self) -> bool:
        return self.gamma > 0

    @property
    def keeps_one_sign(self) -> bool:
        return self.gamma == float("inf")


@dataclass(frozen=True)
class ZPlus(Rule):
    """LRP-z+: R_j = sum_k  a_j w_jk^+ / sum_{0,j} a_j w_jk^+  R_k.

    Bach et al. (2015), equation (60), with alpha = 1 and beta = 0.
    """

    def rho(self, v: Any, sign: int) -> Any:
        return part(v, sign)

    @property
    def keeps_one_sign(self) -> bool:
        return True


@dataclass(frozen=True)
class ZBox(Rule):
    """LRP-zB: R_j = sum_k  (a_j w_jk - l_j w_jk^+ - h_j w_jk^-) / sum_j (a_j w_jk - l_j w_jk^+ - h_j w_jk^-)  R_k.

    Montavon et al. (2019), section 10.3.2; for pixels that lie between l and h. A black pixel can have relevance too,
    and the bias has none.

    Parameters
    ----------
    low, high : float or array_like, shape (channels,)
        l and h, as the model takes the images.
    """

    low: ArrayLike
    high: ArrayLike

    def __post_init__(self) -> None:
        given = (self.low, self.high)
        try:
            low, high = (np.atleast_1d(np.asarray(end, "float32")) for end in given)
        except (TypeError, ValueError):
            low = high = np.zeros(0)
        sizes = {low.size, high.size} - {1}
        if not (low.ndim == high.ndim == 1 and len(sizes) < 2 and 0 not in sizes and np.all(low < high)):
            raise ValueError(
                f"bounds is {given!r}, but must be (low, high) with low < high: numbers, or lists of one for each "
                "channel."
            )
        if not np.isfinite([*low, *high]).all():
            raise ValueError(f"bounds is {given!r}, but must be finite: give the range that preprocessing leaves.")

    @property
    def ends(self) -> list[NDArray]:
        """l and h, one-dimensional."""
        return [np.atleast_1d(np.asarray(end, "float32")) for end in (self.low, self.high)]

    def rho(self, v: Any, sign: int) -> Any:
        return part(v, sign)

    def share_out(self, layer: Any, rectified: bool) -> Share:
        above = layer.product(layer.a - layer.low, self.rho(layer.w, 1))  # (a - l) w^+
        below = layer.product(layer.a - layer.high, self.rho(layer.w, -1))  # (a - h) w^-
        total = above.z + below.z

        def share(R: Any, count: bool) -> Shares:
            s = tf.math.divide_no_nan(R, total)
            return Shares([above.back(s) + below.back(s)], stabiliser=R - total * s)

        return share


def part(v: Any, sign: int) -> Any:
    """Of each value what has this sign, else 0: v^+ or v^-."""
    return tf.nn.relu(v) if sign > 0 else -tf.nn.relu(-v)


def _check_not_negative(name: str, value: float) -> None:
    if not isinstance(value, (int, float, np.number)) or not value >= 0:
        raise ValueError(f"{name} is {value!r}, but must be a number of 0 or more.")
