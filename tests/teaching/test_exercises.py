"""Every exercise, with its right answer, with every mistake that it knows, and with answers that nobody expects."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from typing import Any

import nbformat
import numpy as np
import pytest
from course import ROOT
from editions import Cell, code_for, make_edition, read_lesson

from cam_course.teaching.exercises import check, hint, notebook, outcome
from cam_course.teaching.exercises.checker import Crash, Verdict, judge, same, values_of
from cam_course.teaching.exercises.exercise import Exercise
from cam_course.teaching.exercises.notebook import LESSONS, MIME, box, exercises_of, find, lesson_of
from cam_course.teaching.language import Text

EXERCISES = [exercise for lesson in LESSONS for exercise in exercises_of(lesson)]
SOURCES = {lesson: next((ROOT / "lessons").glob(f"{lesson}_*.py")) for lesson in LESSONS}
RTOL_APART = 1e-2  # a wrong value is far enough away that no rounding hides it


def otherwise(lesson: str) -> dict[str, Any]:
    """The answers of tests/teaching/otherwise/lesson_NN.py."""
    path = ROOT / "tests" / "teaching" / "otherwise" / f"lesson_{lesson}.py"
    spec = importlib.util.spec_from_file_location(f"otherwise_{lesson}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.OTHERWISE


def as_answer(exercise: Exercise, formula: Callable[..., Any]) -> Any:
    """A formula as a learner would give it: the function, or the value that it has."""
    return formula if exercise.arguments else formula(*exercise.cases(np.random.default_rng(0))[0])


def each_exercise(argument: str = "exercise") -> Any:
    return pytest.mark.parametrize(argument, EXERCISES, ids=lambda exercise: exercise.id)


EACH_MISTAKE = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.mistakes],
    ids=lambda value: getattr(value, "id", None) or value.name.replace(" ", "-"),
)


@pytest.fixture(autouse=True)
def as_in_a_new_notebook() -> None:
    for memory in (notebook._attempts, notebook._hints_shown, notebook._outcomes):
        memory.clear()


# ---- in the lessons


def cells_of(lesson: str) -> list[Cell]:
    return read_lesson(SOURCES[lesson])


def answer_cell(exercise: Exercise) -> Cell:
    named = re.compile(rf"^(def {exercise.answer}\b|{exercise.answer} =)", re.MULTILINE)
    cells = cells_of(lesson_of(exercise.id))
    [cell] = [cell for cell in cells if "exercise" in cell.tags and named.search(cell.texts["code"])]
    return cell


def answer_of(exercise: Exercise, reader: str) -> Any:
    """What the name of the answer means once its cell was run, with the imports of its lesson."""
    names: dict[str, Any] = {}
    code = "\n".join(cell.texts["code"] for cell in cells_of(lesson_of(exercise.id)) if "code" in cell.texts)
    imports = [node for node in ast.parse(code).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    exec(compile(ast.Module(imports, []), "imports", "exec"), names)
    exec(code_for(reader, answer_cell(exercise)), names)
    return names[exercise.answer]


@each_exercise()
def test_the_solution_of_the_lecture_edition_passes(exercise: Exercise) -> None:
    assert judge(exercise, answer_of(exercise, "lecture")).outcome == "right"


@each_exercise()
def test_the_placeholder_of_the_student_edition_is_not_attempted(exercise: Exercise) -> None:
    assert judge(exercise, answer_of(exercise, "student")).outcome == "not attempted"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_four_to_six_exercises_each_checked_after_its_answer(lesson: str) -> None:
    exercises = exercises_of(lesson)
    number = int(lesson)
    assert [exercise.id for exercise in exercises] == [f"{number}.{n}" for n in range(1, len(exercises) + 1)]
    assert 4 <= len(exercises) <= 6
    cells = cells_of(lesson)
    code = [cell for cell in cells if "code" in cell.texts]
    for exercise in exercises:
        place = code.index(answer_cell(exercise))
        assert "check" in code[place + 1].tags
        assert code[place + 1].texts["code"] == f'check("{exercise.id}", {exercise.answer})'
        assert any(f"Exercise {exercise.id} ·" in cell.texts.get("en", "") for cell in cells)
    assert sum("check" in cell.tags for cell in code) == len(exercises)
    assert sum("open" in cell.tags for cell in cells) >= 1


def test_there_are_thirty_and_more() -> None:
    assert len(EXERCISES) >= 30


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_student_edition_holds_no_answer(lesson: str) -> None:
    cells = cells_of(lesson)
    student = make_edition(cells, "en", "student")
    for cell in student.cells:
        assert "solution" not in cell.metadata.get("tags", [])
        assert set(cell.metadata) <= {"slideshow", "tags", "minutes"}
        assert not cell.get("outputs")
        assert "SOLUTION" not in cell.source
    kept = [line.strip() for cell in student.cells for line in cell.source.splitlines()]
    for cell in cells:
        if "exercise" in cell.tags:
            for part in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.texts["code"], re.DOTALL):
                assert part.rstrip().splitlines()[-1].strip() not in kept


# ---- the right answer


@each_exercise()
def test_the_same_written_differently_passes(exercise: Exercise) -> None:
    answer = otherwise(lesson_of(exercise.id))[exercise.id]
    assert judge(exercise, answer) == Verdict("right", exercise.meaning)


@each_exercise()
def test_every_form_of_the_right_value_passes(exercise: Exercise) -> None:
    import keras
    import tensorflow as tf

    for form in (
        np.asarray,
        np.float32,
        tf.convert_to_tensor,
        keras.ops.convert_to_tensor,
        lambda v: np.asarray(v).tolist(),
    ):

        def in_form(*case: Any, form: Any = form) -> Any:
            right = exercise.right(*case)
            parts = right if isinstance(right, tuple) else (right,)
            formed = tuple(part if isinstance(part, str) else form(part) for part in parts)
            return formed if isinstance(right, tuple) else formed[0]

        assert judge(exercise, as_answer(exercise, in_form)).outcome == "right", form


# ---- wrong answers


@EACH_MISTAKE
def test_a_known_mistake_gets_its_own_hint(exercise: Exercise, mistake: Any) -> None:
    verdict = judge(exercise, as_answer(exercise, mistake.formula))
    assert (verdict.outcome, verdict.mistake) == ("not yet", mistake.name)
    assert verdict.message.en.endswith(mistake.hint.en)


@each_exercise()
def test_wrong_formulas_differ_from_the_right_one_and_from_each_other(exercise: Exercise) -> None:
    assert exercise.mistakes
    formulas = {"right": exercise.right} | {mistake.name: mistake.formula for mistake in exercise.mistakes}
    assert len(formulas) == len(exercise.mistakes) + 1
    values = {name: values_of(exercise, formula) for name, formula in formulas.items()}
    for one, other in combinations(values, 2):
        assert not same(values[one], values[other], max(RTOL_APART, exercise.rtol)), (one, other)
    hints = [mistake.hint.en for mistake in exercise.mistakes]
    assert len(set(hints)) == len(hints)


def texts_of(exercise: Exercise) -> list[str]:
    """Everything that an exercise can say of a wrong answer."""
    texts = [*exercise.hints, *(mistake.hint for mistake in exercise.mistakes)]
    return [part for text in texts for part in (text.en, text.ko) if part]


@each_exercise()
def test_no_hint_holds_the_value_or_the_formula(exercise: Exercise) -> None:
    expected = set()
    for value in values_of(exercise, exercise.right) if not exercise.arguments else ():
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, str):
                expected.add(part)
            elif part.size == 1:
                expected |= {f"{float(part):{form}}" for form in (".6g", ".4f", ".3f", ".2f", ".1f")}
            elif part.ndim == 1:
                expected.add(", ".join(f"{float(number):g}" for number in part))
    solution = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", answer_cell(exercise).texts["code"], re.DOTALL)
    lines = [line.strip().removeprefix("return ") for part in solution for line in part.splitlines()]
    for text in texts_of(exercise):
        for forbidden in expected:
            assert not re.search(rf"(?<![\w.,]){re.escape(forbidden)}(?![\w]|\.\d)", text), (forbidden, text)
        for line in lines:
            assert len(line) <= 12 or line not in text


@each_exercise()
def test_texts_are_sentences_and_hints_grow(exercise: Exercise) -> None:
    for text in [*texts_of(exercise), exercise.meaning.en]:
        assert text[0] != " "
        assert text.rstrip("`)")[-1] in ".?!:", text
    assert 1 <= len(exercise.hints) <= 4
    wrong = as_answer(exercise, lambda *case: _shifted(exercise.right(*case)))
    said = [judge(exercise, wrong, attempt) for attempt in range(1, len(exercise.hints) + 2)]
    if {verdict.mistake for verdict in said} == {None}:
        assert [verdict.message.en for verdict in said[:-1]] == [
            " ".join(text.en for text in exercise.hints[:n]) for n in range(1, len(exercise.hints) + 1)
        ]
        assert said[-1] == said[-2] or len(exercise.hints) == 1


def _shifted(value: Any) -> Any:
    """A wrong value of the right form that no mistake explains."""
    if isinstance(value, tuple):
        return tuple(_shifted(part) for part in value)
    return "none of these" if isinstance(value, str) else 1.37 * np.asarray(value, dtype=float) + 0.618


@each_exercise()
@pytest.mark.parametrize("answer", [None, "", "text", [[1], [2, 3]], {}, 1j, np.zeros((0, 9, 2)), float("nan"), print])
def test_an_answer_that_nobody_expects_is_not_yet_right(exercise: Exercise, answer: Any) -> None:
    given = answer if not exercise.arguments or answer is print else (lambda *case: answer)
    verdict = judge(exercise, given)
    assert verdict.outcome == "not yet"
    assert verdict.message.en


@each_exercise()
def test_a_value_where_a_function_is_asked_for_and_the_reverse(exercise: Exercise) -> None:
    swapped: Any = 1.5 if exercise.arguments else (lambda: 1.5)
    verdict = judge(exercise, swapped)
    assert (verdict.outcome, verdict.mistake) == ("not yet", "type")
    assert "function" in verdict.message.en


@each_exercise()
def test_a_crash_is_told_from_a_wrong_value(exercise: Exercise) -> None:
    if not exercise.arguments:
        pytest.skip("the answer is a value")

    def divided(*case: Any) -> Any:
        return 1 / 0

    verdict = judge(exercise, divided)
    assert (verdict.outcome, verdict.mistake) == ("not yet", "crash")
    for said in ("ZeroDivisionError", "return 1 / 0", f"{exercise.arguments[0]} = "):
        assert said in verdict.message.en


@each_exercise()
def test_a_function_that_ignores_its_arguments_is_not_right(exercise: Exercise) -> None:
    if not exercise.arguments:
        pytest.skip("the answer is a value")
    first = exercise.right(*exercise.cases(np.random.default_rng(0))[0])
    assert len(exercise.cases(np.random.default_rng(0))) >= 2
    assert judge(exercise, lambda *case: first).outcome == "not yet"


@each_exercise()
def test_a_function_that_changes_its_arguments_harms_nobody(exercise: Exercise) -> None:
    if not exercise.arguments:
        pytest.skip("the answer is a value")

    def spoils(*case: Any) -> Any:
        value = exercise.right(*case)
        for argument in case:
            if isinstance(argument, np.ndarray) and argument.flags.writeable:
                argument[...] = 0
        return value

    assert judge(exercise, spoils).outcome == "right"


# ---- the box and the notebook


def test_korean_stands_beside_english_where_a_lesson_has_korean() -> None:
    for exercise in EXERCISES:
        if any("ko" in cell.texts for cell in cells_of(lesson_of(exercise.id))):
            texts = [exercise.meaning, *exercise.hints, *(mistake.hint for mistake in exercise.mistakes)]
            assert all(re.search("[가-힣]", text.ko) for text in texts), exercise.id


def test_a_box_says_in_words_what_it_says_in_colour() -> None:
    for state, words in (("right", "right."), ("not yet", "not yet."), ("not attempted", "not attempted yet.")):
        said = {"exercise": "3.4", "outcome": state, "message": {"en": "a < b: `M`", "ko": "맵"}, "mistake": None}
        shown = box(said, "en")
        assert shown["text/plain"] == f"Exercise 3.4: {words} a < b: `M`"
        assert f"Exercise 3.4: {words}</strong> a &lt; b: <code>M</code>" in shown["text/html"]
        assert 'role="status"' in shown["text/html"]
        assert shown[MIME] == said
        assert box(said, "ko")["text/plain"].startswith("연습 3.4: ")


def test_check_counts_attempts_and_remembers_the_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = find("3.4").hints[:2]
    assert outcome("3.4") == "not attempted"
    for _ in range(2):
        check("3.4", lambda M, b: M.min() - 7.77)
    hint("3.4")
    out = capsys.readouterr().out.splitlines()
    assert out[0].endswith(first.en)
    assert out[1].endswith(f"{first.en} {second.en}")
    assert out[2] == f"Exercise 3.4: hint. (1 of {len(find('3.1').hints)}) {first.en}"
    assert outcome("3.4") == "not yet"
    check("3.4", find("3.4").right)
    assert outcome("3.4") == "right"


@pytest.mark.parametrize("wrong", ["3.99", "99.1", "", "three"])
def test_an_exercise_that_is_not_there_is_an_error(wrong: str) -> None:
    with pytest.raises(ValueError, match="There is no exercise"):
        check(wrong, 1)


def test_an_answer_whose_cell_stopped_is_a_crash() -> None:
    verdict = judge(find("3.4"), Crash(NameError("name 'q' is not defined")))
    assert (verdict.outcome, verdict.mistake) == ("not yet", "crash")
    assert "NameError: name 'q' is not defined" in verdict.message.en


# A right answer; the same cell with a fault; a check whose answer's cell was never run.
CELLS = [
    "from cam_course.teaching.exercises import check",
    'check("3.4", score_from_map)',
    "def score_from_map(M, b):\n    return M.mean() + b",
    'check("3.4", score_from_map)',
    "def score_from_map(M, b):\n    return M.mean() +",
    'check("3.4", score_from_map)',
    "def score_from_map(M, b):\n    return M.mean() + b\nscore_from_map(1)",
    'check("3.4", score_from_map)',
]


def test_in_a_kernel_no_check_takes_an_answer_that_no_longer_runs(tmp_path: Any) -> None:
    cells = [
        nbformat.v4.new_code_cell(source, metadata={"tags": ["raises-exception"]} if "def" in source else {})
        for source in CELLS
    ]
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    outputs = [output for cell in json.loads(path.read_text())["cells"] for output in cell["outputs"]]
    said = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    assert [(one["outcome"], one["mistake"]) for one in said] == [
        ("not attempted", None),
        ("right", None),
        ("not yet", "crash"),
        ("not yet", "crash"),
    ]


def test_texts_join_in_both_languages_or_in_english_alone() -> None:
    assert Text("a", "가") + Text("b", "나") == Text("a b", "가 나")
    assert Text("a", "가") + Text("b") == Text("a b")
