"""Maps in a row: their scale, and what the colour bar says of them."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from cam_course.drawing import MAP_LABEL, RECTIFIED_LABEL
from cam_course.plotting import show_digit_maps, show_layers, show_strip

DIGIT = np.zeros((28, 28, 1))
DIGIT[8:20, 12:16] = 1
SIGNED, UP = np.array([[1.0, -4.0]]), np.array([[1.0, 4.0]])


def test_all_maps_of_a_strip_share_one_scale_with_zero_in_the_middle() -> None:
    strip = show_strip([np.array([[1.0]]), np.array([[-4.0]])], ["a", "b"])
    assert {axes.images[0].get_clim() for axes in strip.axes[:2]} == {(-4.0, 4.0)}


# Every way of drawing maps with a colour bar: beside or below, one for all or one for each.
WAYS: dict[str, Callable[..., Figure]] = {
    "strip": lambda M, **how: show_strip([M, M], ["a", "b"], **how),
    "strip, own scales": lambda M, **how: show_strip([M, M], ["a", "b"], shared_scale=False, **how),
    "digits in a row": lambda M, **how: show_digit_maps(DIGIT, [M, M], ["a", "b"], **how),
    "digits in rows": lambda M, **how: show_digit_maps(DIGIT, [M, M], ["a", "b"], columns=1, **how),
    "digits, own scales": lambda M, **how: show_digit_maps(DIGIT, [M, M], ["a", "b"], shared_scale=False, **how),
    "layers": lambda M, **how: show_layers([np.stack([M, M])], ["late"], ["a", "b"], np.ones((8, 8, 3)), **how),
}


def bars_of(figure: Figure) -> list[tuple[float, float]]:
    figure.canvas.draw()
    colour_bars = [axes for axes in figure.axes if axes.get_label() == "<colorbar>"]
    assert colour_bars
    along = [
        axes.get_ylim() if axes.get_position().height > axes.get_position().width else axes.get_xlim()
        for axes in colour_bars
    ]
    return [(float(low), float(high)) for low, high in along]


@pytest.mark.parametrize("way", WAYS)
def test_maps_from_zero_up_show_the_half_of_the_scale_that_they_use(way: str) -> None:
    assert set(bars_of(WAYS[way](SIGNED))) == {(-4.0, 4.0)}
    assert set(bars_of(WAYS[way](UP, rectified=True))) == {(0.0, 4.0)}
    panels = [axes.images[-1] for axes in WAYS[way](UP, rectified=True).axes if axes.images]
    assert {image.get_clim() for image in panels} == {(-4.0, 4.0)}  # the colours stay


@pytest.mark.parametrize("way", [way for way in WAYS if "own" not in way and way != "layers"])
def test_the_label_of_the_colour_bar_follows_the_method(way: str, figure_text: Callable[..., str]) -> None:
    for figure, label in ((WAYS[way](SIGNED), MAP_LABEL), (WAYS[way](UP, rectified=True), RECTIFIED_LABEL)):
        assert label in figure_text(figure)
    assert "of its own" in figure_text(WAYS[way](SIGNED, label="of its own"))


def test_zero_is_white_on_a_digit_as_in_the_colour_bar() -> None:
    figure = show_digit_maps(DIGIT, [np.zeros((7, 7))], ["nothing"])
    panel = figure.axes[0]
    [drawn] = panel.images  # no picture below it
    assert drawn.get_alpha() in (None, 1)
    np.testing.assert_allclose(drawn.to_rgba(0.0)[:3], 1, atol=0.04)
    assert panel.collections  # the outline of the digit
