"""The digits read from scikit-learn's folder are those that scikit-learn itself loads."""

import numpy as np
from sklearn.datasets import load_digits

from cam_course.data.small_digits import load_small_digits


def test_they_are_scikit_learns_digits() -> None:
    images, labels = load_small_digits()
    expected = load_digits()
    np.testing.assert_array_equal(16 * images, expected.images)
    np.testing.assert_array_equal(labels, expected.target)
