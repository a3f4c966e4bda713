"""What every live figure shares: a figure as a picture that follows its controls."""

from collections.abc import Callable, Mapping

import ipywidgets as widgets
from IPython.display import display

from ...figure import DescribedFigure


def show_live(
    controls: Mapping[str, widgets.ValueWidget],
    figure_of: Callable[..., DescribedFigure],
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
    line, picture = widgets.HTML(), widgets.HTML()
    line.add_class("cam-course-line")

    def follow(_: object = None) -> None:
        values = {name: control.value for name, control in controls.items()}
        line.value = line_of(**values)
        picture.value = figure_of(**values).as_html()

    follow()
    for control in controls.values():
        control.observe(follow, names="value")
    box = widgets.VBox([layout, line, picture])
    box.add_class("cam-course-live")
    display({**box._repr_mimebundle_(), **still_of(picture.value)}, raw=True)


def still_of(picture: str) -> dict[str, str]:
    """What stands in the place of a live figure that has not been run: a picture of it, which says so.

    Parameters
    ----------
    picture : str
        HTML.

    Examples
    --------
    >>> still_of("<img>")["text/plain"]
    'A live figure: run this cell to move it.'
    """
    run = 'A live figure: run this cell to move it. <span lang="ko">움직이는 그림입니다. 이 셀을 실행하십시오.</span>'
    return {"text/html": f"{picture}<p><b>{run}</b></p>", "text/plain": "A live figure: run this cell to move it."}
