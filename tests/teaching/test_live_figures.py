"""The live figures in a real JupyterLab, moved as a student moves them; numbers and pictures must follow.

All are in one notebook, so that one kernel serves them; that the lessons call them, the lessons' own tests show.
"""

import base64
import io
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from access import serious_faults
from course import ROOT, SCREENSHOTS
from live import move, namespace
from PIL import Image
from playwright.sync_api import Locator, expect

from cam_course import CAM, LRP, Occlusion
from cam_course.evaluate import box_iou
from cam_course.maps import convolve, relu
from cam_course.plotting import DigitMap, WeightedSum
from cam_course.plotting.numbers import subscript
from cam_course.teaching.widgets import live
from cam_course.teaching.widgets.moving import shifted

pytestmark = pytest.mark.runs_lesson


@pytest.fixture(scope="module")
def here() -> dict[str, Any]:
    """What the notebook has, in this process."""
    return namespace()


def numbers_of(figure: Locator) -> list[float]:
    """The numbers with four digits in the line above the picture."""
    return [float(number) for number in re.findall(r"-?\d+\.\d{4}", figure.locator(".cam-course-line").inner_text())]


def picture_of(figure: Locator) -> np.ndarray:
    """The picture as the browser has it."""
    read = """async (image) => {
        const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    }"""
    return decoded(base64.b64decode(figure.locator("img").evaluate(read)))


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_six_weights_move_the_map_and_the_score(live_page, here) -> None:
    figure = live_page.figures["weights"]
    expect(figure.locator(".cam-course-line")).to_contain_text("S = mean of M + b")
    w, b = [0.5, -0.2, 0.2, 0.1, 0.3, -0.4], 0.5
    drawn = WeightedSum(here["f"], b, "Iron Man")
    drawn.at(w).as_html()  # as for the still picture: what a figure is drawn for settles where things are
    for k, value in ((0, 0.5), (2, 1.2), (1, -2.0)):
        if value != w[k]:
            move(figure, f"w{subscript(k + 1)}", value)
            w[k] = value
        score = float((here["f"] * w).sum(axis=-1).mean()) + b
        assert numbers_of(figure) == pytest.approx([score, score], abs=6e-5)
        np.testing.assert_array_equal(picture_of(figure), decoded(drawn.at(w).as_png()))
        assert f"weights {', '.join(f'{each:.1f}'.replace('-', '−') for each in w)}" in figure.get_by_role(
            "img"
        ).get_attribute("alt")


def test_a_slider_moves_with_the_keyboard_and_its_number_with_it(live_page, here) -> None:
    figure = live_page.figures["weights"]
    slider = figure.get_by_role("slider", name="w₁")
    slider.focus()
    src = figure.locator("img").get_attribute("src")
    before = numbers_of(figure)[0]
    live_page.page.keyboard.press("ArrowRight")  # w_1 from 0.5 to 0.6
    expect(figure.locator(".cam-number").first).to_have_text("0.6")
    expect(figure.locator("img")).not_to_have_attribute("src", src)
    assert numbers_of(figure)[0] == pytest.approx(before + 0.1 * here["f"][..., 0].mean(), abs=2e-4)


def test_of_many_moves_the_newest_wins(live_page) -> None:
    figure = live_page.figures["weights"]
    slider = figure.get_by_role("slider", name="w₁")
    answers = """(slider) => {
        const image = slider.closest(".cam-course-live").querySelector("img");
        image.dataset.seen = 0;
        new MutationObserver(() => image.dataset.seen++).observe(image, { attributeFilter: ["src"] });
        for (let n = 0; n < 40; n++) {
            slider.value = -2 + n / 10;
            slider.dispatchEvent(new Event("input"));
        }
    }"""
    slider.evaluate(answers)
    expect(figure.locator(".cam-number").first).to_have_text("1.9")
    expect(figure.get_by_role("img")).to_have_attribute("alt", re.compile("weights 1.9, "))
    assert int(figure.locator("img").get_attribute("data-seen")) <= 3  # the first, perhaps one more, the last


def test_a_slow_step_says_that_it_is_working(live_page) -> None:
    figure = live_page.figures["slow"]
    figure.get_by_role("slider", name="seconds").fill("2")
    expect(figure.locator(".cam-status")).to_have_text("Working …")
    expect(figure.locator(".cam-course-line")).to_have_text("2 seconds")
    expect(figure.locator(".cam-status")).to_have_text("")


def test_class_and_switch_of_the_digit(live_page, here) -> None:
    figure = live_page.figures["digit"]
    e = CAM(here["model"])(here["image"], classes="all")
    maps, S, b = e.maps[0], e.scores[0], e.bias[0]
    best = int(S.argmax())
    drawn = DigitMap(here["image"][0], maps, S)
    drawn.at(best).as_html()
    np.testing.assert_array_equal(picture_of(figure), decoded(drawn.at(best).as_png()))
    for c in (c for c in range(10) if c != best):
        move(figure, "class c", c)
        assert numbers_of(figure)[:2] == pytest.approx([S[c], maps[c].mean() + b[c]], rel=1e-4, abs=2e-4)
    move(figure, "map", "absolute |M|")
    assert numbers_of(figure)[:2] == pytest.approx([S[c], np.abs(maps[c]).mean() + b[c]], rel=1e-4, abs=2e-4)
    assert numbers_of(figure)[1] > numbers_of(figure)[0] + 1e-3  # |M| adds up to more: the switch shows the mistake
    drawn.at(c)
    np.testing.assert_array_equal(picture_of(figure), decoded(drawn.at(c, absolute=True).as_png()))


def test_the_filter_steps_over_the_digit(live_page, here) -> None:
    figure, digit = live_page.figures["convolution"], here["image"][0, ..., 0]
    v, mean = np.array([[1, 0, -1]] * 3), np.full((3, 3), 1 / 9)
    f = convolve(digit, v)
    row, column = np.unravel_index(np.abs(f).argmax(), f.shape)
    move(figure, "row", int(row))
    move(figure, "column", int(column))
    assert numbers_of(figure) == pytest.approx([f[row, column]], abs=6e-5)
    move(figure, "padding", "one zero (same)")
    expect(figure.locator(".cam-course-line")).to_contain_text("28 x 28 cells")
    assert numbers_of(figure) == pytest.approx([convolve(np.pad(digit, 1), v)[row, column]], abs=6e-5)
    move(figure, "filter", "mean")
    move(figure, "stride", "2")
    f = convolve(np.pad(digit, 1), mean, stride=2)
    expect(figure.locator(".cam-course-line")).to_contain_text("14 x 14 cells")
    last = min(int(row), 13), min(int(column), 13)
    assert numbers_of(figure) == pytest.approx([f[last]], abs=6e-5)
    said = figure.get_by_role("img").get_attribute("alt")
    assert f"14 × 14 up to row {last[0]}, column {last[1]}" in said

    move(figure, "column", 0)
    figure.get_by_role("button", name="column: play").press("Enter")
    expect(figure.locator(".cam-course-line")).to_contain_text(re.compile(rf"f\({last[0]}, [3-9]\)"))
    figure.get_by_role("button", name="column: play").press("Enter")  # stops
    stopped = figure.get_by_role("slider", name="column").input_value()
    live_page.page.wait_for_timeout(900)  # two steps
    assert figure.get_by_role("slider", name="column").input_value() == stopped


def test_a_moved_digit_leaves_f_and_its_score_and_not_the_flattened_score(live_page, here) -> None:
    figure = live_page.figures["moving"]
    F, scores = here["two_heads"](here["image"][0])
    for label, pixels, right, down in (("pixels to the right", 2, 2, 0), ("down", -1, 2, -1)):
        move(figure, label, pixels)
        F_moved, moved = here["two_heads"](shifted(here["image"][0], right, down))
        pairs = [(F, F_moved), *((scores[head], moved[head]) for head in ("GAP", "Flatten"))]
        expected = [np.linalg.norm(after - before) / np.linalg.norm(before) for before, after in pairs]
        assert numbers_of(figure) == pytest.approx(expected, abs=2e-4)
        if not down:  # two pixels are one cell, and no ink has come to the frame
            assert expected[1] < 0.01 < 0.2 < expected[2]


def test_layer_class_relu_threshold_and_box_of_a_photograph(live_page, here) -> None:
    figure, net = live_page.figures["photo"], here["net"]
    x = net.prepare(here["square"](here["load_photo"]("chelsea"), 64))
    move(figure, "layer", "early")
    move(figure, "class, by rank", 3)
    e = here["explainers"]["early"](x, top=5)
    assert numbers_of(figure) == pytest.approx([e.scores[0, 2]], abs=2e-4)
    for threshold in (0.7, 0.4):
        move(figure, "threshold of the box", threshold)
        box = e.resize((64, 64)).boxes(threshold)[0][2]
        expect(figure.locator(".cam-course-line")).to_contain_text(f"box {box}")
    assert f"thing {e.classes[0, 2]}" in figure.get_by_role("img").get_attribute("alt")
    smallest = re.compile(r"from -[\d.e-]+ to")
    signed = figure.get_by_role("img").get_attribute("alt")
    assert e.maps[0, 2].min() < 0
    assert smallest.search(signed)
    src = figure.locator("img").get_attribute("src")
    figure.get_by_label("ReLU").check()
    expect(figure.locator("img")).not_to_have_attribute("src", src)
    rectified = figure.get_by_role("img").get_attribute("alt")
    assert not smallest.search(rectified)
    assert relu(e.maps[0, 2]).max() == e.maps[0, 2].max()


def uploads(folder: Path) -> dict[str, Path]:
    """Pictures of every troublesome kind."""
    rng = np.random.default_rng(0)
    colours = Image.fromarray(rng.integers(256, size=(90, 120, 3), dtype="uint8"))
    turned = Image.Exif()
    turned[0x0112] = 6
    made = {
        "large.png": lambda path: Image.new("RGB", (8000, 5000), "red").save(path),  # 40 megapixels
        "deep.png": lambda path: Image.fromarray(rng.integers(65536, size=(40, 40)).astype("uint16")).save(path),
        "moving.gif": lambda path: colours.save(path, save_all=True, append_images=[colours.rotate(90)]),
        "clear.png": lambda path: colours.convert("RGBA").save(path),
        "print.jpg": lambda path: colours.convert("CMYK").save(path),
        "turned.jpg": lambda path: colours.save(path, exif=turned),
    }
    for name, save in made.items():
        save(folder / name)
    (folder / "cut.jpg").write_bytes((folder / "turned.jpg").read_bytes()[:700])
    (folder / "<b>no.jpg").write_text("no picture")
    return {path.name: path for path in folder.iterdir()}


def test_a_photograph_of_ones_own_is_explained_or_refused_in_a_sentence(live_page, here, tmp_path: Path) -> None:
    figure, net = live_page.figures["photo"], here["net"]
    chooser, line = figure.get_by_label("your own photograph"), figure.locator(".cam-course-line")
    move(figure, "layer", "late")
    move(figure, "class, by rank", 1)
    files = uploads(tmp_path)
    for name in ("large.png", "deep.png", "moving.gif", "clear.png", "print.jpg", "turned.jpg"):
        src = figure.locator("img").get_attribute("src")
        chooser.set_input_files(files[name])
        expect(figure.locator("img")).not_to_have_attribute("src", src)
        e = here["explainers"]["late"](net.prepare(here["square"](here["load_photo"](files[name]), 64)), top=1)
        assert numbers_of(figure) == pytest.approx([e.scores[0, 0]], rel=1e-3, abs=2e-4), name
    for name in ("cut.jpg", "<b>no.jpg"):
        chooser.set_input_files(files[name])
        expect(line).to_contain_text(f"{name} cannot be read as a picture")
    (tmp_path / "huge.jpg").write_bytes(bytes(8_100_000))
    chooser.set_input_files(tmp_path / "huge.jpg")
    expect(figure.locator(".cam-status")).to_have_text(re.compile("huge.jpg has 8.1 MB, and at most 8 MB can be sent"))
    chooser.set_input_files(files["clear.png"])  # and the figure goes on
    expect(line).to_contain_text("S = ")
    score = numbers_of(figure)
    move(figure, "threshold of the box", 0.8)  # with the same photograph, which does not come again
    assert numbers_of(figure) == score


def test_a_box_follows_its_threshold(live_page, here) -> None:
    figure = live_page.figures["boxes"]
    large = here["ten"].resize((28, 28))
    for n, threshold in ((3, 0.2), (3, 0.6)):
        move(figure, "picture", n) if threshold == 0.2 else move(figure, "threshold", threshold)
        fit = box_iou(large.boxes(threshold)[n][0], here["boxes"][n])
        assert numbers_of(figure) == pytest.approx([fit], abs=6e-5)
        expect(figure.locator(".cam-course-line")).to_contain_text("not found" if fit < 0.5 else "found")


def test_a_rule_its_parameter_and_a_window(live_page, here) -> None:
    figure, model, x = live_page.figures["relevance"], here["model"], here["image"]
    move(figure, "method", "LRP, gamma")
    assert numbers_of(figure)[1] == pytest.approx(LRP(model, rule="gamma", gamma=0.25)(x).maps.sum(), rel=1e-3)
    move(figure, "epsilon or gamma", "1")
    assert numbers_of(figure)[1] == pytest.approx(LRP(model, rule="gamma", gamma=1.0)(x).maps.sum(), rel=1e-3)
    move(figure, "method", "occlusion")
    move(figure, "window of occlusion", 6)
    e = Occlusion(model, size=6, stride=2, progress=False)(x)
    assert numbers_of(figure) == pytest.approx([e.scores[0, 0], e.maps.sum()], rel=1e-3, abs=1e-3)


def test_a_stroke_in_the_explorer_comes_to_python_with_its_maps(live_page) -> None:
    page = live_page.page
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


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_serious_fault_of_access_and_nothing_leaves_the_window(live_page, width: int, theme: str) -> None:
    page = live_page.page
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    for item in ("Theme", f"JupyterLab {theme}"):
        page.locator(".lm-Menu-item", has_text=item).first.click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", f"JupyterLab {theme}")
    page.set_viewport_size({"width": width, "height": 1000})
    if width < 500 and page.locator(".jp-FileBrowser").is_visible():
        page.locator(".jp-SideBar [data-id='filebrowser']").click()  # closes it, as whoever has so little room
    for name, figure in live_page.figures.items():
        figure.scroll_into_view_if_needed()
        room = figure.evaluate("(figure) => figure.closest('.jp-OutputArea-output').getBoundingClientRect().right")
        for part in figure.locator("input, .cam-number, select, button, img").all():
            box = part.bounding_box()
            assert box, name
            assert box["x"] + box["width"] <= room + 1, name
        figure.screenshot(path=SCREENSHOTS / f"{name}-{width}-{theme.lower()}.png")
    serious = serious_faults(page, context={"include": [[".cam-course-live"]]})
    assert [fault["id"] for fault in serious] == []


def test_no_error_and_no_request_to_another_machine(live_page) -> None:
    assert live_page.errors == []
    assert live_page.strangers == []


def test_every_move_is_answered_and_an_error_with_its_sentence(monkeypatch) -> None:
    made = []

    class Kept(live._LiveFigure):
        def __init__(self, **traits: Any) -> None:
            super().__init__(**traits)
            made.append(self)

    drawn = WeightedSum(np.ones((2, 2, 3)))

    def at(n: int) -> Any:
        if n > 1:
            raise (ValueError if n == 2 else ZeroDivisionError)(f"no <figure> {n}")
        return drawn.at([n, 0, 1]), f"n is {n}"

    monkeypatch.setattr(live, "_LiveFigure", Kept)
    live.show_live({"n": live.slider("n", 0, 0, 3)}, at)
    (figure,) = made
    first = figure.frame["image"]
    figure.values = {"n": 1, "move": 1}
    assert (figure.frame["text"], figure.frame["move"]) == ("n is 1", 1)
    second = figure.frame["image"]
    assert second != first
    figure.values = {"n": 2, "move": 2}
    assert (figure.frame["text"], figure.frame["move"]) == ("no &lt;figure&gt; 2", 2)
    with pytest.raises(ZeroDivisionError):
        figure.values = {"n": 3, "move": 3}
    assert (figure.frame["move"], figure.frame["image"]) == (3, second)


@pytest.mark.parametrize(
    ("lesson", "count"),
    [("01", 1), ("02", 1), ("03", 1), ("04", 2), ("06", 1), ("08", 2), ("09", 1)],
)
def test_a_live_figure_that_was_not_run_says_so(lesson: str, count: int) -> None:
    for path in (ROOT / "notebooks").glob(f"**/{lesson}_*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
        note = "A live figure: run this cell to move it."
        stills = [data["text/html"] for data in outputs if data.get("text/plain") == note]
        assert len(stills) == (0 if path.parent.name == "student" else count)
        for html in stills:
            assert html.startswith("<img alt=")
            assert "run this cell to move it" in html
            assert "이 셀을 실행하십시오" in html
