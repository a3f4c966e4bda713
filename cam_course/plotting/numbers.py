"""Small arrays as cells that carry their values."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.text import Text
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
        drawn = NumberGrid(panel, grid, limit, decimals).image
        panel.set_title(title)
    figure.colorbar(drawn, ax=axes, shrink=0.8, label=label)
    return figure.describe(alt_text.maps("grids of numbers", titles, grids, label))


class NumberGrid:
    """An array drawn as cells with their numbers, to which other numbers can be given.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    values : ndarray, shape (h, w)
    limit : float
        The colours run from -limit to limit.
    decimals : int, optional
        Digits after the decimal point; if left out, none for whole numbers and two for others.
    """

    def __init__(self, axes: Axes, values: NDArray, limit: float, decimals: int | None = None) -> None:
        self.image: AxesImage = axes.imshow(values, cmap=SIGNED_COLOURS)
        height, width = values.shape
        axes.set_xticks([])
        axes.set_yticks([])
        axes.hlines(np.arange(0.5, height - 1), -0.5, width - 0.5, color="0.6", linewidth=0.6)
        axes.vlines(np.arange(0.5, width - 1), -0.5, height - 0.5, color="0.6", linewidth=0.6)
        whole = np.allclose(values, np.round(values))
        self._decimals = decimals if decimals is not None else (0 if whole else 2)
        self._texts: list[Text] = []
        if max(height, width) <= _LARGEST_WITH_NUMBERS:
            self._texts = [axes.text(j, i, "", ha="center", va="center") for i, j in np.ndindex(height, width)]
        self.show(values, limit)

    def show(self, values: NDArray, limit: float) -> None:
        """Give the cells other values."""
        if self.image.get_clim() == (-limit, limit) and np.array_equal(np.asarray(self.image.get_array()), values):
            return  # so that a live figure need not be painted again here
        self.image.set_data(values)
        self.image.set_clim(-limit, limit)
        for text, value in zip(self._texts, values.flat, strict=False):
            text.set_text(signed_text(value, self._decimals))
            text.set_color("white" if abs(value) > 0.65 * limit else "black")


def signed_text(value: float, decimals: int = 2) -> str:
    """A number as figures show it: with a real minus sign, and none before zero.

    Examples
    --------
    >>> signed_text(-1.5, 1), signed_text(-0.001)
    ('−1.5', '0.00')
    """
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}".replace("-", "−")  # + 0.0: no minus before zero


def subscript(k: int) -> str:
    """A number as an index, in plain letters.

    Examples
    --------
    >>> subscript(12)
    '₁₂'
    """
    return "".join(chr(ord("₀") + int(digit)) for digit in str(k))
