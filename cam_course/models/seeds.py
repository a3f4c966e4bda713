"""Five networks of one form, trained on the same digits: only the seed differs."""

from pathlib import Path

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras

from ..data.mnist import Digits
from .mnist import mnist_network
from .training import WEIGHTS, fit, save_weights, write_card

SEEDS = (1, 2, 3, 4, 5)
EPOCHS_OF_A_SEED = 8


def trained_seeds() -> list[keras.Sequential]:
    """The five networks with the weights that come with the course, trained on MNIST.

    Examples
    --------
    >>> len(trained_seeds())
    5
    """
    networks = []
    for seed in SEEDS:
        network = mnist_network()
        network.load_weights(WEIGHTS / _file(seed))
        networks.append(network)
    return networks


def train_seeds(digits: Digits, folder: Path, epochs: int = EPOCHS_OF_A_SEED) -> tuple[Path, ...]:
    """Train the five networks and write weights and one card into a folder; returns the paths.

    Stopped in between, the next call goes on: a network whose weights are there is not trained again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    right = []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        network = mnist_network()
        if (folder / _file(seed)).exists():
            network.load_weights(folder / _file(seed))
        else:
            kept = folder / f"mnist_gap_seed_{seed}.started"
            fit(network, digits.train_images, digits.train_labels, epochs, 64, 0.01, kept)
            save_weights(network, folder / _file(seed))
        classes = network.predict(digits.test_images, verbose=0).argmax(axis=1)
        right.append((classes == digits.test_labels).mean())
    facts = {
        "files": ", ".join(_file(seed) for seed in SEEDS),
        "network": "`cam_course.models.mnist_network()`, five times",
        "data": f"{digits.source}: {len(digits.train_labels):,} training images",
        "training": f"{epochs} epochs, adam from 0.01 down to 0 along a cosine, cross-entropy, batches of 64, seeds "
        f"{SEEDS[0]} to {SEEDS[-1]}",
        "test accuracy": f"{', '.join(f'{share:.2%}' for share in right)} of {len(digits.test_labels):,} images",
    }
    write_card(folder / "mnist_gap_seeds.md", "Weights of the seeds network", "seeds", facts)
    return (*(folder / _file(seed) for seed in SEEDS), folder / "mnist_gap_seeds.md")


def _file(seed: int) -> str:
    return f"mnist_gap_seed_{seed}.weights.h5"
