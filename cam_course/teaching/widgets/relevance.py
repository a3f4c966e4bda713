"""Live figure of the lesson on other methods: the rule of LRP with its parameter, and the window of occlusion."""

from functools import cache
from typing import Any

import keras
from numpy.typing import NDArray

from ...explanation import Explanation
from ...figure import DescribedFigure
from ...methods.lrp import LRP
from ...methods.occlusion import Occlusion
from ...plotting import BoxedMap
from .live import choice, show_live, slider

_METHODS = {"LRP, epsilon": "epsilon", "LRP, gamma": "gamma", "LRP, z+": "z+", "occlusion": ""}


def relevance_explorer(model: keras.Model, image: NDArray) -> None:
    """Show what LRP with each of its rules, and occlusion with each window, say of one image and its best class.

    Parameters
    ----------
    model : keras.Model
    image : ndarray, shape (H, W, 1)
        Values 0 to 1.
    """
    drawn = BoxedMap(image.shape[0], "for (+), against (−)")

    @cache
    def found(method: str, parameter: float, side: int) -> Explanation:
        if method == "occlusion":
            return Occlusion(model, size=side, stride=2, progress=False)(image[None])
        given: dict[str, Any] = {} if method == "LRP, z+" else {_METHODS[method]: parameter}
        return LRP(model, rule=_METHODS[method], **given)(image[None])

    def at(method: str, parameter: float, side: int) -> tuple[DescribedFigure, str]:
        e = found(*_used(method, parameter, side))
        without = {"occlusion": f"window {side} x {side}", "LRP, z+": "no parameter"}
        said = without.get(method, f"parameter {parameter:g}")
        line = f"S = <b>{e.scores[0, 0]:.4f}</b>, &nbsp; sum of the map <b>{e.maps[0, 0].sum():.4f}</b>"
        return drawn.at(image, e.maps[0, 0], None, f"{method}, class {e.classes[0, 0]}\n{said}"), line

    controls = {
        "method": choice("method", {name: name for name in _METHODS}, "LRP, epsilon"),
        "parameter": choice("epsilon or gamma", {f"{p:g}": p for p in (1e-6, 0.1, 0.25, 1.0, 4.0)}, 0.25),
        "side": slider("window of occlusion", 4, 2, 12, 2),
    }
    show_live(controls, at)


def _used(method: str, parameter: float, side: int) -> tuple[str, float, int]:
    """What the method asks for; the rest is the same for all."""
    return method, 0.0 if method in ("LRP, z+", "occlusion") else parameter, side if method == "occlusion" else 0
