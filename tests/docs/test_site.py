"""The site: made without a warning, every link in it leads somewhere, and the explorer works on its page."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from access import serious_faults
from course import ROOT, SCREENSHOTS
from filelock import FileLock
from playwright.sync_api import Page, expect

LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")) + sorted((ROOT / "notebooks" / "ko").glob("[0-9]*.ipynb"))


class Elements(HTMLParser):
    """The links, the anchors and the pictures of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = {""}
        self.alternatives: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.links += [found[name] for name in ("href", "src") if name in found]
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "img":
            self.alternatives.append(found.get("alt", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once, however many workers share these tests."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    folder = shared / "site"
    with FileLock(shared / "site.lock"):
        if not (folder / "index.html").exists():  # which is written last
            command = [sys.executable, str(ROOT / "tools" / "build_site.py"), str(folder)]
            done = subprocess.run(command, cwd=shared, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
            assert f"written: {folder}" in done.stdout
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Elements]:
    return {path: Elements(path) for path in site.rglob("*.html")}


def test_a_lesson_is_a_page_with_every_figure_that_is_stored_in_it(pages: dict[Path, Elements], site: Path) -> None:
    assert len(LESSONS) > 11
    for lesson in LESSONS:
        shown = pages[site / lesson.relative_to(ROOT).with_suffix(".html")].alternatives
        cells = nbformat.read(lesson, as_version=4).cells
        stored = "".join(
            output.get("data", {}).get("text/html", "") for cell in cells for output in cell.get("outputs", [])
        )
        figures = stored.count("<img ")
        assert figures >= 3
        assert sum(bool(text) for text in shown) >= figures, lesson


def test_answers_are_folded_and_a_korean_lesson_says_that_it_is_korean(site: Path) -> None:
    for lesson in LESSONS:
        page = (site / lesson.relative_to(ROOT).with_suffix(".html")).read_text(encoding="utf-8")
        assert page.count("Answer · 답") >= 4, lesson
        assert f'lang="{"ko" if lesson.parent.name == "ko" else "en"}"' in page[:200]


def test_every_link_within_the_site_leads_to_a_page_and_a_heading(pages: dict[Path, Elements], site: Path) -> None:
    broken = []
    for path, elements in pages.items():
        for link in elements.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = pages[to].anchors if to in pages else {""} if to.is_file() else set()
            if unquote(parts.fragment) not in anchors:
                broken.append(f"{path.relative_to(site)}: {link}")
    assert broken == []


def test_the_first_page_leads_to_every_lesson_and_to_the_explorer(pages: dict[Path, Elements], site: Path) -> None:
    links = set(pages[site / "index.html"].links)
    for lesson in LESSONS:
        assert lesson.relative_to(ROOT).with_suffix(".html").as_posix() in links
    assert {"docs/explorer.html", "docs/faq.html", "docs/teaching.html", "benchmarks/README.html"} <= links


# ---- the explorer on its page


@pytest.fixture
def explorer(page_of_a_disk: Page, site: Path) -> Page:
    """The page, opened from a disk."""
    page_of_a_disk.goto((site / "docs" / "explorer.html").as_uri())
    return page_of_a_disk


def test_the_explorer_answers_and_its_address_brings_the_drawing_back(explorer: Page) -> None:
    says = explorer.locator(".cam-live")
    expect(says).to_contain_text("The network says ")
    explorer.get_by_role("button", name="empty sheet").click()
    empty = says.inner_text()
    explorer.locator(".cam-draw").focus()
    explorer.keyboard.press("Space")
    for _ in range(4):
        explorer.keyboard.press("Shift+ArrowDown")
    expect(says).not_to_have_text(empty)
    numbers = explorer.locator(".cam-cell").inner_text()
    explorer.reload()
    expect(explorer.locator(".cam-cell")).to_have_text(numbers, use_inner_text=True)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_serious_fault_of_access(explorer: Page, width: int, scheme: str) -> None:
    explorer.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    explorer.set_viewport_size({"width": width, "height": 900})
    serious = serious_faults(explorer, options={"preload": False})  # a disk lends it no style sheets
    assert serious == [], json.dumps(serious, indent=1)[:3000]
    assert explorer.evaluate("document.documentElement.scrollWidth") <= width
    explorer.screenshot(path=SCREENSHOTS / f"site-explorer-{width}-{scheme}.png", full_page=True)


def test_the_switch_of_the_site_between_light_and_dark_is_also_the_explorers(explorer: Page) -> None:
    paper = "getComputedStyle(document.querySelector('.cam-explorer')).backgroundColor"
    explorer.emulate_media(color_scheme="light")
    light = explorer.evaluate(paper)
    explorer.evaluate("document.body.dataset.theme = 'dark'")
    dark = explorer.evaluate(paper)
    assert dark != light
    explorer.emulate_media(color_scheme="dark")
    assert explorer.evaluate(paper) == dark
    explorer.evaluate("document.body.dataset.theme = 'light'")
    assert explorer.evaluate(paper) == light
