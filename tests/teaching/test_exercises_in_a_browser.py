"""Exercises and quizzes in a real JupyterLab, done as a student does them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cam_course.teaching.exercises.notebook import find

pytestmark = pytest.mark.runs_lesson

EXERCISE = find("3.4")


def answer(page: Page, body: str) -> None:
    """Write the body of the answer to 3.4, run its cell and the check below it."""
    cell = page.locator(".jp-CodeCell", has_text="def score_from_map").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(f"def score_from_map(M, b):\n    {body}")
    prompt = cell.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    page.keyboard.press("Shift+Enter")
    # A cell that stops takes those with it that already wait for the kernel, so the check is run after it.
    expect(prompt).not_to_have_text(before)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]"))
    page.keyboard.press("Shift+Enter")


def test_a_student_is_answered_in_a_box_and_the_notebook_runs_on(page: Page, run_lesson: Callable[[str], None]) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    run_lesson("student/03_cam_math.ipynb")
    boxes = page.get_by_role("status").filter(has_text="Exercise 3.")
    expect(boxes).to_have_count(6)
    for box in boxes.all():
        expect(box).to_contain_text("not attempted yet")
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count() == 0

    box = boxes.filter(has_text="Exercise 3.4")
    sum_for_mean = next(mistake for mistake in EXERCISE.mistakes if mistake.name == "sum for mean")
    answer(page, "return M.sum() + b")
    expect(box).to_contain_text(f"not yet. {sum_for_mean.hint.en}")
    answer(page, "return M.sum( + b")  # does not even compile
    expect(box).to_contain_text("stopped with SyntaxError")
    answer(page, "return M.mean(keepdims=True) + b")
    expect(box).to_contain_text("(1, 1); expected is one number")
    answer(page, "return M.mean() + b")
    expect(box).to_contain_text(f"right. {EXERCISE.meaning.en}")
    assert errors == []


def test_a_quiz_is_answered_with_the_keyboard_and_its_formulas_are_set(
    page: Page, open_lesson: Callable[[str], None]
) -> None:
    open_lesson("student/03_cam_math.ipynb")
    choice = page.locator("summary", has_text="but its mean is no longer the score")
    feedback = page.locator(".jp-RenderedMarkdown details p", has_text="Yes. The mean is")
    expect(feedback).to_be_hidden()
    choice.focus()
    page.keyboard.press("Enter")
    expect(feedback).to_be_visible()
    first = page.locator("summary", has_text="Every cell is too low by").first
    expect(first.locator("mjx-container")).to_have_count(1)  # the formula, and not its source
