"""tools/lab.py starts a real JupyterLab, and the address that it prints opens lesson 00."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
from course import ROOT
from lab import lab_arguments

LESSON = "notebooks/00_why_explain.ipynb"
PATIENCE = 60.0  # seconds


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address, token included, that JupyterLab prints where there is no display."""
    folder = tmp_path_factory.mktemp("lab")
    environ = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    # Neither read nor write the settings of whoever runs the tests.
    environ |= {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    log = folder / "log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "tools" / "lab.py"), "--port=0", "--no-browser"],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        found = None
        while found is None:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
            # The last lines of the message, after which nothing else is printed.
            found = re.search(r"copy and paste.*\n.*\n\s+(http://127\.0\.0\.1:\d+/\S+)\n", log.read_text())
        yield found.group(1)
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        finally:
            server.kill()


def get(address: str, path: str | None = None) -> str:
    """The page at the address, or at another path of the same server."""
    where, token = address.split("?")
    if path is not None:
        where = re.sub(r"(http://[^/]+/).*", rf"\g<1>{path}", where)
    with urllib.request.urlopen(f"{where}?{token}&content=0", timeout=PATIENCE) as answer:
        assert answer.status == 200
        return answer.read().decode()


def test_the_printed_address_is_that_of_lesson_00(address):
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/lab/tree/{LESSON}\?token=\w+", address)
    assert "<title>JupyterLab</title>" in get(address)


def test_the_lesson_is_there(address):
    assert json.loads(get(address, f"api/contents/{LESSON}"))["type"] == "notebook"


def test_no_question_about_news_covers_the_lesson(address):
    setting = json.loads(get(address, "lab/api/settings/@jupyterlab/apputils-extension:notification"))
    assert setting["schema"]["properties"]["fetchNews"]["default"] == "false"


@pytest.mark.parametrize(
    ("platform", "environ", "opens_a_browser"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_browser_is_opened_where_there_is_a_display(platform, environ, opens_a_browser):
    assert ("--no-browser" not in lab_arguments(platform, environ, is_root=False)) == opens_a_browser


def test_only_root_needs_to_allow_root():
    assert "--allow-root" in lab_arguments("linux", {}, is_root=True)
    assert "--allow-root" not in lab_arguments("linux", {}, is_root=False)
