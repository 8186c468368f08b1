"""One structure: its atoms, where they are, and the cell that repeats them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.chemistry.molecule import (
    SHORTEST_DISTANCE_ANGSTROM,
    Molecule,
    Position,
    require_ase,
)
from qforge_jupyter.results.calculation import Failure

Lattice = tuple[Position, Position, Position]


@dataclass(frozen=True)
class Structure:
    """What a property is predicted of, or why there is nothing to predict of.

    Parameters
    ----------
    name
        What the user calls it.
    numbers
        Atomic numbers, one for each site.
    positions
        Cartesian coordinates in Å, one triple for each site.
    lattice
        The three vectors of the cell in Å; None for a molecule.
    source
        Where it comes from, as in ``CIF``.
    failure
        Why it cannot be read.

    Examples
    --------
    >>> half = (1.4, 1.4, 1.4)
    >>> cell = ((2.8, 0.0, 0.0), (0.0, 2.8, 0.0), (0.0, 0.0, 2.8))
    >>> Structure("iron", (26, 26), ((0.0, 0.0, 0.0), half), cell).formula
    'Fe2'

    """

    name: str
    numbers: tuple[int, ...] = ()
    positions: tuple[Position, ...] = ()
    lattice: Lattice | None = None
    source: str = ""
    failure: Failure | None = None

    @property
    def formula(self) -> str | None:
        """Symbols in the order of the alphabet, with their counts; None without atoms."""
        if not self.numbers:
            return None
        symbols = require_ase("data").chemical_symbols
        counts = Counter(symbols[number] for number in self.numbers)
        return "".join(f"{each}{n if n > 1 else ''}" for each, n in sorted(counts.items()))


def structure_of_molecule(molecule: Molecule) -> Structure:
    """Take a molecule as a structure without a cell.

    Examples
    --------
    >>> structure_of_molecule(Molecule("He", (2,), ((0.0, 0.0, 0.0),))).lattice is None
    True

    """
    return Structure(
        molecule.name,
        molecule.numbers,
        molecule.positions,
        source=molecule.source,
        failure=molecule.failure,
    )


def check_structure(  # noqa: PLR0911 — one fault a return
    structure: Structure,
) -> Failure | None:
    """Say what makes a structure no structure, whatever the model.

    Examples
    --------
    >>> check_structure(Structure("nothing")).kind
    'invalid_geometry'

    """
    if structure.failure:
        return structure.failure
    if not structure.numbers:
        return Failure("invalid_geometry", "There are no atoms")
    if strange := sorted({n for n in structure.numbers if not 1 <= n <= 118}):
        return Failure("unknown_element", f"There is no element with Z = {strange[0]}")
    positions = np.asarray(structure.positions, dtype=float)
    if positions.shape != (len(structure.numbers), 3):
        return Failure("invalid_geometry", "There is not one position for each atom")
    if not np.isfinite(positions).all():
        return Failure("invalid_geometry", "A position is not a finite number")
    if structure.lattice is None:
        return _too_close(_distances(positions, np.zeros((1, 3))))
    return _check_cell(positions, np.asarray(structure.lattice, dtype=float))


def _check_cell(positions: NDArray[np.float64], lattice: NDArray[np.float64]) -> Failure | None:
    if lattice.shape != (3, 3) or not np.isfinite(lattice).all():
        return Failure("invalid_geometry", "The cell is not three vectors of finite numbers")
    lengths = np.linalg.norm(lattice, axis=1)
    # Of a cell whose vectors are almost in one plane no two programs give the same image.
    if lengths.min() <= 0 or abs(np.linalg.det(lattice)) < 1e-3 * np.prod(lengths):
        return Failure("invalid_geometry", "The cell has no volume")
    if lengths.min() < SHORTEST_DISTANCE_ANGSTROM:
        return Failure("invalid_geometry", f"The cell is only {lengths.min():.3f} Å wide")
    within = positions @ np.linalg.inv(lattice)
    wrapped = (within - np.floor(within)) @ lattice
    return _too_close(_distances(wrapped, _shifts() @ lattice))


def _shifts() -> NDArray[np.float64]:
    """Give the 27 cells around the first, itself at the first place."""
    around = np.array(np.meshgrid(*[(0, 1, -1)] * 3, indexing="ij"), dtype=float)
    return around.reshape(3, -1).T


def _distances(positions: NDArray[np.float64], shifts: NDArray[np.float64]) -> float:
    """Give the shortest distance between two sites, or a site and the image of one."""
    from scipy.spatial import cKDTree

    images = (positions[None, :, :] + shifts[:, None, :]).reshape(-1, 3)
    if len(images) < 2:
        return np.inf
    found, _ = cKDTree(images).query(positions, k=2)
    return float(found[:, 1].min())


def _too_close(distance: float) -> Failure | None:
    if distance >= SHORTEST_DISTANCE_ANGSTROM:
        return None
    return Failure("invalid_geometry", f"Two atoms are only {distance:.3f} Å apart")
