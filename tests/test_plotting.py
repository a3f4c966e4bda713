"""The figures: what is drawn, on which scale, and that the numbers in them are those computed."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from cam_course import plotting
from cam_course.explanation import MAP_LABEL

rng = np.random.default_rng(0)
DIGITS = rng.uniform(size=(3, 28, 28, 1)).astype("float32")
PHOTO = rng.integers(256, size=(32, 32, 3)).astype("uint8")
MAPS = rng.normal(size=(3, 7, 7)).astype("float32")

FIGURES: dict[str, Callable[[], Figure]] = {
    "show_numbers": lambda: plotting.show_numbers([np.eye(3), [[1.5, 2]]], ["a", "b"], columns=1),
    "show_weighted_sum": lambda: plotting.show_weighted_sum(rng.normal(size=(3, 3, 4)), [1, -1, 0.5, 2], 0.25, "cat"),
    "show_strip": lambda: plotting.show_strip(list(MAPS), ["a", "b", "c"], images=PHOTO, columns=2),
    "show_strip, own scales": lambda: plotting.show_strip([MAPS[0], MAPS[1, :3]], ["a", "b"], shared_scale=False),
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
    "show_layers": lambda: plotting.show_layers([MAPS[:2], MAPS[:2, :3, :3]], ["early", "late"], ["a", "b"], PHOTO),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_drawn_whole_and_held_by_nobody(name: str) -> None:
    import matplotlib.pyplot as plt

    figure = FIGURES[name]()
    figure.canvas.draw()
    assert plt.get_fignums() == []  # otherwise a notebook would draw it twice
    titles = "".join(axes.get_title() + axes.get_title(loc="left") + axes.get_ylabel() for axes in figure.axes)
    assert titles or name == "show_two_passes"


def test_every_figure_function_is_tried() -> None:
    functions = {name for name in vars(plotting) if name.startswith("show_")}
    tried = {name.partition(",")[0] for name in FIGURES} | {"show_convolution"}  # that one below
    assert functions == tried


def test_convolution_figure_frames_the_window_of_the_cell() -> None:
    g, v = np.arange(25.0).reshape(5, 5), np.ones((3, 3))
    f = np.array([[g[i : i + 3, j : j + 3].sum() for j in (0, 2)] for i in (0, 2)])
    figure = plotting.show_convolution(g, v, f, cell=(1, 0), stride=2)
    figure.canvas.draw()
    window = figure.axes[0].patches[0]
    assert (window.get_x(), window.get_y(), window.get_width(), window.get_height()) == (-0.5, 1.5, 3, 3)


def test_small_arrays_carry_their_values(figure_text: Callable[..., str]) -> None:
    text = figure_text(plotting.show_numbers([[[3, -7]], [[0.125, 2.5]]], ["whole", "broken"]))
    for value in ("3", "−7", "0.12", "2.50"):
        assert value in text.splitlines()


def test_one_scale_with_zero_in_the_middle_for_all() -> None:
    figure = plotting.show_numbers([[[3, -7]], [[0.5, 2.5]]], ["a", "b"])
    assert {axes.images[0].get_clim() for axes in figure.axes[:2]} == {(-7.0, 7.0)}
    strip = plotting.show_strip([np.array([[1.0]]), np.array([[-4.0]])], ["a", "b"])
    assert {axes.images[0].get_clim() for axes in strip.axes[:2]} == {(-4.0, 4.0)}
    assert strip.axes[-1].get_ylabel() == MAP_LABEL


def test_the_weighted_sum_shows_the_score_by_both_ways(figure_text: Callable[..., str]) -> None:
    f = np.array([[[1.0, 2.0], [3.0, 4.0]]])  # means 2 and 3
    text = figure_text(plotting.show_weighted_sum(f, [1.0, -2.0], 0.5, "cat"))
    assert text.count("−3.5000") == 2  # 2 - 6 + 0.5
    assert "cat" in text


def test_five_columns_resize_to_height_and_width() -> None:
    figure = plotting.show_five_columns(DIGITS[:1], MAPS[:1], ["one"], size=(40, 60))
    shapes = [np.shape(axes.images[0].get_array())[:2] for axes in figure.axes[:5]]
    assert shapes == [(28, 28), (7, 7), (40, 60), (40, 60), (40, 60)]


def test_the_absolute_map_has_no_blue() -> None:
    figure = plotting.show_digit_map(DIGITS[0], MAPS, np.zeros(3), 0, absolute=True)
    drawn = figure.axes[1].images[0].get_array()
    np.testing.assert_array_equal(drawn, np.abs(MAPS[0]))
