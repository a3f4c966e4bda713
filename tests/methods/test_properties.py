"""What must hold for every network, on networks drawn at random."""

import keras
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cam_course import CAM, GradCAM

layers = keras.layers
EXAMPLES = settings(max_examples=12, deadline=None, derandomize=True)


@st.composite
def networks(draw: st.DrawFn) -> tuple[keras.Model, np.ndarray]:
    """A network with a GAP head, and images for it."""
    keras.utils.set_random_seed(draw(st.integers(0, 10_000)))
    size = (draw(st.integers(6, 12)), draw(st.integers(6, 12)))
    x = image = keras.Input((*size, draw(st.sampled_from([1, 3]))))
    for _ in range(draw(st.integers(1, 2))):
        y = layers.Conv2D(
            draw(st.integers(1, 5)), 3, padding="same", activation=draw(st.sampled_from(["relu", "tanh"]))
        )(x)
        if draw(st.booleans()):
            y = layers.BatchNormalization()(y)
        if draw(st.booleans()) and y.shape == x.shape:
            y = layers.Add()([x, y])
        x = layers.MaxPooling2D(2)(y) if draw(st.booleans()) else y
    F = layers.GlobalAveragePooling2D(keepdims=draw(st.booleans()))(x)
    F = layers.Flatten()(F) if len(F.shape) > 2 else F
    F = layers.Dropout(0.5)(F) if draw(st.booleans()) else F
    activation = draw(st.sampled_from([None, "softmax", "sigmoid"]))
    S = layers.Dense(draw(st.integers(1, 6)), activation=activation, use_bias=draw(st.booleans()))(F)
    n = draw(st.integers(1, 5))
    images = np.random.default_rng(0).normal(size=(n, *image.shape[1:])).astype("float32")
    return keras.Model(image, S), images


@EXAMPLES
@given(networks())
def test_the_score_is_the_mean_of_the_map_plus_the_bias(drawn: tuple[keras.Model, np.ndarray]) -> None:
    model, images = drawn
    e = CAM(model)(images, classes="all")
    assert e.residual <= 1e-5 * max(np.abs(e.scores).max(), 1e-3)
    if model.layers[-1].activation.__name__ != "linear":
        np.testing.assert_allclose(e.probabilities, model(images), rtol=1e-4, atol=1e-6)
    else:
        np.testing.assert_allclose(e.scores, model(images), rtol=1e-4, atol=1e-6)


@EXAMPLES
@given(networks())
def test_grad_cam_is_cam_over_n_behind_a_relu(drawn: tuple[keras.Model, np.ndarray]) -> None:
    model, images = drawn
    M = CAM(model)(images, classes="all").maps
    expected = np.maximum(M, 0) / M[0, 0].size
    np.testing.assert_allclose(GradCAM(model)(images, classes="all").maps, expected, rtol=1e-3, atol=1e-6)


@EXAMPLES
@given(networks(), st.floats(-3, 3), st.randoms())
def test_cam_is_linear_in_w_and_follows_permutations(drawn: tuple, factor: float, random: object) -> None:
    model, images = drawn
    explain, dense = CAM(model), model.layers[-1]
    w = dense.kernel.numpy()
    M = explain(images, classes="all").maps

    other = np.random.default_rng(1).normal(size=w.shape).astype("float32")
    dense.kernel.assign(other)
    M_other = explain(images, classes="all").maps
    dense.kernel.assign(w + factor * other)
    np.testing.assert_allclose(explain(images, classes="all").maps, M + factor * M_other, rtol=1e-3, atol=1e-4)

    order = list(range(w.shape[1]))
    random.shuffle(order)  # type: ignore[attr-defined]
    dense.kernel.assign(w[:, order])
    np.testing.assert_allclose(explain(images, classes="all").maps, M[:, order], rtol=1e-4, atol=1e-5)


@EXAMPLES
@given(networks())
def test_a_batch_is_its_images_one_by_one_however_it_is_cut(drawn: tuple[keras.Model, np.ndarray]) -> None:
    model, images = drawn
    for method in (CAM(model), GradCAM(model)):
        together = method(images, classes="all").maps
        alone = np.concatenate([method(image, classes="all").maps for image in images])
        np.testing.assert_allclose(together, alone, rtol=1e-3, atol=1e-5)
        method.chunk = 2
        np.testing.assert_allclose(method(images, classes="all").maps, together, rtol=1e-3, atol=1e-5)
