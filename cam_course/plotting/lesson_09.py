"""The figure of lesson 09: all methods on one photograph."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import alt_text
from ..drawing import as_pictures, axes_in_rows, draw_map, signed_limit
from ..figure import DescribedFigure

_BRIGHTEST = 99.5  # percent of the pixels: single ones would leave everything else pale


def show_methods(photo: ArrayLike, maps: Mapping[str, NDArray], columns: int = 3) -> DescribedFigure:
    """Maps of different methods, each on a scale of its own with zero in the middle.

    A map on a coarse grid is stretched over the photograph. One on the pixels is drawn alone, and its scale ends at the
    99.5th percentile of its sizes; the arrows at its colour bar say so.

    Parameters
    ----------
    photo : array_like, shape (H, W, 3)
        Values 0 to 1 or 0 to 255.
    maps : mapping of str to ndarray, each (h, w)
        By the title of the panel.
    columns : int

    Returns
    -------
    DescribedFigure
    """
    [picture] = as_pictures(np.asarray(photo)[None], 1)
    figure, axes = axes_in_rows(len(maps), columns, 2.8, 2.5)
    for panel, (title, M) in zip(axes.flat, maps.items(), strict=False):
        on_pixels = M.shape == picture.shape[:2]
        limit = (float(np.percentile(np.abs(M), _BRIGHTEST)) if on_pixels else 0) or signed_limit(M)
        drawn = draw_map(panel, M, limit, None if on_pixels else picture)
        panel.set_title(title)
        figure.colorbar(drawn, ax=panel, shrink=0.75, extend="both" if on_pixels else "neither")
    what = "maps of one photograph, each on a scale of its own"
    return figure.describe(alt_text.maps(what, list(maps), list(maps.values()), "what each method measures"))
