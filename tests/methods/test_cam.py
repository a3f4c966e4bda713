"""CAM and what all methods share: choosing classes, checking images, chunks, weights that are trained further."""

import gc
import weakref

import numpy as np
import pytest
from networks import IMAGE, B, M, S, W, gap_network

from cam_course import CAM, GradCAM, GradCAMPlusPlus, LayerCAM


def test_the_predicted_class_is_the_default() -> None:
    e = CAM(gap_network())(IMAGE)
    assert e.classes.tolist() == [[1]]
    np.testing.assert_allclose(e.maps[0, 0], M[1])


def test_types_and_shapes_are_those_of_the_interface() -> None:
    e = CAM(gap_network())(np.concatenate([IMAGE] * 4), top=2)
    assert e.maps.shape == (4, 2, 2, 2)
    assert (e.maps.dtype, e.classes.dtype) == (np.float32, np.int64)
    for values in (e.scores, e.bias, e.probabilities):
        assert (values.shape, values.dtype) == ((4, 2), np.float32)
    assert isinstance(e.residual, float)


def test_top_gives_the_best_first() -> None:
    e = CAM(gap_network())(IMAGE, top=3)
    assert e.classes.tolist() == [np.argsort(-S).tolist()]
    assert (np.diff(e.scores[0]) <= 0).all()


def test_classes_for_all_images_or_for_each() -> None:
    cam, images = CAM(gap_network()), np.concatenate([IMAGE, 2 * IMAGE])
    same = cam(images, classes=[2, 0])
    assert same.classes.tolist() == [[2, 0], [2, 0]]
    np.testing.assert_allclose(same.maps[0], M[[2, 0]])
    each = cam(images, classes=[[2], [1]])
    assert each.classes.tolist() == [[2], [1]]
    np.testing.assert_allclose(each.maps[1, 0], cam(images, classes=[1]).maps[1, 0])


def test_one_image_may_come_without_its_first_axis_and_as_a_tensor() -> None:
    import keras
    import tensorflow as tf

    expected = CAM(gap_network())(IMAGE).maps
    for image in (IMAGE[0], tf.constant(IMAGE), keras.ops.convert_to_tensor(IMAGE), IMAGE.astype("float64")):
        np.testing.assert_array_equal(CAM(gap_network())(image).maps, expected)


def test_many_images_go_through_in_chunks_and_come_out_as_one() -> None:
    images = np.random.default_rng(0).normal(size=(70, 2, 2, 1)).astype("float32")
    cam = CAM(gap_network())
    together, alone = cam(images, classes="all"), [cam(image, classes="all") for image in images]
    np.testing.assert_allclose(together.maps, np.concatenate([e.maps for e in alone]), rtol=1e-5, atol=1e-6)
    assert together.residual < 1e-5 * np.abs(together.scores).max()


def test_weights_that_are_trained_further_count() -> None:
    model = gap_network()
    cam = CAM(model)
    cam(IMAGE)
    model.get_layer("scores").set_weights([2 * W, B])
    np.testing.assert_allclose(cam(IMAGE, classes="all").maps[0], 2 * M)


def test_a_new_number_of_images_or_classes_traces_nothing_anew() -> None:
    for method in (CAM(gap_network()), GradCAM(gap_network())):
        for n, top in ((1, 1), (2, 3), (5, 2)):
            method(np.concatenate([IMAGE] * n), top=top)
        assert method._compiled.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("method", [CAM, GradCAM, GradCAMPlusPlus, LayerCAM])
def test_model_and_explainer_are_freed_when_dropped(method: type) -> None:
    model = gap_network()
    explain = method(model)
    explain(IMAGE)
    watched = [weakref.ref(model), weakref.ref(explain)]
    del model, explain
    gc.collect()
    assert [reference() for reference in watched] == [None, None]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ({"classes": [3]}, r"class 3 does not exist: .* has 3 classes, 0 to 2"),
        ({"classes": [-1]}, "class -1 does not exist"),
        ({"classes": [0.5]}, "list of whole numbers"),
        ({"classes": "best"}, "list of whole numbers"),
        ({"classes": [[0, 1], [2]]}, "list of whole numbers"),
        ({"classes": [[0], [1]]}, r"shape \(1, K\)"),
        ({"top": 4}, "ask for 1 to 3"),
        ({"top": 0}, "ask for 1 to 3"),
        ({"top": 1.5}, "top is 1.5, .*ask for 1 to 3"),
        ({"top": "2"}, "top is '2', .*ask for 1 to 3"),
        ({"classes": 2}, "list of whole numbers"),
        ({"top": 1, "classes": [0]}, "choose one of the two"),
    ],
)
def test_a_wrong_choice_of_classes_is_said_in_one_sentence(call: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        CAM(gap_network())(IMAGE, **call)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (np.zeros((1, 3, 2, 1)), r"shape \(1, 3, 2, 1\), but .* takes \(N, 2, 2, 1\)"),
        (np.zeros((2, 2)), r"takes \(N, 2, 2, 1\)"),
        (np.zeros((0, 2, 2, 1)), "N > 0"),
        (np.full((1, 2, 2, 1), np.nan), "NaN"),
        (np.full((1, 2, 2, 1), np.inf), "infinite"),
    ],
)
def test_wrong_images_are_said_in_one_sentence(images: np.ndarray, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        CAM(gap_network())(images)
    assert "\n" not in str(caught.value)
