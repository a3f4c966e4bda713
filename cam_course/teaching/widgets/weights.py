"""Live figure of the lesson on the mathematics of CAM: one slider for each weight."""

import ipywidgets as widgets
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...maps import class_activation_map, class_scores, global_average_pool
from ...plotting import show_weighted_sum
from .live import show_live


def weight_sliders(f: NDArray, w: ArrayLike, b: float = 0.0, name: str = "c") -> None:
    """Show K feature maps, a slider for each weight, and the map, its mean and the score as they follow.

    Parameters
    ----------
    f : ndarray, shape (h, w, K)
    w : array_like, shape (K,)
        The weights to start from.
    b : float
    name : str
        Name of the class.
    """
    sliders = {
        f"w{k}": widgets.FloatSlider(
            value=value,
            min=-2,
            max=2,
            step=0.1,
            description=f"w{_subscript(k)}",
            continuous_update=True,
            layout=widgets.Layout(width="300px"),
        )
        for k, value in enumerate(np.asarray(w, dtype=float), start=1)
    }
    rows = widgets.GridBox(
        list(sliders.values()), layout=widgets.Layout(grid_template_columns="repeat(3, 310px)", width="940px")
    )

    def line_of(**weights: float) -> str:
        w = list(weights.values())
        from_map = class_activation_map(f, w).mean() + b
        from_means = class_scores(global_average_pool(f), w, b)
        return (
            f"S = mean of M + b = <b>{from_map:.4f}</b>, &nbsp; Σ<sub>k</sub> w<sub>k</sub> F<sub>k</sub> + b = "
            f"<b>{from_means:.4f}</b>, &nbsp; difference {abs(from_map - from_means):.0e}"
        )

    show_live(sliders, lambda **weights: show_weighted_sum(f, list(weights.values()), b, name), line_of, rows)


def _subscript(k: int) -> str:
    return "".join(chr(ord("₀") + int(digit)) for digit in str(k))
