"""The canonical form of a structure, and the hash by which a prediction is found again.

Two descriptions of a structure have the same form and hash if they differ only
in the order of their sites, in whole lattice vectors added to sites, or in the
orientation of the cell in space (a mirror image counts as one, too). A shifted
origin, another choice of cell and a supercell are other descriptions, and so
are coordinates that differ by more than `GRID` of a lattice vector.

Models work on the canonical form, so that what they say of a structure does
not hang on how it was written; what belongs to sites and directions is turned
back to the structure as it came.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.engine.structures.structure import Structure

#: Fractional coordinates are compared on this grid, lengths in Å too.
GRID = 1e-6
Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Canonical:
    """A structure in its canonical form.

    Parameters
    ----------
    name
        As the structure is called.
    numbers
        Atomic numbers, ascending.
    positions
        Cartesian, in Å.
    lattice
        Lower triangular with a positive diagonal; None for a molecule.
    order
        Which site of the structure stands at each place here.
    rotation
        Turns row vectors of this form into those of the structure.
    hash
        SHA-256 over all but the name.

    """

    name: str
    numbers: NDArray[np.int64]
    positions: Matrix
    lattice: Matrix | None
    order: NDArray[np.intp]
    rotation: Matrix
    hash: str

    @property
    def fractional(self) -> Matrix:
        """Coordinates in lattice vectors; those of a molecule are Cartesian."""
        if self.lattice is None:
            return self.positions
        return np.asarray(self.positions @ np.linalg.inv(self.lattice))


def canonical(structure: Structure) -> Canonical:
    """Bring a structure that `check_structure` lets pass into its canonical form.

    Examples
    --------
    >>> cell = ((2.8, 0.0, 0.0), (0.0, 2.8, 0.0), (0.0, 0.0, 2.8))
    >>> one = Structure("a", (26, 27), ((0.0, 0.0, 0.0), (1.4, 1.4, 1.4)), cell)
    >>> other = Structure("b", (27, 26), ((-1.4, 1.4, 4.2), (0.0, 2.8, 0.0)), cell)
    >>> canonical(one).hash == canonical(other).hash
    True

    """
    numbers = np.array(structure.numbers, dtype=np.int64)
    positions = np.array(structure.positions, dtype=float)
    lattice, rotation = None, np.eye(3)
    if structure.lattice is None:
        placed = positions - positions.mean(axis=0)
        grid = np.rint(placed / GRID).astype(np.int64)
    else:
        given = np.array(structure.lattice, dtype=float)
        lattice, rotation = _upright(given)
        within = positions @ np.linalg.inv(given)
        within -= np.floor(within + GRID / 2)
        grid = np.rint(within / GRID).astype(np.int64)
        placed = within @ lattice
    order = np.lexsort((grid[:, 2], grid[:, 1], grid[:, 0], numbers))
    cell = [] if lattice is None else np.rint(lattice / GRID).astype(np.int64).ravel().tolist()
    said = [cell, numbers[order].tolist(), grid[order].tolist()]
    digest = hashlib.sha256(repr(said).encode()).hexdigest()
    return Canonical(
        structure.name, numbers[order], placed[order], lattice, order, rotation, digest
    )


def _upright(lattice: Matrix) -> tuple[Matrix, Matrix]:
    """Turn a cell so that its first vector lies along x and its second in the plane of x and y."""
    turned, triangle = np.linalg.qr(lattice.T)
    signs = np.where(np.diag(triangle) < 0, -1.0, 1.0)
    return (triangle * signs[:, None]).T, (turned * signs).T


def as_it_came(form: Canonical, each: Property, value: Any) -> Any:
    """Give a number of the canonical form in the order and orientation of the structure."""
    if value is None or each.of == "structure":
        return value
    turned = np.asarray(value, dtype=float)
    if each.of == "tensor":
        return (form.rotation.T @ turned @ form.rotation).tolist()
    if each.of == "site vector":
        turned = turned @ form.rotation
    back = np.empty_like(turned)
    back[form.order] = turned
    return back.tolist()
