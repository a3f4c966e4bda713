"""The digit explorer in a real browser: its arithmetic against Keras, and everything that a hand or a key can do."""

import json
from base64 import b64decode
from pathlib import Path

import keras
import numpy as np
import pytest
from access import serious_faults
from course import SCREENSHOTS
from playwright.sync_api import Page, expect

from cam_course import CAM, models
from cam_course.data.mnist import load_mnist
from cam_course.teaching.explorer import DigitExplorer, explorer_page, packed_weights

EXPLORER = Path(models.__file__).parent.parent / "teaching" / "explorer"


@pytest.fixture(scope="module")
def model() -> keras.Model:
    network = models.mnist_network()
    network.load_weights(models.WEIGHTS / "mnist_gap.weights.h5")
    return network


@pytest.fixture
def explorer(page_of_a_disk: Page, model: keras.Model, tmp_path: Path) -> Page:
    """The one file, opened from a disk."""
    path = tmp_path / "explorer.html"
    path.write_text(explorer_page(packed_weights(model)), encoding="utf-8")
    page_of_a_disk.goto(path.as_uri())
    return page_of_a_disk


def module(page: Page, names: str) -> None:
    """Put functions of the module where ``page.evaluate`` finds them."""
    source = (EXPLORER / "explorer.js").read_text(encoding="utf-8")
    page.goto("about:blank")
    page.add_script_tag(type="module", content=f"{source}\nwindow.explorer = {{ {names} }};")
    page.wait_for_function("window.explorer")


# ---- the arithmetic


def test_a_hundred_digits_give_the_same_numbers_as_keras(page: Page, model: keras.Model) -> None:
    module(page, "network, forward, residual")
    page.evaluate("weights => { window.net = explorer.network(weights) }", packed_weights(model))
    images = load_mnist().test_images[:100]
    e = CAM(model)(images, classes="all")
    inside = keras.Function(model.inputs, [layer.output for layer in model.layers[-3:]])
    f, F, P = (np.asarray(values) for values in inside([images]))
    compute = """images => images.map(image => {
      const found = explorer.forward(net, Float32Array.from(image));
      const packed = ["f", "F", "S", "M", "P"].map(name => {
        const bytes = new Uint8Array(Float32Array.from(found[name]).buffer);
        return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
      });
      return [explorer.residual(net, found), ...packed];
    })"""
    answers = page.evaluate(compute, images.reshape(100, -1).tolist())
    for n, (residual, *packed) in enumerate(answers):
        assert residual < 1e-9
        expected = {"f": f[n], "F": F[n], "S": e.scores[n], "M": e.maps[n], "P": P[n]}
        for (name, of_keras), text in zip(expected.items(), packed, strict=True):
            values = np.frombuffer(b64decode(text), dtype="<f4").reshape(of_keras.shape)
            size = np.abs(of_keras).max()
            np.testing.assert_allclose(values, of_keras, rtol=1e-5, atol=1e-5 * size, err_msg=name)


def test_a_cell_sees_what_its_frame_says(page: Page, model: keras.Model) -> None:
    module(page, "network, forward, receptiveField")
    page.evaluate("weights => { window.net = explorer.network(weights) }", packed_weights(model))
    rng = np.random.default_rng(0)
    image = rng.uniform(size=(28, 28))
    for x, y in ((0, 0), (5, 9), (13, 13)):
        top, left, bottom, right = page.evaluate("([x, y]) => explorer.receptiveField(x, y)", [x, y])
        outside = rng.uniform(size=(28, 28))
        outside[top:bottom, left:right] = image[top:bottom, left:right]
        cell = "image => [...explorer.forward(net, Float32Array.from(image)).f.slice({0}, {0} + 64)]"
        cells = [
            page.evaluate(cell.format((x * 14 + y) * 64), picture.ravel().tolist()) for picture in (image, outside)
        ]
        assert cells[0] == cells[1]
        for row, column in ((top, left), (bottom - 1, right - 1)):  # each corner of the frame counts
            nudged = image.copy()
            nudged[row, column] += 0.5
            moved = page.evaluate(cell.format((x * 14 + y) * 64), nudged.ravel().tolist())
            assert moved != cells[0]


def test_an_address_holds_everything_and_a_broken_one_nothing(page: Page) -> None:
    module(page, "toAddress, fromAddress, drawPreset, PRESETS")
    there_and_back = """() => explorer.PRESETS.map((preset, n) => {
      const state = {pixels: explorer.drawPreset(preset), c: n, cell: [n, 13 - n], absolute: n % 2 === 1,
        minusEmpty: n % 3 === 1, language: n % 2 ? "ko" : "en"};
      const found = explorer.fromAddress(explorer.toAddress(state));
      return JSON.stringify({...state, pixels: [...state.pixels]}) ===
        JSON.stringify({pixels: [...found.pixels], c: found.c, cell: found.cell, absolute: found.absolute,
          minusEmpty: found.minusEmpty, language: found.language}) })"""
    assert page.evaluate(there_and_back) == [True] * 8
    for broken in ("#d=zz9&c=12&x=3&lang=xx", "#d=" + "f" * 783, "#c=1.5&x=-1&y=2", "#", "#d=z99999999."):
        found = page.evaluate("hash => Object.keys(explorer.fromAddress(hash))", broken)
        assert set(found) == {"absolute", "minusEmpty"}, broken


# ---- with the hand


def says(page: Page) -> str:
    return page.locator(".cam-live").inner_text()


def levels(page: Page) -> np.ndarray:
    """The drawing on the page, row by row."""
    data = page.locator(".cam-draw").evaluate("c => [...c.getContext('2d').getImageData(0, 0, 28, 28).data]")
    return np.reshape(data, (28, 28, 4))[..., 0]


def test_a_drawn_stroke_changes_maps_and_scores_as_keras_says(explorer: Page, model: keras.Model) -> None:
    explorer.get_by_role("button", name="Clear").click()
    assert levels(explorer).max() == 0
    box = explorer.locator(".cam-draw").bounding_box()
    assert box is not None
    explorer.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    explorer.mouse.down()
    explorer.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=6)
    explorer.mouse.up()
    drawn = levels(explorer)
    assert drawn[10, 13:15].min() > 100
    assert drawn[:, :10].max() == 0
    image = (np.round(drawn / 17) / 15).astype("float32")[..., None]
    e = CAM(model)(image, classes="all")
    best = int(e.scores[0].argmax())
    assert says(explorer) == f"The network says {best}, with probability {100 * e.probabilities[0, best]:.1f} %."
    for c in range(10):
        label = explorer.get_by_role("radio").nth(c).get_attribute("aria-label") or ""
        assert f"score {e.scores[0, c]:.2f}".replace("-", "−") in label
    explorer.get_by_role("button", name="Undo").click()
    assert levels(explorer).max() == 0


def test_presets_say_what_to_look_at_and_the_address_brings_them_back(explorer: Page) -> None:
    presets = explorer.get_by_role("group", name="Examples").get_by_role("button")
    expect(presets).to_have_count(8)
    seen = set()
    for preset in presets.all():
        preset.click()
        seen.add((explorer.locator(".cam-about").inner_text(), levels(explorer).tobytes()))
    assert len(seen) == 8
    explorer.get_by_role("button", name="a 7 with a bar").click()
    explorer.get_by_role("radio").nth(2).check()
    drawn, numbers = levels(explorer), explorer.locator(".cam-cell").inner_text()
    explorer.reload()
    np.testing.assert_array_equal(levels(explorer), drawn)
    assert explorer.get_by_role("radio").nth(2).is_checked()
    assert explorer.locator(".cam-cell").inner_text() == numbers


def test_absolute_and_minus_the_empty_sheet_change_the_maps(explorer: Page) -> None:
    colours = "c => [...c.getContext('2d').getImageData(0, 0, 14, 14).data]"
    shown = explorer.locator(".cam-map")
    signed = shown.evaluate(colours)
    explorer.get_by_label("absolute value").check()
    absolute = np.reshape(shown.evaluate(colours), (-1, 4))
    assert (absolute[:, 0] >= absolute[:, 2] - 1).all()  # no blue is left
    explorer.get_by_label("absolute value").uncheck()
    assert shown.evaluate(colours) == signed
    explorer.get_by_role("button", name="empty sheet").click()
    explorer.get_by_label("minus the map of the empty sheet").check()
    assert np.ptp(np.reshape(shown.evaluate(colours), (-1, 4))[:, :3], axis=0).max() == 0  # zero everywhere


# ---- with the keys


def test_everything_can_be_done_with_the_keyboard_alone(explorer: Page) -> None:
    drawing = explorer.locator(".cam-draw")
    drawing.focus()
    explorer.keyboard.press("Delete")
    assert levels(explorer).max() == 0
    explorer.keyboard.press("Space")  # a dot where the pen is
    assert levels(explorer)[14, 14] == 255
    for _ in range(5):
        explorer.keyboard.press("Shift+ArrowDown")
    assert levels(explorer)[14:20, 14].min() == 255
    explorer.keyboard.press("ArrowLeft")
    expect(explorer.locator(".cam-live")).to_have_text("pen at row 19, column 13")
    explorer.keyboard.press("z")
    assert levels(explorer)[21, 14] < 255
    explorer.get_by_role("radio").nth(3).focus()
    explorer.keyboard.press("ArrowRight")
    assert explorer.get_by_role("radio").nth(4).is_checked()
    explorer.locator(".cam-map").focus()
    explorer.keyboard.press("ArrowUp")
    explorer.keyboard.press("ArrowRight")
    expect(explorer.locator(".cam-cell")).to_contain_text("Cell at row 6, column 8")
    show = explorer.locator(".cam-cell button").first
    show.focus()
    explorer.keyboard.press("Enter")
    expect(explorer.locator(".cam-feature")).to_be_visible()
    expect(explorer.locator(".cam-cell button[aria-pressed=true]")).to_be_focused()


def test_the_terms_of_a_cell_are_the_largest_and_add_up(explorer: Page, model: keras.Model) -> None:
    image = (np.round(levels(explorer) / 17) / 15).astype("float32")[None, ..., None]
    f = np.asarray(keras.Function(model.inputs, model.layers[-3].output)([image]))[0, 7, 7]
    terms = f * model.layers[-1].kernel.numpy()[:, 9]
    rows = explorer.locator(".cam-cell tbody tr")
    expect(rows).to_have_count(5)
    order = np.argsort(-np.abs(terms))[:5]
    for row, k in zip(rows.all(), order, strict=True):
        cells = [cell.inner_text() for cell in row.locator("td").all()]
        assert cells[0] == str(k)
        assert float(cells[3].replace("−", "-")) == pytest.approx(terms[k], abs=0.006)
    total = explorer.locator(".cam-cell p b").nth(1).inner_text().replace("−", "-")
    assert float(total) == pytest.approx(terms.sum(), abs=1e-3)


# ---- for everybody


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault_of_access_and_nothing_leaves_the_window(explorer: Page, width: int, scheme: str) -> None:
    explorer.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    explorer.set_viewport_size({"width": width, "height": 900})
    serious = serious_faults(explorer)
    assert serious == [], json.dumps(serious, indent=1)[:3000]
    assert explorer.evaluate("document.documentElement.scrollWidth") <= width
    explorer.screenshot(path=SCREENSHOTS / f"explorer-{width}-{scheme}.png", full_page=True)


def test_korean_says_everything_that_english_says(explorer: Page) -> None:
    explorer.get_by_role("combobox").select_option("ko")
    assert explorer.locator(".cam-explorer").get_attribute("lang") == "ko"
    expect(explorer.locator(".cam-live")).to_contain_text("네트워크의 답은 9")
    module(explorer, "TEXTS")
    shapes = """() => Object.values(explorer.TEXTS).map((words) => Object.entries(words).map(([name, value]) =>
      name + typeof value + (name === "names" ? Object.keys(value) : value.length ?? "")))"""
    english, korean = explorer.evaluate(shapes)
    assert [entry.rstrip("0123456789") for entry in english] == [entry.rstrip("0123456789") for entry in korean]


def test_other_networks_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="the explorer computes the network of lesson 04"):
        packed_weights(models.cluttered_network())


def test_the_build_writes_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import build_explorer

    monkeypatch.setattr("sys.argv", ["build_explorer.py", str(tmp_path / "one.html")])
    build_explorer.main()
    page = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert "src=" not in page
    assert "http" not in page
    assert 100_000 < len(page.encode()) < 160_000
    assert "written: " in capsys.readouterr().out


# ---- in a notebook


def test_the_widget_takes_the_picture_and_gives_back_what_the_browser_sends(model: keras.Model) -> None:
    image = load_mnist().test_images[0]
    explorer = DigitExplorer(model, image)
    np.testing.assert_allclose(explorer.drawing.image, image, atol=0.5 / 15 + 1e-6)
    assert explorer.drawing.maps is None
    explorer.sheet = np.full(784, 15, dtype="uint8").tobytes() + np.arange(1960, dtype="<f4").tobytes()
    drawing = explorer.drawing
    assert drawing.image.min() == 1
    assert drawing.maps is not None
    assert drawing.maps[9, 13, 13] == 1959
    bundle = explorer._repr_mimebundle_()
    assert bundle is not None
    assert 'alt="10 maps' in bundle[0]["text/html"]
    with pytest.raises(ValueError, match="a sheet is 28 x 28 pixels"):
        DigitExplorer(model, np.zeros((14, 14)))
