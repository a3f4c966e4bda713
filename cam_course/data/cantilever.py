"""Strain images of cantilevers, half of them damaged inside: made by finite elements, and the copy that comes with the
course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import written_whole
from .beam import CELLS, cell_centres

COPY = Path(__file__).parent / "cantilever.npz"
SEED = 0
TRAIN, TEST = 1600, 800
NOISE = 0.03  # standard deviation in millistrain, of a good camera
CLAMP = 24.0  # strain at the clamp's upper edge by beam theory, for P / (E t) = 1; it becomes 1 millistrain
UNIT = 0.002  # millistrain, of the whole numbers in the file: a fifteenth of the noise
KINDS = ("sound", "soft spot", "crack")


@dataclass(frozen=True)
class Damage:
    """A place inside the beam where the material has lost stiffness.

    Lengths are in heights of the beam, which is 4 long; y runs upwards from the lower edge.

    Attributes
    ----------
    kind : str
        "soft spot": a round place, softest in its middle. "crack": a thin zone that carries little across.
    x, y : float
        Its centre.
    size : float
        Standard deviation of a soft spot, half the length of a crack.
    angle : float
        Of a crack, in radians, from the direction across the beam.
    severity : float
        The share of the stiffness that is lost in the middle.
    """

    kind: str
    x: float
    y: float
    size: float
    angle: float
    severity: float

    def lost(self, x: NDArray, y: NDArray) -> NDArray:
        """The share of the stiffness that is lost at points (x, y)."""
        dx, dy = x - self.x, y - self.y
        if self.kind == "soft spot":
            return self.severity * np.exp(-(dx**2 + dy**2) / (2 * self.size**2))
        along = dy * np.cos(self.angle) + dx * np.sin(self.angle)
        across = dx * np.cos(self.angle) - dy * np.sin(self.angle)
        return self.severity * np.exp(-((along / self.size) ** 8) - (across / 0.04) ** 2)


@dataclass(frozen=True, eq=False)
class Cantilevers:
    """Strain images and what is true of them.

    Attributes
    ----------
    strain : ndarray, shape (n, 24, 96, 1), float32
        Along the beam, in millistrain, without noise; row 0 is the upper edge, column 0 the clamp.
    damaged : ndarray, shape (n,), int64
        1 for damaged, 0 for sound: the only thing that a network is told.
    kinds : ndarray, shape (n,), int64
        Index into `KINDS`.
    masks : ndarray, shape (n, 24, 96), bool
        Cells that have lost more than half of what the middle of the damage lost.
    severity : ndarray, shape (n,), float32
        Share of the stiffness lost in the middle; 0 for sound.
    load : ndarray, shape (n,), float32
        P / (E t), relative: from 0.5 to 2.
    """

    strain: NDArray[np.float32] = field(repr=False)
    damaged: NDArray[np.int64] = field(repr=False)
    kinds: NDArray[np.int64] = field(repr=False)
    masks: NDArray[np.bool_] = field(repr=False)
    severity: NDArray[np.float32] = field(repr=False)
    load: NDArray[np.float32] = field(repr=False)

    def __len__(self) -> int:
        return len(self.strain)

    def __getitem__(self, rows: Any) -> Cantilevers:
        return Cantilevers(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def measured(self, noise: float = NOISE, seed: int = 0) -> NDArray[np.float32]:
        """The strain as a camera would measure it: with noise of this standard deviation, in millistrain."""
        rng = np.random.default_rng(seed)
        return self.strain + rng.normal(0, noise, self.strain.shape).astype(np.float32)


def load_cantilevers() -> tuple[Cantilevers, Cantilevers]:
    """The cantilevers that come with the course, for training and for testing.

    They are those of ``cam-course make cantilever``, to two microstrain.

    Returns
    -------
    train, test : Cantilevers

    Examples
    --------
    >>> train, test = load_cantilevers()
    >>> test.strain.shape, test.damaged.mean()
    ((800, 24, 96, 1), np.float64(0.5))
    """
    return read(COPY)


def read(path: Path) -> tuple[Cantilevers, Cantilevers]:
    """Cantilevers from a file that `make` wrote, for training and for testing."""
    with np.load(path, allow_pickle=False) as file:
        steps = file["strain_steps"].astype(np.int64)
        strain = UNIT * np.cumsum(np.cumsum(steps, axis=1), axis=2)
        kinds, severity, load = file["kinds"].astype(np.int64), file["severity"], file["load"]
        masks = np.unpackbits(file["masks"], axis=1).astype(bool).reshape(strain.shape)
    every = Cantilevers(
        strain[..., None].astype(np.float32), (kinds > 0).astype(np.int64), kinds, masks, severity, load
    )
    return every[:-TEST], every[-TEST:]


def draw(seed: int, number: int) -> tuple[Damage | None, float]:
    """The damage and the load of one beam; every beam with an odd number is damaged.

    Each beam has a random generator of its own, so that a making that was interrupted goes on with the same beams.
    """
    rng = np.random.default_rng([seed, number])
    load = float(np.exp(rng.uniform(np.log(0.5), np.log(2))))
    if number % 2 == 0:
        return None, load
    crack = rng.uniform() < 0.5
    damage = Damage(
        kind="crack" if crack else "soft spot",
        x=rng.uniform(0.25, 3.75),
        y=rng.uniform(0.15, 0.85),
        size=rng.uniform(0.1, 0.25) if crack else rng.uniform(0.06, 0.16),
        angle=rng.uniform(-np.pi / 4, np.pi / 4),
        severity=rng.uniform(0.3, 0.95),
    )
    return damage, load


def make(path: Path, count: int = TRAIN + TEST, seed: int = SEED) -> Iterator[int]:
    """Make beams anew and write them; yields how many there are so far, after every fifty.

    What was made is kept beside the file until it is whole, so that one who stops in between and calls again goes on
    where the last call ended.

    Parameters
    ----------
    path : Path
        Of the file to be written, in a folder that exists.
    count : int
    seed : int

    Raises
    ------
    ModuleNotFoundError
        If scikit-fem is not installed.
    """
    from .beam import Beam

    beam = Beam()
    sound, _ = beam.solve(lambda x, y: np.ones_like(x))
    started = path.with_name(f"{path.stem}-{seed}.started.npz")
    made = _started(started)
    while len(made["kinds"]) < count:
        first = len(made["kinds"])
        new = [_one(beam, sound, seed, number) for number in range(first, min(first + 50, count))]
        made = {
            name: np.concatenate([made[name], [each[name] for each in new]]).astype(made[name].dtype) for name in made
        }
        _write(started, made)
        yield len(made["kinds"])
    _write(path, {name: values[:count] for name, values in made.items()})
    started.unlink(missing_ok=True)


def _one(beam: Any, sound: NDArray, seed: int, number: int) -> dict[str, Any]:
    damage, load = draw(seed, number)
    strain = sound if damage is None else beam.solve(lambda x, y: 1 - damage.lost(x, y))[0]
    cells = np.round(load * strain / CLAMP / UNIT).astype(np.int16)
    lost = np.zeros(cells.shape) if damage is None else damage.lost(*cell_centres())
    return {
        # Neighbours differ little, so differences along both axes take little room.
        "strain_steps": np.diff(np.diff(cells, axis=0, prepend=np.int16(0)), axis=1, prepend=np.int16(0)),
        "masks": np.packbits(lost > 0.5 * lost.max()),
        "kinds": 0 if damage is None else KINDS.index(damage.kind),
        "severity": 0.0 if damage is None else damage.severity,
        "load": load,
    }


def _started(path: Path) -> dict[str, NDArray]:
    """What an earlier call made and could not finish."""
    if path.exists():
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    rows, columns = CELLS
    return {
        "strain_steps": np.empty((0, rows, columns), np.int16),
        "masks": np.empty((0, rows * columns // 8), np.uint8),
        "kinds": np.empty(0, np.uint8),
        "severity": np.empty(0, np.float32),
        "load": np.empty(0, np.float32),
    }


def _write(path: Path, made: dict[str, NDArray]) -> None:
    with written_whole(path) as unfinished:
        np.savez_compressed(unfinished, allow_pickle=False, **made)
