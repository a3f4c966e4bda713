"""A map against the model: what its output does when pixels come or go in the order of the map."""

from dataclasses import dataclass
from typing import Literal

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..explanation import Explanation

Baseline = Literal["zero", "mean", "blur"]
_AT_ONCE = 16  # pictures


@dataclass(frozen=True, eq=False)
class Curve:
    """What the model says of a picture of which a growing share of the pixels is exchanged.

    Attributes
    ----------
    name : str
        The measure, and which direction is better.
    fractions : ndarray, shape (steps + 1,)
        From 0 to 1, both included.
    values : ndarray, shape (steps + 1,)
        The model's output for the class.
    """

    name: str
    fractions: NDArray
    values: NDArray

    @property
    def area(self) -> float:
        """The area under the curve, over fractions from 0 to 1: the mean output on the way."""
        widths = np.diff(self.fractions)
        return float(np.sum(widths * (self.values[1:] + self.values[:-1]) / 2))


def insertion(
    model: keras.Model, image: ArrayLike, M: ArrayLike, c: int, baseline: Baseline = "blur", steps: int = 50
) -> Curve:
    """The output for class c while pixels are put into the baseline, those with the largest values of M first.

    A higher area is better: few pixels, the right ones, are enough for the model. All channels of a pixel come at once.
    Pixels of equal value come in an order drawn at random, so that a flat part of a map favours no corner.

    Parameters
    ----------
    model : keras.Model
        Its own output is taken, probabilities where it ends in softmax.
    image : array_like, shape (H, W, C)
        As the model takes it.
    M : array_like, shape (H, W)
        On the grid of the image; see `Explanation.resize`.
    c : int
        The class.
    baseline : {"zero", "mean", "blur"}
        See `baseline_of`. Different baselines ask different questions, and rank methods differently: state which.
    steps : int
        The curve has one point more.

    Raises
    ------
    ValueError
        If M is not on the grid of the image or holds NaN, or baseline or steps make no sense.

    References
    ----------
    Petsiuk, Das, Saenko (2018), "RISE: Randomized input sampling for explanation of black-box models", BMVC,
    section 4.3.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(
    ...     1, use_bias=False, kernel_initializer="ones")])  # S is the sum of the pixels
    >>> curve = insertion(model, [[[1.0], [3.0]]], [[1.0, 3.0]], c=0, baseline="zero", steps=2)
    >>> curve.values, curve.area
    (array([0., 3., 4.]), 2.5)
    """
    start = baseline_of(image, baseline)
    return _curve("insertion, higher is better", model, start, np.asarray(image, dtype=float), M, c, steps)


def deletion(
    model: keras.Model, image: ArrayLike, M: ArrayLike, c: int, baseline: Baseline = "zero", steps: int = 50
) -> Curve:
    """The output for class c while pixels are replaced by the baseline, those with the largest values of M first.

    A lower area is better: without few pixels, the right ones, the model does not see the class any more. Otherwise as
    `insertion`.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(
    ...     1, use_bias=False, kernel_initializer="ones")])
    >>> curve = deletion(model, [[[1.0], [3.0]]], [[1.0, 3.0]], c=0, steps=2)
    >>> curve.values, curve.area
    (array([4., 1., 0.]), 1.5)
    """
    end = baseline_of(image, baseline)
    return _curve("deletion, lower is better", model, np.asarray(image, dtype=float), end, M, c, steps)


def baseline_of(image: ArrayLike, kind: Baseline) -> NDArray:
    """What a pixel is replaced by: an image (H, W, C).

    Parameters
    ----------
    image : array_like, shape (H, W, C)
    kind : {"zero", "mean", "blur"}
        Zero in the values that the model takes: black for images from 0 to 1, the mean colour of ImageNet after Keras'
        preprocessing for ResNet50. Mean: of each channel of this image. Blur: a Gaussian with a standard deviation of a
        twentieth of each side.

    Raises
    ------
    ValueError
        If the image is not (H, W, C), or there is no such kind.

    Examples
    --------
    >>> baseline_of([[[1.0], [3.0]]], "mean").ravel()
    array([2., 2.])
    """
    from scipy.ndimage import gaussian_filter

    image = np.asarray(image, dtype=float)
    if image.ndim != 3:
        raise ValueError(f"the image has the shape {image.shape}, but one image is (H, W, C).")
    if kind == "zero":
        return np.zeros_like(image)
    if kind == "mean":
        return np.broadcast_to(image.mean(axis=(0, 1)), image.shape).copy()
    if kind == "blur":
        return gaussian_filter(image, [image.shape[0] / 20, image.shape[1] / 20, 0])
    raise ValueError(f"baseline is {kind!r}, but must be 'zero', 'mean' or 'blur'.")


def completeness_residual(e: Explanation, cells: int | None = None) -> NDArray:
    """How far a map is from adding up to its score, relative to the scores: |S_c - b_c - cells mean_xy M_c|.

    Parameters
    ----------
    e : Explanation
    cells : int, optional
        What the mean is multiplied by; of a method that promises nothing, such as Grad-CAM, the number of cells, to see
        how far it is from the promise of HiResCAM. None takes that of the explanation.

    Returns
    -------
    ndarray, shape (N, K)
        In parts of the largest |S_c - b_c|; NaN where all of them are zero.

    Examples
    --------
    >>> one = np.ones((1, 1), dtype="float32")
    >>> e = Explanation.of(np.array([[[[1.0, 3.0]]]]), [[0]], 4 * one, 0 * one, one, exact=False)
    >>> completeness_residual(e), completeness_residual(e, cells=2)
    (array([[0.5]]), array([[0.]]))
    """
    promised = (e.cells if cells is None else cells) * e.maps.mean(axis=(2, 3), dtype=float)
    evidence = e.scores.astype(float) - e.bias
    size = np.abs(evidence).max()
    return np.abs(evidence - promised) / (size if size > 0 else np.nan)


def _curve(name: str, model: keras.Model, start: NDArray, end: NDArray, M: ArrayLike, c: int, steps: int) -> Curve:
    M = np.asarray(M, dtype=float)
    if M.shape != start.shape[:2]:
        raise ValueError(
            f"the map has the shape {M.shape} and the image {start.shape[:2]} pixels: resize the map first, "
            "e.resize((height, width))."
        )
    if np.isnan(M).any():
        raise ValueError("the map holds NaN, so its pixels have no order: look at how it was computed.")
    if not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ValueError(f"steps is {steps!r}, but must be a whole number of at least 1.")
    fractions = np.linspace(0, 1, steps + 1)
    rank = _ranks(M)
    pictures = (np.where((rank < round(t * M.size))[..., None], end, start) for t in fractions)
    batch = np.stack(list(pictures)).astype("float32")
    # Not predict, which prepares far longer than a small network computes.
    parts = [model.predict_on_batch(part) for part in np.array_split(batch, -(-len(batch) // _AT_ONCE))]
    return Curve(name, fractions, np.concatenate(parts)[:, c].astype(float))


def _ranks(M: NDArray) -> NDArray:
    """The place of every pixel in the order from the largest value down, ties in an order drawn at random."""
    by_chance = np.random.default_rng(0).permutation(M.size)
    order = np.lexsort((by_chance, -M.ravel()))
    ranks = np.empty(M.size, dtype=int)
    ranks[order] = np.arange(M.size)
    return ranks.reshape(M.shape)
