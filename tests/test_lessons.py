"""Every lesson: the lecture edition on the data of this machine, the student edition without any; and what all have."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from course import ROOT
from editions import read_lesson
from nbformat import NotebookNode
from quiz import read_quiz

from cam_course.cli.running import run_notebook
from cam_course.data.cache import MNIST, locate
from cam_course.data.photos import load_photo, square
from cam_course.teaching.exercises.notebook import MIME as EXERCISE
from cam_course.teaching.exercises.notebook import exercises_of
from cam_course.teaching.identity import MIME

LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
MARK = "# NBVAL_CHECK_OUTPUT\n"  # what the cell prints is the same in both editions, whatever the data
ROOM = {"TF_NUM_INTRAOP_THREADS": "2"}  # for a lesson to use what the other worker, waiting for a browser, leaves idle
WITHOUT_DATA = [path for path in LESSONS if path.stem[:2] in ("00", "03")]


def nbval(notebook: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a notebook; cells marked NBVAL_CHECK_OUTPUT must print what is stored."""
    command = [sys.executable, "-m", "pytest", "--override-ini=addopts=", "-p", "no:cacheprovider", "-q"]
    command += ["-p", "nbval.plugin", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=600", str(notebook)]
    env = env | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # loading the others takes a second
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.runs_lesson
@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs(notebook: Path, offline_env: dict[str, str]) -> None:
    done = nbval(notebook, (dict(os.environ) if locate(MNIST) else offline_env) | ROOM)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    cells = sum(cell.cell_type == "code" for cell in nbformat.read(notebook, as_version=4).cells)
    assert f"{cells} passed" in done.stdout


def test_nbval_sees_a_changed_number(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell(MARK + "print(1 + 1)", execution_count=1)
    for shown, expected in (("2\n", 0), ("3\n", 1)):
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=shown)]
        path = tmp_path / "one.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
        assert nbval(path, dict(os.environ)).returncode == expected


def test_the_lessons_are_there() -> None:
    assert [path.stem[:2] for path in LESSONS] == ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10"]


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_lesson_is_complete(notebook: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for needed in ("After this lesson you can", "**Time:**", "**Before:**", "## Summary", "## Sources"):
        assert needed in text
    assert all("slide_type" in cell.metadata.get("slideshow", {}) for cell in cells)
    outputs = [output for cell in code for output in cell.outputs]
    assert any("<img " in output.get("data", {}).get("text/html", "") for output in outputs)
    assert not [output for output in outputs if output.get("name") == "stderr" or output.output_type == "error"]
    assert any(cell.source.startswith(MARK) for cell in code)
    if notebook.stem >= "02":
        assert any(MIME in output.get("data", {}) for output in outputs)
        assert "np.testing.assert_allclose(" in "\n".join(cell.source for cell in code)


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_code_cells_stay_short_and_narrow(notebook: Path) -> None:
    for cell in nbformat.read(notebook, as_version=4).cells:
        assert cell.cell_type == "markdown" or max(map(len, cell.source.splitlines())) <= 88, cell.source
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


def cells_of(path: Path, kind: str) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def text_of(path: Path) -> str:
    return " ".join("\n".join(cells_of(path, "markdown")).split())


# ---- minutes


def minutes_in_class(notebook: Path) -> int:
    [minutes] = re.findall(r"\*\*Time:\*\* (\d+) minutes in class", text_of(notebook))
    return int(minutes)


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_the_readme_has_the_minutes_of_the_lesson(notebook: Path) -> None:
    alone = re.findall(r"in class, (\d+) minutes alone", text_of(notebook))[0]
    [row] = re.findall(rf"^\|.*{notebook.name}.*\|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert row.endswith(f"| {minutes_in_class(notebook)} / {alone} min |")


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_the_minutes_of_the_sections_add_up_to_those_of_the_title(notebook: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells
    sections = [cell.metadata.minutes for cell in cells if "minutes" in cell.metadata]
    alone = int(re.findall(r"in class, (\d+) minutes alone", text_of(notebook))[0])
    assert sum(minutes["class"] for minutes in sections) == minutes_in_class(notebook)
    assert sum(minutes["alone"] for minutes in sections) == alone


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_a_slide_has_two_to_three_minutes(notebook: Path) -> None:
    kinds = [cell.metadata.slideshow.slide_type for cell in nbformat.read(notebook, as_version=4).cells]
    slides = sum(kind in ("slide", "subslide") for kind in kinds)
    assert 2 * slides <= minutes_in_class(notebook) <= 3 * slides


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_what_is_for_home_says_so_and_costs_no_minute_in_class(notebook: Path) -> None:
    before = False
    for cell in nbformat.read(notebook, as_version=4).cells:
        heading = re.match(r"#{1,3} .*", cell.source) if cell.cell_type == "markdown" else None
        at_home = "at-home" in cell.metadata.get("tags", [])
        if heading:
            assert heading[0].endswith("(at home)") == at_home, heading[0]
        else:
            assert before or not at_home, cell.source  # it begins with a heading
        if at_home and "minutes" in cell.metadata:
            assert cell.metadata.minutes["class"] == 0
        before = at_home


# ---- quiz


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_ends_with_a_quiz_of_four_or_five_questions(notebook: Path) -> None:
    [source] = (ROOT / "lessons").glob(f"{notebook.stem}.py")
    cells = read_lesson(source)
    for language in {language for cell in cells for language in cell.texts} - {"code"}:
        quizzes = [read_quiz(cell.texts[language])[1] for cell in cells if "quiz" in cell.tags]
        assert 4 <= len(quizzes) <= 5
        places = [[choice.right for choice in choices].index(True) for choices in quizzes]
        assert len(set(places)) >= 2, places
        for choices in quizzes:
            assert len({choice.feedback for choice in choices}) == len(choices)
    headings = [cell.texts["en"] for cell in cells if cell.texts.get("en", "").startswith("## ")]
    assert [re.sub(r"\W.*", "", heading[3:]) for heading in headings[-3:]] == ["Summary", "Quiz", "Sources"]


# ---- exercises in the notebooks


def said_by_checks(notebook: NotebookNode) -> list[tuple[str, str]]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = [output.data[EXERCISE] for output in outputs if EXERCISE in output.get("data", {})]
    return [(one["exercise"], one["outcome"]) for one in said]


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_every_check_of_the_lecture_edition_has_passed(notebook: Path) -> None:
    said = said_by_checks(nbformat.read(notebook, as_version=4))
    assert said == [(exercise.id, "right") for exercise in exercises_of(notebook.stem[:2])]


@pytest.mark.runs_lesson
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_the_student_edition_runs_to_its_end_untouched_and_without_data(
    lesson: Path, offline_env: dict[str, str], tmp_path: Path
) -> None:
    student = nbformat.read(lesson.parent / "student" / lesson.name, as_version=4)
    student.cells.append(nbformat.v4.new_code_cell(MEMORY))
    run_notebook(student, tmp_path, offline_env | ROOM)
    peak = student.cells.pop().outputs[0].text
    assert lesson.stem[:2] < "07" or not peak.strip() or int(peak) < 1e6  # kB
    exercises = exercises_of(lesson.stem[:2])
    assert said_by_checks(student) == [(exercise.id, "not attempted") for exercise in exercises]
    printed = printed_by_marked_cells(nbformat.read(lesson, as_version=4))
    assert printed
    assert printed_by_marked_cells(student) == printed


# The most memory that the kernel had for itself, in kB; the pages of TensorFlow's program file are everybody's.
MEMORY = """
from pathlib import Path
status = Path("/proc/self/status")  # Linux alone
lines = dict(line.split(":", 1) for line in status.read_text().splitlines()) if status.exists() else {}
print(int(lines["VmHWM"].split()[0]) - int(lines["RssFile"].split()[0]) if "RssFile" in lines else "")
"""


def printed_by_marked_cells(notebook: NotebookNode) -> list[tuple[str, str]]:
    cells = [cell for cell in notebook.cells if cell.source.startswith(MARK)]
    return [(cell.source, "".join(output.get("text", "") for output in cell.outputs)) for cell in cells]


# ---- letters


def formulas(notebook: Path) -> list[str]:
    return re.findall(r"\$\$.+?\$\$|\$[^$]+\$", text_of(notebook))


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_a_position_has_one_pair_of_letters_in_a_lesson(notebook: Path) -> None:
    by_xy = {formula for formula in formulas(notebook) if re.search(r"\(x,(\\,)? *y\)|\{x, *y\}", formula)}
    # Lesson 01 has i and j for the cells of a filter, which are no positions in a map.
    by_ij = {formula for formula in formulas(notebook) if re.search(r"[fFLM]\w*\(i, *j\)|\{ij\}", formula)}
    if notebook.stem[:2] == "05":
        assert by_ij
        assert by_xy == {"$f_k(x, y)$"}  # in the table that compares the letters
        assert "$f_k(x, y)$ in lessons 00 to 04" in text_of(notebook)
    else:
        assert by_xy
        assert not by_ij


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "at row $x$, column $y$"),
        (1, "At row $x$, column $y$"),
        (2, "at row $x$, column $y$"),
        (3, "at row $x$, column $y$"),
        (4, "Row $x$, column $y$, as in deck D1"),
        (5, "a position is $(i, j)$, row $i$ and column $j$"),
        (6, "A position is $(x, y)$ again, row $x$ and column $y$"),
        (7, "at row $x$, column $y$"),
        (8, "at row $x$, column $y$"),
        (9, "at row $x$, column $y$"),
        (10, "at row $x$, column $y$"),
    ],
)
def test_a_lesson_says_which_letter_is_the_row(number: int, said: str) -> None:
    assert said in text_of(LESSONS[number])


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_where_there_is_a_box_its_letters_are_told_from_those_of_a_position(notebook: Path) -> None:
    if "x0, y0, x1, y1" in "\n".join(cells_of(notebook, "code")):
        assert re.search(r"`\(x0, y0, x1, y1\)`.{0,200}x is the column", text_of(notebook))


# ---- what a reader meets


def test_the_mark_for_the_test_of_outputs_is_explained_where_it_first_appears() -> None:
    for path in (LESSONS[0], LESSONS[3], ROOT / "notebooks" / "ko" / LESSONS[3].name):
        cells = nbformat.read(path, as_version=4).cells
        first = next(n for n, cell in enumerate(cells) if cell.source.startswith(MARK))
        assert "`# NBVAL_CHECK_OUTPUT`" in cells[first - 1].source


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (4, "a stand-in takes its place: scikit-learn's digits, with weights trained on them"),
        (4, "The stand-in cannot show the numbers and the pictures that the text describes"),
        (6, "the line says that this ResNet50 is untrained. It can then still show every identity"),
        (6, "one and the same class first on all five photographs"),
    ],
)
def test_a_lesson_says_what_its_stand_in_can_and_cannot_show(number: int, said: str) -> None:
    assert said in text_of(LESSONS[number])


@pytest.mark.parametrize("notebook", LESSONS[:6], ids=lambda path: path.stem)
def test_maps_of_digits_are_drawn_with_an_outline_and_not_over_black(notebook: Path) -> None:
    for source in cells_of(notebook, "code"):
        for call in ast.walk(ast.parse(source)):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "show_strip":
                assert len(call.args) <= 2  # maps and titles, no picture
                assert "images" not in {word.arg for word in call.keywords}


# ---- one's own photograph, lesson 06


def photograph_cells() -> tuple[str, str]:
    code = cells_of(LESSONS[6], "code")
    [first] = [n for n, source in enumerate(code) if source.startswith("my_photo = ")]
    return code[first], code[first + 1]


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_every_figure_says_in_words_what_it_shows(notebook: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    assert not any(kind.startswith("image/") for data in outputs for kind in data), "a figure without words"
    figures = re.findall(r"<img [^>]*>", "".join(data.get("text/html", "") for data in outputs))
    assert len(figures) >= 3
    for figure in figures:
        alt = re.search(r'\balt="([^"]*)"', figure)
        assert alt is not None, figure[:200]
        assert len(alt[1]) >= 40, figure[:200]


def test_a_photograph_that_cannot_be_read_leaves_no_other_in_its_place() -> None:
    read, explain = photograph_cells()

    class Net:
        names = ()

        @staticmethod
        def prepare(picture: np.ndarray) -> np.ndarray:
            return picture[None]

    lesson = {"load_photo": load_photo, "square": square, "net": Net, "cam": lambda X, top: None}
    lesson["mine"] = "the explanation of the photograph before"
    with pytest.raises(FileNotFoundError, match=r"There is no file .*dog\.jpg"):
        exec(read.replace("astronaut", "/no/such/dog.jpg", 1), lesson)
    with pytest.raises(AssertionError, match="No photograph was read: run the cell above"):
        exec(explain, lesson)


def test_a_windows_path_can_be_pasted_between_the_quotation_marks() -> None:
    read, _ = photograph_cells()
    path = r"C:\Users\new\dog.jpg"
    [pasted] = [
        node.value.value
        for node in ast.parse(read.replace("astronaut", path, 1)).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "my_photo"
    ]
    assert pasted == path
    assert r'`r"C:\Users\me\dog.jpg"`' in text_of(LESSONS[6])
