"""What every live figure shares: a figure as a picture that follows its controls."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from io import BytesIO

import ipywidgets as widgets
from IPython.display import display
from matplotlib.figure import Figure

_RESOLUTION = 90  # dots an inch


def show_live(
    controls: Mapping[str, widgets.ValueWidget],
    figure_of: Callable[..., Figure],
    line_of: Callable[..., str],
    layout: widgets.Widget,
) -> None:
    """Show controls, a line of numbers and a figure that follow them.

    The notebook also stores the first figure as a plain picture, for readers without a running kernel.

    Parameters
    ----------
    controls : mapping of str to widget
        The widgets whose values ``figure_of`` and ``line_of`` take, by argument name.
    figure_of, line_of : callable
        The figure, and the line of text above it.
    layout : widget
        The controls as they are to be arranged.
    """
    line, picture = widgets.HTML(), widgets.Image(format="png")
    line.add_class("cam-course-line")

    def follow(_: object = None) -> None:
        values = {name: control.value for name, control in controls.items()}
        line.value = line_of(**values)
        picture.value = _as_png(figure_of(**values))

    follow()
    for control in controls.values():
        control.observe(follow, names="value")
    box = widgets.VBox([layout, line, picture])
    box.add_class("cam-course-live")
    still = {"image/png": b64encode(picture.value).decode(), "text/plain": "A live figure: run this cell to move it."}
    display({**box._repr_mimebundle_(), **still}, raw=True)


def _as_png(figure: Figure) -> bytes:
    png = BytesIO()
    figure.savefig(png, format="png", dpi=_RESOLUTION, bbox_inches="tight")
    return png.getvalue()
