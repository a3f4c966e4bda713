"""The figure of all methods: what lies over the photograph, what alone, and on which scale."""

import numpy as np
import pytest

from cam_course.plotting import show_methods

PHOTO = np.full((20, 20, 3), 128, dtype=np.uint8)


def test_a_coarse_map_lies_over_the_photograph_and_one_on_the_pixels_alone() -> None:
    figure = show_methods(PHOTO, {"coarse": np.ones((4, 4)), "fine": np.ones((20, 20))})
    coarse, fine = figure.axes[:2]
    assert [len(axes.images) for axes in (coarse, fine)] == [2, 1]
    assert [axes.get_title() for axes in (coarse, fine)] == ["coarse", "fine"]
    for said in ("each on a scale of its own", "coarse", "fine"):
        assert said in figure.alt


def test_one_bright_pixel_does_not_leave_the_others_pale() -> None:
    M = np.random.default_rng(0).uniform(-1, 1, (20, 20))
    M[3, 4] = 1000
    coarse = np.ones((4, 4))
    coarse[1, 1] = 7
    fine, grid = (axes.images[-1] for axes in show_methods(PHOTO, {"M": M, "L": coarse}).axes[:2])
    assert fine.get_clim()[1] == pytest.approx(np.percentile(np.abs(M), 99.5))
    assert fine.get_clim()[0] == -fine.get_clim()[1]
    assert grid.get_clim() == (-7, 7)


def test_a_map_of_zeros_has_a_scale() -> None:
    assert show_methods(PHOTO, {"nothing": np.zeros((20, 20))}).axes[0].images[0].get_clim() == (-1, 1)
