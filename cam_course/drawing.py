"""What figures are made of: one scale with zero in the middle, a map over its picture, axes in rows."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.image import AxesImage

    from .figure import DescribedFigure

SIGNED_COLOURS = "RdBu_r"  # red speaks for the class, blue against it; told apart by colour-blind people as well
MAP_LABEL = "$M_c(x, y)$: against (−)\nand for (+) the class"
RECTIFIED_LABEL = "$L_c(x, y)$: for the class,\nfrom zero up"
SUM_LABEL = "sum over the channels:\nagainst (−) and for (+) the class"


def map_label(rectified: bool) -> str:
    """What the colour bar of maps says: M_c, signed, or L_c, from zero up."""
    return RECTIFIED_LABEL if rectified else MAP_LABEL


def new_figure(width: float, height: float) -> "DescribedFigure":
    """An empty figure of the given size in inches that a notebook draws once, as the value of its cell.

    Whoever draws into it describes it at the end, for those who cannot see it.

    pyplot makes it, because that readies the notebook to draw figures at all; and pyplot lets go of it at once, because
    otherwise it would be drawn a second time at the end of the cell and kept for ever.
    """
    import matplotlib.pyplot as plt

    from .figure import DescribedFigure

    figure = plt.figure(figsize=(width, height), layout="constrained", FigureClass=DescribedFigure)
    plt.close(figure)
    return figure  # type: ignore[return-value]


def axes_in_rows(
    n: int, columns: int | None, width: float, height: float, beside: float = 0.0
) -> tuple["DescribedFigure", NDArray]:
    """A figure with axes for n drawings in rows; those left over in the last row stay empty.

    No row is wider than a window, in which it would be made smaller and its letters with it.

    Parameters
    ----------
    n : int
    columns : int, optional
        Drawings in a row, at most; None for as many as there is room for.
    width, height : float
        Of each drawing, in inches.
    beside : float
        Inches for a colour bar at the right.

    Returns
    -------
    figure : DescribedFigure
    axes : ndarray of Axes, shape (rows, columns)

    Examples
    --------
    >>> figure, axes = axes_in_rows(5, columns=3, width=2, height=1)
    >>> axes.shape
    (2, 3)
    """
    from .figure import WIDEST

    room = max(1, int((WIDEST - beside) / width))
    rows = -(-n // min(columns or n, room))
    columns = min(columns or -(-n // rows), room)  # rows equally full, unless a number is asked for
    figure = new_figure(width * columns + beside, height * rows)
    axes = figure.subplots(rows, columns, squeeze=False)
    for panel in axes.flat[n:]:
        panel.set_axis_off()
    return figure, axes


def signed_limit(maps: ArrayLike) -> float:
    """The largest absolute value: a scale from minus this to this has zero in the middle.

    Examples
    --------
    >>> signed_limit([-3.0, 2.0])
    3.0
    """
    return float(np.max(np.abs(maps))) or 1.0  # a map of zeros still needs a scale


def draw_map(
    axes: "Axes",
    M: NDArray,
    limit: float,
    picture: NDArray | None = None,
    covers: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
) -> "AxesImage":
    """Draw one signed map on axes, over a grey picture where there is one; the colours run from -limit to limit.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    M : ndarray, shape (h, w)
    limit : float
    picture : ndarray, shape (H, W) or (H, W, 3), optional
        Values 0 to 1. The map is stretched over it by bilinear interpolation; without it the grid's cells stay visible.
    covers : (float, float, float, float)
        The part of the picture that the map covers: top, left, bottom, right, as shares of height and width.

    Returns
    -------
    matplotlib.image.AxesImage
        For a colour bar.
    """
    height, width = M.shape if picture is None else picture.shape[:2]
    frame = (-0.5, width - 0.5, height - 0.5, -0.5)
    if picture is not None:
        axes.imshow(as_grey(picture), cmap="gray", vmin=0, vmax=1, extent=frame)
        top, left, bottom, right = covers
        part = (left * width - 0.5, right * width - 0.5, bottom * height - 0.5, top * height - 0.5)
    drawn = axes.imshow(
        M,
        cmap=SIGNED_COLOURS,
        vmin=-limit,
        vmax=limit,
        extent=frame if picture is None else part,
        alpha=1.0 if picture is None else 0.6,
        interpolation="nearest" if picture is None else "bilinear",
    )
    axes.set(xlim=frame[:2], ylim=frame[2:], xticks=[], yticks=[])
    return drawn


def colour_bar(
    figure: "DescribedFigure", drawn: "AxesImage", axes: Any, rectified: bool, **arguments: Any
) -> "Colorbar":
    """A colour bar beside or below axes; of maps from zero up it shows the half of the colours that they use."""
    bar = figure.colorbar(drawn, ax=axes, **arguments)
    if rectified:
        cut = bar.ax.set_xlim if bar.orientation == "horizontal" else bar.ax.set_ylim
        cut(0, drawn.get_clim()[1])
    return bar


def as_grey(picture: NDArray) -> NDArray:
    """A picture, (H, W) or (H, W, 3), as grey levels (H, W): how bright its colours look (ITU-R BT.601).

    Examples
    --------
    >>> as_grey(np.array([[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]]))
    array([[0.299, 0.114]])
    """
    return picture if picture.ndim == 2 else picture @ [0.299, 0.587, 0.114]


def as_pictures(images: ArrayLike, n: int) -> list[NDArray]:
    """Images as n pictures with values 0 to 1, (H, W) where they have one channel, (H, W, 3) where they have three.

    Raises
    ------
    ValueError
        If there are not n of them, or they have neither one nor three channels.
    """
    images = np.asarray(images, dtype="float32")
    images = images[None] if images.ndim == 3 else images
    if images.ndim != 4 or len(images) != n or images.shape[-1] not in (1, 3):
        raise ValueError(
            f"show got images of shape {images.shape}, but the explanation is of {n}: "
            f"give them as ({n}, H, W, 1) or ({n}, H, W, 3)."
        )
    images = images / 255 if images.max() > 1 else images
    return [image[..., 0] if image.shape[-1] == 1 else image for image in np.clip(images, 0, 1)]
