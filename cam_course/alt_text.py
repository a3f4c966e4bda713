"""What a figure shows, in words, from the numbers that were drawn."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

_MOST = 6  # maps that are described one by one
_SIGNS = {
    r"\alpha": "alpha",
    r"\partial": "d",
    r"\sum": "sum",
    r"\times": "x",
    r"\cdot": "·",
    r"\,": " ",
    r"\dots": "...",
    r"\\": " ",
}


def plain(text: str) -> str:
    """A title without LaTeX, on one line.

    Examples
    --------
    >>> plain("$M_{3}$: $S_3$ = 1.5\\nmean 2"), plain("$\\\\partial S/\\\\partial f_k(i, j)$")
    ('M_3: S_3 = 1.5, mean 2', 'd S/d f_k(i, j)')
    """
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = re.sub(r"\$|\\(?:bf|rm|mathrm|text)\b", "", text)
    text = re.sub(r"[{}]", "", text)
    return re.sub(r" +", " ", re.sub(r",?\n", ", ", text)).strip()


def number(value: float) -> str:
    """A number with at most three digits that count.

    Examples
    --------
    >>> number(-1234.0), number(0.12345), number(0.0)
    ('-1230', '0.123', '0')
    """
    return f"{float(f'{value:.3g}') + 0.0:g}" if abs(value) < 1e6 else f"{value:.2e}"  # + 0.0: no minus before zero


def extent(values: ArrayLike) -> str:
    """The range of values, and where the largest lies.

    Examples
    --------
    >>> extent([[1, -2], [0, 5]])
    'from -2 to 5, largest at row 1, column 1'
    >>> extent([[0, 0]])
    '0 everywhere'
    """
    values = np.atleast_2d(np.asarray(values, dtype=float))
    if values.min() == values.max():
        return f"{number(values.min())} everywhere"
    row, column = np.unravel_index(values.argmax(), values.shape)
    return f"from {number(values.min())} to {number(values.max())}, largest at row {row}, column {column}"


def size(values: ArrayLike) -> str:
    """Rows and columns.

    Examples
    --------
    >>> size([[1, 2, 3]])
    '1 × 3'
    """
    return " × ".join(map(str, np.atleast_2d(np.asarray(values)).shape[:2]))


def maps(what: str, titles: Sequence[str], arrays: Sequence[ArrayLike], scale: str) -> str:
    """Maps in words: how many, each with its title and range where they are few, and the strongest of all.

    Parameters
    ----------
    what : str
        What is drawn, for instance "maps over photographs"; the number stands before it.
    titles : sequence of str
    arrays : sequence of array_like, each (h, w)
    scale : str
        The label of the colour bar.

    Examples
    --------
    >>> maps("maps", ["$M_1$", "$M_2$"], [[[1, 2]], [[0, -3]]], "value")
    '2 maps. Colours: value. M_1: 1 × 2, from 1 to 2, largest at row 0, column 1. M_2: 1 × 2, from -3 to 0, largest at
    row 0, column 0.'
    """
    said = [f"{len(arrays)} {what}.", f"Colours: {plain(scale)}." if scale else ""]
    named = list(zip(map(plain, titles), arrays, strict=True))
    if len(named) > _MOST:
        values = [np.max(array) for array in arrays]
        strongest, weakest = int(np.argmax(values)), min(np.min(array) for array in arrays)
        said.append(f"Titles: {'; '.join(title for title, _ in named)}.")
        title, array = named[strongest]
        said.append(f"Values from {number(weakest)} to {number(max(values))}; the largest in {title}: {extent(array)}.")
    else:
        said += [f"{title}: {size(array)}, {extent(array)}." for title, array in named]
    return " ".join(part for part in said if part)
