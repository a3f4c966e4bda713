"""The explorer as a widget of a notebook: the drawing and the browser's own maps come to Python."""

from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from ipywidgets.widgets.trait_types import CByteMemoryView
from numpy.typing import ArrayLike, NDArray

from ... import quiet_tensorflow  # noqa: F401, isort: skip
import keras

from ...methods.cam import CAM
from ...plotting import show_strip
from .weights import packed_weights

_HERE = Path(__file__).parent
_LEVELS = 15  # a pixel is n / 15, as in explorer.js


class DigitExplorer(anywidget.AnyWidget):
    """Draw a digit in the notebook; strokes stay in the browser, the picture comes here at the end of each.

    Parameters
    ----------
    model : keras.Model
        Of the form of `cam_course.models.mnist_network`.
    image : array_like, shape (28, 28) or (28, 28, 1)
        What is on the sheet at first, values 0 to 1; rounded to 16 levels.
    language : "en" or "ko"

    Raises
    ------
    ValueError
        If the model has another form, or the image another shape.

    Examples
    --------
    >>> from cam_course.models import mnist_network
    >>> explorer = DigitExplorer(mnist_network(), np.zeros((28, 28)))
    >>> explorer.image.shape, explorer.browser_maps is None
    ((28, 28, 1), True)
    """

    _esm = _HERE / "explorer.js"
    _css = _HERE / "explorer.css"
    weights = traitlets.Dict().tag(sync=True)
    language = traitlets.Enum(("en", "ko"), "en").tag(sync=True)
    levels = CByteMemoryView().tag(sync=True)
    maps_of_browser = CByteMemoryView(b"").tag(sync=True)

    def __init__(self, model: keras.Model, image: ArrayLike, language: str = "en") -> None:
        image = np.asarray(image, dtype=float)
        if image.shape not in ((28, 28), (28, 28, 1)):
            raise ValueError(f"image has the shape {image.shape}, but a sheet is 28 x 28 pixels.")
        levels = np.round(_LEVELS * np.clip(image, 0, 1)).astype("uint8")
        super().__init__(weights=packed_weights(model), language=language, levels=levels.tobytes())
        self._model = model

    @property
    def image(self) -> NDArray:
        """What is on the sheet, (28, 28, 1), float32, values 0 to 1: as the model takes it."""
        return (np.frombuffer(self.levels, dtype="uint8").reshape(28, 28, 1) / _LEVELS).astype("float32")

    @property
    def browser_maps(self) -> NDArray | None:
        """The maps of all classes as the browser computed them, (10, 14, 14), float32; None before it has."""
        if not len(self.maps_of_browser):
            return None
        return np.frombuffer(self.maps_of_browser, dtype="<f4").reshape(10, 14, 14)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, and for readers without a running kernel its ten maps as a picture."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        e = CAM(self._model)(self.image, classes="all")
        titles = [f"class {c}, S = {S:.2f}" for c, S in enumerate(e.scores[0])]
        still = show_strip(list(e.maps[0]), titles, columns=5)
        data = {**bundle[0], "text/html": still.as_html()}
        return data | {"text/plain": "A live figure: run this cell to draw."}, bundle[1]
