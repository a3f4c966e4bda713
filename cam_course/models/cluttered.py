"""The network of the localisation lesson, for digits among pieces of others."""

from pathlib import Path

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras

from ..data.cluttered import clutter
from ..data.mnist import Digits
from .training import SEED, WEIGHTS, fit, save

CLUTTERED_EPOCHS = 25


def cluttered_network() -> keras.Sequential:
    """The untrained network of the localisation lesson, for digits among pieces of others; 60,874 parameters.

    Examples
    --------
    >>> cluttered_network().count_params()
    60874
    """
    layers, conv = keras.layers, {"kernel_size": 3, "padding": "same", "activation": "relu"}
    return keras.Sequential(
        [
            keras.Input((None, None, 1)),
            layers.Conv2D(16, **conv),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, **conv),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, **conv),
            layers.Conv2D(64, **conv),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ],
        name="cluttered_gap",
    )


def trained_cluttered_network() -> keras.Sequential:
    """The network of the localisation lesson with the weights that come with the course, trained on MNIST's digits.

    Examples
    --------
    >>> trained_cluttered_network()(keras.ops.zeros((1, 64, 64, 1))).shape
    TensorShape([1, 10])
    """
    model = cluttered_network()
    model.load_weights(WEIGHTS / "cluttered_gap.weights.h5")
    return model


def train_cluttered(digits: Digits, kept: Path, epochs: int = CLUTTERED_EPOCHS) -> keras.Sequential:
    """Train the network of the localisation lesson on training digits among pieces; for ``kept`` and ``epochs`` see
    `train_cantilever`."""
    keras.utils.set_random_seed(SEED)
    model = cluttered_network()
    made = clutter(digits.train_images, digits.train_labels, min(30_000, 6 * len(digits.train_labels)), SEED)
    fit(model, made.images, made.labels, epochs, 64, 0.002, kept)
    return model


def save_cluttered(model: keras.Sequential, digits: Digits, folder: Path) -> tuple[Path, Path]:
    """Write trained weights of the localisation lesson and their card into a folder; returns both paths."""
    test = clutter(digits.test_images, digits.test_labels, 2000, seed=1)
    right = model.predict(test.images, verbose=0).argmax(axis=1) == test.labels
    facts = {
        "network": "`cam_course.models.cluttered_network()`: Conv 16, max pool, Conv 32, max pool, Conv 64, Conv 64, "
        "GAP, Dense 10 with softmax",
        "parameters": f"{model.count_params():,}",
        "data": f"30,000 pictures of 64 x 64 by `cam_course.data.cluttered.clutter` from {digits.source}'s training "
        "digits; no box is used",
        "training": f"{CLUTTERED_EPOCHS} epochs, adam from 0.002 down to 0 along a cosine, cross-entropy, batches of "
        f"64, seed {SEED}",
        "test accuracy": f"{right.mean():.2%} of {len(test):,} pictures from test digits",
    }
    return save(model, folder, "cluttered_gap", "cluttered", facts)
