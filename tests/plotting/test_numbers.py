"""Arrays as cells: the values that stand in them, and their scale."""

from collections.abc import Callable

from cam_course.plotting import show_numbers


def test_small_arrays_carry_their_values(figure_text: Callable[..., str]) -> None:
    text = figure_text(show_numbers([[[3, -7]], [[0.125, 2.5]]], ["whole", "broken"]))
    for value in ("3", "−7", "0.12", "2.50"):
        assert value in text.splitlines()


def test_all_grids_of_numbers_share_one_scale_with_zero_in_the_middle() -> None:
    figure = show_numbers([[[3, -7]], [[0.5, 2.5]]], ["a", "b"])
    assert {axes.images[0].get_clim() for axes in figure.axes[:2]} == {(-7.0, 7.0)}
