"""What all tests share: the two worlds, with the real data and without, a browser, and a JupyterLab."""

import os

# Before the workers start: what one of them frees is to be free.
os.environ.setdefault("MALLOC_ARENA_MAX", "2")
# With oneDNN TensorFlow keeps what was freed in a pool of its own: a worker would stay as large as its largest test.
os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
if "PYTEST_XDIST_WORKER" in os.environ:  # workers that each used all cores would be in each other's way
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}

import gc
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from course import ROOT
from keras_home import linked_keras_home
from memory import give_back
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

# Before anything imports Keras, which writes into the folder that KERAS_HOME names.
_links = tempfile.TemporaryDirectory()
os.environ.update(linked_keras_home(Path(_links.name)))
os.environ.setdefault("MPLBACKEND", "agg")
if os.environ.get("CAM_COURSE_RESNET50"):
    os.environ["CAM_COURSE_RESNET50"] = str(Path(os.environ["CAM_COURSE_RESNET50"]).resolve())

NOBODY = "http://127.0.0.1:9"  # no server listens on the discard port: as good as no network
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
expect.set_options(timeout=30_000)  # of one step in it: another worker may be running a lesson
PATIENCE = 60.0  # seconds for a JupyterLab to start or to end


def has_real_data() -> bool:
    """Whether Keras' cache holds MNIST, so that the lessons can be tested on it."""
    from cam_course.data.cache import MNIST, locate

    return locate(MNIST) is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs a lesson comes first, and so to one worker: two lessons at once would need twice the memory."""
    items.sort(key=lambda item: item.get_closest_marker("runs_lesson") is None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported stays to the end, so Python need not look through it for garbage, a tenth of the time."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.enable()
    return collected


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud which world was tested."""
    if has_real_data():
        terminalreporter.write_line("Worlds tested: with the real data, and with neither data nor network.")
    else:
        from cam_course.data.cache import fetch_command

        terminalreporter.write_line(
            f"ONLY THE OFFLINE WORLD WAS TESTED: Keras' cache holds no MNIST. Run `{fetch_command()}` once, or set "
            "KERAS_HOME, to test the lessons on the real data as well.",
            yellow=True,
        )


@pytest.fixture(autouse=True, scope="module")
def nothing_kept() -> Iterator[None]:
    """What the tests of a file used is free when they are done."""
    yield
    give_back()


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, or Playwright's own where that is installed."""
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*sandbox, "--disable-gpu"])
        except Error as error:
            if os.environ.get("CI") and sys.platform == "linux":
                raise
            pytest.skip(f"no browser: install Debian's chromium, or run `playwright install chromium` ({error.name})")
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, which knows nothing of those before."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context.new_page()
    context.close()


@pytest.fixture
def page_of_a_disk(page: Page) -> Iterator[Page]:
    """A page for a file; at the end there was no error on it, and it asked no machine for anything."""
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: problems.append(request.url) if request.url.startswith("http") else None)
    yield page
    assert problems == []


@pytest.fixture(scope="session")
def lab_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `lab` prints."""
    return tmp_path_factory.mktemp("course") / "log"


@pytest.fixture(scope="session")
def lab(lab_log: Path) -> Iterator[str]:
    """The address, token included, that tools/lab.py prints where there is no display; over a copy of the lessons."""
    folder = lab_log.parent
    for name in ("tools", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # All cells stay on the page, so that a figure can be found wherever it stands.
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    environ = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    # Neither read nor write the settings of whoever runs the tests.
    environ |= {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    environ |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    command = [sys.executable, str(folder / "tools" / "lab.py"), "--port=0", "--no-browser"]
    with lab_log.open("wb") as file:
        server = subprocess.Popen(
            command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + PATIENCE
        found = None
        while found is None:
            assert server.poll() is None, lab_log.read_text()
            assert time.monotonic() < deadline, lab_log.read_text()
            time.sleep(0.2)
            # The last lines of the message, after which nothing else is printed.
            found = re.search(r"copy and paste.*\n.*\n\s+(http://127\.0\.0\.1:\d+/\S+)\n", lab_log.read_text())
        yield found.group(1)
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        finally:
            server.kill()
