"""A page in a real browser, and lessons in a real JupyterLab."""

import json
import os
import re
import shutil
import sys
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TIMEOUT = 120_000  # milliseconds, for a lesson to run
expect.set_options(timeout=30_000)  # of one step: another worker may be running a lesson


@pytest.fixture
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, or Playwright's own where that is installed."""
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*sandbox, "--disable-gpu"])
        except Error as error:
            if os.environ.get("CI") and sys.platform == "linux":
                raise
            pytest.skip(f"no browser: install Debian's chromium, or run `playwright install chromium` ({error.name})")
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, which knows nothing of those before."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context.new_page()
    context.close()


@pytest.fixture
def open_lesson(page: Page, lab: str, no_kernel_stays: None) -> Callable[[str], None]:
    """Open a lesson and run nothing."""
    return lambda lesson: _open_lesson(page, lab, lesson)


@pytest.fixture
def run_lesson(page: Page, lab: str, no_kernel_stays: None) -> Callable[[str], None]:
    """Open a lesson and run all of its cells."""
    return lambda lesson: _run_lesson(page, lab, lesson)


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
