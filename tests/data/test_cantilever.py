"""The cantilevers that come with the course: what they are, and that they can be made anew."""

from pathlib import Path

import numpy as np
import pytest

from cam_course.data import cantilever
from cam_course.data.beam import CELLS, HEIGHT, LENGTH, cell_centres
from cam_course.data.cantilever import CLAMP, COPY, NOISE, TEST, TRAIN, UNIT, Cantilevers, Damage, load_cantilevers


@pytest.fixture(scope="module")
def both() -> tuple[Cantilevers, Cantilevers]:
    return load_cantilevers()


def test_half_of_them_are_damaged_and_only_those_have_a_place(both: tuple[Cantilevers, Cantilevers]) -> None:
    assert COPY.stat().st_size < 3_000_000
    assert [len(part) for part in both] == [TRAIN, TEST]
    for part in both:
        assert part.strain.shape == (len(part), *CELLS, 1)
        assert part.strain.dtype == np.float32
        assert part.damaged.mean() == 0.5
        np.testing.assert_array_equal(part.masks.any(axis=(1, 2)), part.damaged == 1)
        np.testing.assert_array_equal(part.severity > 0, part.damaged == 1)
        np.testing.assert_array_equal(part.kinds > 0, part.damaged == 1)
        assert set(part.kinds) == {0, 1, 2}
        assert part.load.min() >= 0.5
        assert part.load.max() <= 2.0


def test_no_single_level_of_strain_tells(both: tuple[Cantilevers, Cantilevers]) -> None:
    train, test = both
    largest = [np.abs(part.strain).max(axis=(1, 2, 3)) for part in (train, test)]
    best = max(np.sort(largest[0]), key=lambda level: np.mean((largest[0] > level) == train.damaged))
    assert np.mean((largest[1] > best) == test.damaged) < 0.6


def test_a_sound_beam_is_as_beam_theory_says_times_its_load(both: tuple[Cantilevers, Cantilevers]) -> None:
    x, y = cell_centres()
    theory = 12 * (LENGTH - x) * (y - HEIGHT / 2) / CLAMP
    train = both[0]
    for i in np.flatnonzero(train.damaged == 0)[:20]:
        np.testing.assert_allclose(train.strain[i, :, 30:60, 0], train.load[i] * theory[:, 30:60], atol=2 * UNIT)


def test_the_copy_is_what_the_command_makes(both: tuple[Cantilevers, Cantilevers], tmp_path: Path) -> None:
    pytest.importorskip("skfem")
    path = tmp_path / "cantilever.npz"
    assert list(cantilever.make(path, count=6)) == [6]
    _, made = cantilever.read(path)  # too few for both parts
    first = both[0][:6]
    np.testing.assert_allclose(made.strain, first.strain, atol=1.01 * UNIT)  # rounding differs between machines
    for name in ("damaged", "kinds", "masks"):
        np.testing.assert_array_equal(getattr(made, name), getattr(first, name))
    assert [each.name for each in tmp_path.iterdir()] == ["cantilever.npz"]


def test_a_making_that_was_interrupted_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skfem")
    drawn: list[int] = []

    def quick(beam: object, sound: np.ndarray, seed: int, number: int) -> dict[str, object]:
        drawn.append(number)
        steps = np.full(CELLS, number, np.int16)
        packed = np.zeros(CELLS[0] * CELLS[1] // 8, np.uint8)
        return {"strain_steps": steps, "masks": packed, "kinds": number % 2, "severity": 0.5, "load": 1.0}

    monkeypatch.setattr(cantilever, "_one", quick)
    path = tmp_path / "cantilever.npz"
    stopped = cantilever.make(path, count=120)
    assert next(stopped) == 50
    stopped.close()  # as Control-C does
    assert not path.exists()
    assert list(cantilever.make(path, count=120)) == [100, 120]
    assert drawn == list(range(120))
    assert [each.name for each in tmp_path.iterdir()] == ["cantilever.npz"]


def test_the_noise_has_its_size_and_its_seed(both: tuple[Cantilevers, Cantilevers]) -> None:
    test = both[1]
    noise = test.measured() - test.strain
    assert noise.std() == pytest.approx(NOISE, rel=0.01)
    assert abs(noise.mean()) < NOISE / 100
    np.testing.assert_array_equal(test.measured(seed=3), test.measured(seed=3))
    assert not np.array_equal(test.measured(seed=3), test.measured(seed=4))


def test_damage_is_worst_in_its_middle_and_a_crack_lies_along_its_angle() -> None:
    for kind in ("soft spot", "crack"):
        damage = Damage(kind, x=2.0, y=0.5, size=0.2, angle=0.0, severity=0.7)
        assert damage.lost(np.array(2.0), np.array(0.5)) == pytest.approx(0.7)
        assert damage.lost(np.array(3.0), np.array(0.5)) < 1e-5
    crack = Damage("crack", x=2.0, y=0.5, size=0.2, angle=np.pi / 4, severity=0.7)
    step = 0.1 / np.sqrt(2)
    on, beside = (crack.lost(np.array(2 + dx), np.array(0.5 + step)) for dx in (step, -step))
    assert on > 0.6
    assert beside < 0.01
