"""Networks for photographs, with what goes before and after them, from the best weights that can be had."""

import hashlib
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras
from numpy.typing import NDArray

from ..data.cache import IMAGENET_CLASSES, RESNET50, DownloadError, fetch, fetch_command, keras_home
from ..data.photos import square
from . import training

SIZE = 224  # pixels, height and width of what these networks take


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
        return _untrained(keras.applications.ResNet50, _prepare_stock, error)


def mobilenet_v2() -> PhotoNetwork:
    """MobileNetV2, a sixth of the work of ResNet50, with the weights in Keras' cache or downloaded by Keras.

    With neither, an untrained network, and the notice says so.
    """
    try:
        return _trained_mobilenet_v2()
    except DownloadError as error:
        return _untrained(keras.applications.MobileNetV2, _prepare_mobilenet_v2, error)


def _untrained(
    build: Callable[..., keras.Model], prepare: Callable[[NDArray], NDArray], error: OSError
) -> PhotoNetwork:
    keras.utils.set_random_seed(0)
    model = build(weights=None)
    notice = (
        f"Weights: none. This {build.__name__} is untrained, because its weights are not on this machine and could not "
        f"be downloaded ({error}). Every identity below still holds; what the maps show means nothing."
    )
    return PhotoNetwork(model, prepare, _class_names(1000), SIZE, False, notice)


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
        If there is no such network, or the file is of another kind or damaged.
    DownloadError
        If its weights are not on this machine and could not be downloaded.

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
        return _trained_mobilenet_v2()
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


def _trained_mobilenet_v2() -> PhotoNetwork:
    """MobileNetV2 with trained weights; raises a DownloadError where there are none."""
    try:
        model = keras.applications.MobileNetV2(weights="imagenet")
    except Exception as error:  # Keras raises a bare Exception where a download fails
        raise DownloadError(
            f"MobileNetV2's weights are not in Keras' cache and could not be downloaded ({error}): "
            f"run `{fetch_command()}` where there is a network, or use --model resnet50."
        ) from error
    path = keras_home() / "models" / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"
    source = _known_notice(path) or "MobileNetV2's from Keras' cache, which Keras does not check."
    notice = f"Weights: {source}"
    return PhotoNetwork(model, _prepare_mobilenet_v2, _class_names(1000), SIZE, True, notice)


def _prepare_mobilenet_v2(photo: NDArray) -> NDArray:
    return keras.applications.mobilenet_v2.preprocess_input(_prepare_raw(photo))


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
    return _known_notice(path) or f"{path.name}; the course does not know where they come from."


def _known_notice(path: Path) -> str | None:
    """The notice on the card of a file of weights; cards lie in `WEIGHTS`, and name their file by its SHA-256."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for card in training.WEIGHTS.glob("*.md"):
        rows = re.findall(r"^\| (.+?) \| (.+) \|$", card.read_text(encoding="utf-8"), re.MULTILINE)
        facts: dict[str, str] = dict(rows)
        if facts.get("SHA-256") == digest:
            return facts["notice"]
    return None


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
