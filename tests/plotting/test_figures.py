"""Every figure of the lessons, drawn once."""

import importlib
import pkgutil
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from cam_course import plotting
from cam_course.evaluate import mean_with_interval, share_with_interval
from cam_course.figure import DOTS_PER_INCH, WIDEST, DescribedFigure

rng = np.random.default_rng(0)
DIGITS = rng.uniform(size=(3, 28, 28, 1)).astype("float32")
PHOTO = rng.integers(256, size=(32, 32, 3)).astype("uint8")
MAPS = rng.normal(size=(3, 7, 7)).astype("float32")

FIGURES: dict[str, Callable[[], DescribedFigure]] = {
    "show_numbers": lambda: plotting.show_numbers([np.eye(3), [[1.5, 2]]], ["a", "b"], columns=1),
    "show_weighted_sum": lambda: plotting.show_weighted_sum(rng.normal(size=(3, 3, 4)), [1, -1, 0.5, 2], 0.25, "cat"),
    "show_strip": lambda: plotting.show_strip(list(MAPS), ["a", "b", "c"], images=PHOTO, columns=2),
    "show_strip, two scales": lambda: plotting.show_strip([MAPS[0], MAPS[1, :3]], ["a", "b"], shared_scale=False),
    "show_images": lambda: plotting.show_images(DIGITS, ["a", "b", "c"], columns=2),
    "show_five_columns": lambda: plotting.show_five_columns(DIGITS, MAPS, ["a", "b", "c"]),
    "show_digit_map": lambda: plotting.show_digit_map(DIGITS[0], MAPS, np.array([1.0, -2.0, 0.5]), 1),
    "show_pixel_scores": lambda: plotting.show_pixel_scores(DIGITS[0, :8, :8, 0], MAPS[0, :1, :1] * np.ones((8, 8)), 1),
    "show_boxes": lambda: plotting.show_boxes([np.abs(MAPS[0])], [(1, 1, 3, 4)], ["a"]),
    "show_digit_maps": lambda: plotting.show_digit_maps(DIGITS, list(MAPS), ["a", "b", "c"], columns=2),
    "show_colour_maps": lambda: plotting.show_colour_maps(MAPS[0], ["jet", "RdBu_r"]),
    "show_features": lambda: plotting.show_features(DIGITS, np.abs(rng.normal(size=(3, 8))), ["a", "b", "c"], [2]),
    "show_feature_maps": lambda: plotting.show_feature_maps(DIGITS[:1], np.abs(MAPS[:1, ..., None]), [0], ["a"]),
    "show_two_passes": plotting.show_two_passes,
    "show_canvases": lambda: plotting.show_canvases([DIGITS[0], DIGITS[1, :14, :14]], ["a", "b"]),
    "show_fading": lambda: plotting.show_fading(np.array([1e-6, 0.1]), np.array([0.1, 0.2]), np.array([1e-7, 0.02])),
    "show_boxes_on_photos": lambda: plotting.show_boxes_on_photos(
        list(MAPS[:2]), [(1, 2, 9, 12), None], ["a", "b"], np.stack([PHOTO, PHOTO])
    ),
    "show_beams": lambda: plotting.show_beams(
        [MAPS[0, :6, :4], MAPS[1]], ["a", "b"], "value", [np.eye(6, 24), np.zeros((6, 24))]
    ),
    "show_beams, two scales": lambda: plotting.show_beams([MAPS[0], MAPS[1]], ["a", "b"], "", shared_scale=False),
    "show_measures": lambda: plotting.show_measures(
        [0.1, 0.2], {"hits": [mean_with_interval([0, 1, 1]), share_with_interval(3, 9)]}, "noise", "share"
    ),
    "show_methods": lambda: plotting.show_methods(PHOTO, {"a": MAPS[0], "b": np.ones(PHOTO.shape[:2])}),
    "show_layers": lambda: plotting.show_layers([MAPS[:2], MAPS[:2, :3, :3]], ["early", "late"], ["a", "b"], PHOTO),
}
HEADS = {"GAP": MAPS[0, 0], "Flatten": MAPS[0, 1]}
# The figures that are drawn once, and three states of each.
LIVE: dict[str, tuple[Callable[[], Any], list[tuple[Any, ...]]]] = {
    "ConvolutionSteps": (
        lambda: plotting.ConvolutionSteps(DIGITS[0, ..., 0]),
        [(3, 4, np.eye(3)), (3, 5, np.eye(3)), (99, 99, np.full((3, 3), -0.5), 2, 1)],
    ),
    "MovedDigit": (
        lambda: plotting.MovedDigit(DIGITS[0], np.abs(MAPS[1, 0]), HEADS),
        [(image, np.abs(MAPS[n, 2]), {head: S[::-1] for head, S in HEADS.items()}) for n, image in enumerate(DIGITS)],
    ),
    "WeightedSum": (
        lambda: plotting.WeightedSum(MAPS[0, :3, :3, None] * np.ones(4), 1.0, "cat"),
        [([1, 1, 1, 1],), ([1, 1, -0.5, 1],), ([1, 1, -0.5, 2],)],
    ),
    "DigitMap": (lambda: plotting.DigitMap(DIGITS[0], MAPS, np.array([1, -2, 0.5])), [(0,), (1, True), (2,)]),
    "BoxedMap": (
        lambda: plotting.BoxedMap(32),
        [(PHOTO, MAPS[0], (1, 2, 9, 12), "a"), (PHOTO, 9 * MAPS[1], None, "a longer title\nof two lines"),
         (PHOTO, MAPS[0, :3], (1, 2, 9, 12), "", (3, 4, 5, 6))],
    ),
}  # fmt: skip
FIGURES |= {name: lambda make=make, states=states: make().at(*states[0]) for name, (make, states) in LIVE.items()}  # type: ignore[misc]


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_drawn_whole_and_held_by_nobody(name: str) -> None:
    import matplotlib.pyplot as plt

    figure = FIGURES[name]()
    figure.canvas.draw()
    assert plt.get_fignums() == []  # otherwise a notebook would draw it twice
    titles = "".join(axes.get_title() + axes.get_title(loc="left") + axes.get_ylabel() for axes in figure.axes)
    assert titles or name == "show_two_passes"


@pytest.mark.parametrize("name", FIGURES)
def test_figure_has_an_alternative_text_and_letters_as_large_as_the_text_around_it(name: str) -> None:
    figure = FIGURES[name]()
    assert len(figure.alt) > 40
    assert "$" not in figure.alt
    assert "\\" not in figure.alt
    assert f'alt="{figure.alt[:20]}' in figure.as_html()
    assert figure.get_figwidth() <= WIDEST
    for text in figure.findobj(Text):
        if text.get_text():
            assert text.get_fontsize() * DOTS_PER_INCH / 72 >= 14, text.get_text()  # pixels, as JupyterLab's text


def test_alternative_texts_say_what_was_drawn() -> None:
    numbers = plotting.show_numbers([[[1, -2], [0, 5]]], ["$f_1$"], label="$f_k(x, y)$")
    assert numbers.alt == (
        "1 grids of numbers. Colours: f_k(x, y). f_1: 2 × 2, from -2 to 5, largest at row 1, column 1."
    )
    strip = plotting.show_strip([np.eye(2), -np.eye(3)], ["$M_1$", "$M_2$"], images=PHOTO)
    assert "2 maps over pictures." in strip.alt
    assert "M_1: 2 × 2, from 0 to 1, largest at row 0, column 0." in strip.alt
    assert "M_2: 3 × 3, from -1 to 0, largest at row 0, column 1." in strip.alt
    many = plotting.show_strip([n * np.eye(2) for n in range(8)], [f"no. {n}" for n in range(8)])
    assert "Values from 0 to 7; the largest in no. 7: from 0 to 7, largest at row 0, column 0." in many.alt
    boxes = FIGURES["show_boxes_on_photos"]()
    assert "a (1, 2, 9, 12); b none" in boxes.alt
    bars = plotting.show_features(DIGITS, np.array([[0, 2.5], [1, 0], [3, 0.0]]), ["a", "b", "c"], [1])
    assert "c: from 0 to 3, largest at k = 0. Orange: k = 1." in bars.alt
    w = plotting.show_weighted_sum(np.ones((3, 3, 2)), [2, -1], 0.5, "cat")
    assert "Mean of M plus b: 1.5000" in w.alt


def test_a_figure_without_alternative_text_is_refused() -> None:
    from cam_course.drawing import new_figure

    with pytest.raises(ValueError, match="without alternative text"):
        new_figure(2, 2).as_html()


def test_every_figure_function_is_tried() -> None:
    tried = {name.partition(",")[0] for name in FIGURES} | {"show_convolution"}  # it is tried in test_lesson_01.py
    assert set(plotting.__all__) == tried


def test_the_folder_exports_every_figure_function_of_its_files() -> None:
    names = [file.name for file in pkgutil.iter_modules(plotting.__path__)]
    files = [importlib.import_module(f"cam_course.plotting.{name}") for name in names]
    found = [entry for file in files for entry in vars(file).items()]
    defined = {name: figure for name, figure in found if name.startswith("show_") or hasattr(figure, "at")}
    assert {name: getattr(plotting, name) for name in plotting.__all__} == defined


@pytest.mark.parametrize("name", LIVE)
def test_a_live_figure_painted_in_parts_is_the_figure_painted_whole(name: str) -> None:
    make, states = LIVE[name]
    drawn = make()
    for state in states:
        figure = drawn.at(*state)
        in_parts = np.asarray(Image.open(BytesIO(figure.as_png())))
    figure.canvas.draw()
    np.testing.assert_array_equal(in_parts, np.asarray(figure.canvas.buffer_rgba())[..., :3])
    assert np.ptp(in_parts) > 100
