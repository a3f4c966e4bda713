"""tools/lab.py starts a real JupyterLab, and the address that it prints opens lesson 00."""

import json
import re
import urllib.request

import pytest
from lab import lab_arguments

LESSON = "notebooks/00_why_explain.ipynb"
PATIENCE = 60.0  # seconds for an answer


def get(address: str, path: str | None = None) -> str:
    """The page at the address, or at another path of the same server."""
    where, token = address.split("?")
    if path is not None:
        where = re.sub(r"(http://[^/]+/).*", rf"\g<1>{path}", where)
    with urllib.request.urlopen(f"{where}?{token}&content=0", timeout=PATIENCE) as answer:
        assert answer.status == 200
        return answer.read().decode()


def test_the_printed_address_is_that_of_lesson_00(lab):
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/lab/tree/{LESSON}\?token=\w+", lab)
    assert "<title>JupyterLab</title>" in get(lab)


def test_the_lesson_is_there(lab):
    assert json.loads(get(lab, f"api/contents/{LESSON}"))["type"] == "notebook"


def test_no_question_about_news_covers_the_lesson(lab):
    setting = json.loads(get(lab, "lab/api/settings/@jupyterlab/apputils-extension:notification"))
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
