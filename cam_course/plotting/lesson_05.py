"""The figures of lesson 05: Grad-CAM as a drawing, and how gradients fade."""

from numpy.typing import NDArray

from .. import alt_text
from ..drawing import new_figure
from ..figure import DescribedFigure


def show_two_passes() -> DescribedFigure:
    """Grad-CAM as a drawing: forward from the image to the score, back from the score to the feature maps."""
    figure = new_figure(8.4, 3.2)
    axes = figure.subplots()
    axes.set(xlim=(0, 12), ylim=(-3.2, 1.6))
    axes.set_axis_off()
    boxes = (
        (0.8, 0, "image"),
        (3.1, 0, "body:\nconvolutions"),
        (6.0, 0, "feature maps\n$f_k(i, j)$"),
        (9.0, 0, "head: GAP,\nor anything else"),
        (11.5, 0, "$S_c$"),
        (6.0, -2.6, "mean over $(i, j)$\n$\\alpha_k^c$"),
        (9.9, -2.6, "weighted sum, ReLU\n$L_c = [\\alpha_1^c f_1 + \\alpha_2^c f_2 + \\dots]_+$"),
    )
    for x, y, text in boxes:
        style = {"boxstyle": "round,pad=0.45", "facecolor": "0.94", "edgecolor": "0.3"}
        axes.text(x, y, text, ha="center", va="center", bbox=style)
    forward, back = {"color": "#2166ac", "linestyle": "-"}, {"color": "#b2182b", "linestyle": "--"}
    arrows = (
        *(((x0, 0.25), (x1, 0.25), forward) for x0, x1 in ((1.4, 2.0), (4.2, 4.8), (7.2, 7.65), (10.35, 11.05))),
        *(((x0, -0.25), (x1, -0.25), back) for x0, x1 in ((11.05, 10.35), (7.65, 7.2))),
        ((6.0, -0.65), (6.0, -1.95), back),
        ((7.3, -2.6), (7.85, -2.6), forward),
    )
    for start, end, style in arrows:
        axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "linewidth": 2, **style})
    axes.text(0.2, 1.1, "forward: the score", color=forward["color"])
    axes.text(6.3, -1.35, "back: the gradient $\\partial S_c / \\partial f_k(i, j)$", color=back["color"])
    return figure.describe(
        "A drawing of Grad-CAM. Forward, from left to right: image, body of convolutions, feature maps f_k(i, j), head "
        "(GAP or anything else), score S_c. Back, from the score to the feature maps and no further: the gradient of "
        "S_c. Its mean over the positions is alpha_k; the weighted sum of the maps and the ReLU give L_c."
    )


def show_fading(doubt: NDArray, length_S: NDArray, length_P: NDArray) -> DescribedFigure:
    """The size of Grad-CAM's weights from the score and from the probability, over the doubt, on logarithmic axes.

    Parameters
    ----------
    doubt : ndarray, shape (n,)
        1 - P_c of n images.
    length_S, length_P : ndarray, shape (n,)
        Length of the vector alpha when the gradient starts at S_c, and when it starts at P_c.
    """
    figure = new_figure(6.4, 3.6)
    axes = figure.subplots()
    axes.loglog(doubt, length_S, "o", color="#0072B2", markersize=4, label="gradient of $S_c$")
    axes.loglog(doubt, length_P, "^", color="#D55E00", markersize=4, label="gradient of $P_c$")
    axes.set(xlabel="doubt $1 - P_c$:   sure (left), unsure (right)", ylabel="length of $\\alpha^c$")
    axes.grid(color="0.9")
    axes.legend()
    said = [
        f"from {alt_text.number(values.min())} to {alt_text.number(values.max())}"
        for values in (doubt, length_S, length_P)
    ]
    return figure.describe(
        f"{len(doubt)} images as points on logarithmic axes. To the right the doubt 1 - P_c, {said[0]}. Upwards the "
        f"length of Grad-CAM's weights: with the gradient of S_c {said[1]}, with that of P_c {said[2]}."
    )
