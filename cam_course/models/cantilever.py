"""The network of the cantilever lesson, deck D0's two-class network on strain images."""

from pathlib import Path

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras

from ..data.cantilever import NOISE, Cantilevers
from .training import SEED, WEIGHTS, fit, save

CANTILEVER_EPOCHS = 300


def cantilever_network() -> keras.Sequential:
    """The untrained network of the cantilever lesson, that of deck D0: sound or damaged; 18,944 parameters.

    GAP lets it take strain images of any size, so no size is fixed.

    Examples
    --------
    >>> cantilever_network().count_params()
    18944
    """
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((None, None, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax", use_bias=False),
        ],
        name="cantilever_gap",
    )


def trained_cantilever_network() -> keras.Sequential:
    """The network of the cantilever lesson with the weights that come with the course.

    Examples
    --------
    >>> from cam_course.data.cantilever import load_cantilevers
    >>> _, test = load_cantilevers()
    >>> trained_cantilever_network()(test[:3].measured()).shape
    TensorShape([3, 2])
    """
    model = cantilever_network()
    model.load_weights(WEIGHTS / "cantilever_gap.weights.h5")
    return model


def train_cantilever(train: Cantilevers, kept: Path, epochs: int = CANTILEVER_EPOCHS) -> keras.Sequential:
    """Train the network of the cantilever lesson: Adam, cross-entropy, the noise of the camera new in every epoch.

    Parameters
    ----------
    train : Cantilevers
        Without noise.
    kept : Path
        A folder for what is needed to go on after an interruption; it is removed at the end.
    epochs : int
        Keras' progress bar shows each.
    """
    keras.utils.set_random_seed(SEED)
    model = cantilever_network()
    noisy = keras.Sequential([keras.Input((None, None, 1)), keras.layers.GaussianNoise(NOISE), *model.layers])
    fit(noisy, train.strain, train.damaged, epochs, 32, 0.004, kept)
    return model


def save_cantilever(model: keras.Sequential, test: Cantilevers, folder: Path) -> tuple[Path, Path]:
    """Write trained weights of the cantilever lesson and their card into a folder; returns both paths."""
    right = model.predict(test.measured(), verbose=0).argmax(axis=1) == test.damaged
    way = f"{CANTILEVER_EPOCHS} epochs, adam from 0.004 down to 0 along a cosine, cross-entropy, batches of 32"
    facts = {
        "network": "`cam_course.models.cantilever_network()`: Conv 32, max pool, Conv 64, max pool, GAP, Dense 2 with "
        "softmax, no bias",
        "parameters": f"{model.count_params():,}",
        "data": "strain images of `cam-course make cantilever`, seed 0",
        "training": f"{way}, noise of {NOISE} millistrain new in every epoch, seed {SEED}",
        "test accuracy": f"{right.mean():.2%} of {len(test)} images, with the same noise",
    }
    return save(model, folder, "cantilever_gap", "cantilever", facts)
