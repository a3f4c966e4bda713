"""LayerCAM against sums worked out on paper."""

import keras
import numpy as np
from networks import F_MAPS, IMAGE, M, flat_network, gap_network, layers

from cam_course.maps import hires_cam, layer_cam
from cam_course.methods.layer_cam import LayerCAM


def test_each_value_is_weighed_by_its_own_gradient() -> None:
    model = flat_network()
    g = np.array([[[1.0, -2.0], [0.0, 3.0]], [[-1.0, 2.0], [4.0, 0.5]]])
    model.get_layer("scores").set_weights([g.reshape(8, 1), np.zeros(1)])
    # Positive gradients times f: 1 * 1 + 0, 0 * 2 + 3 * 0; 0 * 3 + 2 * 0, 4 * 0 + 0.5 * 5.
    expected = [[1.0, 0.0], [0.0, 2.5]]
    np.testing.assert_allclose(LayerCAM(model)(IMAGE).maps[0, 0], expected)
    np.testing.assert_allclose(layer_cam(F_MAPS, g), expected)
    # What is negative as well: -1 * 3 at the lower left. It adds up to S, as S is linear in f.
    np.testing.assert_allclose(hires_cam(F_MAPS, g), [[1.0, 0.0], [-3.0, 2.5]])
    np.testing.assert_allclose(hires_cam(F_MAPS, g).sum(), LayerCAM(model)(IMAGE).scores[0, 0])


def test_on_a_gap_head_with_positive_weights_it_is_cam_over_n() -> None:
    model = gap_network()
    model.get_layer("scores").set_weights([np.array([[1.0, 0.5, 1.0], [2.0, 3.0, 0.0]]), np.zeros(3)])
    e = LayerCAM(model)(IMAGE, classes="all")
    np.testing.assert_allclose(4 * e.maps[0, 1], F_MAPS @ [0.5, 3.0], rtol=1e-6)
    np.testing.assert_allclose(4 * e.maps[0, 2], -M[2], rtol=1e-6)


def test_an_early_layer_keeps_its_fine_grid() -> None:
    end = [layers.MaxPooling2D(4), layers.Flatten(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3, padding="same", name="early"), *end])
    assert LayerCAM(model, layer="early")(np.ones((1, 8, 8, 1)), top=2).maps.shape == (1, 2, 8, 8)
