"""Live figure of the lesson on global average pooling: a digit that is moved across the frame."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ...figure import DescribedFigure
from ...plotting import MovedDigit
from .live import show_live, slider


def digit_mover(image: NDArray, compute: Callable[[NDArray], tuple[NDArray, Mapping[str, NDArray]]]) -> None:
    """Show a digit to be moved, its means F_k and the scores of two heads on the same maps.

    Parameters
    ----------
    image : ndarray, shape (H, W, 1)
        Values 0 to 1.
    compute : callable
        From an image to F, shape (K,), and the scores of two heads, each (C,), by name.
    """
    F_at_first, scores_at_first = compute(image)
    drawn = MovedDigit(image, F_at_first, scores_at_first)

    def at(right: int, down: int) -> tuple[DescribedFigure, str]:
        moved = shifted(image, right, down)
        F, scores = compute(moved)
        parts = [f"F changed by <b>{_change(F_at_first, F):.4f}</b> of its length"]
        parts += [f"{name}: scores by <b>{_change(scores_at_first[name], S):.4f}</b>" for name, S in scores.items()]
        return drawn.at(moved, F, scores), ", &nbsp; ".join(parts)

    show_live({"right": slider("pixels to the right", 0, -10, 10), "down": slider("down", 0, -6, 6)}, at)


def shifted(image: NDArray, right: int, down: int) -> NDArray:
    """An image, (H, W, C), moved; what leaves the frame is lost, and zeros come in.

    Examples
    --------
    >>> shifted(np.array([[[1], [2]], [[3], [4]]]), right=1, down=-1)[..., 0]
    array([[0, 3],
           [0, 0]])
    """
    height, width = image.shape[:2]
    wide = np.pad(image, ((max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0)), (0, 0)))
    return wide[max(-down, 0) :, max(-right, 0) :][:height, :width]


def _change(before: NDArray, after: NDArray) -> float:
    return float(np.linalg.norm(after - before) / np.linalg.norm(before))
