"""The small handwritten digits that come with scikit-learn."""

import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def load_small_digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Load scikit-learn's handwritten digits without importing scikit-learn, which would cost a second and 80 MB.

    Returns
    -------
    images : (1797, 8, 8) float64 array
        White ink on black, from 0 (black) to 1 (white), in steps of 1/16.
    labels : (1797,) int64 array
        The digit written, 0 to 9.

    References
    ----------
    E. Alpaydin and C. Kaynak: Optical Recognition of Handwritten Digits. UCI Machine Learning Repository, 1998.

    Examples
    --------
    >>> images, labels = load_small_digits()
    >>> images.shape, labels[:3].tolist()
    ((1797, 8, 8), [0, 1, 2])
    """
    scikit_learn = importlib.util.find_spec("sklearn")
    assert scikit_learn is not None  # a dependency of the course
    assert scikit_learn.origin is not None
    table = np.loadtxt(Path(scikit_learn.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    return table[:, :64].reshape(-1, 8, 8) / 16, table[:, 64].astype(np.int64)
