"""Questions with choices: from the plain form in a lesson to one that opens choice by choice, without any program.

    **Which of the two sums is the score?**
    - [ ] The first. :: It has no bias.
    - [x] The second. :: Yes, it has both.

Text before the first choice is the question. A choice has its feedback after `::`, and may go on over lines that are
indented. `<details>` works with the keyboard, without a kernel, in a notebook that is not trusted, and on paper.
"""

import re
from dataclasses import dataclass

CHOICE = re.compile(r"^- \[( |x)\] ", re.MULTILINE)


class QuizError(Exception):
    """What is wrong with a question, and what to do about it."""


@dataclass(frozen=True)
class Choice:
    """One of the answers to choose from."""

    text: str
    feedback: str
    right: bool


def read_quiz(source: str) -> tuple[str, list[Choice]]:
    """Return the question and its choices, and refuse what is no complete question."""
    question, *parts = CHOICE.split(source)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    choices = [Choice(*halves(text), right=mark == "x") for mark, text in pairs]
    if not question.strip():
        raise QuizError("a quiz begins with its question; write it above the first choice.")
    if not 2 <= len(choices) <= 5:
        raise QuizError(f"a quiz has 2 to 5 choices `- [ ] text :: feedback`, this one {len(choices)}.")
    if sum(choice.right for choice in choices) != 1:
        raise QuizError("a quiz has one right choice; mark it, and no other, with `- [x]`.")
    return question.strip(), choices


def halves(text: str) -> tuple[str, str]:
    """Split a choice from its feedback."""
    choice, mark, feedback = " ".join(text.split()).partition(" :: ")
    if not mark or not choice or not feedback:
        raise QuizError(f"the choice {choice!r} has no feedback; write it after `::`.")
    return choice, feedback


def with_details(source: str) -> str:
    """Return a question as Markdown in which each choice opens to its feedback."""
    question, choices = read_quiz(source)
    opened = [f"<details><summary>{choice.text}</summary>\n\n{choice.feedback}\n\n</details>" for choice in choices]
    return "\n\n".join([question, *opened])
