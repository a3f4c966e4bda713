"""What each kind of layer does: one table, for finding the roles in a network and for the rules of LRP.

Layers and the operations of keras.ops stand in it by the names of their classes, so that one that this version of Keras
does not have yet does no harm.
"""

from enum import Enum
from typing import Any

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras


class Kind(Enum):
    """What a layer does when it does not train."""

    PASSES_ON = "hands on the values that it gets"
    RESHAPES = "hands on the same values in another shape"
    PERMUTES = "hands on the same values with the axes in another order"
    MOVES_FRAME = "adds a border or cuts one off"
    WEIGHTED_SUM = "multiplies by trained weights, adds up, and adds a bias"
    SCALES = "multiplies each channel by a number and adds one"
    AVERAGES = "takes means over positions"
    TAKES_MAXIMUM = "takes maxima over positions"
    ADDS = "adds its inputs up"
    CONCATENATES = "puts its inputs side by side"
    ACTIVATES = "applies a function to each value, or softmax to each row"
    ATTENDS = "mixes positions by attention"


_NAMES = {
    Kind.PASSES_ON: (
        "ActivityRegularization AlphaDropout AugMix Cast CutMix Dropout Equalization GaussianDropout"
        " GaussianNoise Identity MixUp RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter"
        " RandomContrast RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue"
        " RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness"
        " RandomShear RandomTranslation RandomZoom SpatialDropout1D SpatialDropout2D SpatialDropout3D"
    ),
    Kind.RESHAPES: "Flatten Reshape",
    Kind.PERMUTES: "Permute Transpose",
    Kind.MOVES_FRAME: "Cropping2D ZeroPadding2D",
    Kind.WEIGHTED_SUM: "Conv2D Dense DepthwiseConv2D SeparableConv2D",
    Kind.SCALES: "BatchNormalization Normalization Rescaling",
    Kind.AVERAGES: "AdaptiveAveragePooling2D AveragePool AveragePooling2D GlobalAveragePooling2D Mean",
    Kind.TAKES_MAXIMUM: "AdaptiveMaxPooling2D GlobalMaxPooling2D MaxPool MaxPooling2D",
    Kind.ADDS: "Add",
    Kind.CONCATENATES: "Concatenate",
    Kind.ACTIVATES: "Activation ELU LeakyReLU ReLU Softmax",
    Kind.ATTENDS: "AdditiveAttention Attention DotProductAttention GroupedQueryAttention MultiHeadAttention",
}
_KIND_OF = {name: kind for kind, names in _NAMES.items() for name in names.split()}

# Functions, layers and operations write the same names differently: leaky_relu, LeakyReLU, LeakyRelu.
_ACTIVATIONS = {name.replace("_", ""): name for name in dir(keras.activations)}
_ACTIVATIONS["softmaxv2"] = "softmax"  # TensorFlow's own


def kind_of(operation: Any) -> Kind | None:
    """What a layer or operation does; None where the table does not know.

    A subclass counts as what it is derived from, unless it has a call of its own: then it may do anything.

    Examples
    --------
    >>> kind_of(keras.layers.Dropout(0.5)), kind_of(keras.layers.UpSampling2D())
    (<Kind.PASSES_ON: 'hands on the values that it gets'>, None)
    """
    for known in type(operation).__mro__:
        if _is_from_keras(known) and known.__name__ in _KIND_OF:
            kind = _KIND_OF[known.__name__]
            return kind if type(operation).call is known.call else None  # type: ignore[attr-defined]
    return Kind.ACTIVATES if activation_of(operation) != "linear" and not _is_layer(operation) else None


def passes_on(operation: Any) -> bool:
    """Whether the same values come out that went in, in the same order."""
    linear = isinstance(operation, keras.layers.Activation) and operation.activation is keras.activations.linear
    return linear or kind_of(operation) in (Kind.PASSES_ON, Kind.RESHAPES)


def pools(operation: Any) -> bool:
    """Whether a layer or operation takes means or maxima over positions."""
    return kind_of(operation) in (Kind.AVERAGES, Kind.TAKES_MAXIMUM)


def activation_of(operation: Any) -> str:
    """What an operation applies last or is itself, named as in keras.activations; "linear" where it is none of these.

    A ReLU with a ceiling, wherever it stands, is "relu6". What a custom layer does with its attribute ``activation`` is
    not known, so that it does not count.

    Examples
    --------
    >>> activation_of(keras.layers.Dense(3, activation="softmax")), activation_of(keras.layers.LeakyReLU())
    ('softmax', 'leaky_relu')
    >>> activation_of(keras.layers.Flatten())
    'linear'
    """
    return declared_activation(operation) if is_keras_own(operation) else _name_of_activation(operation) or "linear"


def declared_activation(operation: Any) -> str:
    """The same, and of a custom layer what its attribute ``activation`` says; Keras may not know that name."""
    activation = getattr(operation, "activation", None)
    if not activation:
        return _name_of_activation(operation) or "linear"
    return _name_of_activation(activation) or str(getattr(activation, "__name__", type(activation).__name__))


def is_known_activation(name: str) -> bool:
    """Whether keras.activations has a function of that name."""
    return name in _ACTIVATIONS.values()


def is_keras_own(operation: Any) -> bool:
    """Whether Keras itself wrote what an operation computes: a subclass with a call of its own may do anything."""
    return _is_from_keras(next(kind for kind in type(operation).__mro__ if "call" in vars(kind)))


def data_format_of(operation: Any) -> str | None:
    """channels_first, channels_last, or None for an operation to which it means nothing."""
    return getattr(operation, "data_format", None)


def permuted_axes(operation: Any) -> tuple[int, ...] | None:
    """Which axis each of the axes 1, 2, 3 was before; None for an operation that permutes none of them.

    Examples
    --------
    >>> permuted_axes(keras.layers.Permute((3, 1, 2)))
    (3, 1, 2)
    """
    if kind_of(operation) is not Kind.PERMUTES:
        return None
    axes = operation.dims if _is_layer(operation) else (operation.axes or (0,))[1:]
    return tuple(axes) if sorted(axes) == [1, 2, 3] else None


def cuts_images(operation: Any, constants: list[Any]) -> bool:
    """Whether an operation takes a part out of images or turns them round, in a way that is not looked into further.

    ``constants`` is what it was called with besides tensors: the key of a slice.
    """
    name = type(operation).__name__
    if name == "GetItem":  # x[..., ::-1] turns the colours alone
        key = constants[0] if isinstance(constants[0], tuple) else (constants[0],)
        spatial = key[: key.index(Ellipsis)] if Ellipsis in key else key[:3]
        return any(part != slice(None) for part in spatial)
    resizes = getattr(operation, "crop_to_aspect_ratio", False) or getattr(operation, "pad_to_aspect_ratio", False)
    return is_keras_own(operation) and (name in ("CenterCrop", "RandomCrop", "Flip", "Slice") or bool(resizes))


def convolves_channels_first(operation: Any) -> bool:
    """Whether this is a convolution, of Keras or derived from one, that has the channels first."""
    is_convolution = any(_is_from_keras(known) and "Conv" in known.__name__ for known in type(operation).__mro__)
    return is_convolution and data_format_of(operation) == "channels_first"


def _name_of_activation(function: Any) -> str | None:
    said = getattr(function, "__name__", type(function).__name__)
    name = _ACTIVATIONS.get(said.lower().replace("_", ""))
    if name == "relu":
        ceiling = getattr(function, "max_value", None) is not None
        return "leaky_relu" if getattr(function, "negative_slope", 0) else "relu6" if ceiling else "relu"
    return name


def _is_layer(operation: Any) -> bool:
    return isinstance(operation, keras.layers.Layer)


def _is_from_keras(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "keras"
