"""The build of the notebooks, on small lessons in a temporary folder, and its check on the real ones."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import build_notebooks
import nbformat
import pytest
from course import PROGRAM
from editions import BuildError, make_edition, read_lesson
from keras_home import linked_keras_home
from nbformat import NotebookNode

FRAGMENT = 'slideshow={"slide_type": "fragment"}'
MINUTES = 'minutes={"class": 2, "alone": 5}'
ENGLISH = (
    f'# %% [markdown] lang="en" {MINUTES} {FRAGMENT}\n'
    "# # Maps\n#\n# The sum $\\sum_k w_k f_k$.\n#\n# - one\n#     - two\n\n"
)
KOREAN = f'# %% [markdown] lang="ko" {MINUTES} {FRAGMENT}\n# # 맵\n#\n# 합 $\\sum_k w_k f_k$.\n\n'
CODE = f"# %% {FRAGMENT}\nprint(6 * 7)\n\n"
EXERCISE = f"""# %% tags=["exercise"] {FRAGMENT}
f = [1, 2]
### BEGIN SOLUTION
S = sum(f)
### END SOLUTION

"""
HEADER = """# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
#
# A note to the authors of the lesson.

"""
TINY = HEADER + ENGLISH + KOREAN + CODE + EXERCISE
FOUR = ["00_tiny.ipynb", "ko/00_tiny.ipynb", "ko/student/00_tiny.ipynb", "student/00_tiny.ipynb"]


class Course:
    """A course of one or more small lessons."""

    def __init__(self, root: Path):
        self.root = root
        self.notebooks = root / "notebooks"

    def lesson(self, text: str, name: str = "00_tiny") -> Path:
        path = self.root / "lessons" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def build(self, *arguments: str) -> int:
        return build_notebooks.main([*arguments], root=self.root)

    def stored(self) -> list[str]:
        return sorted(
            path.relative_to(self.notebooks).as_posix() for path in self.notebooks.rglob("*") if path.is_file()
        )

    def read(self, name: str = "00_tiny.ipynb") -> NotebookNode:
        return nbformat.read(self.notebooks / name, as_version=4)

    def edit(self, name: str, edit) -> None:
        """Change a stored notebook by hand."""
        notebook = self.read(name)
        edit(notebook)
        nbformat.write(notebook, self.notebooks / name)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = Course(tmp_path_factory.mktemp("course"))
    course.lesson(TINY)
    assert course.build() == 0
    return course


@pytest.fixture
def built(built_once: Course, tmp_path: Path) -> Course:
    """A course whose one lesson was run and stored; each test has its own copy."""
    shutil.copytree(built_once.root, tmp_path, dirs_exist_ok=True)
    return Course(tmp_path)


def lecture(course: Course, text: str) -> NotebookNode:
    return make_edition(read_lesson(course.lesson(text)), "en", "lecture")


def student(course: Course, text: str) -> NotebookNode:
    return make_edition(read_lesson(course.lesson(text)), "en", "student")


# ---- what a lesson says


def test_text_and_code_arrive_as_written(course: Course) -> None:
    code = (
        "# NBVAL_CHECK_OUTPUT\n# cat and dog\n# %matplotlib inline\n# !ls\n\n\ndef f():\n    return 1\n\n\nprint(f())"
    )
    notebook = lecture(course, HEADER + ENGLISH + f"# %% {FRAGMENT}\n{code}\n")
    assert [cell.source for cell in notebook.cells] == [
        "# Maps\n\nThe sum $\\sum_k w_k f_k$.\n\n- one\n    - two",
        code,
    ]


def test_metadata_is_slideshow_tags_and_minutes_alone(course: Course) -> None:
    notebook = lecture(
        course, HEADER + ENGLISH + f'# %% tags=["check"] {FRAGMENT}\n1\n# %% {FRAGMENT}\n"""\n# %\n"""\n'
    )
    slideshow = {"slide_type": "fragment"}
    assert [dict(cell.metadata) for cell in notebook.cells] == [
        {"slideshow": slideshow, "minutes": {"class": 2, "alone": 5}},
        {"slideshow": slideshow, "tags": ["check"]},
        {"slideshow": slideshow},
    ]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)


def test_each_edition_has_its_language(course: Course) -> None:
    cells = read_lesson(course.lesson(TINY))
    assert make_edition(cells, "en", "lecture").cells[0].source.startswith("# Maps")
    assert make_edition(cells, "ko", "lecture").cells[0].source.startswith("# 맵")
    assert len(make_edition(cells, "ko", "student").cells) == 3


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (ENGLISH + KOREAN + CODE + ENGLISH.replace("- one", "- 1"), 17, "translate it"),
        (ENGLISH + ENGLISH.replace("- one", "- 1") + KOREAN, 1, "translate it"),
        (KOREAN + ENGLISH + KOREAN, 1, "no English one directly above"),
        (ENGLISH + CODE + KOREAN, 1, "translate it"),
        (ENGLISH + KOREAN + KOREAN, 14, "no English one directly above"),
        (ENGLISH + KOREAN.replace('"fragment"', '"notes"'), 9, "make them the same"),
        (ENGLISH + KOREAN.replace("slideshow", 'tags=["quiz"] slideshow'), 9, "make them the same"),
        (ENGLISH.replace('lang="en" ', ""), 1, 'needs lang="en" or lang="ko", this one has None'),
        (ENGLISH.replace('"en"', '"de"'), 1, "this one has 'de'"),
        (CODE.replace("%% ", '%% lang="en" '), 1, "take lang='en' out"),
        (CODE + CODE.replace(FRAGMENT, ""), 4, "this one has None"),
        (CODE.replace("fragment", "slides"), 1, "this one has {'slide_type': 'slides'}"),
        (CODE.replace("slideshow", "slidshow"), 1, "unknown metadata ['slidshow']"),
        (CODE.replace("}", ""), 1, "unknown metadata ['incorrectly_encoded_metadata']"),
        (CODE.replace("%% ", "%% A title "), 1, "unknown metadata ['title']"),
        (CODE.replace("%% ", "%% [raw] "), 1, "no edition shows a raw cell"),
        (CODE.replace("print(6 * 7)", ""), 1, "the cell is empty"),
        (CODE.replace("%% ", '%% tags=["quizz"] '), 1, "unknown tags ['quizz']; there are at-home, check,"),
        (CODE.replace("%% ", '%% tags=["at-home"] '), 1, "what is for home is no slide"),
        (CODE.replace("%% ", f"%% {MINUTES} "), 1, "minutes stand on the heading of a section"),
        (ENGLISH.replace(f"{MINUTES} ", ""), 1, "a section needs its minutes"),
        (ENGLISH.replace("5}", '"5"}'), 1, "a section needs its minutes"),
        (ENGLISH.replace("5}", "-5}"), 1, "a section needs its minutes"),
        (ENGLISH.replace(', "alone": 5', ""), 1, "a section needs its minutes"),
    ],
)
def test_malformed_cell_is_refused_with_its_line(course: Course, text: str, line: int, problem: str) -> None:
    lines_above = HEADER.count("\n")
    with pytest.raises(BuildError, match=f"^lessons/00_tiny.py:{line + lines_above}: .*{re.escape(problem)}"):
        read_lesson(course.lesson(HEADER + text))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# only a comment\n", "there is no cell"),
        (CODE.replace("%% ", '%% tags="quiz" '), "metadata of the wrong form"),
        (CODE.replace("6 * 7", '"""\n# %% not a cell\n"""'), "stands inside a string"),
    ],
)
def test_malformed_file_is_refused(course: Course, text: str, problem: str) -> None:
    with pytest.raises(BuildError, match=f"^lessons/00_tiny.py: .*{problem}"):
        read_lesson(course.lesson(text))


# ---- quiz

QUIZ = """**Which?**

- [ ] The first $a < b$. :: No:
  it is not.
- [x] The second. :: Yes.
"""


def quiz(text: str, language: str = "en") -> str:
    commented = "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
    return f'# %% [markdown] lang="{language}" tags=["quiz"] {FRAGMENT}\n{commented}\n'


def test_a_question_opens_choice_by_choice(course: Course) -> None:
    cells = read_lesson(course.lesson(HEADER + quiz(QUIZ) + quiz(QUIZ.replace("Yes", "네"), "ko")))
    for language, yes in (("en", "Yes."), ("ko", "네.")):
        (cell,) = make_edition(cells, language, "student").cells
        assert cell.source == (
            "**Which?**\n\n"
            "<details><summary>The first $a < b$.</summary>\n\nNo: it is not.\n\n</details>\n\n"
            f"<details><summary>The second.</summary>\n\n{yes}\n\n</details>"
        )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (QUIZ.replace("[x]", "[ ]"), "one right choice"),
        (QUIZ.replace("- [ ]", "- [x]"), "one right choice"),
        (QUIZ.replace(" :: Yes.", ""), "the choice 'The second.' has no feedback"),
        (QUIZ.replace("**Which?**\n\n", ""), "begins with its question"),
        ("**Which?**\n", "2 to 5 choices"),
    ],
)
def test_an_incomplete_question_is_refused(course: Course, text: str, problem: str) -> None:
    with pytest.raises(BuildError, match=f"lessons/00_tiny.py:1: .*{re.escape(problem)}"):
        lecture(course, quiz(text))


# ---- cell ids


def test_ids_are_the_same_in_all_editions(course: Course) -> None:
    cells = read_lesson(course.lesson(TINY))
    ids = [[cell.id for cell in make_edition(cells, *key).cells] for key in build_notebooks.EDITIONS]
    assert len(ids) == 4
    assert all(edition == ids[0] for edition in ids)
    assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", cell_id) for cell_id in ids[0])


def test_ids_stay_when_a_cell_is_inserted_and_change_with_the_source(course: Course) -> None:
    before = [cell.id for cell in lecture(course, TINY).cells]
    inserted = [cell.id for cell in lecture(course, TINY.replace(CODE, f"# %% {FRAGMENT}\nnew = 1\n\n{CODE}")).cells]
    assert inserted[:1] + inserted[2:] == before
    changed = [cell.id for cell in lecture(course, TINY.replace("6 * 7", "7 * 6")).cells]
    assert [old == new for old, new in zip(before, changed, strict=True)] == [True, False, True]
    translated_anew = [cell.id for cell in lecture(course, TINY.replace("합", "덧셈")).cells]
    assert translated_anew == before


def test_ids_of_equal_cells_and_of_other_lessons_differ(course: Course) -> None:
    first, second = (cell.id for cell in lecture(course, CODE + CODE).cells)
    assert second == f"{first}-2"
    other = read_lesson(course.lesson(CODE, name="01_other"))[0].id
    assert other != first


# ---- exercises and solutions


def test_lecture_edition_folds_the_solution_and_keeps_the_marks_for_nbgrader(course: Course) -> None:
    (cell,) = lecture(course, EXERCISE).cells
    assert cell.source == "f = [1, 2]\n### BEGIN SOLUTION\nS = sum(f)\n### END SOLUTION"
    assert cell.metadata == {
        "slideshow": {"slide_type": "fragment"},
        "tags": ["exercise"],
        "jupyter": {"source_hidden": True},
    }


def test_student_edition_has_a_placeholder_that_a_check_can_look_at(course: Course) -> None:
    (cell,) = student(course, EXERCISE).cells
    assert cell.source == "f = [1, 2]\n# your answer here\nS = ..."
    assert cell.metadata == {"slideshow": {"slide_type": "fragment"}, "tags": ["exercise"]}


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("return f @ w", "return ..."),
        ("S = f @ w\nif b:\n    S = S + b\nreturn S", "return ..."),
        ("S[0] = 1", "..."),
        ("M, (S, *_) = g(), h()\nM = [k for k in M]", "M = ...\nS = ...\n_ = ..."),
        ("a = b = 1\n\nif a:\n    c = 2", "a = ...\nb = ..."),
        ("# why\nS = (\n    1\n)", "S = ..."),
    ],
)
def test_placeholder_names_what_the_solution_assigns(course: Course, solution: str, answer: str) -> None:
    code = f"k = 1\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
    (cell,) = student(course, f'# %% tags=["exercise"] {FRAGMENT}\n{code}\n').cells
    assert cell.source == f"k = 1\n# your answer here\n{answer}"


def test_a_solution_may_not_be_the_line_that_a_folded_cell_shows(course: Course) -> None:
    code = "### BEGIN SOLUTION\nS = 1\n### END SOLUTION"
    with pytest.raises(BuildError, match=r"lessons/00_tiny\.py:1: a solution may not begin its cell"):
        lecture(course, f'# %% tags=["exercise"] {FRAGMENT}\n{code}\n')


def test_each_placeholder_keeps_the_indentation_of_its_marks(course: Course) -> None:
    code = """def cam(f, w):
    ### BEGIN SOLUTION
    M = 0
    for k in range(3):
        M = M + w[k] * f[k]
    ### END SOLUTION
    return M


### BEGIN SOLUTION
print(cam(f, w))
### END SOLUTION
x = 1
"""
    text = f'# %% tags=["exercise"] {FRAGMENT}\n{code}'
    (cell,) = student(course, text).cells
    assert cell.source == (
        "def cam(f, w):\n    # your answer here\n    M = ...\n    return M\n\n\n# your answer here\n...\nx = 1"
    )
    (cell,) = lecture(course, text).cells
    assert cell.source + "\n" == code


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("### BEGIN SOLUTION\nx = 1", "lacks its partner"),
        ("x = 1\n### END SOLUTION", "lacks its partner"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n### END SOLUTION", "lacks its partner"),
        ("### BEGIN SOLUTION\n### END SOLUTION", "lacks its partner"),
        ("### END SOLUTION\nx = 1\n### BEGIN SOLUTION", "lacks its partner"),
        ("# BEGIN SOLUTION\nx = 1\n# END SOLUTION", "`# BEGIN SOLUTION` is no solution mark"),
        ("### begin solution\nx = 1\n### end solution", "`### begin solution` is no solution mark"),
        ("x = (\n### BEGIN SOLUTION\n1)\n### END SOLUTION", "move the marks"),
    ],
)
def test_wrong_marks_are_refused(course: Course, code: str, problem: str) -> None:
    text = f'{CODE}# %% tags=["exercise"] {FRAGMENT}\n{code}\n'
    with pytest.raises(BuildError, match=f"^lessons/00_tiny.py:4: .*{problem}"):
        student(course, text)


def test_solution_without_the_tag_exercise_is_refused(course: Course) -> None:
    with pytest.raises(BuildError, match=r"lessons/00_tiny.py:1: .*is an exercise"):
        lecture(course, EXERCISE.replace('tags=["exercise"] ', ""))


def test_cells_tagged_solution_are_for_the_lecturer(course: Course) -> None:
    text = (
        ENGLISH.replace("slideshow", 'tags=["solution"] slideshow')
        + CODE.replace("%% ", '%% tags=["solution"] ')
        + CODE
    )
    assert [cell.source for cell in student(course, text).cells] == ["print(6 * 7)"]
    folded = [cell.metadata.get("jupyter") for cell in lecture(course, text).cells]
    assert folded == [None, {"source_hidden": True}, None]


# ---- outputs


def test_build_stores_four_editions_and_outputs_in_two(built: Course) -> None:
    assert built.stored() == FOUR
    assert built.read("00_tiny.ipynb").cells[1].outputs == [{"output_type": "stream", "name": "stdout", "text": "42\n"}]
    for name in FOUR:
        code = [cell for cell in built.read(name).cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == ([None, None] if "student" in name else [1, 2])
    assert built.read("ko/00_tiny.ipynb").cells[1:] == built.read("00_tiny.ipynb").cells[1:]
    assert not any(cell.get("outputs") for cell in built.read("student/00_tiny.ipynb").cells)


def test_lesson_without_korean_has_two_editions(course: Course) -> None:
    course.lesson(ENGLISH + CODE)
    assert course.build("--no-run") == 0
    assert course.stored() == ["00_tiny.ipynb", "student/00_tiny.ipynb"]


def test_stored_files_are_the_same_after_a_second_run(built: Course) -> None:
    before = {name: (built.notebooks / name).read_bytes() for name in FOUR}
    assert built.build() == 0
    assert {name: (built.notebooks / name).read_bytes() for name in FOUR} == before
    assert b"\r" not in before["00_tiny.ipynb"]
    assert "맵" in before["ko/00_tiny.ipynb"].decode("utf-8")


def test_kernel_runs_where_the_notebook_lies_and_leaves_the_keras_folder_alone(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = course.root / "keras"
    (real / "datasets").mkdir(parents=True)
    monkeypatch.setenv("KERAS_HOME", str(real))
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("CAM_COURSE_RESNET50", "keras/resnet.keras")
    course.lesson(f"""# %% {FRAGMENT}
import json, os, sys
from pathlib import Path

home = Path(os.environ["KERAS_HOME"])
(home / "keras.json").write_text("written by Keras")
facts = {{name: os.environ[name] for name in ["TF_CPP_MIN_LOG_LEVEL", "MPLBACKEND"]}} | {{"python": sys.executable}}
paths = {{"cwd": "", "datasets": home / "datasets", "CAM_COURSE_RESNET50": os.environ["CAM_COURSE_RESNET50"]}}
facts["paths"] = {{name: os.path.realpath(path) for name, path in paths.items()}}
print(json.dumps(facts))
""")
    assert course.build() == 0
    facts = json.loads(course.read().cells[0].outputs[0].text)
    assert facts.pop("MPLBACKEND").endswith("matplotlib_inline.backend_inline")
    assert facts.pop("TF_CPP_MIN_LOG_LEVEL") == "3"
    assert Path(facts.pop("python")) == Path(sys.executable)
    assert facts["paths"] == {
        "CAM_COURSE_RESNET50": os.path.realpath(real / "resnet.keras"),
        "cwd": os.path.realpath(course.notebooks),
        "datasets": os.path.realpath(real / "datasets"),
    }
    assert [path.name for path in real.iterdir()] == ["datasets"]


def test_lines_printed_one_after_the_other_are_stored_as_one_output(course: Course) -> None:
    course.lesson(
        f"# %% {FRAGMENT}\nimport time\n\nfor k in range(3):\n    print(k, flush=True)\n    time.sleep(0.1)\n"
    )
    assert course.build() == 0
    assert [output.text for output in course.read().cells[0].outputs] == ["0\n1\n2\n"]


def test_widget_gives_way_to_its_still_picture(course: Course) -> None:
    course.lesson(f"""# %% {FRAGMENT}
from IPython.display import display
view = {{"application/vnd.jupyter.widget-view+json": {{"model_id": "1", "version_major": 2, "version_minor": 0}}}}
display(view | {{"text/html": '<img alt="a map">', "text/plain": "a map"}}, raw=True)
display(view | {{"text/html": "<b>a quiz</b>"}}, raw=True)
display(view | {{"text/plain": "a slider"}}, raw=True)
""")
    assert course.build() == 0
    notebook = course.read()
    assert [sorted(output.data) for output in notebook.cells[0].outputs] == [
        ["text/html", "text/plain"],
        ["text/html"],
        ["application/vnd.jupyter.widget-view+json", "text/plain"],
    ]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert set(notebook.metadata["language_info"]) == {"name"}


def test_cell_that_fails_leaves_the_stored_notebooks_untouched(
    built: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {name: (built.notebooks / name).read_bytes() for name in FOUR}
    built.lesson(TINY.replace("6 * 7", "6 / 0"))
    assert built.build() == 1
    assert {name: (built.notebooks / name).read_bytes() for name in built.stored()} == before
    error = capsys.readouterr().err
    line = TINY[: TINY.index(CODE)].count("\n") + 1
    assert error.startswith(f"lessons/00_tiny.py:{line}: this cell does not run")
    assert "ZeroDivisionError" in error


def test_figure_without_alternative_text_is_refused(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    course.lesson(CODE + f"# %% {FRAGMENT}\nimport matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.show()\n")
    assert course.build() == 1
    assert "lessons/00_tiny.py:4: this figure has no alternative text" in capsys.readouterr().err


def test_cell_that_prints_a_warning_is_refused(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    course.lesson(CODE + f"# %% {FRAGMENT}\nimport warnings\nwarnings.warn('old function')\n")
    assert course.build() == 1
    assert re.match(r"lessons/00_tiny.py:4: this cell prints a warning.*old function", capsys.readouterr().err)
    assert course.stored() == []


def test_figures_of_the_stand_in_are_not_stored(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    course.lesson(f"# %% {FRAGMENT}\nprint('Stand-in for MNIST: digits')\n")
    assert course.build() == 1
    assert f"the real data is missing; run `{PROGRAM} fetch` first" in capsys.readouterr().err
    assert not list(course.root.rglob("*.ipynb"))


def test_no_run_keeps_the_outputs_of_unchanged_code(built: Course) -> None:
    built.lesson(TINY.replace("The sum", "This sum").replace("합", "덧셈").replace("[1, 2]", "[1, 3]"))
    assert built.build("--no-run") == 0
    for name, start in [("00_tiny.ipynb", "# Maps\n\nThis sum"), ("ko/00_tiny.ipynb", "# 맵\n\n덧셈")]:
        text, code, exercise = built.read(name).cells
        assert text.source.startswith(start)
        assert (code.outputs[0].text, code.execution_count) == ("42\n", 1)
        assert exercise.source.startswith("f = [1, 3]")
        assert exercise.execution_count is None


# ---- --check


def test_check_passes_after_a_build_and_writes_nothing(built: Course) -> None:
    before = {name: (built.notebooks / name).stat().st_mtime_ns for name in FOUR}
    assert built.build("--check") == 0
    assert {name: (built.notebooks / name).stat().st_mtime_ns for name in built.stored()} == before


def set_source(notebook: NotebookNode) -> None:
    notebook.cells[1].source += "  # edited"


def set_id(notebook: NotebookNode) -> None:
    notebook.cells[1].id = "another"


def set_slideshow(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata.slideshow.slide_type = "skip"


def drop_tag(notebook: NotebookNode) -> None:
    notebook.cells[2].metadata.tags = []


def drop_cell(notebook: NotebookNode) -> None:
    del notebook.cells[2]


def set_kernel(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec.name = "tf"


@pytest.mark.parametrize("name", FOUR)
@pytest.mark.parametrize(
    ("change", "where"),
    [
        (set_source, "cell 2 ('print(6 * 7)')"),
        (set_id, "cell 2 ("),
        (set_slideshow, "cell 2 ("),
        (drop_tag, "cell 3 ('f = [1, 2]')"),
        (drop_cell, "cell 3 ('f = [1, 2]')"),
        (set_kernel, "the notebook's metadata"),
    ],
)
def test_check_finds_a_notebook_changed_by_hand(
    built: Course, capsys: pytest.CaptureFixture[str], name: str, change, where: str
) -> None:
    built.edit(name, change)
    assert built.build("--check") == 1
    line, *others = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{built.notebooks / name}: {where}")
    assert "differs from the lesson" in line
    # The Korean lecture edition has the outputs of the English one, so it may be named beside that one, and only then.
    assert not others or (name, len(others)) == ("00_tiny.ipynb", 1)


def faults(course: Course, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Run --check and return its lines, the folder taken off their front."""
    code = course.build("--check", *arguments)
    lines = capsys.readouterr().err.splitlines()
    assert code == (1 if lines else 0)
    return [line.replace(f"{course.notebooks}{os.sep}", "").replace(os.sep, "/") for line in lines]


def test_check_finds_a_lesson_changed_since_the_build(built: Course, capsys: pytest.CaptureFixture[str]) -> None:
    built.lesson(TINY.replace("합", "덧셈"))
    assert [line.split(": cell 1")[0] for line in faults(built, capsys)] == [
        "ko/00_tiny.ipynb",
        "ko/student/00_tiny.ipynb",
    ]


def test_check_finds_outputs_in_a_student_edition(built: Course, capsys: pytest.CaptureFixture[str]) -> None:
    built.edit("student/00_tiny.ipynb", lambda notebook: notebook.cells[2].update(execution_count=3))
    (line,) = faults(built, capsys)
    assert line.startswith("student/00_tiny.ipynb: cell 3")


def test_check_finds_korean_outputs_that_are_not_the_english_ones(
    built: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    built.edit("ko/00_tiny.ipynb", lambda notebook: notebook.cells[1].update(outputs=[]))
    (line,) = faults(built, capsys)
    assert line.startswith("ko/00_tiny.ipynb: cell 2")


def test_check_finds_cells_never_run(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    course.lesson(TINY)
    assert course.build("--no-run") == 0
    assert faults(course, capsys) == [
        f"{name}: its cells were not all run, from the first to the last; build it without --no-run."
        for name in FOUR[:2]
    ]


def test_check_finds_missing_and_stale_notebooks(built: Course, capsys: pytest.CaptureFixture[str]) -> None:
    (built.notebooks / "student/00_tiny.ipynb").unlink()
    shutil.copy(built.notebooks / "00_tiny.ipynb", built.notebooks / "ko/07_old.ipynb")
    (built.notebooks / ".ipynb_checkpoints").mkdir()
    shutil.copy(built.notebooks / "00_tiny.ipynb", built.notebooks / ".ipynb_checkpoints/00_tiny.ipynb")
    assert faults(built, capsys) == [
        "student/00_tiny.ipynb: not built yet; run tools/build_notebooks.py.",
        "ko/07_old.ipynb: no lesson makes it; delete it.",
    ]


def test_check_finds_korean_editions_of_a_lesson_without_korean(
    built: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    built.lesson(TINY.replace(KOREAN, ""))
    assert faults(built, capsys) == [f"{name}: its lesson has no such edition; delete it." for name in FOUR[1:3]]


def test_check_finds_a_file_that_is_no_notebook(built: Course, capsys: pytest.CaptureFixture[str]) -> None:
    (built.notebooks / "ko/00_tiny.ipynb").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    assert faults(built, capsys) == [
        "ko/00_tiny.ipynb: this is no notebook (an unfinished merge?); delete it and build it."
    ]


def test_check_reports_a_malformed_lesson_and_goes_on(built: Course, capsys: pytest.CaptureFixture[str]) -> None:
    built.lesson(ENGLISH, name="01_second")
    built.lesson(KOREAN + ENGLISH)
    first, *rest = faults(built, capsys)
    assert first.startswith("lessons/00_tiny.py:1: this Korean text")
    assert rest == [f"{name}01_second.ipynb: not built yet; run tools/build_notebooks.py." for name in ("", "student/")]
    assert faults(built, capsys, str(built.root / "lessons/01_second.py")) == rest


def test_check_refuses_a_heavy_folder(
    built: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_notebooks, "LARGEST_TOTAL", 1000)
    assert "store fewer or smaller figures" in faults(built, capsys)[0]


def test_lesson_that_does_not_exist_is_named(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        course.build("lessons/99_none.py")
    assert "no such lesson: " in capsys.readouterr().err


# ---- a KERAS_HOME of one's own


def test_linked_keras_home_shares_data_and_keeps_settings_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, own = tmp_path / "real", tmp_path / "own"
    (real / "datasets").mkdir(parents=True)
    (real / "datasets/mnist.npz").write_bytes(b"digits")
    (real / "keras.json").write_text('{"floatx": "float16"}', encoding="utf-8")
    own.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", "real")
    assert linked_keras_home(own) == {"KERAS_HOME": str(own)}
    assert (own / "datasets/mnist.npz").read_bytes() == b"digits"
    (own / "keras.json").write_text("{}", encoding="utf-8")
    assert (real / "keras.json").read_text(encoding="utf-8") == '{"floatx": "float16"}'


def test_linked_keras_home_without_the_variable_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KERAS_HOME", raising=False)
    assert linked_keras_home(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


# ---- the course itself


def test_the_notebooks_of_the_course_are_as_built(capsys: pytest.CaptureFixture[str]) -> None:
    assert list((build_notebooks.ROOT / "lessons").glob("*.py")), "no lesson was found"
    code = build_notebooks.main(["--check"])
    assert code == 0, capsys.readouterr().err
