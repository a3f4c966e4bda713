"""Plane stress of a cantilever with damage, by finite elements.

The beam has height 1 and length 4, and so has the unit of every length. It is clamped at x = 0 and loaded at its tip,
x = 4, by a force across. Only the strain along the beam is kept, as a camera would measure it on the surface. The
material is linear, so the strain is proportional to P / (E t), force over Young's modulus and thickness; it is computed
for 1.

scikit-fem does the work; it comes with ``pip install 'cam-course[make]'``. The lessons need only what was made with it.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEIGHT, LENGTH = 1.0, 4.0
POISSON = 0.3
CELLS = (24, 96)  # of an image: rows, columns

Stiffness = Callable[[NDArray, NDArray], NDArray]


def cell_centres() -> tuple[NDArray, NDArray]:
    """x and y of the centres of the cells of an image, each (24, 96); row 0 is the upper edge."""
    rows, columns = CELLS
    x = LENGTH * (np.arange(columns) + 0.5) / columns
    y = HEIGHT * (1 - (np.arange(rows) + 0.5) / rows)
    along, upwards = np.meshgrid(x, y)
    return along, upwards


def without_bending(pictures: NDArray) -> NDArray:
    """Strain images minus what beam theory says of a sound beam, its load fitted to each by least squares.

    Parameters
    ----------
    pictures : ndarray, shape (..., 24, 96)

    Examples
    --------
    >>> x, y = cell_centres()
    >>> bool(np.abs(without_bending(3 * (LENGTH - x) * (y - HEIGHT / 2))).max() < 1e-12)
    True
    """
    x, y = cell_centres()
    plain = (LENGTH - x) * (y - HEIGHT / 2)
    load = np.sum(pictures * plain, axis=(-2, -1), keepdims=True) / np.sum(plain**2)
    return np.asarray(pictures - load * plain)


def stiffness_matrix(basis: Any, stiffness: Stiffness) -> Any:
    """The stiffness matrix of plane stress, Young's modulus and thickness being 1 where nothing is damaged.

    Parameters
    ----------
    basis : skfem.Basis
        Of a vector element.
    stiffness : callable
        The share of Young's modulus that is left at the points (x, y).

    Returns
    -------
    scipy.sparse matrix
    """
    import skfem
    from skfem.helpers import ddot, sym_grad, trace

    @skfem.BilinearForm
    def energy(u: Any, v: Any, w: Any) -> Any:  # stress of u times strain of v
        strain, virtual = sym_grad(u), sym_grad(v)
        both = (1 - POISSON) * ddot(strain, virtual) + POISSON * trace(strain) * trace(virtual)
        return stiffness(*w.x) / (1 - POISSON**2) * both

    return energy.assemble(basis)


class Beam:
    """The cantilever on one mesh of squares with quadratic displacements.

    Parameters
    ----------
    rows : int
        Elements over the height, a divisor of 24; four times as many along the beam. An image has 24 rows, so 12 gives
        2 by 2 cells for an element.

    Examples
    --------
    >>> strain, deflection = Beam(6).solve(lambda x, y: np.ones_like(x))
    >>> strain.shape, bool(strain[0, 0] > 20)  # tension above, 24 by beam theory at the very clamp
    ((24, 96), True)
    """

    def __init__(self, rows: int = 12) -> None:
        import skfem

        mesh = skfem.MeshQuad.init_tensor(np.linspace(0, LENGTH, 4 * rows + 1), np.linspace(0, HEIGHT, rows + 1))
        self._rows = rows
        self._mesh = mesh.with_boundaries({"clamp": lambda x: x[0] == 0, "tip": lambda x: x[0] == LENGTH})
        self._element = skfem.ElementVector(skfem.ElementQuad2())
        self._basis = skfem.Basis(self._mesh, self._element, intorder=4)

    def solve(self, stiffness: Stiffness) -> tuple[NDArray, float]:
        """Strain along the beam and deflection of its tip, for P / (E t) = 1.

        Parameters
        ----------
        stiffness : callable
            The share of Young's modulus that is left at the points (x, y), y upwards from the lower edge.

        Returns
        -------
        strain : ndarray, shape (24, 96)
            At the centres of the cells; row 0 is the upper edge, which the load pulls.
        deflection : float
            Downwards, mean over the tip.
        """
        import skfem

        clamped = self._basis.get_dofs("clamp")
        matrix = stiffness_matrix(self._basis, stiffness)
        u = skfem.solve(*skfem.condense(matrix, self._load, D=clamped))
        basis, order = self._centres
        along = basis.interpolate(u).grad[0, 0]  # du_x/dx
        return along.ravel()[order].reshape(CELLS), float(self._load @ u)

    @cached_property
    def _load(self) -> NDArray:
        """A force of 1 downwards at the tip, spread as shear stress is over a section: a parabola."""
        import skfem

        @skfem.LinearForm
        def work(v: Any, w: Any) -> Any:
            y = w.x[1]
            return -6 / HEIGHT**3 * y * (HEIGHT - y) * v[1]

        return work.assemble(skfem.FacetBasis(self._mesh, self._element, facets="tip", intorder=4))

    @cached_property
    def _centres(self) -> tuple[Any, NDArray]:
        """The basis at the centres of the cells of an image, and their order in it."""
        import skfem

        n = CELLS[0] // self._rows  # cells along a side of an element
        inside = (np.arange(n) + 0.5) / n
        points = np.stack([part.ravel() for part in np.meshgrid(inside, inside)])
        basis = skfem.Basis(self._mesh, self._element, quadrature=(points, np.full(n * n, 1 / n**2)))
        x, y = (part.ravel().round(9) for part in basis.global_coordinates())
        return basis, np.lexsort((x, -y))
