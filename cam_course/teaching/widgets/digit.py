"""Live figure of the MNIST lesson: the maps of one digit, class by class, signed or absolute."""

import numpy as np
from numpy.typing import NDArray

from ...explanation import Explanation
from ...figure import DescribedFigure
from ...plotting import DigitMap
from .live import choice, show_live, slider


def digit_map_slider(image: NDArray, e: Explanation) -> None:
    """Show one digit with a slider for the class and a choice between M_c and |M_c|.

    Parameters
    ----------
    image : ndarray, shape (H, W, 1)
        Values 0 to 1.
    e : Explanation
        Of that one image and ``classes="all"``.
    """
    maps, S, b, P = e.maps[0], e.scores[0], e.bias[0], e.probabilities[0]

    drawn = DigitMap(image, maps, S)

    def at(c: int, absolute: bool) -> tuple[DescribedFigure, str]:
        symbol = f"|M<sub>{c}</sub>|" if absolute else f"M<sub>{c}</sub>"
        from_map = (np.abs(maps[c]) if absolute else maps[c]).mean() + b[c]
        line = (
            f"S<sub>{c}</sub> = <b>{S[c]:.4f}</b>, &nbsp; mean of {symbol} + b<sub>{c}</sub> = <b>{from_map:.4f}</b>, "
            f"&nbsp; P<sub>{c}</sub> = {P[c]:.4f}"
        )
        return drawn.at(c, absolute), line

    controls = {
        "c": slider("class c", int(S.argmax()), 0, len(S) - 1),
        "absolute": choice("map", {"signed M": False, "absolute |M|": True}, False),
    }
    show_live(controls, at)
