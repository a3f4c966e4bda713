"""Where in the image a cell of a feature map lies, and how much of the image it sees: arithmetic alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .keras_records import Call, Value
from .layer_kinds import Kind, passes_on
from .roles import Network

_SAME_PLACE = (Kind.PASSES_ON, Kind.SCALES, Kind.ACTIVATES)
_WINDOWS = (Kind.WEIGHTED_SUM, Kind.AVERAGES, Kind.TAKES_MAXIMUM)


@dataclass(frozen=True)
class ReceptiveField:
    """What the cells of a feature map see along one side of the image.

    Attributes
    ----------
    start : float
        The middle of what cell 0 sees, in pixels; pixel 0 has its middle at 0. Padding can put it outside.
    step : int
        Pixels from one cell to the next.
    size : int
        Pixels that a cell sees.
    """

    start: float
    step: int
    size: int

    def centre(self, cell: float) -> float:
        """The middle of what a cell sees, in pixels."""
        return self.start + self.step * cell


def receptive_field(network: Network, f: Value) -> tuple[ReceptiveField, ReceptiveField]:
    """What the cells of feature maps see of the image.

    Parameters
    ----------
    network : Network
    f : Value
        For instance `network.grid()` or ``network.layer_output("block4_conv3")``.

    Returns
    -------
    rows, columns : ReceptiveField

    Raises
    ------
    ValueError
        If a layer on the way is not one whose window is known, or branches come together that step differently.

    References
    ----------
    Araujo, Norris, Sim (2019), "Computing receptive fields of convolutional neural networks", Distill, equations (2)
    and (5).

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential([
    ...     keras.Input((28, 28, 1)), keras.layers.Conv2D(2, 3, padding="same"), keras.layers.MaxPooling2D(2),
    ...     keras.layers.Conv2D(2, 3, padding="same"), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)])
    >>> network = Network(model)
    >>> rows, _ = receptive_field(network, network.grid())
    >>> rows
    ReceptiveField(start=0.5, step=2, size=8)
    """
    rows, columns = (_along(network, f, axis) for axis in "hw")
    return rows, columns


def drawn_centre(cell: float, cells: int, pixels: int) -> float:
    """Where a cell's middle is drawn, in pixels, when a map is stretched over the image, as everybody does it.

    Examples
    --------
    >>> drawn_centre(3, cells=7, pixels=224)
    111.5
    """
    return (cell + 0.5) * pixels / cells - 0.5


def _along(network: Network, f: Value, axis: str) -> ReceptiveField:
    known = {network.images: ReceptiveField(0.0, 1, 1)}
    for call in network.calls_to(f):
        before = [known[value] for value in call.inputs if value in known]
        known[call.outputs[0]] = _after(call, before, network.layout, axis)
    return known[f]


def _after(call: Call, before: list[ReceptiveField], layout: Callable[[Value], str], axis: str) -> ReceptiveField:
    operation = call.operation
    if call.kind in _SAME_PLACE or passes_on(operation):
        return before[0]
    if call.kind in (Kind.ADDS, Kind.CONCATENATES):
        return _together(call, before)
    axes = layout(call.inputs[0])
    spatial_axis = axes.replace("c", "").index(axis)
    if call.kind is Kind.MOVES_FRAME:
        crops = type(operation).__name__ == "Cropping2D"
        shift = (operation.cropping if crops else operation.padding)[spatial_axis][0] * (1 if crops else -1)
        return _moved(before[0], shift)
    window = getattr(operation, "kernel_size", None) or getattr(operation, "pool_size", None)
    if call.kind not in _WINDOWS or window is None:
        raise ValueError(
            f"what a cell sees cannot be told beyond {operation.name!r} ({type(operation).__name__}), whose window is "
            "not known: choose a layer before it."
        )
    pixels = call.inputs[0].shape[1 + axes.index(axis)]
    return _through_window(operation, window[spatial_axis], pixels, spatial_axis, before[0])


def _through_window(
    operation: Any, window: int, pixels: int | None, spatial_axis: int, before: ReceptiveField
) -> ReceptiveField:
    stride = int(np.atleast_1d(operation.strides)[min(spatial_axis, np.size(operation.strides) - 1)])
    dilation = int(np.broadcast_to(getattr(operation, "dilation_rate", 1), 2)[spatial_axis])
    wide = (window - 1) * dilation + 1
    padded = 0
    if operation.padding == "same":
        if pixels is None and stride > 1:
            raise ValueError(
                f"{operation.name!r} pads as the size of the image asks for, and the model does not know it: give a "
                "model whose Input has a height and a width."
            )
        padded = max(0, wide - stride if pixels is None or pixels % stride == 0 else wide - pixels % stride) // 2
    moved = _moved(before, (wide - 1) / 2 - padded)
    return ReceptiveField(moved.start, before.step * stride, before.size + (wide - 1) * before.step)


def _moved(field: ReceptiveField, cells: float) -> ReceptiveField:
    return ReceptiveField(field.start + cells * field.step, field.step, field.size)


def _together(call: Call, fields: list[ReceptiveField]) -> ReceptiveField:
    """What a sum or a stack of branches sees: from the first pixel of all to the last."""
    if len({field.step for field in fields}) > 1:
        raise ValueError(f"the branches that meet in {call.operation.name!r} step differently over the image.")
    low = min(field.start - (field.size - 1) / 2 for field in fields)
    high = max(field.start + (field.size - 1) / 2 for field in fields)
    return ReceptiveField((low + high) / 2, fields[0].step, int(high - low) + 1)
