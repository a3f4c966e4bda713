"""CAM against maps worked out on paper, and what all methods say of wrong classes and images."""

import numpy as np
import pytest
from networks import IMAGE, M, S, gap_network

from cam_course import CAM


def test_the_predicted_class_is_the_default() -> None:
    e = CAM(gap_network())(IMAGE)
    assert e.classes.tolist() == [[1]]
    np.testing.assert_allclose(e.maps[0, 0], M[1])


def test_top_gives_the_best_first() -> None:
    e = CAM(gap_network())(IMAGE, top=3)
    assert e.classes.tolist() == [np.argsort(-S).tolist()]
    assert (np.diff(e.scores[0]) <= 0).all()


def test_one_image_may_come_without_its_first_axis_and_as_a_tensor() -> None:
    import keras
    import tensorflow as tf

    expected = CAM(gap_network())(IMAGE).maps
    for image in (IMAGE[0], tf.constant(IMAGE), keras.ops.convert_to_tensor(IMAGE), IMAGE.astype("float64")):
        np.testing.assert_array_equal(CAM(gap_network())(image).maps, expected)


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
