"""What a notebook calls: `check` and `hint`, which answer in a box and stop nothing."""

import html
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from ..language import Language, Text, notebook_language
from .checker import Crash, Outcome, Verdict, judge
from .exercise import Exercise

# By this type programs find the results of exercises in an executed notebook.
MIME = "application/vnd.cam-course.exercise+json"

LESSONS = ("00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10")
HEADINGS: dict[str, Text] = {
    "right": Text("right.", "맞습니다."),
    "not yet": Text("not yet.", "아직 아닙니다."),
    "not attempted": Text("not attempted yet.", "아직 풀지 않았습니다."),
    "hint": Text("hint.", "힌트."),
}
COLOURS = {"right": "#2a7f3f", "not yet": "#b35900", "not attempted": "#777777", "hint": "#1f6fb2"}

_attempts: Counter[str] = Counter()
_hints_shown: Counter[str] = Counter()
_outcomes: dict[str, Outcome] = {}


def check(exercise_id: str, answer: Any) -> None:
    """Answer an exercise in a box: right, not yet (and why), or not attempted yet. It raises nothing for an answer.

    Parameters
    ----------
    exercise_id : str
        As in the exercise's heading, for instance "3.1".
    answer : object
        What the learner wrote: a function, or a value in any form.

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> check("3.1", ...)
    Exercise 3.1: not attempted yet. Replace the `...` in the cell above with your answer, run that cell, then this one.
    """
    exercise = find(exercise_id)
    verdict = judge(exercise, answer, _attempts[exercise_id] + 1)
    if verdict.outcome == "not yet":
        _attempts[exercise_id] += 1
    _outcomes[exercise_id] = verdict.outcome
    _show({"exercise": exercise_id, **asdict(verdict)})


def hint(exercise_id: str) -> None:
    """Show the next hint of an exercise, from a nudge to the last step before the answer.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    hints = find(exercise_id).hints
    number = min(_hints_shown[exercise_id] + 1, len(hints))
    _hints_shown[exercise_id] = number
    counted = Text(f"({number} of {len(hints)})", f"({len(hints)}개 중 {number}번째)")
    _show({"exercise": exercise_id, **asdict(Verdict("hint", counted + hints[number - 1]))})  # type: ignore[arg-type]


def outcome(exercise_id: str) -> Outcome:
    """What `check` last said of an exercise in this notebook: "right", "not yet" or "not attempted"."""
    return _outcomes.get(find(exercise_id).id, "not attempted")


def exercises_of(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of a lesson, given its two digits."""
    exercises: tuple[Exercise, ...] = import_module(f"{__package__}.lesson_{lesson}").EXERCISES
    return exercises


def lesson_of(exercise_id: str) -> str:
    """The two digits of the lesson of an exercise.

    Examples
    --------
    >>> lesson_of("3.1")
    '03'
    """
    return exercise_id.partition(".")[0].zfill(2)


def find(exercise_id: str) -> Exercise:
    """The exercise of an id such as "3.1"."""
    lesson = lesson_of(exercise_id)
    if lesson in LESSONS:
        known = exercises_of(lesson)
        for exercise in known:
            if exercise.id == exercise_id:
                return exercise
        raise ValueError(f"There is no exercise {exercise_id!r}; lesson {lesson} has {known[0].id} to {known[-1].id}.")
    raise ValueError(f"There is no exercise {exercise_id!r}; give lesson and number in quotation marks, such as '3.1'.")


# ---- the box


def box(said: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """What a notebook shows of a verdict, as data by type.

    Parameters
    ----------
    said : mapping
        "exercise", "outcome", "message" (with "en" and "ko") and "mistake", as stored under `MIME`.
    language : "en" or "ko"
    """
    head = f"{Text('Exercise', '연습').read_in(language)} {said['exercise']}"
    state = HEADINGS[said["outcome"]].read_in(language)
    message = Text(**said["message"]).read_in(language)
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(message, quote=False))
    style = f"border-left: 5px solid {COLOURS[said['outcome']]}; padding: 6px 12px; margin: 4px 0px"
    return {
        "text/plain": f"{head}: {state} {message}",
        "text/html": f'<div role="status" style="{style}"><strong>{head}: {state}</strong> {marked}</div>',
        MIME: dict(said),
    }


def _show(said: dict[str, Any]) -> None:
    from IPython import get_ipython

    shown = box(said, notebook_language())
    if get_ipython() is None:
        print(shown["text/plain"])
        return
    from IPython.display import publish_display_data

    publish_display_data(shown)


# ---- cells that stop


def watch_cells() -> None:
    """In a notebook, let an answer be a `Crash` when its cell stopped with an error.

    Without it `check` would see what the name meant before, and call a cell right that no longer runs.
    """
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.events.register("pre_run_cell", lambda info: _name_unanswered(shell.user_ns, info.raw_cell))
        shell.events.register("post_run_cell", lambda result: _mark_crashed(shell.user_ns, result))


def _name_unanswered(names: dict[str, Any], source: str) -> None:
    """Let a check run whose answer's cell never did: the answer is still empty."""
    for name in re.findall(r"""^check\(["'][\d.]+["'], (\w+)\)""", source or "", re.MULTILINE):
        names.setdefault(name, ...)


def _mark_crashed(names: dict[str, Any], result: Any) -> None:
    error = result.error_before_exec or result.error_in_exec
    if error is None or isinstance(error, KeyboardInterrupt):
        return
    source = result.info.raw_cell
    for lesson in LESSONS:
        for exercise in exercises_of(lesson):
            if re.search(rf"^\s*(def {exercise.answer}\b|{exercise.answer}\s*=[^=])", source, re.MULTILINE):
                names[exercise.answer] = Crash(error)
