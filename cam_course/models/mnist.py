"""The network of the MNIST lesson, for MNIST and for its stand-in."""

from dataclasses import dataclass
from pathlib import Path

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras

from ..data.mnist import Digits
from .training import SEED, WEIGHTS, save_weights, write_card


def mnist_network() -> keras.Sequential:
    """The untrained network of the MNIST lesson: two convolutions, GAP, ten classes; 19,466 parameters.

    Examples
    --------
    >>> mnist_network().count_params()
    19466
    """
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ],
        name="mnist_gap",
    )


@dataclass(frozen=True)
class Training:
    """How the network of the MNIST lesson is trained on images of one source.

    Attributes
    ----------
    command : str
        Of ``cam-course train``.
    title : str
        Of the card.
    images : str
        What the images are.
    name : str
        Of the two files, weights and card.
    epochs : int
    """

    command: str
    title: str
    images: str
    name: str
    epochs: int

    @property
    def files(self) -> tuple[str, str]:
        """The names of the weights and of their card."""
        return f"{self.name}.weights.h5", f"{self.name}.md"


TRAININGS = {  # by the source of the digits
    "MNIST": Training("mnist", "Weights of the MNIST network", "MNIST", "mnist_gap", epochs=15),
    "scikit-learn digits": Training(
        "small-digits",
        "Weights of the MNIST network for the stand-in",
        "scikit-learn's handwritten digits, enlarged from 8 x 8 to 20 x 20 pixels in the middle of 28 x 28",
        "small_digits_gap",
        epochs=1000,  # 22,000 batches; 15 epochs of MNIST are 28,125
    ),
}


def shipped_weights(digits: Digits) -> tuple[Path, Path]:
    """The weights for these digits that come with the course, and their card.

    Raises
    ------
    ValueError
        If there are none for digits of this source.
    """
    if digits.source not in TRAININGS:
        raise ValueError(
            f"the course has no weights for digits from {digits.source!r}, only for {' and '.join(TRAININGS)}: "
            "train the network with train_mnist(digits)."
        )
    weights, card = TRAININGS[digits.source].files
    return WEIGHTS / weights, WEIGHTS / card


def trained_mnist_network(digits: Digits) -> keras.Sequential:
    """The network of the MNIST lesson with the weights for these digits that come with the course.

    Raises
    ------
    ValueError
        If there are none for digits of this source.

    Examples
    --------
    >>> from cam_course.data.mnist import load_mnist
    >>> digits = load_mnist()
    >>> trained_mnist_network(digits)(digits.test_images[:2]).shape
    TensorShape([2, 10])
    """
    model = mnist_network()
    model.load_weights(shipped_weights(digits)[0])
    return model


def train_mnist(digits: Digits, epochs: int | None = None, seed: int = SEED) -> keras.Sequential:
    """Train the MNIST network as the lecture does: adam, sparse categorical cross-entropy, batches of 32.

    The same seed and versions give nearly the same weights; the order in which several cores add numbers up is not
    fixed.

    Parameters
    ----------
    digits : Digits
    epochs : int, optional
        As many as the weights of the course took on digits of this source, if left out. Keras' own progress bar shows
        each epoch, unless there are hundreds.
    seed : int
    """
    epochs = TRAININGS[digits.source].epochs if epochs is None else epochs
    keras.utils.set_random_seed(seed)
    model = mnist_network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(digits.train_images, digits.train_labels, epochs=epochs, verbose="auto" if epochs < 100 else 0)
    return model


def save_mnist(model: keras.Sequential, digits: Digits, folder: Path, epochs: int | None = None) -> tuple[Path, Path]:
    """Write trained weights and their card into a folder; returns both paths.

    Neither file is ever half there.
    """
    training = TRAININGS[digits.source]
    _, accuracy = model.evaluate(digits.test_images, digits.test_labels, verbose=0)
    folder.mkdir(parents=True, exist_ok=True)
    weights, card = (folder / name for name in training.files)
    save_weights(model, weights)
    facts = {
        "network": "`cam_course.models.mnist_network()`: Conv 32, max pool, Conv 64, GAP, Dense 10 with softmax",
        "parameters": f"{model.count_params():,}",
        "data": f"{training.images}: {len(digits.train_labels):,} training and {len(digits.test_labels):,} test "
        "images, from 0 to 1",
        "training": f"{epochs or training.epochs:,} epochs, adam, sparse categorical cross-entropy, batches of 32, "
        f"seed {SEED}",
        "test accuracy": f"{accuracy:.2%}",
    }
    licence = f"MIT, like the code; the images of {digits.source} are not part of it"
    write_card(card, training.title, training.command, facts, licence)
    return weights, card
