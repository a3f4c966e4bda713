"""Measures of place: cases worked by hand, the map that knows the answer, and what chance gets."""

import numpy as np
import pytest

from cam_course.evaluate import box_iou, centre_box, energy_inside, localised, mask_of_box, pointing_game
from cam_course.explanation import Explanation

SIZE = (6, 9)
BOX = (4, 1, 8, 3)  # columns 4 to 7, rows 1 and 2
MASK = mask_of_box(BOX, SIZE)


def test_a_mask_has_rows_first() -> None:
    assert MASK.shape == SIZE
    assert MASK.sum() == 8
    assert MASK[1, 4]
    assert MASK[2, 7]
    assert not MASK[4, 1]
    assert mask_of_box((-3, -3, 99, 99), SIZE).all()


def test_the_map_that_knows_the_answer_gets_everything() -> None:
    oracle = MASK.astype(float)
    assert pointing_game(oracle, MASK) == energy_inside(oracle, MASK) == 1.0
    one = np.ones((1, 1), "float32")
    [[box]] = Explanation.of(oracle[None, None].astype("float32"), [[0]], one, one, one, exact=False).boxes(0.2)
    assert box == BOX
    assert box_iou(box, BOX) == 1.0
    assert pointing_game(-oracle, MASK) == 0.0


def test_chance_gets_the_share_of_the_picture() -> None:
    rng = np.random.default_rng(0)
    maps = rng.uniform(size=(4000, *SIZE))
    share = MASK.mean()
    assert np.mean([pointing_game(M, MASK) for M in maps]) == pytest.approx(share, abs=0.02)
    assert np.mean([energy_inside(M, MASK) for M in maps]) == pytest.approx(share, abs=0.005)


def test_equal_largest_values_share_the_hit() -> None:
    M = np.zeros(SIZE)
    M[1, 4] = M[2, 5] = M[5, 0] = 7.0  # two of three inside
    assert pointing_game(M, MASK) == pytest.approx(2 / 3)
    assert pointing_game(np.ones(SIZE), MASK) == pytest.approx(8 / 54)


def test_rows_and_columns_are_not_exchanged() -> None:
    M = np.zeros((9, 9))
    M[1, 6] = 1.0  # row 1, column 6: x = 6, y = 1
    assert pointing_game(M, mask_of_box((6, 1, 7, 2), (9, 9))) == 1.0
    assert pointing_game(M, mask_of_box((1, 6, 2, 7), (9, 9))) == 0.0


def test_only_what_speaks_for_the_class_counts_as_energy() -> None:
    M = np.array([[4.0, -8.0], [1.0, 0.0]])
    assert energy_inside(M, np.array([[True, True], [False, False]])) == pytest.approx(4 / 5)
    assert np.isnan(energy_inside(-np.ones((2, 2)), np.ones((2, 2), bool)))


def test_an_empty_mask_has_no_answer() -> None:
    nothing = np.zeros(SIZE, bool)
    assert np.isnan(pointing_game(np.ones(SIZE), nothing))
    assert np.isnan(energy_inside(np.ones(SIZE), nothing))


@pytest.mark.parametrize("measure", [pointing_game, energy_inside])
def test_maps_and_masks_must_lie_on_one_grid(measure) -> None:
    with pytest.raises(ValueError, match=r"shape \(9, 6\) and the mask \(6, 9\).*e.resize\(mask.shape\)"):
        measure(np.ones(SIZE[::-1]), MASK)
    with pytest.raises(ValueError, match="holds NaN"):
        measure(np.full(SIZE, np.nan), MASK)


@pytest.mark.parametrize(
    ("other", "iou"),
    [
        ((0, 0, 4, 2), 1.0),
        ((2, 1, 6, 3), 2 / 14),  # 2 x 1 shared, 8 + 8 - 2
        ((4, 0, 8, 2), 0.0),  # half-open: they touch
        ((1, 0, 2, 2), 2 / 8),  # inside
    ],
)
def test_intersection_over_union_by_hand(other: tuple[int, int, int, int], iou: float) -> None:
    assert box_iou((0, 0, 4, 2), other) == box_iou(other, (0, 0, 4, 2)) == pytest.approx(iou)
    masks = [mask_of_box(box, (5, 9)) for box in ((0, 0, 4, 2), other)]
    assert np.logical_and(*masks).sum() / np.logical_or(*masks).sum() == pytest.approx(iou)


def test_an_empty_box_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(3, 0, 3, 2\) is empty"):
        box_iou((0, 0, 4, 2), (3, 0, 3, 2))


def test_a_guess_needs_the_class_and_half_of_the_box() -> None:
    truth = [(0, 0, 4, 2), (6, 0, 8, 2)]
    assert localised([5], [(0, 0, 4, 3)], 5, truth)  # 8 of 12
    assert not localised([5], [(0, 0, 4, 5)], 5, truth)  # 8 of 20
    assert localised([5], [(0, 0, 4, 5)], 5, truth, threshold=0.4)
    assert localised([5], [(6, 0, 8, 2)], 5, truth)  # one object of two is enough
    assert not localised([4], [(0, 0, 4, 2)], 5, truth)
    assert localised([4, 5], [(0, 0, 4, 2), (0, 0, 4, 2)], 5, truth)
    assert not localised([5], [None], 5, truth)
    with pytest.raises(ValueError, match="shorter"):
        localised([4, 5], [(0, 0, 4, 2)], 5, truth)


def test_the_centre_box_lies_in_the_middle() -> None:
    assert centre_box((10, 20)) == (5, 2, 15, 7)
    assert centre_box((7, 7), share=1.0) == (0, 0, 7, 7)
    assert centre_box((3, 3), share=0.01) == (1, 1, 2, 2)
