"""Maps in a row: their scale."""

import numpy as np

from cam_course.drawing import MAP_LABEL
from cam_course.plotting import show_strip


def test_all_maps_of_a_strip_share_one_scale_with_zero_in_the_middle() -> None:
    strip = show_strip([np.array([[1.0]]), np.array([[-4.0]])], ["a", "b"])
    assert {axes.images[0].get_clim() for axes in strip.axes[:2]} == {(-4.0, 4.0)}
    assert strip.axes[-1].get_ylabel() == MAP_LABEL
