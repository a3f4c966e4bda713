"""A small vision transformer for digits, whose attention can be read."""

from pathlib import Path

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras
import numpy as np
from numpy.typing import NDArray

from ..data.mnist import Digits
from .training import SEED, WEIGHTS, fit, save

VIT_EPOCHS = 30
PATCH = 4  # pixels, height and width of a patch: a digit becomes 7 x 7 of them
WIDTH = 48  # numbers in a token
HEADS = 3
BLOCKS = 4


@keras.saving.register_keras_serializable("cam_course")
class AddClassToken(keras.layers.Layer):
    """Put a learned token before those of the patches, and add to each what says where it stands."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Make the weights: the class token (1, 1, width) and the places (1, 1 + patches, width)."""
        _, patches, width = input_shape
        small = keras.initializers.RandomNormal(stddev=0.02)
        self.token = self.add_weight(shape=(1, 1, width), initializer=small, name="token")
        self.places = self.add_weight(shape=(1, 1 + patches, width), initializer=small, name="places")

    def call(self, patches: keras.KerasTensor) -> keras.KerasTensor:
        """From (n, patches, width) to (n, 1 + patches, width)."""
        ops = keras.ops
        token = ops.repeat(self.token, ops.shape(patches)[0], axis=0)
        return ops.concatenate([token, patches], axis=1) + self.places


def vit_network() -> keras.Model:
    """An untrained vision transformer for digits: 49 patches, a class token, four blocks, ten classes.

    The class is read off the class token alone, after the last block.

    References
    ----------
    Dosovitskiy et al. (2021), "An image is worth 16x16 words: transformers for image recognition at scale", ICLR,
    section 3.1.

    Examples
    --------
    >>> vit_network().count_params()
    79690
    """
    layers = keras.layers
    images = keras.Input((28, 28, 1))
    patches = layers.Conv2D(WIDTH, PATCH, strides=PATCH, name="patches")(images)
    tokens = AddClassToken(name="tokens")(layers.Reshape((-1, WIDTH))(patches))
    for block in range(1, BLOCKS + 1):
        norm = layers.LayerNormalization(epsilon=1e-6)(tokens)
        attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"attention_{block}")
        mixed, _ = attention(norm, norm, return_attention_scores=True)
        tokens = layers.Add()([tokens, mixed])
        norm = layers.LayerNormalization(epsilon=1e-6)(tokens)
        hidden = layers.Dense(2 * WIDTH, activation="gelu")(norm)
        tokens = layers.Add()([tokens, layers.Dense(WIDTH)(hidden)])
    last = layers.LayerNormalization(epsilon=1e-6)(tokens)
    class_token = layers.Flatten()(layers.Cropping1D((0, (28 // PATCH) ** 2))(last))
    return keras.Model(images, layers.Dense(10, activation="softmax")(class_token), name="mnist_vit")


def attention_of(model: keras.Model, images: NDArray) -> NDArray:
    """What every token of a vision transformer takes from every other one.

    Parameters
    ----------
    model : keras.Model
        Of `vit_network`.
    images : array_like, shape (n, 28, 28, 1)

    Returns
    -------
    A : ndarray, shape (blocks, n, heads, tokens, tokens), float32
        Row i of a head: the shares that token i takes from each token; they add up to 1. Token 0 is the class token.

    Examples
    --------
    >>> A = attention_of(vit_network(), np.zeros((2, 28, 28, 1)))
    >>> A.shape, bool(np.allclose(A.sum(axis=-1), 1, atol=1e-5))
    ((4, 2, 3, 50, 50), True)
    """
    shares = [layer.output[1] for layer in model.layers if isinstance(layer, keras.layers.MultiHeadAttention)]
    return np.stack([np.asarray(A) for A in keras.Function(model.inputs, shares)([np.asarray(images)])])


def trained_vit() -> keras.Model:
    """The vision transformer with the weights that come with the course, trained on MNIST.

    Examples
    --------
    >>> trained_vit()(keras.ops.zeros((1, 28, 28, 1))).shape
    TensorShape([1, 10])
    """
    model = vit_network()
    model.load_weights(WEIGHTS / "mnist_vit.weights.h5")
    return model


def train_vit(digits: Digits, kept: Path, epochs: int = VIT_EPOCHS) -> keras.Model:
    """Train the vision transformer on training digits, shifted by up to two pixels, anew in every epoch; for ``kept``
    and ``epochs`` see `train_cantilever`."""
    keras.utils.set_random_seed(SEED)
    model = vit_network()
    images = keras.Input((28, 28, 1))
    shift = keras.layers.RandomTranslation(2 / 28, 2 / 28, fill_mode="constant", interpolation="nearest")
    shifted = keras.Model(images, model(shift(images)))
    fit(shifted, digits.train_images, digits.train_labels, epochs, 128, 0.002, kept)
    return model


def save_vit(model: keras.Model, digits: Digits, folder: Path) -> tuple[Path, Path]:
    """Write trained weights of the vision transformer and their card into a folder; returns both paths."""
    right = model.predict(digits.test_images, verbose=0).argmax(axis=1) == digits.test_labels
    facts = {
        "network": "`cam_course.models.vit_network()`: patches of 4 x 4, tokens of 48 numbers, four blocks of three "
        "heads, the class read off the class token",
        "parameters": f"{model.count_params():,}",
        "data": f"{digits.source}: {len(digits.train_labels):,} training images, shifted by up to 2 pixels",
        "training": f"{VIT_EPOCHS} epochs, adam from 0.002 down to 0 along a cosine, cross-entropy, batches of 128, "
        f"seed {SEED}",
        "test accuracy": f"{right.mean():.2%} of {len(digits.test_labels):,} images",
    }
    return save(model, folder, "mnist_vit", "vit", facts)
