"""The arithmetic of the lecture, against numbers worked out on paper and against plain loops."""

import numpy as np
import pytest

from cam_course.maps import (
    class_activation_map,
    class_scores,
    global_average_pool,
    grad_cam,
    grad_cam_weights,
    relu,
    softmax,
)

f = np.array([[[1.0, 0.0], [2.0, 1.0]], [[3.0, -4.0], [6.0, 7.0]]])  # two maps of 2 x 2
w = np.array([[1.0, 0.5], [-2.0, 3.0]])  # feature by class
b = np.array([0.25, -1.0])


def test_means_by_hand() -> None:
    np.testing.assert_array_equal(global_average_pool(f), [3.0, 1.0])


def test_scores_by_hand() -> None:
    np.testing.assert_array_equal(class_scores([3.0, 1.0], w), [1.0, 4.5])
    np.testing.assert_array_equal(class_scores([3.0, 1.0], w, b), [1.25, 3.5])
    assert class_scores([3.0, 1.0], w[:, 0], 0.25) == 1.25


def test_maps_by_hand() -> None:
    np.testing.assert_array_equal(class_activation_map(f, w[:, 0]), [[1.0, 0.0], [11.0, -8.0]])
    np.testing.assert_array_equal(class_activation_map(f, w)[..., 1], [[0.5, 4.0], [-10.5, 24.0]])


def test_the_mean_of_a_map_is_the_score_less_its_bias() -> None:
    S = class_scores(global_average_pool(f), w, b)
    np.testing.assert_allclose(class_activation_map(f, w).mean(axis=(0, 1)), S - b, rtol=1e-15)


def test_softmax_by_hand_and_for_huge_scores() -> None:
    np.testing.assert_allclose(softmax([0.0, np.log(3.0)]), [0.25, 0.75], rtol=1e-15)
    np.testing.assert_array_equal(softmax([-1e4, 1e4]), [0.0, 1.0])


def test_grad_cam_weights_are_the_mean_gradient() -> None:
    np.testing.assert_array_equal(grad_cam_weights(f), [3.0, 1.0])


def test_grad_cam_by_hand() -> None:
    np.testing.assert_array_equal(grad_cam(f, [1.0, -2.0]), [[1.0, 0.0], [11.0, 0.0]])


def test_grad_cam_of_a_batch_is_that_of_each() -> None:
    rng = np.random.default_rng(0)
    batch, alpha = rng.normal(size=(3, 4, 5, 6)), rng.normal(size=(3, 6))
    np.testing.assert_allclose(grad_cam(batch, alpha), [grad_cam(one, a) for one, a in zip(batch, alpha, strict=True)])


def test_relu() -> None:
    np.testing.assert_array_equal(relu([-1.0, 0.0, 2.0]), [0.0, 0.0, 2.0])


@pytest.mark.parametrize("shape", [(3, 3, 2), (1, 1, 1), (5, 2, 7), (4, 3, 3, 2)])
def test_vectorised_formulas_are_the_sums_they_stand_for(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    f, w = rng.normal(size=shape), rng.normal(size=(shape[-1], 4))
    *batch, h, columns, K = shape
    for n in np.ndindex(*batch):
        for c in range(4):
            M = [[sum(w[k, c] * f[(*n, x, y, k)] for k in range(K)) for y in range(columns)] for x in range(h)]
            np.testing.assert_allclose(class_activation_map(f, w)[n][..., c], M, atol=1e-12)
        F = [sum(f[(*n, x, y, k)] for x in range(h) for y in range(columns)) / (h * columns) for k in range(K)]
        np.testing.assert_allclose(global_average_pool(f)[n], F, atol=1e-12)
