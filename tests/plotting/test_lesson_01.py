"""The figures of lesson 01: what is framed."""

import numpy as np

from cam_course.plotting import show_convolution


def test_convolution_figure_frames_the_window_of_the_cell() -> None:
    g, v = np.arange(25.0).reshape(5, 5), np.ones((3, 3))
    f = np.array([[g[i : i + 3, j : j + 3].sum() for j in (0, 2)] for i in (0, 2)])
    figure = show_convolution(g, v, f, cell=(1, 0), stride=2)
    figure.canvas.draw()
    window = figure.axes[0].patches[0]
    assert (window.get_x(), window.get_y(), window.get_width(), window.get_height()) == (-0.5, 1.5, 3, 3)
