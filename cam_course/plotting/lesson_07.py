"""The figures of lesson 07: beams, and maps on the same outline."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import alt_text
from ..drawing import SIGNED_COLOURS, axes_in_rows, signed_limit
from ..figure import WIDEST, DescribedFigure


def show_beams(
    pictures: Sequence[ArrayLike],
    titles: Sequence[str],
    label: str,
    masks: Sequence[ArrayLike] | None = None,
    shared_scale: bool = True,
) -> DescribedFigure:
    """Strain images or maps of beams, each on the outline of the beam: clamp at the left, load at the right end.

    Parameters
    ----------
    pictures : sequence of array_like, each (h, w)
        Any grid; it is stretched over the beam, cell by cell.
    titles : sequence of str
    label : str
        Of the colour bar.
    masks : sequence of array_like of bool, optional
        Where the damage is; drawn as a line. An empty one draws nothing.
    shared_scale : bool
        One scale with zero in the middle for all; False gives each picture its own, with a colour bar.

    Returns
    -------
    DescribedFigure
    """
    drawn_pictures = [np.asarray(picture, dtype=float) for picture in pictures]
    n = len(drawn_pictures)
    beside = 0.9 if shared_scale else 0.0
    figure, axes = axes_in_rows(n, 2, (WIDEST - beside) / 2, 1.35, beside=beside)
    limit = signed_limit(np.concatenate([picture.ravel() for picture in drawn_pictures]))
    for i, (panel, picture) in enumerate(zip(axes.flat, drawn_pictures, strict=False)):
        scale = limit if shared_scale else signed_limit(picture)
        drawn = panel.imshow(picture, cmap=SIGNED_COLOURS, vmin=-scale, vmax=scale, extent=(0, 4, 0, 1))
        if masks is not None and np.any(masks[i]):
            mask = np.asarray(masks[i], dtype=float)[::-1]
            rows, columns = mask.shape
            x, y = 4 * (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
            panel.contour(x, y, mask, levels=[0.5], colors="black", linewidths=1.5)
        panel.set(xticks=[], yticks=[], title=titles[i])
        if not shared_scale:
            figure.colorbar(drawn, ax=panel, shrink=0.9)
    if shared_scale:
        figure.colorbar(drawn, ax=axes, shrink=0.9, label=label)
    outlined = "" if masks is None else " The damage is outlined."
    kind = "beams, clamp at the left, load at the right end"
    return figure.describe(alt_text.maps(kind, titles, drawn_pictures, label) + outlined)
