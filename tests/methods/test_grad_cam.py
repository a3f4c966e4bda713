"""Grad-CAM against gradients worked out on paper, and against CAM where both exist."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import F_MAPS, IMAGE, M, W, flat_network, gap_network, layers

from cam_course import CAM, GradCAM, GradCAMPlusPlus, HiResCAM, LayerCAM
from cam_course.maps import grad_cam, grad_cam_pp_weights, grad_cam_weights, hires_cam, layer_cam


def test_on_a_gap_head_it_is_cam_over_n_after_a_relu() -> None:
    e = GradCAM(gap_network())(IMAGE, classes="all")
    np.testing.assert_allclose(e.maps[0], np.maximum(M, 0) / 4, rtol=1e-6)
    signed = GradCAM(gap_network(), relu=False)(IMAGE, classes="all")
    np.testing.assert_allclose(4 * signed.maps[0], M, rtol=1e-6)


def test_the_gradient_is_that_of_the_logit_and_not_of_the_softmax() -> None:
    with_softmax = GradCAM(gap_network("softmax"))(IMAGE, classes="all").maps
    np.testing.assert_allclose(with_softmax, GradCAM(gap_network(None))(IMAGE, classes="all").maps)


def test_without_gap_the_weights_are_mean_gradients() -> None:
    gradient = np.arange(8.0).reshape(2, 2, 2)  # the dense weights of the flattened maps
    expected = grad_cam(F_MAPS, grad_cam_weights(gradient))
    np.testing.assert_allclose(GradCAM(flat_network())(IMAGE).maps[0, 0], expected)


FORMULAS: dict[type, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    GradCAM: lambda f, g: grad_cam(f, grad_cam_weights(g)),
    GradCAMPlusPlus: lambda f, g: grad_cam(f, grad_cam_pp_weights(f, g)),
    HiResCAM: hires_cam,
    LayerCAM: layer_cam,
}


@pytest.mark.parametrize("method", FORMULAS)
def test_on_any_head_it_is_the_formula_of_the_maps_and_their_plain_gradient(method: type) -> None:
    keras.utils.set_random_seed(0)
    body = [layers.Conv2D(4, 3, activation="relu", name="early"), layers.Conv2D(3, 2, activation="relu")]
    model = keras.Sequential([keras.Input((6, 5, 1)), *body, layers.Flatten(), layers.Dense(2)])
    images = np.random.default_rng(0).normal(size=(3, 6, 5, 1)).astype("float32")
    f = tf.constant(body[0](images))
    for c in range(2):
        with tf.GradientTape() as tape:
            tape.watch(f)
            S_c = tf.reduce_sum(keras.Sequential(model.layers[1:])(f)[:, c])
        expected = FORMULAS[method](f.numpy(), tape.gradient(S_c, f).numpy())
        maps = method(model, layer="early")(images, classes=[c]).maps[:, 0]
        np.testing.assert_allclose(maps, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
        assert expected.max() > 0


def test_a_layer_can_be_chosen_by_name_or_as_itself() -> None:
    head = [layers.GlobalAveragePooling2D(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(2, 3, name="early"), layers.Conv2D(3, 2), *head])
    images = np.random.default_rng(0).normal(size=(2, 4, 4, 1))
    by_name = GradCAM(model, layer="early", relu=False)(images, classes="all")
    by_itself = GradCAM(model, layer=model.get_layer("early"), relu=False)(images, classes="all")
    assert by_name.maps.shape == (2, 2, 2, 2)
    np.testing.assert_array_equal(by_name.maps, by_itself.maps)
    # By hand: a valid convolution, then a mean, is linear; so alpha is the mean over cells of the summed kernels.
    kernel, W = model.layers[1].kernel.numpy(), model.layers[3].kernel.numpy()
    f = model.layers[0](images).numpy()
    alpha = np.einsum("abio,oc->ic", kernel, W) / 4  # each kernel entry touches one of 4 cells, one output cell each
    np.testing.assert_allclose(by_name.maps, np.einsum("nhwi,ic->nchw", f, alpha), rtol=1e-4, atol=1e-6)


def test_layers_around_a_skip_connection_are_part_of_the_way() -> None:
    x = keras.Input((2, 2, 1))
    first = layers.Conv2D(2, 1, name="first")(x)
    both = layers.Add()([layers.Conv2D(2, 1, name="second")(first), first])
    model = keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling2D()(both)))
    e = GradCAM(model, layer="second", relu=False)(IMAGE, classes="all")
    W = model.layers[-1].kernel.numpy()
    f = model.get_layer("second")(model.get_layer("first")(IMAGE)).numpy()
    np.testing.assert_allclose(e.maps, np.einsum("nhwi,ic->nchw", f, W / 4), rtol=1e-5, atol=1e-6)


def test_scores_are_those_of_cam() -> None:
    cam, grad = CAM(gap_network())(IMAGE, top=3), GradCAM(gap_network())(IMAGE, top=3)
    np.testing.assert_array_equal(cam.classes, grad.classes)
    np.testing.assert_allclose(cam.scores, grad.scores)
    assert W.shape[1] == len(cam.classes[0])


def test_a_layer_that_stops_the_gradient_is_said_in_one_sentence() -> None:
    x = keras.Input((2, 2, 1))
    f = keras.ops.stop_gradient(layers.Conv2D(2, 1)(layers.Conv2D(2, 1, name="early")(x)))
    model = keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling2D()(f)))
    with pytest.raises(ValueError, match=r"no gradient comes back from the scores.*use ScoreCAM or Occlusion"):
        GradCAM(model, layer="early")(IMAGE)


def test_small_gradients_of_a_float16_model_are_not_lost() -> None:
    # dS/df = w / N = 0.001 / 64^2 lies far below the smallest normal number of float16, 6e-5.
    def network(dtype: str) -> keras.Model:
        maps = layers.Conv2D(1, 1, kernel_initializer="ones", dtype=dtype)
        head = layers.Dense(1, kernel_initializer=keras.initializers.Constant(0.001), dtype=dtype)
        return keras.Sequential([keras.Input((64, 64, 1)), maps, layers.GlobalAveragePooling2D(dtype=dtype), head])

    image = np.ones((1, 64, 64, 1))
    full, half = (GradCAM(network(dtype))(image).maps for dtype in ("float32", "mixed_float16"))
    np.testing.assert_allclose(half, full, rtol=1e-2)
