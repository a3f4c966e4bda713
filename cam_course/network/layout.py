"""Which axis of a value is which of the image, and which part of the image a network sees.

A layout is written as the axes of one image in their order: "hwc" for channels last, "chw" for channels first, "whc"
after a permutation that turned the picture.
"""

from collections.abc import Iterable, Mapping

from .keras_records import Call, Value
from .layer_kinds import Kind, cuts_images, data_format_of, permuted_axes

_OF_FORMAT = {"channels_last": "hwc", "channels_first": "chw"}


def layouts(images: Value, calls: Iterable[Call], default: str) -> dict[Value, str]:
    """The layout of every value of four axes; "" where a layer took a side of the picture for the channels.

    Parameters
    ----------
    images : Value
    calls : iterable of Call
        In order.
    default : str
        Keras' data format where no layer says one.
    """
    calls = list(calls)
    known = {images: _layout_of_images(calls, default)}
    for call in calls:
        before = known.get(call.inputs[0])
        for value in call.outputs:
            if len(value.shape) == 4:
                known[value] = _after(call, before, default)
    return known


def _after(call: Call, before: str | None, default: str) -> str:
    """The layout of what a call makes; "" where it takes a side of the picture for the channels."""
    said = None if call.kind is Kind.PASSES_ON else data_format_of(call.operation)
    if before is None or (call.kind is Kind.RESHAPES and call.inputs[0].shape != call.outputs[0].shape):
        return _OF_FORMAT[said or default]  # made from something else than a picture
    if before == "":
        return ""
    axes = permuted_axes(call.operation)
    if axes is not None:
        return "".join(before[axis - 1] for axis in axes)
    if said is not None and before.index("c") != _OF_FORMAT[said].index("c"):
        return ""
    return before


def _layout_of_images(calls: list[Call], default: str) -> str:
    """As the first layer has it that says so, seen through the permutations before it."""
    order: tuple[int, ...] = (1, 2, 3)  # which axis of the images each axis is by now
    for call in calls:
        axes = permuted_axes(call.operation)
        if axes is not None:
            order = tuple(order[axis - 1] for axis in axes)
        said = None if call.kind is Kind.PASSES_ON else data_format_of(call.operation)
        if said is not None:
            return ("chw", "hcw", "hwc")[order[_OF_FORMAT[said].index("c")] - 1]
    return _OF_FORMAT[default]


def of_pixels(images: Value, calls: Iterable[Call]) -> dict[Value, tuple[Call, ...]]:
    """The values in which each number still is one of a pixel, no layer with weights before it; and the calls to it."""
    known: dict[Value, tuple[Call, ...]] = {images: ()}
    for call in calls:
        ways = [known.get(value) for value in call.inputs if value.constant is None]
        if None not in ways and _keeps_pixels(call):
            known.update((value, (*(ways[0] or ()), call)) for value in call.outputs)
    return known


def _keeps_pixels(call: Call) -> bool:
    mixes = (None, Kind.ATTENDS, Kind.WEIGHTED_SUM)
    return call.kind not in mixes or cuts_images(call.operation, call.constants)


class UnknownPartError(ValueError):
    """Which part of the images the network sees is not known."""


def margins(images: Value, calls: list[Call], layouts: Mapping[Value, str]) -> tuple[int, int, int, int]:
    """How many pixels of the images the network never sees, at the top, bottom, left and right.

    What counts are layers that crop before the first weights. Padding and cropping later on belongs to how a network
    lays its maps over the image.

    Raises
    ------
    UnknownPartError
        If images are cut in a way that is not known, or branches see different parts of them.
    """
    pixels = of_pixels(images, calls)
    first = [call for call in calls if call.outputs[0] not in pixels]
    found = {_cut(pixels[value], layouts) for call in first for value in call.inputs if value in pixels}
    if len(found) > 1:
        raise UnknownPartError("its branches see different parts of the images")
    return found.pop() if found else (0, 0, 0, 0)


def _cut(way: Iterable[Call], layouts: Mapping[Value, str]) -> tuple[int, int, int, int]:
    total = {"h": [0, 0], "w": [0, 0]}
    for call in way:
        if cuts_images(call.operation, call.constants):
            raise UnknownPartError(f"layer {call.operation.name!r} ({type(call.operation).__name__}) cuts the images")
        if call.kind is not Kind.MOVES_FRAME:
            continue
        crops = type(call.operation).__name__ == "Cropping2D"
        sides = call.operation.cropping if crops else call.operation.padding
        axes = [axis for axis in layouts[call.inputs[0]] if axis != "c"]
        for axis, (start, end) in zip(axes, sides, strict=True):
            total[axis][0] += start if crops else -start
            total[axis][1] += end if crops else -end
    top, bottom, left, right = (max(0, cut) for axis in "hw" for cut in total[axis])
    return top, bottom, left, right
