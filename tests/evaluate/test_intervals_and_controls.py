"""Intervals that hold what they promise, and the maps that know nothing."""

import numpy as np
import pytest

from cam_course.evaluate import centred_blob, edge_map, mean_with_interval, random_map, share_with_interval


def test_an_image_without_an_answer_is_counted_apart() -> None:
    mean = mean_with_interval([1.0, np.nan, 0.0, 1.0, 1.0, np.nan])
    assert (mean.value, mean.n, mean.without) == (0.75, 4, 2)
    nothing = mean_with_interval([np.nan])
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()
    assert (nothing.n, nothing.without) == (0, 1)


@pytest.mark.parametrize("kind", ["bootstrap", "Wilson"])
def test_about_95_of_100_intervals_hold_the_truth(kind: str) -> None:
    rng, n, p = np.random.default_rng(0), 60, 0.3
    inside = 0
    for _ in range(300):
        hits = rng.uniform(size=n) < p
        mean = mean_with_interval(hits, draws=300) if kind == "bootstrap" else share_with_interval(int(hits.sum()), n)
        inside += mean.low <= p <= mean.high
    assert 0.90 < inside / 300 < 0.99


def test_wilsons_interval_by_hand_and_at_its_ends() -> None:
    mean = share_with_interval(8, 10)  # z^2 = 3.8415: middle 0.7167, half 0.2266
    assert (mean.low, mean.high) == pytest.approx((0.4901, 0.9433), abs=2e-4)
    none, every = share_with_interval(0, 10), share_with_interval(10, 10)
    assert none.low == 0.0
    assert none.high == pytest.approx(0.2775, abs=1e-3)
    assert every.low == pytest.approx(1 - none.high)
    for hits, n in ((3, 0), (4, 3), (-1, 3)):
        with pytest.raises(ValueError, match=f"{hits} of {n} is no share"):
            share_with_interval(hits, n)


def test_controls() -> None:
    assert not np.array_equal(random_map((3, 4), 0), random_map((3, 4), 1))
    np.testing.assert_array_equal(random_map((3, 4), 1), random_map((3, 4), 1))
    blob = centred_blob((9, 13))
    assert np.unravel_index(blob.argmax(), blob.shape) == (4, 6)
    np.testing.assert_allclose(blob, blob[::-1, ::-1])
    picture = np.zeros((6, 7, 3))
    picture[:, 4:] = 1.0
    np.testing.assert_array_equal(np.flatnonzero(edge_map(picture).any(axis=0)), [3, 4])
