"""Small arrays as cells that carry their values."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray

from .. import alt_text
from ..drawing import SIGNED_COLOURS, axes_in_rows, signed_limit
from ..figure import DescribedFigure

_LARGEST_WITH_NUMBERS = 10  # cells a side; beyond that the numbers could not be read


def show_numbers(
    arrays: Sequence[ArrayLike],
    titles: Sequence[str],
    columns: int | None = None,
    decimals: int | None = None,
    label: str = "value",
) -> DescribedFigure:
    """Small arrays as grids of cells, the value in each, on one shared colour scale with zero in the middle.

    Parameters
    ----------
    arrays : sequence of array_like, each of shape (h, w)
        Up to 10 x 10 cells; larger ones are drawn without numbers.
    titles : sequence of str
    columns : int, optional
        Grids in a row; all in one row if left out.
    decimals : int, optional
        Digits after the decimal point; if left out, none for whole numbers and two for others.
    label : str
        What the colour bar measures.
    """
    grids = [np.atleast_2d(np.asarray(array, dtype=float)) for array in arrays]
    height, width = np.max([grid.shape for grid in grids], axis=0)
    figure, axes = axes_in_rows(len(grids), columns, max(1.8, 0.55 * width), max(1.2, 0.55 * height) + 0.5, beside=1.2)
    limit = signed_limit(np.concatenate([grid.ravel() for grid in grids]))
    for panel, grid, title in zip(axes.flat, grids, titles, strict=False):
        drawn = draw_numbers(panel, grid, limit, decimals)
        panel.set_title(title)
    figure.colorbar(drawn, ax=axes, shrink=0.8, label=label)
    return figure.describe(alt_text.maps("grids of numbers", titles, grids, label))


def draw_numbers(axes: Axes, values: NDArray, limit: float, decimals: int | None = None) -> AxesImage:
    """Draw an array of shape (h, w) as cells with their values; colours run from -limit to limit."""
    drawn = axes.imshow(values, cmap=SIGNED_COLOURS, vmin=-limit, vmax=limit)
    height, width = values.shape
    axes.set_xticks(np.arange(-0.5, width), labels=[])
    axes.set_yticks(np.arange(-0.5, height), labels=[])
    axes.grid(color="0.6", linewidth=0.6)
    axes.tick_params(length=0)
    if max(height, width) > _LARGEST_WITH_NUMBERS:
        return drawn
    whole = np.allclose(values, np.round(values))
    decimals = decimals if decimals is not None else (0 if whole else 2)
    for (i, j), value in np.ndenumerate(values):
        colour = "white" if abs(value) > 0.65 * limit else "black"
        text = signed_text(value, decimals)
        axes.text(j, i, text, ha="center", va="center", color=colour)
    return drawn


def signed_text(value: float, decimals: int = 2) -> str:
    """A number as figures show it: with a real minus sign, and none before zero.

    Examples
    --------
    >>> signed_text(-1.5, 1), signed_text(-0.001)
    ('−1.5', '0.00')
    """
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}".replace("-", "−")  # + 0.0: no minus before zero
