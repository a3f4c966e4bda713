"""What figures are made of: the scale, the pictures, one map over one picture, axes in rows."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from cam_course.drawing import as_pictures, axes_in_rows, draw_map, new_figure, signed_limit


def test_a_new_figure_is_held_by_nobody() -> None:
    import matplotlib.pyplot as plt

    figure = new_figure(3, 2)
    assert isinstance(figure, Figure)
    assert tuple(figure.get_size_inches()) == (3, 2)
    assert plt.get_fignums() == []


def test_a_map_of_zeros_has_a_scale_too() -> None:
    assert signed_limit(np.zeros((2, 2))) == 1.0


def test_a_map_is_stretched_over_its_picture_on_a_signed_scale() -> None:
    axes = new_figure(2, 2).subplots()
    drawn = draw_map(axes, np.array([[1.0, -3.0]]), 4.0, np.full((6, 8, 3), 0.5))
    picture, drawn_map = axes.images
    assert drawn is drawn_map
    assert drawn.get_clim() == (-4.0, 4.0)
    assert picture.get_clim() == (0, 1)
    assert picture.get_extent() == drawn.get_extent() == [-0.5, 7.5, 5.5, -0.5]


def test_a_map_alone_keeps_its_cells() -> None:
    axes = new_figure(2, 2).subplots()
    drawn = draw_map(axes, np.array([[1.0, -3.0]]), 4.0)
    assert list(axes.images) == [drawn]
    assert (drawn.get_interpolation(), drawn.get_alpha()) == ("nearest", 1.0)


def test_pictures_run_from_0_to_1_whether_they_are_given_so_or_to_255() -> None:
    photo = np.array([[[0, 51, 255]]], "uint8")
    (picture,) = as_pictures(photo, 1)
    np.testing.assert_allclose(picture, [[[0, 0.2, 1]]])
    (again,) = as_pictures(picture, 1)
    np.testing.assert_array_equal(again, picture)
    assert [picture.shape for picture in as_pictures(np.zeros((2, 3, 4, 1)), 2)] == [(3, 4)] * 2


@pytest.mark.parametrize("shape", [(2, 4, 4, 3), (1, 4, 4, 2), (4, 4)])
def test_images_of_another_number_or_form_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(1, H, W, 1\) or \(1, H, W, 3\)"):
        as_pictures(np.zeros(shape), 1)


def test_axes_left_over_in_the_last_row_stay_empty() -> None:
    figure, axes = axes_in_rows(5, columns=3, width=2, height=1, beside=0.5)
    assert axes.shape == (2, 3)
    assert [panel.axison for panel in axes.flat] == [True] * 5 + [False]
    assert tuple(figure.get_size_inches()) == (6.5, 2)
    assert axes_in_rows(4, None, 2, 1)[1].shape == (1, 4)


def test_no_row_is_wider_than_a_window() -> None:
    figure, axes = axes_in_rows(9, columns=9, width=2, height=1, beside=1)
    assert axes.shape == (3, 3)
    assert figure.get_figwidth() == 7
