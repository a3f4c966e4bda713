"""Every lesson of the lecture edition, through nbval, in both worlds; and what every lesson must have."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from course import ROOT

from cam_course.data.cache import MNIST, locate
from cam_course.teaching.identity import MIME

LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
WITHOUT_DATA = [path for path in LESSONS if path.stem[:2] in ("00", "03")]  # the same in both worlds


def nbval(notebook: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a notebook; cells marked NBVAL_CHECK_OUTPUT must print what is stored."""
    command = [sys.executable, "-m", "pytest", "--override-ini=addopts=", "-p", "no:cacheprovider", "-q"]
    command += ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=600", str(notebook)]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


RUNS = [(path, world) for path in LESSONS for world in (("offline",) if path in WITHOUT_DATA else ("real", "offline"))]


@pytest.mark.runs_lesson
@pytest.mark.parametrize(("notebook", "world"), RUNS, ids=lambda value: getattr(value, "stem", value))
def test_lesson_runs(notebook: Path, world: str, offline_env: dict[str, str]) -> None:
    if world == "real" and locate(MNIST) is None:
        pytest.skip("Keras' cache holds no MNIST: only the offline world is tested")
    done = nbval(notebook, dict(os.environ) if world == "real" else offline_env)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    cells = sum(cell.cell_type == "code" for cell in nbformat.read(notebook, as_version=4).cells)
    assert f"{cells} passed" in done.stdout


def test_nbval_sees_a_changed_number(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell("# NBVAL_CHECK_OUTPUT\nprint(1 + 1)", execution_count=1)
    for shown, expected in (("2\n", 0), ("3\n", 1)):
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=shown)]
        path = tmp_path / "one.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
        assert nbval(path, dict(os.environ)).returncode == expected


def test_the_seven_lessons_are_there() -> None:
    assert [path.stem[:2] for path in LESSONS] == ["00", "01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_lesson_is_complete(notebook: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for needed in ("After this lesson you can", "**Time:**", "**Before:**", "## Summary", "## Sources"):
        assert needed in text
    assert all("slide_type" in cell.metadata.get("slideshow", {}) for cell in cells)
    outputs = [output for cell in code for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.get("name") == "stderr" or output.output_type == "error"]
    assert any(cell.source.startswith("# NBVAL_CHECK_OUTPUT\n") for cell in code)
    if notebook.stem >= "02":
        assert any(MIME in output.get("data", {}) for output in outputs)
        assert "np.testing.assert_allclose(" in "\n".join(cell.source for cell in code)


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_code_cells_stay_short(notebook: Path) -> None:
    for cell in nbformat.read(notebook, as_version=4).cells:
        lines = [line for line in cell.source.splitlines() if line and not line.startswith(("import ", "from "))]
        assert cell.cell_type == "markdown" or len(lines) <= 15, cell.source


@pytest.mark.parametrize("notebook", WITHOUT_DATA, ids=lambda path: path.stem)
def test_the_lessons_on_numpy_alone_import_neither_tensorflow_nor_data(notebook: Path) -> None:
    source = (ROOT / "lessons" / f"{notebook.stem}.py").read_text(encoding="utf-8")
    assert not re.search(
        r"^(import|from) (keras|tensorflow|cam_course\.(models|methods|network|data\.mnist))", source, re.MULTILINE
    )
    assert not re.search(r"^from cam_course import .*(CAM|GradCAM)", source, re.MULTILINE)


def test_lesson_06_says_which_weights_drew_its_figures() -> None:
    outputs = [
        output.get("text", "")
        for cell in nbformat.read(LESSONS[6], as_version=4).cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]
    assert any(text.startswith("Weights: ") for text in outputs)
