"""Lessons in a real JupyterLab."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from live import CALLS, write_notebook
from playwright.sync_api import Browser, Locator, Page, expect

TIMEOUT = 120_000  # milliseconds, for a lesson to run


@pytest.fixture
def no_kernel_stays(lab: str) -> Iterator[None]:
    """The kernels that a test started end with it: each of them holds as much memory as a lesson needs."""
    yield
    _end_kernels(lab)


def _end_kernels(lab: str) -> None:
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
def open_lesson(page: Page, lab: str, no_kernel_stays: None) -> Callable[[str], None]:
    """Open a lesson and run nothing."""
    return lambda lesson: _open_lesson(page, lab, lesson)


@pytest.fixture
def run_lesson(page: Page, lab: str, no_kernel_stays: None) -> Callable[[str], None]:
    """Open a lesson and run all of its cells."""
    return lambda lesson: _run_lesson(page, lab, lesson)


class LivePage(NamedTuple):
    """The page with every live figure, each at its name, and what went wrong on it."""

    page: Page
    figures: dict[str, Locator]
    errors: list[str]  # of its scripts
    strangers: list[str]  # addresses of other machines that it asked


@pytest.fixture(scope="module")
def more_cells() -> list[str]:
    """Cells with a live figure more, for a module that needs them."""
    return []


@pytest.fixture(scope="module")
def live_page(browser: Browser, lab: str, lab_log: Path, more_cells: list[str]) -> Iterator[LivePage]:
    """All live figures of the lessons in one notebook, run."""
    write_notebook(lab_log.parent / "notebooks" / "live_figures.ipynb", more_cells)
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    strangers: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda asked: strangers.append(asked.url) if "127.0.0.1" not in asked.url[:30] else None)
    _run_lesson(page, lab, "live_figures.ipynb")
    found = page.locator(".cam-course-live")
    expect(found).to_have_count(len(CALLS) + 1 + len(more_cells))
    yield LivePage(page, {name: found.nth(n) for n, name in enumerate([*CALLS, "slow"])}, errors, strangers)
    context.close()
    _end_kernels(lab)


def _open_lesson(page: Page, lab: str, lesson: str) -> None:
    server, token = server_and_token(lab)
    page.goto(f"{server}/lab/tree/notebooks/{lesson}?{token}&reset")
    expect(page.locator(".jp-NotebookPanel-toolbar")).to_be_visible(timeout=TIMEOUT)


def _run_lesson(page: Page, lab: str, lesson: str) -> None:
    _open_lesson(page, lab, lesson)
    expect(page.get_by_text("(ipykernel) | Idle").first).to_be_visible(timeout=TIMEOUT)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expect(page.get_by_text("(ipykernel) | Busy").first).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text("(ipykernel) | Idle").first).to_be_visible(timeout=TIMEOUT)  # the last cell too
