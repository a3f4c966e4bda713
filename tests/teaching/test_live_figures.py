"""The live figures in a real JupyterLab, moved as a student moves them; the number on the page must follow."""

import re
from collections.abc import Callable

import nbformat
import numpy as np
import pytest
from course import ROOT
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.runs_lesson


def numbers_in(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.\d{4}", text)]


def type_into(page: Page, slider: int, value: str) -> None:
    """Type a value into the number beside a slider."""
    readout = page.locator(".cam-course-live .widget-readout").nth(slider)
    readout.click()
    readout.press("Control+a")
    page.keyboard.type(value)
    page.keyboard.press("Enter")


def test_six_weights_move_the_map_and_the_score(page: Page, run_lesson: Callable[[str], None]) -> None:
    run_lesson("03_cam_math.ipynb")
    line, picture = page.locator(".cam-course-line").first, page.locator(".cam-course-live img").first
    assert numbers_in(line.inner_text()) == [1.5, 1.5]
    before = picture.get_attribute("src") or ""

    type_into(page, 2, "1.2")  # w_3 from 0.2 to 1.2, and F_3 = 1: the score grows by 1
    expect(line).to_contain_text("2.5000")
    assert numbers_in(line.inner_text()) == [2.5, 2.5]
    expect(picture).not_to_have_attribute("src", before)

    handle = page.locator(".cam-course-live .noUi-handle").first
    handle.focus()
    page.keyboard.press("ArrowRight")  # w_1 from 0.5 to 0.6, and F_1 = 1
    expect(line).to_contain_text("2.6000")


def test_class_slider_and_switch_of_the_digit(page: Page, run_lesson: Callable[[str], None]) -> None:
    run_lesson("04_cam_mnist.ipynb")
    line, picture = page.locator(".cam-course-line").first, page.locator(".cam-course-live img").first
    score, from_map, _ = numbers_in(line.inner_text())
    assert from_map == pytest.approx(score, abs=2e-4)
    signed = picture.get_attribute("src") or ""

    page.get_by_role("button", name="absolute").click()
    expect(line).to_contain_text("|M")
    score_again, from_absolute, _ = numbers_in(line.inner_text())
    assert score_again == score
    assert from_absolute > score + 1e-3  # |M| adds up to more than the score: the switch shows the mistake
    expect(picture).not_to_have_attribute("src", signed)

    page.get_by_role("button", name="signed").click()
    scores = []
    for c in range(10):
        type_into(page, 0, str(c))
        expect(line).to_contain_text(f"S{c}")
        score, from_map, _ = numbers_in(line.inner_text())
        assert from_map == pytest.approx(score, abs=2e-4)
        scores.append(score)
    assert len(np.unique(scores)) == 10

    # The explorer of the same lesson: a stroke, and its maps come to Python.
    drawing = page.locator(".cam-draw")
    drawing.scroll_into_view_if_needed()
    before = page.locator(".cam-live").inner_text()
    drawing.focus()
    page.keyboard.press("Delete")
    for _ in range(6):
        page.keyboard.press("Shift+ArrowUp")
    expect(page.locator(".cam-live")).not_to_have_text(before)
    check = page.locator(".jp-CodeCell", has_text="if drawing.maps is None").first
    check.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(check).to_contain_text("M_c of the browser = M_c holds: largest residual")


@pytest.mark.parametrize("lesson", ["03_cam_math", "04_cam_mnist", "ko/03_cam_math"])
def test_a_live_figure_that_was_not_run_says_so(lesson: str) -> None:
    cells = nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4).cells
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    live = [
        data["text/html"] for data in outputs if data.get("text/plain") == "A live figure: run this cell to move it."
    ]
    assert live
    for html in live:
        assert html.startswith("<img alt=")
        assert "run this cell to move it" in html
        assert "이 셀을 실행하십시오" in html
