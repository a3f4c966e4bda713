"""The check of an equality in numbers, as every lesson makes it."""

import numpy as np
from numpy.typing import ArrayLike

# By this type `cam-course validate` finds the checks in an executed notebook.
MIME = "application/vnd.cam-course.identity+json"


def check_identity(formula: str, left: ArrayLike, right: ArrayLike, rtol: float = 1e-5) -> None:
    """Check that both sides of a formula are equal, print the largest residual, and stop the notebook if they are not.

    The residual is relative to the size of the left side: max |left - right| / max |left|. Relative to each value by
    itself it would say nothing where a value happens to be close to zero.

    Parameters
    ----------
    formula : str
        What is checked, as text.
    left, right : array_like
        Of the same shape.
    rtol : float
        The largest residual that passes; 1e-5 suits float32.

    Raises
    ------
    AssertionError
        If the shapes differ, a value is not finite, or the residual is larger than rtol.

    Examples
    --------
    >>> check_identity("a + a = 2 a", [1.0 + 1.0], [2.0])
    a + a = 2 a   holds: largest residual 0 (allowed 1e-05)
    """
    left, right = np.asarray(left, dtype="float64"), np.asarray(right, dtype="float64")
    if left.shape != right.shape:
        raise AssertionError(f"{formula}: the left side has the shape {left.shape}, the right side {right.shape}.")
    size = np.max(np.abs(left), initial=0.0)
    residual = float(np.max(np.abs(left - right), initial=0.0) / (size or 1.0))
    if not residual <= rtol:  # also when it is NaN
        worst = np.unravel_index(np.argmax(np.nan_to_num(np.abs(left - right), nan=np.inf)), left.shape)
        raise AssertionError(
            f"{formula}: does not hold, largest residual {residual:.2g} where {rtol:.0e} is allowed; "
            f"at {tuple(map(int, worst))} the left side is {left[worst]:.6g}, the right side {right[worst]:.6g}."
        )
    _report(formula, residual, f"{formula}   holds: largest residual {residual:.2g} (allowed {rtol:.0e})")


def _report(formula: str, residual: float, line: str) -> None:
    """Print the line; in a notebook put the numbers beside it, where a program can read them."""
    from IPython import get_ipython

    if get_ipython() is None:
        print(line)
        return
    from IPython.display import publish_display_data

    publish_display_data({"text/plain": line, MIME: {"formula": formula, "residual": residual}})
