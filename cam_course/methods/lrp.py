"""Layer-wise relevance propagation: the score is shared out layer by layer, down to the pixels."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from ..network import Network
from .class_choice import Classes, choose
from .execution import Compiled, in_batches
from .explainer import CHOSEN, TOP, Explainer
from .lrp_composite import RuleChoice, composite_of
from .lrp_layers import follow_box, steps_of
from .lrp_rules import Share, ZBox
from .lrp_steps import Forward, Signal


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
    z_k = sum_{0,j} a_j w_jk, where j = 0 is the bias, every sum shares its relevance R_k out among its summands. R_j is
    what the input a_j gets from all sums, so that sum_j R_j + the share of the biases = sum_k R_k. The map is the
    relevance of the pixels, summed over the channels.

    - ``"epsilon"``: `Epsilon`, R_j = sum_k a_j w_jk / (epsilon + z_k) R_k. With ReLUs and a small epsilon it is the
      gradient times the input, and noisy in deep networks.
    - ``"gamma"``: `Gamma`, R_j = sum_k a_j (w_jk + gamma w_jk^+) / sum_{0,j} (...) R_k, which favours what speaks for
      the class.
    - ``"z+"``: `ZPlus`, R_j = sum_k a_j w_jk^+ / sum_{0,j} (...) R_k, which counts that alone.

    A residual addition follows its rule with weights of one. In maximum pooling the largest value takes all; an
    activation passes relevance on. Batch normalization is one with the weights before it, else with those after it.

    What biases get is not on the map: with batch normalization in a deep network that can be most of the score.
    ``conservation`` shows it.

    Parameters
    ----------
    model : keras.Model
        Of convolutions, dense layers, pooling, batch normalization, additions, and activations that rise through zero.
    rule : "epsilon", "gamma", "z+", a rule, or a mapping of layers to rules
        Of a mapping, a composite, the keys are types or names of layers, and the values `Epsilon`, `Gamma`, `ZPlus` or
        `ZBox` from ``cam_course.methods.lrp_rules``. A name counts before a type, and of several types the first. A
        layer that is not in it follows ``"epsilon"``.
    epsilon : float
        For ``"epsilon"`` alone, in root mean squares of the layer's sums: in the other two rules nothing cancels.
    gamma : float
        For ``"gamma"`` alone.
    bounds : (low, high), optional
        The least and the most a pixel can be, numbers or one for each channel. The first layer with weights then
        follows `ZBox`.

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

    A composite: the convolutions follow one rule, all other layers another one.

    >>> from cam_course.methods.lrp_rules import Gamma
    >>> LRP(model, rule={keras.layers.Conv2D: Gamma(0.25)})(np.ones((1, 4, 4, 3))).maps.shape
    (1, 1, 4, 4)
    """

    on_grid = False
    batch_size = 8  # the way back keeps the outputs of all layers

    def __init__(
        self,
        model: keras.Model,
        rule: RuleChoice = "epsilon",
        epsilon: float = 1e-6,
        gamma: float = 0.25,
        bounds: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> None:
        self._composite = composite_of(rule, epsilon, gamma)
        self._bounds = None if bounds is None else _box_of(bounds)
        if self._bounds is not None and self._composite.box is not None:
            raise ValueError("both bounds and a ZBox rule are given: choose one of the two.")
        self._box = self._bounds or self._composite.box
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
        [table] = in_batches(lambda *one: self._compiled_count(*one, top), 1, checked, chosen)  # (N, layers, 4, K)
        layers = zip(reversed(self._steps), table.transpose(1, 2, 0, 3), strict=True)
        return [LayerRelevance(step.name, *columns) for step, columns in layers]

    def _compile(self) -> None:
        super()._compile()
        self._compiled_count = Compiled(self._count, self._image_spec(), CHOSEN, TOP)

    def _find_roles(self, network: Network) -> None:
        self._steps = steps_of(network, self._composite)
        self._channel_axis = 1 + network.layout(network.images).index("c")
        if self._box is None:
            return
        self._steps = follow_box(self._steps, network, self._bounds)
        channels = network.input_shape[self._channel_axis - 1]
        shape = [1, 1, 1, 1]
        shape[self._channel_axis] = -1
        self._range = [end.reshape(shape) for end in self._box.ends]
        if any(end.size not in (1, channels) for end in self._range):
            raise ValueError(
                f"bounds have {[end.size for end in self._range]} values, but {network.name!r} takes images of "
                f"{channels} channels: give one number for all or one for each."
            )

    def _check_images(self, images: ArrayLike) -> NDArray:
        checked = super()._check_images(images)
        if self._box is not None:
            low, high = self._range
            slack = 1e-5 * (high - low)  # for rounding
            if (checked < low - slack).any() or (checked > high + slack).any():
                raise ValueError(
                    f"images reach from {checked.min():g} to {checked.max():g}, which is outside bounds: "
                    "give the range of the images as the model takes them, preprocessing included."
                )
        return checked

    def _forward(self, images: Any) -> tuple[Any, Any]:
        network = self.network
        values = network.run({network.images: images}, to=network.logits)
        forward = Forward({value: tf.cast(tensor, tf.float32) for value, tensor in values.items()})
        if self._box is not None:
            low, high = (tf.zeros_like(images[:1]) + end for end in self._range)
            forward.signals[network.images] = Signal(images, low=low, high=high)
        S = forward.values[network.logits]
        return S, (S, [step.prepare(forward) for step in self._steps])

    def _maps(self, state: Any, classes: Any) -> Any:
        S, shares = state

        def map_of(start: Any) -> Any:
            R, _ = self._walk(shares, start, count=False)
            return tf.reduce_sum(R, axis=self._channel_axis)

        maps = tf.map_fn(map_of, _starts(S, classes), parallel_iterations=1)  # (K, n, h, w)
        return tf.transpose(maps, (1, 0, 2, 3))

    def _count(self, images: Any, chosen: Any, top: Any) -> list[Any]:
        """The columns of LayerRelevance as one tensor, (n, layers, 4, K)."""
        S, (_, shares) = self._forward(images)
        counted = tf.map_fn(
            lambda start: self._walk(shares, start, count=True)[1],
            _starts(S, choose(S, chosen, top)),
            fn_output_signature=tf.float64,
            parallel_iterations=1,
        )
        return [tf.transpose(counted, (3, 1, 2, 0))]

    def _walk(self, shares: list[Share], start: Any, count: bool) -> tuple[Any, Any]:
        """From the relevance of the scores (n, C) to that of the pixels (n, H, W, C); and what was counted."""
        network = self.network
        relevance, counted = {network.logits: start}, []
        for step, share in zip(reversed(self._steps), reversed(shares), strict=True):
            R = relevance.pop(step.output)
            shared = share(R, count)
            for value, of_input in zip(step.inputs, shared.inputs, strict=True):
                relevance[value] = relevance[value] + of_input if value in relevance else of_input
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


def _box_of(bounds: Any) -> ZBox:
    try:
        low, high = bounds
    except (TypeError, ValueError):
        low = high = bounds  # which is refused in a sentence
    return ZBox(low, high)
