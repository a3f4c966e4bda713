"""Live figure of the MNIST lesson: the maps of one digit, class by class, signed or absolute."""

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray

from ...explanation import Explanation
from ...plotting import show_digit_map
from .live import show_live


def digit_map_slider(image: NDArray, e: Explanation) -> None:
    """Show one digit with a slider for the class and a switch between M_c and |M_c|.

    Parameters
    ----------
    image : ndarray, shape (H, W, 1)
        Values 0 to 1.
    e : Explanation
        Of that one image and ``classes="all"``.
    """
    maps, S, b, P = e.maps[0], e.scores[0], e.bias[0], e.probabilities[0]
    controls = {
        "c": widgets.IntSlider(value=int(S.argmax()), min=0, max=len(S) - 1, description="class c"),
        "absolute": widgets.ToggleButtons(options=[("signed M", False), ("absolute |M|", True)], description="map"),
    }

    def line_of(c: int, absolute: bool) -> str:
        symbol = f"|M<sub>{c}</sub>|" if absolute else f"M<sub>{c}</sub>"
        from_map = (np.abs(maps[c]) if absolute else maps[c]).mean() + b[c]
        return (
            f"S<sub>{c}</sub> = <b>{S[c]:.4f}</b>, &nbsp; mean of {symbol} + b<sub>{c}</sub> = <b>{from_map:.4f}</b>, "
            f"&nbsp; P<sub>{c}</sub> = {P[c]:.4f}"
        )

    show_live(
        controls,
        lambda c, absolute: show_digit_map(image, maps, S, c, absolute),
        line_of,
        widgets.HBox(list(controls.values())),
    )
