"""Live figure of the lesson on CNNs: a filter steps over a picture."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...figure import DescribedFigure
from ...maps import convolve
from ...plotting import ConvolutionSteps
from .live import choice, show_live, slider


def convolution_stepper(picture: NDArray, filters: Mapping[str, ArrayLike]) -> None:
    """Show a picture and a filter that steps over it: the window, its products, their sum, and the map so far.

    Parameters
    ----------
    picture : ndarray, shape (H, W)
        Values 0 to 1.
    filters : mapping of str to array_like, each (k, k)
        All of one size, by name.
    """
    by_name = {name: np.asarray(v, dtype=float) for name, v in filters.items()}
    k = len(next(iter(by_name.values())))
    drawn = ConvolutionSteps(picture, k)

    def at(name: str, stride: int, rim: int, row: int, column: int) -> tuple[DescribedFigure, str]:
        f = convolve(np.pad(picture, rim), by_name[name], stride)
        x, y = min(row, f.shape[0] - 1), min(column, f.shape[1] - 1)
        size = f"{f.shape[0]} x {f.shape[1]} cells"
        line = f"{size}; &nbsp; f({x}, {y}) = <b>{f[x, y]:.4f}</b>, the sum of the products"
        return drawn.at(x, y, by_name[name], stride, rim), line

    rows, columns = (side + 1 - k + 2 for side in picture.shape)  # of the largest map: stride 1, with a rim
    controls = {
        "name": choice("filter", {name: name for name in by_name}, next(iter(by_name))),
        "stride": choice("stride", {"1": 1, "2": 2}, 1),
        "rim": choice("padding", {"none (valid)": 0, "one zero (same)": 1}, 0),
        "row": slider("row", rows // 2, 0, rows - 1),
        "column": slider("column", columns // 3, 0, columns - 1, plays=True),
    }
    show_live(controls, at)
