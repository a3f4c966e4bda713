"""The live figures in a real JupyterLab, moved as a student moves them; the number on the page must follow."""

import json
import os
import re
import shutil
import sys
import urllib.request
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Error, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TIMEOUT = 120_000  # milliseconds, for a lesson to run

pytestmark = pytest.mark.runs_lesson


@pytest.fixture(autouse=True)
def no_kernel_stays(lab: str) -> Iterator[None]:
    """The kernels that a test started end with it: each of them holds as much memory as a lesson needs."""
    yield
    server, token = server_and_token(lab)
    with urllib.request.urlopen(f"{server}/api/kernels?{token}") as answer:
        kernels = json.load(answer)
    for kernel in kernels:
        request = urllib.request.Request(f"{server}/api/kernels/{kernel['id']}?{token}", method="DELETE")
        urllib.request.urlopen(request).close()


def server_and_token(lab: str) -> tuple[str, str]:
    """The parts of the address that JupyterLab printed."""
    found = re.fullmatch(r"(http://[^/]+)/.*\?(token=\w+)", lab)
    assert found
    return found[1], found[2]


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of Debian's chromium, or of Playwright's own where that is installed."""
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*sandbox, "--disable-gpu"])
        except Error as error:
            if os.environ.get("CI") and sys.platform == "linux":
                raise
            pytest.skip(f"no browser: install Debian's chromium, or run `playwright install chromium` ({error.name})")
        yield browser.new_page(viewport={"width": 1400, "height": 1000})
        browser.close()


def run_lesson(page: Page, lab: str, lesson: str) -> None:
    """Open a lesson and run all of its cells."""
    server, token = server_and_token(lab)
    page.goto(f"{server}/lab/tree/notebooks/{lesson}?{token}&reset")
    expect(page.locator(".jp-NotebookPanel-toolbar")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text("(ipykernel) | Idle").first).to_be_visible(timeout=TIMEOUT)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expect(page.locator(".cam-course-line").first).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text("(ipykernel) | Idle").first).to_be_visible(timeout=TIMEOUT)  # the cells below too


def numbers_in(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.\d{4}", text)]


def type_into(page: Page, slider: int, value: str) -> None:
    """Type a value into the number beside a slider."""
    readout = page.locator(".cam-course-live .widget-readout").nth(slider)
    readout.click()
    readout.press("Control+a")
    page.keyboard.type(value)
    page.keyboard.press("Enter")


def test_six_weights_move_the_map_and_the_score(page: Page, lab: str) -> None:
    run_lesson(page, lab, "03_cam_math.ipynb")
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


def test_class_slider_and_switch_of_the_digit(page: Page, lab: str) -> None:
    run_lesson(page, lab, "04_cam_mnist.ipynb")
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
