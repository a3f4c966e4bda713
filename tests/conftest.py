"""What all tests share: the two worlds, with the real data and without, and tiny networks with weights set by hand."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from keras_home import linked_keras_home

# Before anything imports Keras, which writes into the folder that KERAS_HOME names.
_links = tempfile.TemporaryDirectory()
os.environ.update(linked_keras_home(Path(_links.name)))
os.environ.setdefault("MPLBACKEND", "agg")
if os.environ.get("CAM_COURSE_RESNET50"):
    os.environ["CAM_COURSE_RESNET50"] = str(Path(os.environ["CAM_COURSE_RESNET50"]).resolve())

ROOT = Path(__file__).resolve().parent.parent
NOBODY = "http://127.0.0.1:9"  # no server listens on the discard port: as good as no network


def has_real_data() -> bool:
    """Whether Keras' cache holds MNIST, so that the lessons can be tested on it."""
    from cam_course.data.cache import MNIST, locate

    return locate(MNIST) is not None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud which world was tested."""
    if has_real_data():
        terminalreporter.write_line("Worlds tested: with the real data, and with neither data nor network.")
    else:
        terminalreporter.write_line(
            "ONLY THE OFFLINE WORLD WAS TESTED: Keras' cache holds no MNIST. Run `cam-course fetch` once, or set "
            "KERAS_HOME, to test the lessons on the real data as well.",
            yellow=True,
        )


@pytest.fixture
def offline_env(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with neither data nor network."""
    env = {name: value for name, value in os.environ.items() if name != "CAM_COURSE_RESNET50"}
    empty = tmp_path / "empty"
    empty.mkdir()
    env |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOBODY)
    env |= {"NO_PROXY": "", "no_proxy": "", "KERAS_HOME": str(empty), "XDG_CACHE_HOME": str(empty)}
    return env


@pytest.fixture
def offline(offline_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """This very process in the offline world."""
    monkeypatch.delenv("CAM_COURSE_RESNET50", raising=False)
    for name, value in offline_env.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def figure_text() -> Callable[..., str]:
    """All text of a figure, drawn once so that nothing about it can fail later."""

    def text(figure: object) -> str:
        from matplotlib.text import Text

        figure.canvas.draw()  # type: ignore[attr-defined]
        return "\n".join(piece.get_text() for piece in figure.findobj(Text))  # type: ignore[attr-defined]

    return text
