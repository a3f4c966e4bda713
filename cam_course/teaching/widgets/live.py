"""What every live figure shares: native controls, a line of numbers, and a picture that follows them."""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from ...figure import DescribedFigure
from ..language import notebook_language

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Control:
    """One control of a live figure.

    Attributes
    ----------
    label : str
        Stands before it, and is what a screen reader says.
    kind : {"slider", "choice", "switch", "file"}
    value : Any
        At first; of a choice one of the options, of a file None.
    given : mapping
        What the kind needs: ``low``, ``high``, ``step`` and ``plays`` of a slider, ``options`` of a choice.
    """

    label: str
    kind: str
    value: Any
    given: Mapping[str, Any]

    def sent(self, value: Any) -> Any:
        """A value as the page has it: an option is its number, a file is nothing."""
        return list(self.given["options"].values()).index(value) if self.kind == "choice" else value

    def received(self, value: Any) -> Any:
        """The value that the page has sent."""
        return list(self.given["options"].values())[value] if self.kind == "choice" else value


def slider(label: str, value: float, low: float, high: float, step: float = 1, plays: bool = False) -> Control:
    """A number; one that plays has a button that moves it to its end step by step."""
    return Control(label, "slider", value, {"low": low, "high": high, "step": step, "plays": plays})


def choice(label: str, options: Mapping[str, Any], value: Any) -> Control:
    """One of several values, each with a name."""
    return Control(label, "choice", value, {"options": dict(options)})


def switch(label: str, value: bool = False) -> Control:
    """On or off."""
    return Control(label, "switch", value, {})


def upload(label: str) -> Control:
    """A file of the reader's: None until there is one, then a mapping with its ``name`` and ``content``."""
    return Control(label, "file", None, {})


class _LiveFigure(anywidget.AnyWidget):
    """Moves come from the page as ``values``; each is answered with one ``frame``."""

    _esm = _HERE / "live.js"
    _css = _HERE / "live.css"
    language = traitlets.Enum(("en", "ko"), "en").tag(sync=True)
    controls: traitlets.List = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)


def show_live(controls: Mapping[str, Control], at: Callable[..., tuple[DescribedFigure, str]]) -> None:
    """Show controls, a line of numbers and a figure that follow them.

    The notebook also stores the first figure as a plain picture, for readers without a running kernel.

    Parameters
    ----------
    controls : mapping of str to Control
        By the name of the argument of ``at`` that takes the value.
    at : callable
        From the values to the figure, always the same one with other data, and the line of HTML above it. Where it
        raises an error its sentence takes the place of the line, and the picture stays.
    """

    files: dict[str, Any] = {}  # each comes once, and stays

    def values_of(sent: Mapping[str, Any]) -> dict[str, Any]:
        files.update({name: sent[name] for name, control in controls.items() if control.kind == "file" and sent[name]})
        return {name: files.get(name, control.received(sent[name])) for name, control in controls.items()}

    def frame_of(figure: DescribedFigure, line: str) -> dict[str, Any]:
        return {"text": line, "alt": figure.alt, "image": figure.as_png()}

    def follow(change: Mapping[str, Any]) -> None:
        try:
            live.frame = frame_of(*at(**values_of(change["new"]))) | {"move": change["new"]["move"]}
        except Exception as error:  # the page waits for an answer, whatever has happened
            live.frame = live.frame | {"text": html.escape(str(error)), "move": change["new"]["move"]}
            if not isinstance(error, (OSError, ValueError)):
                raise

    first = {name: control.value for name, control in controls.items()}
    figure, line = at(**first)
    still = figure.as_html()
    live = _LiveFigure(
        language=notebook_language(),
        controls=[_described(name, control) for name, control in controls.items()],
        values={name: control.sent(control.value) for name, control in controls.items()} | {"move": 0},
        frame=frame_of(figure, line) | {"move": 0},
    )
    live.observe(follow, names="values")
    bundle = live._repr_mimebundle_()
    assert bundle is not None
    display({**bundle[0], **still_of(still)}, raw=True, metadata=bundle[1])


def _described(name: str, control: Control) -> dict[str, Any]:
    given = dict(control.given)
    if "options" in given:
        given["options"] = list(given["options"])
    return {"name": name, "label": control.label, "kind": control.kind, **given}


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
