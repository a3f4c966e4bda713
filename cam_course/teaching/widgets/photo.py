"""Live figures of the lessons on photographs and on boxes: a map over a picture, and the box that a threshold makes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.photos import read_photo, square
from ...explanation import Box, Explanation
from ...figure import DescribedFigure
from ...maps import relu
from ...methods.explainer import Explainer
from ...models import PhotoNetwork
from ...plotting import BoxedMap
from .live import choice, show_live, slider, switch, upload

_BEST = 5  # classes to choose from


def photo_explorer(net: PhotoNetwork, photo: NDArray, explainers: Mapping[str, Explainer]) -> None:
    """Show the map of a photograph, or of the reader's own: by layer and class, with or without ReLU, and its box.

    Parameters
    ----------
    net : PhotoNetwork
    photo : ndarray, shape (H, W, 3), uint8
        The first photograph.
    explainers : mapping of str to Explainer
        By the name of their layer; each keeps the signs of its maps.
    """
    drawn = BoxedMap(net.size, "for (+), against (−)")
    own: dict[str, Any] = {}  # the file that was read last
    found: dict[str, Explanation] = {}  # of the photograph that is shown, by layer

    def picture_of(file: Mapping[str, Any] | None) -> NDArray:
        content = bytes(file["content"]) if file else b""
        if own.get("content") != content:
            read = square(read_photo(file["name"], content) if file else photo, net.size)
            own.update(content=content, picture=read)
            found.clear()
        return own["picture"]

    def at(
        file: Mapping[str, Any] | None, layer: str, rank: int, rectified: bool, threshold: float
    ) -> tuple[DescribedFigure, str]:
        picture, n = picture_of(file), rank - 1
        if layer not in found:
            found[layer] = explainers[layer](net.prepare(picture), top=_BEST)
        e = found[layer]
        M = relu(e.maps[0, n]) if rectified else e.maps[0, n]
        box = _box(M, net.size, threshold)
        title = f"{net.names[int(e.classes[0, n])]}, P = {e.probabilities[0, n]:.3f}\n{layer}"
        line = f"S = <b>{e.scores[0, n]:.4f}</b>, &nbsp; box {box or 'none: nothing is positive'}"
        return drawn.at(picture, M, box, title), line

    controls = {
        "layer": choice("layer", {name: name for name in explainers}, list(explainers)[-1]),
        "rank": slider("class, by rank", 1, 1, _BEST),
        "rectified": switch("ReLU"),
        "threshold": slider("threshold of the box", 0.2, 0.0, 0.9, 0.1),
        "file": upload("your own photograph"),
    }
    show_live(controls, at)


def box_slider(images: NDArray, maps: NDArray, truth: Sequence[Box], classes: Sequence[int]) -> None:
    """Show the maps of pictures whose true box is known, the box that a threshold makes, and how well the two fit.

    Parameters
    ----------
    images : ndarray, shape (n, size, size, C)
    maps : ndarray, shape (n, h, w)
    truth : sequence of n (x0, y0, x1, y1)
    classes : sequence of n int
    """
    from ...evaluate import box_iou

    size = images.shape[1]
    drawn = BoxedMap(size)

    def at(n: int, threshold: float) -> tuple[DescribedFigure, str]:
        box = _box(maps[n], size, threshold)
        fit = box_iou(box, truth[n]) if box else 0.0
        found = "found" if fit >= 0.5 else "not found"
        line = f"IoU = <b>{fit:.4f}</b>, &nbsp; {found}, &nbsp; box {box or 'none'}"
        return drawn.at(images[n], maps[n], box, f"class {classes[n]}, dotted: the true box", truth[n]), line

    controls = {"n": slider("picture", 0, 0, len(images) - 1), "threshold": slider("threshold", 0.2, 0.0, 0.9, 0.1)}
    show_live(controls, at)


def _box(M: NDArray, size: int, threshold: float) -> Box | None:
    nothing = np.zeros((1, 1), dtype="float32")
    e = Explanation.of(M[None, None], [[0]], nothing, nothing, nothing, exact=False)
    return e.resize((size, size)).boxes(threshold)[0][0]
