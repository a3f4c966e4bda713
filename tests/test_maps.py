"""The arithmetic of the lecture, against numbers worked out on paper and against plain loops."""

import numpy as np
import pytest

from cam_course.maps import (
    class_activation_map,
    class_scores,
    convolve,
    global_average_pool,
    grad_cam,
    grad_cam_pp_weights,
    grad_cam_weights,
    hires_cam,
    layer_cam,
    lrp_dense,
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


g = np.array([[[1.0, -1.0], [0.5, 2.0]], [[-1.0, 0.0], [0.0, 1.0]]])  # dS/df


def test_hires_cam_and_layer_cam_by_hand() -> None:
    np.testing.assert_array_equal(hires_cam(f, g), [[1.0, 1.0 + 2.0], [-3.0, 7.0]])
    np.testing.assert_array_equal(layer_cam(f, g), [[1.0, 3.0], [0.0, 7.0]])
    np.testing.assert_array_equal(layer_cam(-f, g), [[0.0, 0.0], [0.0, 0.0]])


def test_hires_cam_after_pooling_is_cam_over_n() -> None:
    of_pooling = np.broadcast_to(w[:, 1] / 4, f.shape)  # S_c = sum_k w_k mean f_k + b_c
    np.testing.assert_allclose(hires_cam(f, of_pooling), class_activation_map(f, w[:, 1]) / 4)
    np.testing.assert_allclose(hires_cam(f, of_pooling).sum(), class_scores(global_average_pool(f), w, b)[1] - b[1])


def test_grad_cam_pp_weights_by_hand() -> None:
    # The sums of the maps are 12 and 4, so a = 1 / (2 + 12 g) and 1 / (2 + 4 g); 0 where g is.
    expected = [1.0 / (2 + 12) + 0.5 / (2 + 6), 2.0 / (2 + 8) + 1.0 / (2 + 4)]
    np.testing.assert_allclose(grad_cam_pp_weights(f, g), expected, rtol=1e-15)
    np.testing.assert_array_equal(grad_cam_pp_weights(f, 0 * g), [0.0, 0.0])


def test_maps_of_a_batch_are_those_of_each() -> None:
    rng = np.random.default_rng(0)
    batch, gradient, alpha = rng.normal(size=(3, 4, 5, 6)), rng.normal(size=(3, 4, 5, 6)), rng.normal(size=(3, 6))
    np.testing.assert_allclose(grad_cam(batch, alpha), [grad_cam(one, a) for one, a in zip(batch, alpha, strict=True)])
    for formula in (grad_cam_pp_weights, hires_cam, layer_cam):
        each = [formula(one, of_one) for one, of_one in zip(batch, gradient, strict=True)]
        np.testing.assert_allclose(formula(batch, gradient), each)


# x = (1, 2); h = ReLU(x_1 + x_2, -x_1 + 2 x_2 + 1) = (3, 4); S = 2 h_1 - h_2 + 1 = 3.
@pytest.mark.parametrize(
    ("rule", "of_h", "of_x"),
    [
        # Of 3 = 6 - 4 + 1 each has its own, and of 6 = 2 + 4 and of -4 = 1 - 4 - 1 as well, the bias the last.
        ({}, [6.0, -4.0], [2 + 1, 4 - 4]),
        # What is positive alone: 6 and 1 of 7, and then a third and two thirds of 18/7.
        ({"gamma": np.inf}, [18 / 7, 0], [6 / 7, 12 / 7]),
        # What is positive twice: 12 - 4 + 2 = 10, then 2 + 4 = 6 and -1 + 8 + 2 = 9.
        ({"gamma": 1.0}, [3.6, -1.2], [1.2 + 1.2 / 9, 2.4 - 9.6 / 9]),
        # 3, 3 and 4 become 4.5, 4.5 and 5.5.
        ({"epsilon": 1.5}, [4.0, -8 / 3], [4 / 4.5 + 8 / 3 / 5.5, 8 / 4.5 - 32 / 3 / 5.5]),
    ],
)
def test_relevance_by_hand(rule: dict, of_h: list, of_x: list) -> None:
    R = lrp_dense([3, 4], [[2], [-1]], [1], [3], **rule)
    np.testing.assert_allclose(R, of_h, atol=1e-15)
    np.testing.assert_allclose(lrp_dense([1, 2], [[1, -1], [1, 2]], [0, 1], R, **rule), of_x, atol=1e-15)


def test_relevance_of_a_sum_below_zero_is_shared_by_what_pulls_it_down() -> None:
    # z = 1 - 2 = -1. With gamma = 1 what has its sign counts twice: 1 - 4 = -3.
    np.testing.assert_allclose(lrp_dense([1, 2], [[1], [-1]], [0], [-1], gamma=np.inf), [0, -1])
    np.testing.assert_allclose(lrp_dense([1, 2], [[1], [-1]], [0], [-1], gamma=1), [1 / 3, -4 / 3])
    np.testing.assert_allclose(lrp_dense([1, 2], [[1], [-1]], [0], [-1], epsilon=1), [0.5, -1])


def test_a_sum_of_which_nothing_counts_shares_nothing_out() -> None:
    np.testing.assert_array_equal(lrp_dense([0, 0], [[1], [-1]], [0], [5]), [0, 0])


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


def test_a_filter_lies_at_every_place_as_it_is_and_is_not_turned() -> None:
    g, v = np.arange(20.0).reshape(4, 5) ** 2, np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
    for stride in (1, 2, 3):
        expected = [[np.sum(v * g[x : x + 2, y : y + 3]) for y in range(0, 3, stride)] for x in range(0, 3, stride)]
        np.testing.assert_allclose(convolve(g, v, stride), expected)
    assert not np.allclose(convolve(g, v), convolve(g, v[::-1, ::-1]))
