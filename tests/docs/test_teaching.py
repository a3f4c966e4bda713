"""docs/teaching.md: minutes that add up, questions that are asked, and the snippet for nbgrader."""

import re
from pathlib import Path

import nbformat
import pytest
from course import ROOT

TEACHING = ROOT / "docs" / "teaching.md"
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def cells_of(number: str) -> list[nbformat.NotebookNode]:
    [path] = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]


def minutes_of(number: str) -> dict[str, dict[str, int]]:
    """Of each section of a lesson."""
    sections = [cell for cell in cells_of(number) if "minutes" in cell.metadata]
    return {re.sub(r"#+ ", "", cell.source.partition("\n")[0]): cell.metadata.minutes for cell in sections}


def rows(title: str) -> list[list[str]]:
    """The rows of the first table below a heading."""
    below = TEACHING.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    table = [line for line in below.splitlines() if line.startswith("|")][2:]
    return [[cell.strip(" *") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]


@pytest.mark.parametrize(("title", "whole"), [("One lecture of 90 minutes", 90), ("One lab of three hours", 180)])
def test_a_plan_in_class_adds_up_and_has_the_minutes_of_the_lessons(title: str, whole: int) -> None:
    *parts, (_, last, together) = rows(title)
    assert last == "together"
    assert sum(int(minutes) for *_, minutes in parts) == int(together) == whole
    for lesson, section, minutes in parts:
        if section == "all of the core":
            assert int(minutes) == sum(each["class"] for each in minutes_of(lesson).values())
        elif lesson:
            assert int(minutes) == minutes_of(lesson)[section]["class"], (lesson, section)


def test_the_plan_for_self_study_holds_all_lessons_with_all_their_minutes() -> None:
    *parts, (_, last, together) = rows("Two weeks of self-study")
    assert last == "together"
    assert [lesson for _, lesson, _ in parts] == [path.stem[:2] for path in LESSONS]
    for _, lesson, minutes in parts:
        assert int(minutes) == sum(each["alone"] for each in minutes_of(lesson).values()), lesson
    assert sum(int(minutes) for *_, minutes in parts) == int(together)


def bare(text: str) -> str:
    return " ".join(text.replace("\\|", "|").split())


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_every_question_in_bold_has_a_row(notebook: Path) -> None:
    number = notebook.stem[:2]
    text = TEACHING.read_text(encoding="utf-8").partition(f"### Lesson {number}\n")[2].partition("\n### ")[0]
    asked = [bare(line.split(" | ")[0].strip("| ")) for line in text.splitlines() if line.startswith("| ")][2:]
    cells = [cell.source for cell in cells_of(number) if "quiz" not in cell.metadata.get("tags", [])]
    questions = [bare(found) for cell in cells for found in re.findall(r"\*\*([^*]+\?)\*\*", cell)]
    for question in questions:
        assert any(row in question for row in asked), question
    for row in asked:
        assert any(row in question for question in questions), f"nobody asks: {row}"


def test_the_snippet_for_nbgrader_makes_an_assignment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [snippet] = re.findall(r"```python\n(.*?)```", TEACHING.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")
    monkeypatch.chdir(tmp_path)
    exec(compile(snippet, str(TEACHING), "exec"), {})
    made = nbformat.read(tmp_path / "03_cam_math.ipynb", as_version=4)
    nbformat.validate(made)
    graded = [cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    solved = [cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert len(graded) == len(solved) == 6
    assert all("..." in cell.source for cell in solved)
    assert graded[3].source.endswith('assert outcome("3.4") == "right"')
    assert len({cell.metadata.nbgrader.grade_id for cell in graded + solved}) == 12
