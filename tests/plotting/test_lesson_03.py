"""The figure of lesson 03: the numbers in it are those computed."""

from collections.abc import Callable

import numpy as np

from cam_course.plotting import show_weighted_sum


def test_the_weighted_sum_shows_the_score_by_both_ways(figure_text: Callable[..., str]) -> None:
    f = np.array([[[1.0, 2.0], [3.0, 4.0]]])  # means 2 and 3
    text = figure_text(show_weighted_sum(f, [1.0, -2.0], 0.5, "cat"))
    assert text.count("−3.5000") == 2  # 2 - 6 + 0.5
    assert "cat" in text
