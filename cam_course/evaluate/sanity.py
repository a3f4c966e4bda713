"""Whether a map depends on what it claims to explain: on the weights of the model, and on the class."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..explanation import Explanation

Explain = Callable[..., Explanation]


def randomised(model: keras.Model, names: Iterable[str], seed: int = 0) -> keras.Model:
    """A copy of a model in which some layers are as new.

    Every weight of those layers is what the layer starts from before any training, drawn anew by its own initializer
    (a bias that starts from zero is zero again); all other weights are equal to the model's, bit for bit. The model
    itself stays as it is.

    Parameters
    ----------
    model : keras.Model
    names : iterable of str
        Layers with weights; of a nested model the layers inside.
    seed : int

    Raises
    ------
    ValueError
        If there is no such layer, or it has no weights.

    References
    ----------
    Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim (2018), "Sanity checks for saliency maps", NeurIPS, section 3.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="a"), keras.layers.Dense(2, name="b")])
    >>> copy = randomised(model, ["b"])
    >>> bool((copy.get_layer("a").kernel == model.get_layer("a").kernel).numpy().all())
    True
    >>> bool((copy.get_layer("b").kernel == model.get_layer("b").kernel).numpy().any())
    False
    """
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    rng = np.random.default_rng(seed)
    for name in names:
        _renew(copy, name, rng)
    return copy


def randomisation(
    method: Callable[[keras.Model], Explain],
    model: keras.Model,
    images: ArrayLike,
    names: Sequence[str] | None = None,
    signed: bool = True,
    seed: int = 0,
) -> dict[str, NDArray]:
    """How much of a method's maps is left while layer after layer loses its training, from the output down.

    Parameters
    ----------
    method : callable
        Makes the explainer of a model, for instance `GradCAM`. It is made once, which spares compiling it for every
        layer, so it must read the weights whenever it is called; all explainers of this course do.
    model : keras.Model
    images : array_like, shape (N, H, W, C)
    names : sequence of str, optional
        The layers, in the order in which they are randomised, each added to those before it. None takes every layer
        with weights, from the output down.
    signed : bool
        False compares absolute values of the maps.
    seed : int

    Returns
    -------
    dict of str to ndarray (N,)
        For each layer the rank correlation of every image's map with that of the trained model, for the class which
        the trained model predicts. The trained model itself, whose correlation is 1, is not among them. NaN where a map
        is constant.

    Raises
    ------
    ValueError
        If there is no such layer, or it has no weights; or if the explainer keeps the weights that it was made with.

    References
    ----------
    Adebayo et al. (2018), section 3.1, the cascading randomization. Binder, Weber, Lapuschkin, Montavon, Müller, Samek
    (2023), "Shortcomings of top-down randomization-based sanity checks for evaluations of deep neural network
    explanations", CVPR, on what the test cannot tell.

    Examples
    --------
    >>> from cam_course import GradCAM
    >>> model = keras.Sequential([
    ...     keras.Input((6, 6, 1)), keras.layers.Conv2D(3, 3, name="maps"), keras.layers.Flatten(),
    ...     keras.layers.Dense(2, name="scores")])
    >>> left = randomisation(GradCAM, model, np.ones((2, 6, 6, 1)))
    >>> list(left), left["scores"].shape
    (['scores', 'maps'], (2,))
    """
    if names is None:
        names = [layer.name for layer in reversed(_with_weights(model))]
    copy, rng = randomised(model, []), np.random.default_rng(seed)
    explain = method(copy)
    trained = explain(images)
    left = {}
    for name in names:
        _renew(copy, name, rng)
        e = explain(images, classes=trained.classes)
        left[name] = _correlations(trained.maps[:, 0], e.maps[:, 0], signed)
    if left and np.array_equal(e.maps, trained.maps):  # as of a map that knows no network, or one made of old weights
        fresh = method(copy)(images, classes=trained.classes)
        if not np.array_equal(fresh.maps, trained.maps):
            raise ValueError(
                "the explainer keeps the weights that it was made with, so its maps would never change: "
                "let it read the weights of the model when it is called."
            )
    return left


def random_logit(explain: Explain, images: ArrayLike, signed: bool = True, seed: int = 0) -> NDArray:
    """How much the map of the predicted class resembles that of another one, drawn at random: rank correlations (N,).

    Near 1 the map says little of the class that it is drawn for.

    Parameters
    ----------
    explain : callable
        An explainer.
    images : array_like, shape (N, H, W, C)
    signed : bool
        False compares absolute values of the maps.
    seed : int

    Raises
    ------
    ValueError
        If the model has a single class.

    References
    ----------
    Sixt, Granz, Landgraf (2020), "When explanations lie: Why many modified BP attributions fail", ICML, section 5.

    Examples
    --------
    >>> from cam_course import CAM
    >>> model = keras.Sequential([
    ...     keras.Input((6, 6, 1)), keras.layers.Conv2D(3, 3), keras.layers.GlobalAveragePooling2D(),
    ...     keras.layers.Dense(5)])
    >>> random_logit(CAM(model), np.ones((2, 6, 6, 1))).shape
    (2,)
    """
    every = explain(images, classes="all")
    n, K = every.classes.shape
    if K < 2:
        raise ValueError("the model has a single class, so there is no other one to compare with.")
    best = every.scores.argmax(axis=1)
    other = (best + np.random.default_rng(seed).integers(1, K, size=n)) % K
    rows = np.arange(n)
    return _correlations(every.maps[rows, best], every.maps[rows, other], signed)


def rank_correlation(M: ArrayLike, other: ArrayLike, signed: bool = True) -> float:
    """Spearman's rank correlation of the values of two maps: 1 for the same order, -1 for the opposite one.

    Parameters
    ----------
    M, other : array_like, of one shape
    signed : bool
        False compares absolute values.

    Returns
    -------
    float
        NaN if one of them is constant: it has no order.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> round(rank_correlation([[1, 2], [3, 4]], [[10, 20], [30, 90]]), 6)
    1.0
    >>> round(rank_correlation([[1, 2], [3, 4]], [[-10, -20], [-30, -90]]), 6)
    -1.0
    >>> round(rank_correlation([[1, 2], [3, 4]], [[-10, -20], [-30, -90]], signed=False), 6)
    1.0
    """
    from scipy.stats import rankdata

    M, other = np.asarray(M, dtype=float), np.asarray(other, dtype=float)
    if M.shape != other.shape:
        raise ValueError(f"the maps have the shapes {M.shape} and {other.shape}, but must have the same one.")
    values = [map_.ravel() if signed else np.abs(map_.ravel()) for map_ in (M, other)]
    if any(np.ptp(each) == 0 for each in values):
        return float("nan")
    return float(np.corrcoef(*map(rankdata, values))[0, 1])


def sparseness(M: ArrayLike) -> float:
    """Gini index of the absolute values of a map: 0 if all are equal, close to 1 if one cell has everything.

    Parameters
    ----------
    M : array_like

    Returns
    -------
    float
        At most 1 - 1/n for n cells; NaN for a map that is zero everywhere.

    References
    ----------
    Chalasani, Chen, Chowdhury, Wu, Jha (2020), "Concise explanations of neural networks using adversarial training",
    ICML, section 4.

    Examples
    --------
    >>> sparseness([[2, -2], [2, 2]]), sparseness([[0, 0], [0, 5]])
    (0.0, 0.75)
    """
    sizes = np.sort(np.abs(np.asarray(M, dtype=float)).ravel())
    n, total = len(sizes), sizes.sum()
    if total == 0:
        return float("nan")
    return float(np.sum((2 * np.arange(1, n + 1) - n - 1) * sizes) / (n * total))


def _renew(model: keras.Model, name: str, rng: np.random.Generator) -> None:
    """Give a layer of a model the weights that it would start from."""
    with_weights = {layer.name: layer for layer in _with_weights(model)}
    if name not in with_weights:
        raise ValueError(
            f"{model.name!r} has no layer {name!r} with weights; it has {', '.join(map(repr, with_weights))}."
        )
    layer = with_weights[name]
    new = type(layer).from_config(_with_seeds(layer.get_config(), rng))
    new.build_from_config(layer.get_build_config())
    layer.set_weights(new.get_weights())


def _correlations(maps: NDArray, others: NDArray, signed: bool) -> NDArray:
    return np.array([rank_correlation(M, other, signed) for M, other in zip(maps, others, strict=True)])


def _with_weights(model: keras.Model) -> list[Any]:
    """The layers that have weights, from the input up; of a model inside another one its layers."""
    found = []
    for layer in model.layers:
        found += _with_weights(layer) if isinstance(layer, keras.Model) else [layer] * bool(layer.weights)
    return found


def _with_seeds(config: Any, rng: np.random.Generator) -> Any:
    """A layer's configuration with a seed for every initializer, which would draw one from the clock otherwise."""
    if isinstance(config, dict):
        return {
            key: int(rng.integers(2**31)) if key == "seed" else _with_seeds(value, rng) for key, value in config.items()
        }
    return config
