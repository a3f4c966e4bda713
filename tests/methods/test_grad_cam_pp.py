"""Grad-CAM++: the closed form against second and third derivatives taken numerically."""

import keras
import numpy as np
from networks import F_MAPS, IMAGE, flat_network, layers

from cam_course.maps import grad_cam, grad_cam_pp_weights
from cam_course.methods.grad_cam_pp import GradCAMPlusPlus

GRADIENT = np.array([[[0.3, -0.2], [0.0, 0.5]], [[0.1, 0.4], [-0.6, 0.2]]])  # dS/df, shape (2, 2, 2)


def network() -> keras.Model:
    """S = sum of GRADIENT times f."""
    model = flat_network()
    model.get_layer("scores").set_weights([GRADIENT.reshape(8, 1), np.zeros(1)])
    return model


def derivatives(h: float = 1e-2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First, second and third derivative of Y = exp(S) by each value of f, by central differences in float64."""
    f = F_MAPS.astype("float64")
    first, second, third = (np.zeros_like(f) for _ in range(3))

    def Y(position: tuple[int, ...], step: float) -> float:
        moved = f.copy()
        moved[position] += step
        return float(np.exp(np.sum(moved * GRADIENT)))

    for position in np.ndindex(f.shape):
        below_2, below, here, above, above_2 = (Y(position, n * h) for n in (-2, -1, 0, 1, 2))
        first[position] = (above - below) / (2 * h)
        second[position] = (above - 2 * here + below) / h**2
        third[position] = (above_2 - 2 * above + 2 * below - below_2) / (2 * h**3)
    return first, second, third


def test_the_closed_form_is_the_definition_by_derivatives() -> None:
    first, second, third = derivatives()
    f = F_MAPS.astype("float64")
    with np.errstate(invalid="ignore"):
        a = np.nan_to_num(second / (2 * second + f.sum(axis=(0, 1)) * third))  # equation (19)
    w = np.sum(a * np.maximum(first, 0), axis=(0, 1))  # equation (5); carries the factor exp(S) that is left out
    expected = np.maximum(f @ w, 0) / np.exp(np.sum(f * GRADIENT))
    np.testing.assert_allclose(GradCAMPlusPlus(network())(IMAGE).maps[0, 0], expected, rtol=1e-3)
    np.testing.assert_allclose(grad_cam(f, grad_cam_pp_weights(f, GRADIENT)), expected, rtol=1e-3)


def test_by_hand() -> None:
    # Sums of the maps: 6 and 5. a = 1 / (2 + sum g): of map 1 at its positive gradients 1 / 3.8 and 1 / 2.6,
    # of map 2 at 0.5, 0.4 and 0.2: 1 / 4.5, 1 / 4 and 1 / 3.
    w = np.array([0.3 / 3.8 + 0.1 / 2.6, 0.5 / 4.5 + 0.4 / 4 + 0.2 / 3])
    np.testing.assert_allclose(GradCAMPlusPlus(network())(IMAGE).maps[0, 0], F_MAPS @ w, rtol=1e-5)
    np.testing.assert_allclose(grad_cam_pp_weights(F_MAPS, GRADIENT), w, rtol=1e-6)


def test_a_gradient_of_zero_weighs_nothing() -> None:
    model = network()
    model.get_layer("scores").set_weights([np.zeros((8, 1)), np.zeros(1)])
    e = GradCAMPlusPlus(model)(IMAGE)
    np.testing.assert_array_equal(e.maps, 0)
    assert np.isnan(e.residual)


def test_a_large_score_does_not_overflow() -> None:
    model = network()
    model.get_layer("scores").set_weights([GRADIENT.reshape(8, 1), np.array([500.0])])  # exp(500) is no float32
    np.testing.assert_allclose(GradCAMPlusPlus(model)(IMAGE).maps, GradCAMPlusPlus(network())(IMAGE).maps, rtol=1e-5)


def test_on_a_gap_head_every_position_has_the_same_weight() -> None:
    head = [layers.GlobalAveragePooling2D(), layers.Dense(1, name="scores")]
    model = keras.Sequential([keras.Input((2, 2, 1)), network().get_layer("maps"), *head])
    model.get_layer("scores").set_weights([np.array([[2.0], [-1.0]]), np.zeros(1)])
    g = np.array([2.0, -1.0]) / 4
    a = 1 / (2 + F_MAPS.sum(axis=(0, 1)) * g)
    w = 4 * a * np.maximum(g, 0)
    np.testing.assert_allclose(GradCAMPlusPlus(model)(IMAGE).maps[0, 0], np.maximum(F_MAPS @ w, 0), rtol=1e-5)


def test_what_other_libraries_compute_is_told_apart() -> None:
    f, g = F_MAPS.astype("float64"), GRADIENT
    ours = GradCAMPlusPlus(network())(IMAGE).maps[0, 0]

    def map_from(denominator: np.ndarray, normalised: bool = False) -> np.ndarray:
        a = np.divide(g**2, denominator, out=np.zeros_like(g), where=g != 0)
        a = a / a.sum(axis=(0, 1)) if normalised else a
        return np.maximum(f @ np.sum(a * np.maximum(g, 0), axis=(0, 1)), 0)

    by_definition = 2 * g**2 + f.sum(axis=(0, 1)) * g**3
    np.testing.assert_allclose(ours, map_from(by_definition + 1e-6), rtol=1e-3)  # pytorch-grad-cam
    variants = {
        "torch-cam": map_from(2 * g**2 + np.sum(f * g**3, axis=(0, 1))),
        "xplique": map_from(2 * g**2 + f.mean(axis=(0, 1)) * g**3),
        "tf-keras-vis": map_from(by_definition, normalised=True),
    }
    for name, other in variants.items():
        scaled = other * ours.max() / other.max()  # a factor for the whole map would not matter
        assert np.abs(scaled - ours).max() > 0.01 * ours.max(), name
