"""tools/lab.py starts a real JupyterLab, and the address that it prints opens lesson 00."""

import json
import re
import shutil
import urllib.request
from pathlib import Path

import nbformat
import pytest
from course import ROOT
from jupyter_client import BlockingKernelClient
from lab import lab_arguments, sign
from nbformat.sign import NotebookNotary

LESSON = "notebooks/00_why_explain.ipynb"
PATIENCE = 60.0  # seconds for an answer


def get(address: str, path: str | None = None, content: int = 0, send: object = None) -> str:
    """The page at the address, or at another path of the same server, to which something may be sent."""
    where, token = address.split("?")
    if path is not None:
        where = re.sub(r"(http://[^/]+/).*", rf"\g<1>{path}", where)
    data = None if send is None else json.dumps(send).encode()
    with urllib.request.urlopen(f"{where}?{token}&content={content}", data, timeout=PATIENCE) as answer:
        assert answer.status in (200, 201)
        return answer.read().decode()


def test_the_printed_address_is_that_of_lesson_00(lab):
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/lab/tree/{LESSON}\?token=\w+", lab)
    assert "<title>JupyterLab</title>" in get(lab)


def test_the_lesson_is_there(lab):
    assert json.loads(get(lab, f"api/contents/{LESSON}"))["type"] == "notebook"


def test_no_question_about_news_covers_the_lesson(lab):
    setting = json.loads(get(lab, "lab/api/settings/@jupyterlab/apputils-extension:notification"))
    assert setting["schema"]["properties"]["fetchNews"]["default"] == "false"


def test_the_lessons_are_trusted_as_they_are_stored(lab, lab_log):
    for lesson in (LESSON, "notebooks/ko/03_cam_math.ipynb", "notebooks/student/03_cam_math.ipynb"):
        cells = json.loads(get(lab, f"api/contents/{lesson}", content=1))["content"]["cells"]
        assert all(cell["metadata"]["trusted"] for cell in cells if cell["cell_type"] == "code")
    assert "not trusted" not in lab_log.read_text()


def test_a_kernel_starts_without_a_warning(lab, lab_log):
    kernel = json.loads(get(lab, "api/kernels", send={"name": "python3"}))["id"]
    client = BlockingKernelClient(connection_file=str(lab_log.parent / "RUNTIME" / f"kernel-{kernel}.json"))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(PATIENCE)
    assert client.execute_interactive("1 + 1", timeout=PATIENCE)["content"]["status"] == "ok"
    client.stop_channels()
    log = lab_log.read_text()
    assert "Kernel started" in log
    assert not re.search("without encryption|WARNING", log)


def test_a_notebook_that_is_not_the_courses_or_none_is_not_signed(tmp_path: Path):
    notebooks, folder = tmp_path / "notebooks", tmp_path / "data" / "cam-course"
    notebooks.mkdir()
    shutil.copy(ROOT / LESSON, notebooks / "00_why_explain.ipynb")
    before = (notebooks / "00_why_explain.ipynb").read_bytes()
    foreign = json.loads(before)
    foreign["cells"].pop()
    (notebooks / "Untitled.ipynb").write_text(json.dumps(foreign))
    (notebooks / "01_merge.ipynb").write_text("<<<<<<< HEAD")
    sign(notebooks, folder)
    notary = NotebookNotary(data_dir=str(folder))
    paths = [notebooks / name for name in ("00_why_explain.ipynb", "Untitled.ipynb")]
    trusted = [notary.check_signature(nbformat.read(path, as_version=4)) for path in paths]
    notary.store.close()
    assert trusted == [True, False]
    assert (notebooks / "00_why_explain.ipynb").read_bytes() == before


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


def test_the_readme_says_how_it_stops_where_windows_has_the_program_and_what_the_decks_are():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for needed in ("Clone this repository", "Control-C twice", "File > Shut Down", r".venv\Scripts\cam-course"):
        assert needed in text
    cited = set(re.findall(r"\bD\d\b", "".join(path.read_text("utf-8") for path in (ROOT / "lessons").glob("*.py"))))
    assert cited
    assert all(re.search(rf"{deck}( is)? \*?[A-Z]", text) for deck in cited)
