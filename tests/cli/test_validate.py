"""cam-course validate: good notebooks, failing ones, and files that are none."""

from pathlib import Path

import nbformat
from course import cam_course


def notebook(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_markdown_cell("# Text"), *(nbformat.v4.new_code_cell(source) for source in sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


CHECK = "from cam_course.teaching.identity import check_identity\ncheck_identity('left = right', {}, {})"


def test_validate_counts_identities_and_shows_the_largest_residual(tmp_path: Path) -> None:
    path = notebook(tmp_path / "good.ipynb", CHECK.format(1.0, 1.0), CHECK.format(1.0, "1.0 + 2e-6"))
    before = path.read_bytes()
    done = cam_course("validate", str(path))
    assert done.returncode == 0, done.stderr
    (row,) = [line for line in done.stdout.splitlines() if "good.ipynb" in line]
    assert [cell.strip() for cell in row.split("│")[3:6]] == ["2", "2.0e-06", "passed"]
    assert path.read_bytes() == before
    assert "good.ipynb" in done.stderr  # the progress bar


def test_validate_names_the_cell_that_failed_and_goes_on(tmp_path: Path) -> None:
    bad = notebook(tmp_path / "bad.ipynb", "x = [1]", CHECK.format(1.0, 1.1), "print('never')")
    good = notebook(tmp_path / "good.ipynb", CHECK.format(2, 2))
    done = cam_course("validate", str(bad), str(good))
    assert done.returncode == 1
    text = " ".join(done.stdout.replace("│", " ").split())
    assert "failed: cell 3 ('from cam_course.teaching.identity import" in text
    assert "left = right: does not hold" in text
    assert "passed" in text


def test_validate_says_what_is_no_notebook(tmp_path: Path) -> None:
    (tmp_path / "text.ipynb").write_text("no notebook")
    done = cam_course("validate", str(tmp_path / "text.ipynb"), str(tmp_path / "missing.ipynb"))
    assert done.returncode == 1
    assert "it is not a notebook" in done.stdout
    assert "there is no such file" in done.stdout
    assert "Traceback" not in done.stderr


def test_validate_without_a_folder_of_notebooks_says_so(tmp_path: Path) -> None:
    done = cam_course("validate", cwd=tmp_path)
    assert done.returncode == 1
    assert "no folder notebooks here" in done.stderr
