"""Layer-wise relevance propagation: the score is shared out layer by layer, down to the pixels."""

from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from ..network import Network
from .explainer import Classes, Explainer, choose
from .lrp_layers import steps_of
from .lrp_rules import Forward, Moves, Passes, Rule, Scales, Share, Signal, Step, Weighs


@dataclass(frozen=True, eq=False)
class LayerRelevance:
    """Where the relevance at the output of a layer went: output = input + bias + stabiliser.

    Attributes
    ----------
    name : str
        The layer; two that are taken as one are joined by a plus.
    output : ndarray, shape (N, K), float64
        The sum of the relevance of its output values.
    input : ndarray, shape (N, K), float64
        What its input values got of it.
    bias : ndarray, shape (N, K), float64
        What its bias got, that of a batch normalization folded into it included.
    stabiliser : ndarray, shape (N, K), float64
        What nobody got: the share of epsilon, and all of it where nothing is there to share by.
    """

    name: str
    output: NDArray
    input: NDArray
    bias: NDArray
    stabiliser: NDArray

    @property
    def residual(self) -> float:
        """max |output - input - bias - stabiliser|: zero but for rounding."""
        return float(np.max(np.abs(self.output - self.input - self.bias - self.stabiliser)))


class LRP(Explainer):
    """Layer-wise relevance propagation, on the grid of the image.

    It starts with R = S_c, the score before softmax, and goes back layer by layer. In a layer with the sums
    z_k = sum_j z_jk + b_k, z_jk = x_j w_jk, every sum shares its relevance R_k out among its inputs; R_j is what x_j
    gets from all sums, so that sum_j R_j + the share of the biases = sum_k R_k. The map is the relevance of the pixels,
    summed over the channels.

    - ``"epsilon"``: R_j = sum_k z_jk / (z_k + e sign(z_k)) R_k. Bach et al., equation (58). With ReLUs and a small e it
      is the gradient times the input, and noisy in deep networks.
    - ``"gamma"``: R_j = sum_k (z_jk + gamma z_jk^+) / sum_j (z_jk + gamma z_jk^+) R_k, which favours what speaks for
      the class. Montavon et al. (2019), section 10.2.1.
    - ``"z+"``: R_j = sum_k z_jk^+ / sum_j z_jk^+ R_k: alpha = 1, beta = 0 in Bach et al., equation (60).

    In all three b_k is one more summand. Where z_k < 0, which has relevance only where no ReLU follows, the last two
    take z_jk^- instead of z_jk^+ (Andéol et al.): with nothing positive to share it by, relevance would be lost. A
    residual addition follows the same rule, its weights being one. In maximum pooling the largest value takes all; an
    activation passes relevance on. Batch normalization is one with the weights before it, else with those behind it.

    What biases get is not on the map: with batch normalization in a deep network that can be most of the score.
    ``conservation`` shows it.

    Parameters
    ----------
    model : keras.Model
        Of convolutions, dense layers, pooling, batch normalization, additions, and activations that rise through zero.
    rule : "epsilon", "gamma" or "z+"
    epsilon : float
        e in units of the root mean square of the layer's output, as in Montavon et al. (2019), so that it means the
        same in every layer. For ``"epsilon"`` alone: in the other two rules nothing cancels.
    gamma : float
        For ``"gamma"`` alone. 0 is ``"epsilon"`` with epsilon = 0, infinity is ``"z+"``.
    bounds : (low, high), optional
        The least and the most a pixel can be, numbers or one for each channel. The first layer with weights then
        follows the rule for inputs in a range, z^B: R_j = sum_k (z_jk - low w_jk^+ - high w_jk^-) / sum_j (...) R_k,
        in which a black pixel can have relevance too, and the bias has none. Montavon et al. (2017), section 4.

    Raises
    ------
    ValueError
        If a layer has no rule, a parameter is out of range, or pixels lie outside the bounds.

    References
    ----------
    Bach, Binder, Montavon, Klauschen, Müller, Samek (2015), "On pixel-wise explanations for non-linear classifier
    decisions by layer-wise relevance propagation", PLoS ONE 10(7), e0130140.

    Montavon, Lapuschkin, Binder, Samek, Müller (2017), "Explaining nonlinear classification decisions with deep Taylor
    decomposition", Pattern Recognition 65, 211-222.

    Montavon, Binder, Lapuschkin, Samek, Müller (2019), "Layer-wise relevance propagation: an overview", in: Explainable
    AI, Springer LNCS 11700, 193-209.

    Andéol, Kawakami, Wada, Kanamori, Müller, Montavon (2021), "Learning domain invariant representations by joint
    Wasserstein distance minimization", arXiv:2106.04923.

    Examples
    --------
    >>> import keras, numpy as np
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 3)), keras.layers.Conv2D(3, 3, activation="relu", use_bias=False),
    ...     keras.layers.Flatten(), keras.layers.Dense(2, use_bias=False)])
    >>> e = LRP(model)(np.ones((1, 4, 4, 3)), classes="all")
    >>> e.maps.shape
    (1, 2, 4, 4)
    >>> bool(np.allclose(e.maps.sum(axis=(2, 3)), e.scores, atol=1e-4))
    True
    """

    chunk = 8  # the way back keeps the outputs of all layers

    def __init__(
        self,
        model: keras.Model,
        rule: Literal["epsilon", "gamma", "z+"] = "epsilon",
        epsilon: float = 1e-6,
        gamma: float = 0.25,
        bounds: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> None:
        for name, value in (("epsilon", epsilon), ("gamma", gamma)):
            if not value >= 0:
                raise ValueError(f"{name} is {value}, but must be 0 or more.")
        rules = {
            "epsilon": Rule(damping=1.0, epsilon=epsilon),
            "gamma": Rule(damping=1 / (1 + gamma), by_sign=gamma > 0),  # z + gamma z^+, all divided by 1 + gamma
            "z+": Rule(damping=0.0, by_sign=True),
        }
        if rule not in rules:
            raise ValueError(f"rule is {rule!r}, but must be one of {', '.join(map(repr, rules))}.")
        self._rule = rules[rule]
        self._bounds = None if bounds is None else _checked_bounds(bounds)
        super().__init__(model)

    def conservation(
        self, images: ArrayLike, top: int | None = None, classes: Classes | None = None
    ) -> list[LayerRelevance]:
        """Where the relevance goes, layer by layer from the score to the pixels.

        Parameters
        ----------
        images, top, classes
            As in the call that explains.

        Returns
        -------
        list of LayerRelevance
            The last layer of the model first. The relevance of the pixels and what all biases and stabilisers got add
            up to the score.

        Examples
        --------
        >>> model = keras.Sequential([keras.Input((1, 1, 2)), keras.layers.Flatten(), keras.layers.Dense(1, name="S")])
        >>> model.get_layer("S").set_weights([np.array([[2.0], [1.0]]), np.array([4.0])])
        >>> S, _ = LRP(model).conservation(np.array([[[[1.0, 3.0]]]]))  # 2 * 1 + 1 * 3 + 4
        >>> [round(float(share[0, 0]), 3) for share in (S.output, S.input, S.bias)]
        [9.0, 5.0, 4.0]
        """
        checked, chosen, top = self._checked(images, top, classes)
        self._counted.get_concrete_function()  # traced in a call, five explainers would draw a warning
        parts = [self._counted(checked[i : i + 1], chosen[i : i + 1], top).numpy() for i in range(len(checked))]
        table = np.concatenate(parts, axis=-1)  # (layers, 4, K, N)
        names = [step.name for step in reversed(self._steps)]
        return [LayerRelevance(name, *of_layer.transpose(0, 2, 1)) for name, of_layer in zip(names, table, strict=True)]

    def _read(self, image_shape: tuple[int | None, ...] | None) -> None:
        super()._read(image_shape)
        self._counted = tf.function(self._count, input_signature=self._compiled.input_signature, autograph=False)

    def _find(self, network: Network) -> None:
        self._steps = steps_of(network, self._rule)
        self._channel_axis = 1 if network.channels_first(network.images) else 3
        if self._bounds is None:
            return
        if not _weights_first(self._steps, network):
            raise ValueError(
                f"bounds are for a first layer with weights, but {network.name!r} has none: leave them out."
            )
        channels = network.input_shape[self._channel_axis - 1]
        shape = [1, 1, 1, 1]
        shape[self._channel_axis] = -1
        self._ends = [end.reshape(shape) for end in self._bounds]
        if any(end.size not in (1, channels) for end in self._ends):
            raise ValueError(
                f"bounds have {[end.size for end in self._ends]} values, but {network.name!r} takes images of "
                f"{channels} channels: give one number for all or one for each."
            )

    def _check_images(self, images: ArrayLike) -> NDArray:
        checked = super()._check_images(images)
        if self._bounds is not None:
            low, high = self._ends
            slack = 1e-5 * (high - low)  # for rounding
            if (checked < low - slack).any() or (checked > high + slack).any():
                raise ValueError(
                    f"images reach from {checked.min():g} to {checked.max():g}, which is outside bounds: "
                    "give the range of the images as the model takes them, preprocessing included."
                )
        return checked

    def _explain(self, images: Any, choose: Any) -> tuple[Any, Any, Any, Any]:
        S, shares = self._prepare(images)
        classes = choose(S)

        def map_of(start: Any) -> Any:
            R, _ = self._walk(shares, start, count=False)
            return tf.reduce_sum(R, axis=self._channel_axis)

        maps = tf.map_fn(map_of, _starts(S, classes), parallel_iterations=1)  # (K, n, h, w)
        return tf.transpose(maps, (1, 0, 2, 3)), classes, tf.zeros_like(classes, tf.float32), S

    def _count(self, images: Any, chosen: Any, top: Any) -> Any:
        """The columns of LayerRelevance as one tensor, (layers, 4, K, n)."""
        S, shares = self._prepare(images)
        counted = tf.map_fn(
            lambda start: self._walk(shares, start, count=True)[1],
            _starts(S, choose(S, chosen, top)),
            fn_output_signature=tf.float64,
            parallel_iterations=1,
        )
        return tf.transpose(counted, (1, 2, 0, 3))

    def _prepare(self, images: Any) -> tuple[Any, list[Share]]:
        """The scores, and how each layer shares out; all that does not depend on the class is computed here."""
        network = self.network
        values = network.run({network.images: images}, to=network.logits)
        forward = Forward({place: tf.cast(value, tf.float32) for place, value in values.items()})
        if self._bounds is not None:
            low, high = (tf.zeros_like(images[:1]) + end for end in self._ends)
            forward.signals[network.images] = Signal(images, low=low, high=high)
        return forward.values[network.logits], [step.prepare(forward, self._rule) for step in self._steps]

    def _walk(self, shares: list[Share], start: Any, count: bool) -> tuple[Any, Any]:
        """From the relevance of the scores (n, C) to that of the pixels (n, H, W, C); and what was counted."""
        network = self.network
        relevance, counted = {network.logits: start}, []
        for step, share in zip(reversed(self._steps), reversed(shares), strict=True):
            R = relevance.pop(step.make)
            shared = share(R, count)
            for place, of_input in zip(step.reads, shared.inputs, strict=True):
                relevance[place] = relevance[place] + of_input if place in relevance else of_input
            if count:
                of_inputs = tf.add_n([_total(of_input) for of_input in shared.inputs])
                rest = [_total(of_rest + tf.zeros_like(R)) for of_rest in (shared.bias, shared.stabiliser)]
                counted.append(tf.stack([_total(R), of_inputs, *rest]))
        return relevance[network.images], tf.stack(counted) if count else None


def _starts(S: Any, classes: Any) -> Any:
    """S_c for the chosen class and zero for all others, (K, n, C)."""
    return tf.transpose(tf.one_hot(classes, tf.shape(S)[-1]) * S[:, None], (1, 0, 2))


def _total(R: Any) -> Any:
    """The sum of each image, in double precision."""
    R = tf.cast(R, tf.float64)
    return tf.reduce_sum(R, axis=tf.range(1, tf.rank(R)))


def _checked_bounds(bounds: Any) -> list[NDArray]:
    try:
        low, high = (np.atleast_1d(np.asarray(end, "float32")) for end in bounds)
    except (TypeError, ValueError):
        low = high = np.zeros(0)
    sizes = {low.size, high.size} - {1}
    if not (low.ndim == high.ndim == 1 and len(sizes) < 2 and 0 not in sizes and np.all(low < high)):
        raise ValueError(
            f"bounds is {bounds!r}, but must be (low, high) with low < high: numbers, or lists of one for each channel."
        )
    if not np.isfinite([*low, *high]).all():
        raise ValueError(f"bounds is {bounds!r}, but must be finite: give the range that preprocessing leaves.")
    return [low, high]


def _weights_first(steps: list[Step], network: Network) -> bool:
    """Whether the range of the images reaches a layer with weights."""
    reached = {network.images}
    for step in steps:
        if step.reads[0] in reached:
            if isinstance(step, Weighs):
                return True
            if isinstance(step, Scales) or (isinstance(step, Moves) and step.linear):
                reached.add(step.make)
            if isinstance(step, Passes) and step.unchanged:
                reached.add(step.make)
    return False
