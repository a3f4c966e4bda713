"""The explorer as a widget of a notebook: the drawing and the browser's own maps come to Python."""

from pathlib import Path
from typing import Any, NamedTuple

import anywidget
import numpy as np
import traitlets
from ipywidgets.widgets.trait_types import CByteMemoryView
from numpy.typing import ArrayLike, NDArray

from ... import quiet_tensorflow  # noqa: F401, isort: skip
import keras

from ...methods.cam import CAM
from ...plotting import show_strip
from ..widgets.live import still_of
from .weights import packed_weights

_HERE = Path(__file__).parent
_LEVELS = 15  # a pixel is n / 15, as in explorer.js


class Drawing(NamedTuple):
    """What the browser sent at the end of a stroke, in one piece.

    Attributes
    ----------
    image : ndarray, shape (28, 28, 1), float32
        Values 0 to 1, as the model takes it.
    maps : ndarray, shape (10, 14, 14), float32, or None
        M_c of all classes as the browser computed them; None before it has.
    """

    image: NDArray
    maps: NDArray | None


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
    >>> drawing = DigitExplorer(mnist_network(), np.zeros((28, 28))).drawing
    >>> drawing.image.shape, drawing.maps is None
    ((28, 28, 1), True)
    """

    _esm = _HERE / "explorer.js"
    _css = _HERE / "explorer.css"
    weights = traitlets.Dict().tag(sync=True)
    language = traitlets.Enum(("en", "ko"), "en").tag(sync=True)
    # 784 levels, then M_c once the browser has computed it: one trait, because a kernel may take a message of the
    # browser while a cell runs, and a picture must not be compared with the maps of the next one.
    sheet = CByteMemoryView().tag(sync=True)

    def __init__(self, model: keras.Model, image: ArrayLike, language: str = "en") -> None:
        image = np.asarray(image, dtype=float)
        if image.shape not in ((28, 28), (28, 28, 1)):
            raise ValueError(f"image has the shape {image.shape}, but a sheet is 28 x 28 pixels.")
        levels = np.round(_LEVELS * np.clip(image, 0, 1)).astype("uint8")
        super().__init__(weights=packed_weights(model), language=language, sheet=levels.tobytes())
        self._model = model

    @property
    def drawing(self) -> Drawing:
        """What is on the sheet, and the browser's maps of it."""
        sent = bytes(self.sheet)
        image = np.frombuffer(sent[:784], dtype="uint8").reshape(28, 28, 1) / np.float32(_LEVELS)
        maps = np.frombuffer(sent[784:], dtype="<f4").reshape(10, 14, 14) if len(sent) > 784 else None
        return Drawing(image, maps)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, and for readers without a running kernel its ten maps as a picture."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        e = CAM(self._model)(self.drawing.image, classes="all")
        titles = [f"class {c}, S = {S:.2f}" for c, S in enumerate(e.scores[0])]
        still = show_strip(list(e.maps[0]), titles, columns=5)
        return {**bundle[0], **still_of(still.as_html())}, bundle[1]
