"""How soon the live figures and the explorer answer, measured in the browser: `make bench-browser`.

No test, so pytest runs it only by its name, for the JupyterLab and the browser of the tests. It writes its own section
of benchmarks/README.md.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from course import ROOT
from live import move
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from report import IN_THE_BROWSER, Section, machine, with_last, write

from cam_course.data.photos import PHOTOS, load_photo
from cam_course.teaching.explorer import explorer_page, shipped_weights

README = ROOT / "benchmarks" / "README.md"
RESNET50 = 'net = models.resnet50()\nphoto_explorer(net, load_photo("coffee"), {"last maps": CAM(net.model)})'
# What is moved in each figure: the control, and the values that it gets in turn.
MOVES: dict[str, tuple[str, Sequence[float | str]]] = {
    "weights": ("w₂", [n / 10 for n in range(-20, 20)]),
    "digit": ("class c", range(10)),
    "convolution": ("column", range(26)),
    "moving": ("pixels to the right", range(-9, 9)),
    "boxes": ("threshold", [n / 10 for n in range(10)]),
    "photo": ("class, by rank", range(1, 6)),
    "relevance": ("method", ["occlusion", "LRP, gamma", "LRP, z+", "LRP, epsilon"]),
}
NAMES = {
    "weights": "Lesson 03: one of the weights",
    "digit": "Lesson 04: the class",
    "convolution": "Lesson 01: the column of the filter",
    "moving": "Lesson 02: the place of the digit",
    "boxes": "Lesson 08: the threshold",
    "photo": "Lessons 06 and 08: the class of a photograph, explained before",
    "relevance": "Lesson 09: the method, computed before",
}
TIMES = 40
# Notes for each movement of a pressed pointer how long it took until the page was painted.
WATCH = """() => {
    window.took = [];
    addEventListener("pointermove", (event) => {
        if (!event.buttons) return;
        requestAnimationFrame(() => setTimeout(() => took.push(performance.now() - event.timeStamp)));
    }, true);
}"""


@pytest.fixture(scope="module")
def more_cells() -> list[str]:
    return [RESNET50]


def row(name: str, took: Sequence[float], limit: float) -> list[str]:
    median, slow = np.percentile(took, [50, 95])
    verdict = "met" if median <= limit else "missed"
    return [name, f"{len(took)}", f"{median:.0f} ms", f"{slow:.0f} ms", f"at most {limit:,.0f} ms", verdict]


def photographs(folder: Path) -> Iterator[Path]:
    """The photographs of the course as files, in turn."""
    for n, name in enumerate(cycle(PHOTOS)):
        path = folder / f"{n}.jpg"
        Image.fromarray(load_photo(name)).save(path)
        yield path


def upload(figure: Locator, photo: Path) -> float:
    image = figure.locator("img")
    before = image.get_attribute("src") or ""
    figure.get_by_label("your own photograph").set_input_files(photo)
    expect(image).not_to_have_attribute("src", before)
    return float(image.get_attribute("data-took") or "nan")


def strokes(page: Page, path: Path) -> list[float]:
    page.goto(path.as_uri())
    page.evaluate(WATCH)
    box = page.locator(".cam-draw").bounding_box()
    assert box
    x, y, side = box["x"], box["y"], box["width"]
    for n in range(6):
        page.mouse.move(x + side * (0.2 + n / 10), y + 0.2 * side)
        page.mouse.down()
        for step in range(1, 9):
            page.mouse.move(x + side * (0.2 + n / 10), y + side * (0.2 + step / 14))
            page.wait_for_timeout(80)  # each movement alone
        page.mouse.up()
    return list(page.evaluate("took"))


def test_response(live_page, page: Page, tmp_path: Path) -> None:
    rows = []
    for name, (label, values) in MOVES.items():
        figure, turns = live_page.figures[name], cycle(values)
        for _ in values:
            move(figure, label, next(turns))
        rows.append(row(NAMES[name], [move(figure, label, next(turns)) for _ in range(TIMES)], 100))

    figure = live_page.page.locator(".cam-course-live").last
    photos = photographs(tmp_path)
    move(figure, "threshold of the box", 0.3)
    rows.append(row("ResNet50: another photograph", [upload(figure, next(photos)) for _ in range(12)], 1000))

    path = tmp_path / "explorer.html"
    path.write_text(explorer_page(shipped_weights()), encoding="utf-8")
    rows.insert(0, row("The explorer: from a stroke to ten maps", strokes(page, path), 50))

    head = ["", "Moves", "Median", "95th percentile", "Target", ""]
    text = (
        f"From a moved control to the new picture on the page, and for the explorer from a stroke to the painted page: "
        f"{machine(2)}; chromium {page.context.browser.version}, JupyterLab on the same machine; {date.today()}. "
        "A target is one for the median."
    )
    section = Section(IN_THE_BROWSER, text, head, rows)
    write(README, with_last(README.read_text(encoding="utf-8"), section))
    print(section)
