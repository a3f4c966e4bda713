"""Cluttered digits: the boxes hold the digits, and nothing else is a whole digit."""

import numpy as np
import pytest

from cam_course.data.cluttered import INK, PIECES, SIZE, Cluttered, clutter
from cam_course.data.mnist import load_stand_in

DIGITS = load_stand_in()


def made(copies: int = 1, seed: int = 0, count: int = 60) -> Cluttered:
    return clutter(DIGITS.test_images, DIGITS.test_labels, count, seed, copies)


def test_pictures_have_the_form_that_networks_take() -> None:
    some = made()
    assert some.images.shape == (60, SIZE, SIZE, 1)
    assert some.images.dtype == np.float32
    assert some.images.min() == 0
    assert some.images.max() <= 1
    assert set(some.labels) <= set(range(10))
    assert len(some) == 60


def test_a_box_is_the_smallest_that_holds_the_ink_of_the_digit() -> None:
    white = np.zeros((4, 28, 28, 1), np.float32)
    white[:, 3:20, 9:15] = 0.9  # 17 rows, 6 columns; a piece of it is smaller
    some = clutter(white, np.zeros(4, int), count=30)
    sizes = some.boxes[:, 0, 2:] - some.boxes[:, 0, :2]
    np.testing.assert_array_equal(sizes, [[6, 17]] * 30)
    for image, (x0, y0, x1, y1) in zip(some.images[..., 0], some.boxes[:, 0], strict=True):
        assert 0 <= x0 < x1 <= SIZE
        assert 0 <= y0 < y1 <= SIZE
        assert (image[y0:y1, x0:x1] == np.float32(0.9)).all()


def test_a_class_is_that_of_the_digit_in_the_box() -> None:
    some = made()
    templates = DIGITS.test_images[..., 0]
    for image, label, (x0, y0, x1, y1) in zip(
        some.images[:20, ..., 0], some.labels[:20], some.boxes[:20, 0], strict=True
    ):
        cut = image[y0:y1, x0:x1]
        found = False
        for template, of in zip(templates, DIGITS.test_labels, strict=True):
            rows, columns = np.flatnonzero((template > INK).any(axis=1)), np.flatnonzero((template > INK).any(axis=0))
            part = template[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            if part.shape == cut.shape and (cut >= part).all() and of == label:
                found = True
                break
        assert found


def test_there_is_clutter_and_it_is_smaller_than_the_digit() -> None:
    some = made()
    outside = some.images[..., 0].copy()
    for image, (x0, y0, x1, y1) in zip(outside, some.boxes[:, 0], strict=True):
        image[y0:y1, x0:x1] = 0
    ink = (outside > INK).sum(axis=(1, 2))
    assert np.median(ink) > PIECES * 10
    assert (ink > 0).all()


@pytest.mark.parametrize("copies", [2, 3])
def test_several_digits_of_one_class_lie_apart(copies: int) -> None:
    some = made(copies)
    assert some.boxes.shape == (60, copies, 4)
    for boxes in some.boxes:
        for i, (x0, y0, x1, y1) in enumerate(boxes):
            for a0, b0, a1, b1 in boxes[:i]:
                assert x1 < a0 or a1 < x0 or y1 < b0 or b1 < y0


def test_a_seed_repeats_and_another_one_does_not() -> None:
    np.testing.assert_array_equal(made(seed=3).images, made(seed=3).images)
    assert not np.array_equal(made(seed=3).images, made(seed=4).images)


def test_four_digits_have_no_room() -> None:
    with pytest.raises(ValueError, match="copies is 4, but 1, 2 or 3"):
        made(copies=4)
