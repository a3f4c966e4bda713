"""The figures of lesson 04: sizes, and the absolute map."""

import numpy as np

from cam_course.plotting import show_digit_map, show_five_columns

rng = np.random.default_rng(0)
DIGITS = rng.uniform(size=(3, 28, 28, 1)).astype("float32")
MAPS = rng.normal(size=(3, 7, 7)).astype("float32")


def test_five_columns_resize_to_height_and_width() -> None:
    figure = show_five_columns(DIGITS[:1], MAPS[:1], ["one"], size=(40, 60))
    shapes = [np.shape(axes.images[0].get_array())[:2] for axes in figure.axes[:5]]
    assert shapes == [(28, 28), (7, 7), (40, 60), (40, 60), (40, 60)]


def test_the_absolute_map_has_no_blue() -> None:
    figure = show_digit_map(DIGITS[0], MAPS, np.zeros(3), 0, absolute=True)
    drawn = figure.axes[1].images[0].get_array()
    np.testing.assert_array_equal(drawn, np.abs(MAPS[0]))


def test_the_bar_of_the_absolute_map_begins_at_zero() -> None:
    limit = float(np.abs(MAPS).max())
    for absolute, low in ((False, -limit), (True, 0.0)):
        figure = show_digit_map(DIGITS[0], MAPS, np.zeros(3), 0, absolute=absolute)
        [bar] = [axes for axes in figure.axes if axes.get_label() == "<colorbar>"]
        assert bar.get_xlim() == (low, limit)
