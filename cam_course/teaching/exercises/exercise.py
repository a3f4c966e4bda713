"""What an exercise is: data, without any program of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..language import Text


@dataclass(frozen=True)
class Mistake:
    """A wrong formula that learners are known to write.

    Attributes
    ----------
    name : str
        As `cam-course validate` lists it, for instance "sum for mean".
    formula : callable
        Takes what the right formula takes.
    hint : Text
        Leads away from this very mistake. It holds neither the right value nor the right formula.
    """

    name: str
    formula: Callable[..., Any]
    hint: Text


@dataclass(frozen=True)
class Exercise:
    """An exercise: the right formula, what it is tried on, and the wrong formulas that it knows.

    Attributes
    ----------
    id : str
        Lesson and number, for instance "3.1".
    answer : str
        The name that the learner gives to the answer in the notebook.
    right : callable
        The right formula. It returns a number, an array, a text, or a tuple of these.
    cases : callable
        Given a random generator, the argument tuples that the formulas are tried on. It is called anew for every
        formula, so that none finds what another has changed. A value has one case, the numbers of its text.
    mistakes : tuple of Mistake
    hints : tuple of Text
        From a nudge to the last step before the answer. A wrong answer that no mistake explains gets the first; each
        further attempt one more.
    meaning : Text
        What a right answer says, in a sentence.
    arguments : tuple of str
        What the learner's function takes. Empty where the answer is a value, worked out on paper or in a line.
    rtol : float
        The largest difference that is right, relative to the largest right value. Wide where one rounds on paper.
    """

    id: str
    answer: str
    right: Callable[..., Any]
    cases: Callable[[np.random.Generator], Sequence[tuple[Any, ...]]]
    mistakes: tuple[Mistake, ...]
    hints: tuple[Text, ...]
    meaning: Text
    arguments: tuple[str, ...] = ()
    rtol: float = 1e-4
