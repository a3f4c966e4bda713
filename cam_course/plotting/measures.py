"""Measures over something that was varied, with their intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

from .. import alt_text
from ..drawing import new_figure
from ..figure import WIDEST, DescribedFigure

_TICKS = 8  # more would not have room for their numbers
_STYLES = (("o", "#0072B2"), ("^", "#D55E00"), ("s", "#009E73"), ("D", "#CC79A7"), ("v", "#555555"))


def show_measures(
    x: Sequence[float], measures: Mapping[str, Sequence[Any]], xlabel: str, ylabel: str
) -> DescribedFigure:
    """One line for each measure, at most 1, with its interval of 95 % at every point.

    Parameters
    ----------
    x : sequence of float
        What was varied.
    measures : mapping of str to sequence of cam_course.evaluate.Mean
        One for each x. The number of images stands in the legend: one number, or its range.
    xlabel, ylabel : str

    Returns
    -------
    DescribedFigure
    """
    figure = new_figure(WIDEST, 3.6)
    axes = figure.subplots()
    said = []
    for (name, means), (marker, colour) in zip(measures.items(), _STYLES, strict=False):
        values = [mean.value for mean in means]
        spread = [[m.value - m.low for m in means], [m.high - m.value for m in means]]
        counts = sorted({mean.n for mean in means})
        n = f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}"
        axes.errorbar(x, values, spread, marker=marker, color=colour, capsize=3, label=f"{name} ({n})")
        points = ", ".join(f"{v:.2f} at {alt_text.number(at)}" for at, v in zip(x, values, strict=True))
        said.append(f"{name} ({n}): {points}")
    lowest = min(mean.low for means in measures.values() for mean in means)
    axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(min(-0.03, lowest - 0.03), 1.03))
    if len(x) <= _TICKS:
        axes.set_xticks(x)
    axes.grid(color="0.9")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return figure.describe(
        f"Lines with intervals of 95 %. To the right: {alt_text.plain(xlabel)}. Upwards: {alt_text.plain(ylabel)}. "
        + "; ".join(said)
        + "."
    )
