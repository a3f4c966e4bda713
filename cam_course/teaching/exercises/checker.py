"""The one checker of all exercises: from an answer to what is said of it."""

import linecache
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise

Outcome = Literal["right", "not yet", "not attempted"]
Value = str | NDArray | tuple[str | NDArray, ...]  # an answer that can be compared

NOT_ATTEMPTED = Text(
    "Replace the `...` in the cell above with your answer, run that cell, then this one.",
    "위 셀의 `...` 자리에 답을 쓰고 그 셀을 실행한 다음 이 셀을 실행하십시오.",
)
CONSTANT = Text(
    "Your function returns the same value whatever it is given. It should compute with its own arguments, not with "
    "values of the notebook.",
    "함수가 어떤 입력에 대해서도 같은 값을 반환합니다. 노트북의 변수가 아니라 함수의 인자로 계산해야 합니다.",
)


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    Attributes
    ----------
    outcome : "right", "not yet" or "not attempted"
    message : Text
    mistake : str, optional
        The name of a known mistake, or one of "type", "shape", "crash", "not finite", "constant".
    """

    outcome: Outcome
    message: Text
    mistake: str | None = None


@dataclass(frozen=True)
class Crash:
    """Stands for an answer whose cell stopped with an error."""

    error: BaseException


class _WrongTypeError(Exception):
    """An answer that cannot be compared at all; the message says why."""

    def __init__(self, text: Text):
        self.text = text


def judge(exercise: Exercise, answer: Any, attempt: int = 1) -> Verdict:
    """Compare an answer with the right value and with every wrong one that the exercise knows.

    Parameters
    ----------
    exercise : Exercise
    answer : object
        A function, or a value in any form: a number, a list, an array, a tensor.
    attempt : int
        Counted from 1. The general hint grows with it.

    Returns
    -------
    Verdict
        Whatever the answer does; a crash in the learner's function is a verdict, too.
    """
    if isinstance(answer, Crash):
        return _crash_of_cell(exercise, answer.error)
    if answer is ...:
        return Verdict("not attempted", NOT_ATTEMPTED)
    right = values_of(exercise, exercise.right)
    try:
        given = _given_values(exercise, answer, right)
    except _WrongTypeError as error:
        return Verdict("not yet", error.text, "type")
    if isinstance(given, Verdict):
        return given
    if not all(_finite(value) for value in given):
        return Verdict("not yet", _NOT_FINITE, "not finite")
    if same(given, right, exercise.rtol):
        return Verdict("right", exercise.meaning)

    misshapen = _shape_fault(given, right)
    for mistake in exercise.mistakes:
        if same(given, values_of(exercise, mistake.formula), exercise.rtol):
            return Verdict("not yet", misshapen + mistake.hint if misshapen else mistake.hint, mistake.name)
    if misshapen:
        return Verdict("not yet", misshapen, "shape")
    if exercise.arguments and len(given) > 1 and same(given[1:], given[:-1], exercise.rtol):
        return Verdict("not yet", CONSTANT, "constant")
    hints = exercise.hints[: max(attempt, 1)]
    return Verdict("not yet", sum(hints[1:], start=hints[0]))


@cache
def values_of(exercise: Exercise, formula: Callable[..., Any]) -> list[Value]:
    """What a formula that the exercise knows gives in each case; always the same, so computed once."""
    return [comparable(formula(*case)) for case in fresh_cases(exercise)]


def fresh_cases(exercise: Exercise) -> Sequence[tuple[Any, ...]]:
    """The cases of an exercise, made anew; the same ones every time."""
    return exercise.cases(np.random.default_rng(0))


def same(some: Sequence[Value], others: Sequence[Value], rtol: float) -> bool:
    """Whether values are equal in every case, relative to the size of the second ones."""
    return all(_same_value(one, other, rtol) for one, other in zip(some, others, strict=True))


def _same_value(one: Value, other: Value, rtol: float) -> bool:
    if isinstance(one, tuple) or isinstance(other, tuple):
        one, other = _as_tuple(one), _as_tuple(other)
        return len(one) == len(other) and all(_same_value(a, b, rtol) for a, b in zip(one, other, strict=True))
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and _bare(one) == _bare(other)
    if one.shape != other.shape:
        return False
    size = np.max(np.abs(other), initial=0.0)
    return bool(np.max(np.abs(one - other), initial=0.0) <= rtol * (size or 1.0))


def _as_tuple(value: Value) -> tuple[str | NDArray, ...]:
    return value if isinstance(value, tuple) else (value,)


def _bare(text: str) -> str:
    return " ".join(text.split()).strip(".").casefold()


# ---- from an answer to values


def _given_values(exercise: Exercise, answer: Any, right: list[Value]) -> "list[Value] | Verdict":
    """The answer in each case, or what is said instead: nothing was attempted, or the function crashed."""
    if not exercise.arguments:
        if callable(answer) and not hasattr(answer, "dtype"):
            raise _WrongTypeError(
                Text(
                    f"`{exercise.answer}` is a function; the exercise asks for a value.",
                    f"`{exercise.answer}`이(가) 함수입니다. 이 연습에서는 값을 구해야 합니다.",
                )
            )
        return [comparable(answer, right[0])]
    if not callable(answer):
        raise _WrongTypeError(
            Text(
                f"`{exercise.answer}` is {_kind(answer)}; the exercise asks for a function of "
                f"{', '.join(exercise.arguments)}.",
                f"이 연습에서는 {', '.join(exercise.arguments)}을(를) 인자로 받는 함수 `{exercise.answer}`을(를) "
                "작성해야 합니다.",
            )
        )
    given: list[Value] = []
    for case, expected in zip(fresh_cases(exercise), right, strict=True):
        try:
            returned = answer(*case)
        except Exception as error:  # whatever a learner's function raises is told to the learner
            return _crash_of_function(exercise, answer, case, error)
        if returned is ...:
            return Verdict("not attempted", NOT_ATTEMPTED)
        given.append(comparable(returned, expected))
    return given


def comparable(value: Any, expected: Value | None = None) -> Value:
    """A value as text, as an array in double precision, or as a tuple of these, whatever form it was given in."""
    if isinstance(expected, tuple) or (expected is None and isinstance(value, tuple)):
        n = len(value) if expected is None else len(expected)
        if not isinstance(value, (tuple, list)) or len(value) != n:
            raise _WrongTypeError(
                Text(f"{n} values are expected, separated by commas.", f"값 {n}개를 쉼표로 나누어 써야 합니다.")
            )
        parts = expected if isinstance(expected, tuple) else (None,) * n
        return tuple(_single(part, like) for part, like in zip(value, parts, strict=True))
    return _single(value, expected)


def _single(value: Any, expected: Value | None) -> str | NDArray:
    if value is None:
        raise _WrongTypeError(
            Text(
                "Your answer is None, which is nothing. A function needs `return` before the value that it is to give.",
                "답이 None, 즉 빈 값입니다. 함수라면 결과 앞에 `return`을 써야 합니다.",
            )
        )
    if isinstance(value, str) or isinstance(expected, str):
        if isinstance(value, str) and (expected is None or isinstance(expected, str)):
            return value
        what = (
            ("a text in quotation marks", "따옴표로 감싼 문자열") if isinstance(expected, str) else ("numbers", "숫자")
        )
        raise _WrongTypeError(
            Text(f"Your answer is {_kind(value)}; expected is {what[0]}.", f"{what[1]}(으)로 답해야 합니다.")
        )
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "buif":
            raise TypeError
        return array.astype("float64")
    except (TypeError, ValueError, NotImplementedError):
        raise _WrongTypeError(
            Text(f"Your answer is {_kind(value)}; expected are numbers.", "숫자 또는 숫자로 된 배열로 답해야 합니다.")
        ) from None


def _kind(value: Any) -> str:
    if callable(value) and not hasattr(value, "dtype"):
        return "a function"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, (bool, int, float)):
        return "a number"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _finite(value: Value) -> bool:
    return all(isinstance(part, str) or bool(np.isfinite(part).all()) for part in _as_tuple(value))


_NOT_FINITE = Text(
    "Your answer holds a value that is no number (NaN) or not finite: is something divided by zero?",
    "답에 NaN 또는 무한대가 들어 있습니다. 0으로 나눈 곳이 있는지 확인하십시오.",
)


def _shape_fault(given: Sequence[Value], right: Sequence[Value]) -> Text | None:
    """The first wrong shape, in words."""
    for one, other in zip(given, right, strict=True):
        for i, (ours, theirs) in enumerate(zip(_as_tuple(one), _as_tuple(other), strict=False), 1):
            if isinstance(ours, str) or isinstance(theirs, str) or ours.shape == theirs.shape:
                continue
            several = isinstance(other, tuple)
            which, which_ko = (f"Value {i} of your answer", f"답의 {i}번째 값") if several else ("Your answer", "답")
            if theirs.shape == ():
                return Text(
                    f"{which} has the shape {ours.shape}; expected is one number.",
                    f"{which_ko}의 모양(shape)이 {ours.shape}입니다. 숫자 하나로 답해야 합니다.",
                )
            have = f"the shape {ours.shape}" if ours.shape else "no axis, it is one number"
            return Text(
                f"{which} has {have}; expected is the shape {theirs.shape}.",
                f"{which_ko}의 모양(shape)이 {ours.shape}입니다. 모양이 {theirs.shape}이어야 합니다.",
            )
    return None


# ---- crashes


def _crash_of_function(exercise: Exercise, function: Any, case: tuple[Any, ...], error: Exception) -> Verdict:
    """A crash in the learner's function: with which input, and in which line."""
    inputs = ", ".join(f"{name} = {_described(value)}" for name, value in zip(exercise.arguments, case, strict=False))
    line = _own_line(function, error)
    said = f"{type(error).__name__}: {error}"
    where = (f" in your line `{line}`", f" 오류가 난 줄: `{line}`.") if line else ("", "")
    return Verdict(
        "not yet",
        Text(
            f"Your function stopped{where[0]} with {said}. It was called with {inputs}.",
            f"함수 실행 중 오류가 발생했습니다. {said}.{where[1]} 입력: {inputs}.",
        ),
        "crash",
    )


def _crash_of_cell(exercise: Exercise, error: BaseException) -> Verdict:
    return Verdict(
        "not yet",
        Text(
            f"The cell with `{exercise.answer}` stopped with {type(error).__name__}: {error}. Mend it and run it "
            "again; nothing was checked.",
            f"`{exercise.answer}`이(가) 있는 셀이 오류로 멈추었습니다. {type(error).__name__}: {error}. 고쳐서 다시 "
            "실행하십시오. 아직 아무것도 확인하지 않았습니다.",
        ),
        "crash",
    )


def _own_line(function: Any, error: Exception) -> str:
    """The deepest line of the learner's own cell on the way to the error; empty where there is none."""
    code = getattr(function, "__code__", None)
    line, trace = "", error.__traceback__
    while trace is not None:
        if code is not None and trace.tb_frame.f_code.co_filename == code.co_filename:
            line = linecache.getline(code.co_filename, trace.tb_lineno).strip() or line
        trace = trace.tb_next
    return line


def _described(value: Any) -> str:
    """An input in a few words: small arrays by their values, others by their shape."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        array = np.asarray(value)
        if array.size <= 9:
            return str((array if array.dtype == bool else np.round(array, 3)).tolist())  # round is for numbers
        return f"an array of shape {array.shape}"
    if isinstance(value, (int, float, str, bool, list, tuple)):
        return repr(value)
    return f"a {type(value).__name__}"
