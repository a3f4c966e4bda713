"""The networks of the lessons and their trained weights."""

import hashlib
import os
import platform
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from . import quiet_tensorflow  # noqa: F401, isort: skip
import keras
from numpy.typing import NDArray

from .data.cache import IMAGENET_CLASSES, RESNET50, DownloadError, fetch
from .data.cantilever import NOISE, Cantilevers
from .data.cluttered import clutter
from .data.mnist import Digits
from .data.photos import square
from .files import written_whole

WEIGHTS = Path(__file__).parent / "weights"
MNIST_SEED = 0
SEED = 0  # of the other two small networks
CANTILEVER_EPOCHS, CLUTTERED_EPOCHS = 300, 25
SIZE = 224  # pixels, height and width of what the networks for photographs take


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


def train_mnist(digits: Digits, epochs: int | None = None, seed: int = MNIST_SEED) -> keras.Sequential:
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
    bare = mnist_network()
    bare.set_weights(model.get_weights())  # a compiled model would save its optimizer's state as well
    with written_whole(weights) as path:
        bare.save_weights(path)
    with written_whole(card) as path:
        path.write_text(_mnist_card(model, digits, training, epochs or training.epochs, accuracy), encoding="utf-8")
    return weights, card


def _mnist_card(model: keras.Sequential, digits: Digits, training: Training, epochs: int, accuracy: float) -> str:
    count = f"{len(digits.train_labels):,} training and {len(digits.test_labels):,} test images"
    return f"""# {training.title}

Written by `cam-course train {training.command}`, never by hand.

| | |
| --- | --- |
| network | `cam_course.models.mnist_network()`: Conv 32, max pool, Conv 64, GAP, Dense 10 with softmax |
| parameters | {model.count_params():,} |
| data | {training.images}: {count}, from 0 to 1 |
| training | {epochs:,} epochs, adam, sparse categorical cross-entropy, batches of 32, seed {MNIST_SEED} |
| test accuracy | {accuracy:.2%} |
| versions | {_versions()} |
| date | {date.today().isoformat()} |
| licence | MIT, like the code; the images of {digits.source} are not part of it |
"""


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
    _fit(noisy, train.strain, train.damaged, epochs, 32, 0.004, kept)
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
    return _save(model, folder, "cantilever", facts)


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
    _fit(model, made.images, made.labels, epochs, 64, 0.002, kept)
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
    return _save(model, folder, "cluttered", facts)


def _fit(
    model: keras.Sequential, x: NDArray, y: NDArray, epochs: int, batch_size: int, rate: float, kept: Path
) -> None:
    """Train with Adam, its rate falling to zero along a cosine; goes on where an interrupted call ended."""
    falling = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-len(x) // batch_size))
    model.compile(keras.optimizers.Adam(falling), "sparse_categorical_crossentropy", metrics=["accuracy"])
    go_on = keras.callbacks.BackupAndRestore(str(kept))
    model.fit(x, y, epochs=epochs, batch_size=batch_size, callbacks=[go_on], verbose="auto")


def _save(model: keras.Sequential, folder: Path, name: str, facts: dict[str, str]) -> tuple[Path, Path]:
    """Write the weights and a card of facts, neither ever half there."""
    folder.mkdir(parents=True, exist_ok=True)
    weights, card = folder / f"{name}_gap.weights.h5", folder / f"{name}_gap.md"
    facts |= {"versions": _versions(), "date": date.today().isoformat(), "licence": "MIT, like the code"}
    rows = "\n".join(f"| {what} | {fact} |" for what, fact in facts.items())
    head = f"# Weights of the {name} network\n\nWritten by `cam-course train {name}`, never by hand.\n\n"
    bare = keras.models.clone_model(model)
    bare.set_weights(model.get_weights())  # a compiled model would save its optimizer's state as well
    with written_whole(weights) as path:
        bare.save_weights(path)
    with written_whole(card) as path:
        path.write_text(f"{head}| | |\n| --- | --- |\n{rows}\n", encoding="utf-8")
    return weights, card


def _versions() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "numpy"))
    return f"Python {platform.python_version()}, {packages}; {platform.system()} {platform.machine()}"


@dataclass(frozen=True)
class PhotoNetwork:
    """A network for photographs, with what goes before and after it.

    Attributes
    ----------
    model : keras.Model
    prepare : callable
        From a photograph (H, W, 3), uint8, to what the model takes: (1, 224, 224, 3), float32.
    names : tuple of str
        The name of each class.
    size : int
        Height and width in pixels of what the model takes.
    trained : bool
    notice : str
        One line: whose weights these are and what that means.
    """

    model: keras.Model
    prepare: Callable[[NDArray], NDArray]
    names: tuple[str, ...]
    size: int
    trained: bool
    notice: str


def resnet50() -> PhotoNetwork:
    """ResNet50 with the best weights that can be had.

    The environment variable ``CAM_COURSE_RESNET50`` may name a file: either weights for ``keras.applications.ResNet50``
    (``.h5``) or a saved model that takes RGB values 0 to 255 (``.keras``). Otherwise it is Keras' own weights, from its
    cache or downloaded; with neither, an untrained network, and the notice says so.

    Raises
    ------
    ValueError
        If the file that ``CAM_COURSE_RESNET50`` names does not exist, is of another kind or damaged.
    """
    try:
        return _trained_resnet50()
    except DownloadError as error:
        keras.utils.set_random_seed(0)
        model = keras.applications.ResNet50(weights=None)
        notice = (
            "Weights: none. This ResNet50 is untrained, because its weights are not on this machine and could not be "
            f"downloaded ({error}). Every identity below still holds; what the maps show means nothing."
        )
        return PhotoNetwork(model, _prepare_stock, _class_names(1000), SIZE, False, notice)


def photo_network(name: str) -> PhotoNetwork:
    """A trained network for photographs by name, or from a file.

    Parameters
    ----------
    name : str
        ``"resnet50"``, ``"mobilenetv2"``, or the path of a saved model, ``FILE.keras``, that takes square RGB images
        with values 0 to 255.

    Raises
    ------
    ValueError
        If there is no such network, its weights cannot be had, or the file is of another kind or damaged.
    DownloadError
        If ResNet50's weights are not on this machine and could not be downloaded.

    Examples
    --------
    >>> photo_network("vgg16")
    Traceback (most recent call last):
    ...
    ValueError: there is no network 'vgg16': give "resnet50", "mobilenetv2" or the path of a saved .keras model.
    """
    if name == "resnet50":
        return _trained_resnet50()
    if name == "mobilenetv2":
        return _mobilenet_v2()
    path = Path(os.path.expanduser(name))
    way_out = 'give "resnet50", "mobilenetv2" or the path of a saved .keras model.'
    if path.suffix != ".keras" or not os.path.isfile(path):
        raise ValueError(f"there is no network {name!r}: {way_out}")
    model = _saved_model(path, way_out)
    shape = tuple(model.input_shape)
    if len(shape) != 4 or shape[1] != shape[2] or shape[3] != 3:
        raise ValueError(
            f"{name!r} takes images of shape {shape[1:]}, not square RGB ones: explain it from Python instead."
        )
    size = shape[1] or SIZE

    def prepare(photo: NDArray) -> NDArray:
        return square(photo, size)[None].astype("float32")

    notice = f"Weights: {_weights_notice(path)}"
    return PhotoNetwork(model, prepare, _names_of_classes(model), size, True, notice)


def _trained_resnet50() -> PhotoNetwork:
    """ResNet50 with trained weights; raises a DownloadError where there are none."""
    given = os.environ.get("CAM_COURSE_RESNET50")
    if given:
        path = Path(os.path.expanduser(given))
        model, prepare = _resnet50_from(path)
        return PhotoNetwork(model, prepare, _names_of_classes(model), SIZE, True, f"Weights: {_weights_notice(path)}")
    model = keras.applications.ResNet50(weights=str(fetch(RESNET50)))
    notice = "Weights: Keras' own for ResNet50, trained on ImageNet (https://keras.io/api/applications/resnet)."
    return PhotoNetwork(model, _prepare_stock, _class_names(1000), SIZE, True, notice)


def _mobilenet_v2() -> PhotoNetwork:
    """MobileNetV2 with the weights in Keras' cache, or downloaded by Keras."""
    try:
        model = keras.applications.MobileNetV2(weights="imagenet")
    except Exception as error:  # Keras raises a bare Exception where a download fails
        raise ValueError(
            f"MobileNetV2's weights are not in Keras' cache and could not be downloaded ({error}): "
            "try again where there is a network, or use --model resnet50."
        ) from error

    def prepare(photo: NDArray) -> NDArray:
        return keras.applications.mobilenet_v2.preprocess_input(_prepare_raw(photo))

    notice = "Weights: MobileNetV2's from Keras' cache, which Keras does not check."
    return PhotoNetwork(model, prepare, _class_names(1000), SIZE, True, notice)


def _resnet50_from(path: Path) -> tuple[keras.Model, Callable[[NDArray], NDArray]]:
    way_out = "name a .h5 file of weights for keras.applications.ResNet50 or a .keras file, or unset the variable."
    if not os.path.isfile(path):
        raise ValueError(f"CAM_COURSE_RESNET50 names {str(path)!r}, but there is no such file: {way_out}")
    if path.suffix == ".keras":
        return _saved_model(path, f"for CAM_COURSE_RESNET50 {way_out}"), _prepare_raw
    try:
        return keras.applications.ResNet50(weights=str(path)), _prepare_stock
    except Exception as error:  # a damaged file raises nearly anything
        raise ValueError(
            f"CAM_COURSE_RESNET50 names {str(path)!r}, which does not hold ResNet50's weights: {way_out}"
        ) from error


def _saved_model(path: Path, way_out: str) -> keras.Model:
    """A model from a .keras file, with one input and one output."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip():  # Keras itself does not look at all checksums
                raise zipfile.BadZipFile
        model = keras.models.load_model(path, compile=False)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{str(path)!r} is no .keras file or a damaged one: save it again, or {way_out}") from error
    except Exception as error:  # the code of any layer runs here
        raise ValueError(
            f"Keras cannot load {str(path)!r} by itself ({_first_sentence(error)}): load it in Python, with "
            f"custom_objects or safe_mode=False, and explain it there, or {way_out}"
        ) from error
    if not model.built:
        raise ValueError(
            f"{str(path)!r} was saved before it was built, so its weights are still missing: call the model on an "
            "image, train it, and save it again."
        )
    inputs, outputs = len(model.inputs), len(model.outputs)
    if (inputs, outputs) != (1, 1):
        counted = f"{outputs} outputs" if inputs == 1 else f"{inputs} inputs"
        raise ValueError(
            f"{str(path)!r} has {counted}, but a map explains the scores of one image: make a model of one input and "
            "one output out of it in Python, and save that."
        )
    return model


def _first_sentence(error: Exception) -> str:
    """Why Keras could not load a model: it tells the layer's reason last, and much of how the layer is set up."""
    reason = str(error).rpartition("Exception encountered: ")[2]
    return re.split(r"\.?\s*\n|\. ", reason.strip())[0].rstrip(".") or type(error).__name__


def _prepare_raw(photo: NDArray) -> NDArray:
    return square(photo, SIZE)[None].astype("float32")


def _prepare_stock(photo: NDArray) -> NDArray:
    return keras.applications.resnet50.preprocess_input(_prepare_raw(photo))


def _weights_notice(path: Path) -> str:
    """The notice on the card of a file of weights; cards lie in `WEIGHTS`, and name their file by its SHA-256."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for card in WEIGHTS.glob("*.md"):
        rows = re.findall(r"^\| (.+?) \| (.+) \|$", card.read_text(encoding="utf-8"), re.MULTILINE)
        facts: dict[str, str] = dict(rows)
        if facts.get("SHA-256") == digest:
            return facts["notice"]
    return f"{path.name}; the course does not know where they come from."


def _names_of_classes(model: keras.Model) -> tuple[str, ...]:
    return _class_names(model.output_shape[-1] or 0)  # not known: the explainer says so


def _class_names(count: int) -> tuple[str, ...]:
    """ImageNet's class names where there are 1,000 classes and the names can be had, else "class 0" and so on."""
    without_names = tuple(f"class {c}" for c in range(count))
    if count != 1000:
        return without_names
    import json

    try:
        index = json.loads(fetch(IMAGENET_CLASSES).read_text(encoding="utf-8"))
    except DownloadError:
        return without_names
    return tuple(index[str(c)][1].replace("_", " ") for c in range(1000))
