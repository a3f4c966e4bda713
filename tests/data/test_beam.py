"""The finite elements against beam theory, a hole in a plate, and themselves on finer meshes."""

from itertools import pairwise

import numpy as np
import pytest

skfem = pytest.importorskip("skfem")

from cam_course.data.beam import CELLS, HEIGHT, LENGTH, POISSON, Beam, cell_centres, stiffness_matrix  # noqa: E402
from cam_course.data.cantilever import Damage  # noqa: E402

SOFT = Damage("soft spot", x=1.3, y=0.7, size=0.12, angle=0.0, severity=0.8)


def sound(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.ones_like(x)


def soft(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 1 - SOFT.lost(x, y)


@pytest.fixture(scope="module")
def plain() -> tuple[np.ndarray, float]:
    return Beam().solve(sound)


def test_the_tip_goes_down_as_beam_theory_says(plain: tuple[np.ndarray, float]) -> None:
    bending = LENGTH**3 / (3 * HEIGHT**3 / 12)
    shear = LENGTH / (5 / 6 * HEIGHT / (2 * (1 + POISSON)))
    assert plain[1] == pytest.approx(bending + shear, rel=0.01)


def test_strain_is_that_of_beam_theory_and_that_of_the_clamp_within_a_few_per_cent(
    plain: tuple[np.ndarray, float],
) -> None:
    x, y = cell_centres()
    theory = 12 * (LENGTH - x) * (y - HEIGHT / 2)
    away = (x > HEIGHT) & (x < LENGTH - HEIGHT)  # the clamp and the load are felt for one height
    np.testing.assert_allclose(plain[0][away], theory[away], atol=0.005 * theory.max())
    # At the clamp the section cannot narrow, so the corners carry more; the bending moment is that of the load.
    moment = np.sum(plain[0] * (y - HEIGHT / 2), axis=0) * HEIGHT / CELLS[0]
    np.testing.assert_allclose(moment[2:], (LENGTH - x[0])[2:], rtol=0.03)
    assert plain[0][0, 2] == pytest.approx(theory[0, 2], rel=0.04)
    assert plain[0].argmax() == 0  # the upper corner at the clamp


def test_the_picture_has_tension_above_and_is_antisymmetric(plain: tuple[np.ndarray, float]) -> None:
    assert plain[0].shape == CELLS
    np.testing.assert_allclose(plain[0], -plain[0][::-1], atol=1e-9)
    assert (plain[0][0] > 0).all()


def test_finer_meshes_come_closer_together() -> None:
    deflections, strains = zip(*((d, s) for s, d in (Beam(rows).solve(soft) for rows in (6, 12, 24))), strict=True)
    steps = np.abs(np.diff(deflections))
    assert steps[1] < steps[0] / 2
    assert steps[1] < 2e-3 * deflections[-1]
    apart = [np.abs(a - b)[:, 4:].max() for a, b in pairwise(strains)]
    assert apart[1] < apart[0]
    assert apart[1] < 0.03 * np.abs(strains[-1]).max()


def test_damage_lets_the_beam_sink_and_the_strain_rise_where_it_is() -> None:
    beam = Beam()
    (healthy, before), (strain, after) = beam.solve(sound), beam.solve(soft)
    assert after > 1.001 * before
    x, y = cell_centres()
    row, column = np.unravel_index((strain - healthy).argmax(), CELLS)
    assert np.hypot(x[row, column] - SOFT.x, y[row, column] - SOFT.y) < 0.1


def test_a_hole_in_a_wide_plate_triples_the_stress() -> None:
    # A quarter of the plate: radius 1 to a square of 15, mapped from a rectangle; pulled along x.
    side, n = 15.0, 24
    mesh = skfem.MeshQuad.init_tensor(np.linspace(0, 1, 2 * n + 1) ** 2.5, np.linspace(0, np.pi / 2, n + 1))
    out, angle = mesh.p
    circle = np.array([np.cos(angle), np.sin(angle)])
    square = side * circle / np.abs(circle).max(axis=0)
    mesh = skfem.MeshQuad((1 - out) * circle + out * square, mesh.t)
    mesh = mesh.with_boundaries(
        {
            "left": lambda x: np.isclose(x[0], 0),
            "low": lambda x: np.isclose(x[1], 0),
            "pulled": lambda x: np.isclose(x[0], side),
        }
    )
    element = skfem.ElementVector(skfem.ElementQuad2())
    basis = skfem.Basis(mesh, element, intorder=4)

    @skfem.LinearForm
    def work(v, w):
        return v[0]

    load = work.assemble(skfem.FacetBasis(mesh, element, facets="pulled"))
    fixed = np.concatenate([basis.get_dofs("left").all(["u^1"]), basis.get_dofs("low").all(["u^2"])])
    u = skfem.solve(*skfem.condense(stiffness_matrix(basis, sound), load, D=fixed))
    # At the top of the hole the stress runs along it alone, so it is the strain there.
    top = skfem.Basis(mesh, element, quadrature=(np.array([[0.0], [1.0]]), np.ones(1)))
    x, y = (part.ravel() for part in top.global_coordinates())
    along = top.interpolate(u).grad[0, 0].ravel()[np.argmin(np.hypot(x, y - 1))]
    assert along == pytest.approx(3, rel=0.05)
