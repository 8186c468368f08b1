"""One molecule: its atoms, where they are, its charge and its spin."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from qforge_jupyter.errors import MissingPackage
from qforge_jupyter.results.calculation import Failure

#: No two nuclei of a molecule come closer than this; the shortest bond, H2, is 0.74 Å.
SHORTEST_DISTANCE_ANGSTROM = 0.3
Position = tuple[float, float, float]


@dataclass(frozen=True)
class Molecule:
    """What is calculated, or why it cannot be.

    Parameters
    ----------
    name
        What the user calls it.
    numbers
        Atomic numbers, one for each atom.
    positions
        Cartesian coordinates in Å, one triple for each atom; empty when there
        is a failure.
    charge
        Total charge in elementary charges.
    n_unpaired
        Unpaired electrons, the multiplicity less one.
    smiles, inchikey
        Known where the molecule came as SMILES or as an RDKit molecule.
    source
        Where the geometry comes from, as in ``ETKDGv3 + MMFF94``.
    seed
        Seed with which the geometry was embedded; None when it was given.
    failure
        Why there is no geometry to calculate.

    Examples
    --------
    >>> Molecule("hydrogen", (1, 1), ((0.0, 0.0, 0.0), (0.0, 0.0, 0.74))).formula
    'H2'

    """

    name: str
    numbers: tuple[int, ...] = ()
    positions: tuple[Position, ...] = ()
    charge: int = 0
    n_unpaired: int = 0
    smiles: str | None = None
    inchikey: str | None = None
    source: str = ""
    seed: int | None = None
    failure: Failure | None = None

    @property
    def formula(self) -> str | None:
        """Carbon, hydrogen, then the alphabet, as RDKit and ASE write it; no charge.

        None without atoms.
        """
        if not self.numbers:
            return None
        symbols = require_ase("data").chemical_symbols
        counts = Counter(symbols[number] for number in self.numbers)
        first = [symbol for symbol in ("C", "H") if symbol in counts]
        order = [*first, *sorted(counts.keys() - set(first))]
        return "".join(
            f"{symbol}{counts[symbol] if counts[symbol] > 1 else ''}" for symbol in order
        )

    @property
    def n_electrons(self) -> int:
        """Electrons, core ones included."""
        return sum(self.numbers) - self.charge


def lowest_spin(numbers: tuple[int, ...], charge: int) -> int:
    """Count the unpaired electrons of the lowest spin: none or one.

    Examples
    --------
    >>> lowest_spin((6, 1, 1, 1), charge=0)
    1

    """
    return (sum(numbers) - charge) % 2


def check_geometry(molecule: Molecule) -> Failure | None:
    """Say what is wrong with the positions: shape, finiteness, atoms on each other."""
    positions = np.asarray(molecule.positions, dtype=float)
    if positions.shape != (len(molecule.numbers), 3):
        return Failure("invalid_geometry", "There is not one position for each atom")
    if not np.isfinite(positions).all():
        return Failure("invalid_geometry", "A position is not a finite number")
    if len(positions) < 2:
        return None
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(positions).query(positions, k=2)
    if distances[:, 1].min() < SHORTEST_DISTANCE_ANGSTROM:
        closest = distances[:, 1].min()
        return Failure("invalid_geometry", f"Two atoms are only {closest:.3f} Å apart")
    return None


def check_electrons(molecule: Molecule) -> Failure | None:
    """Say whether the unpaired electrons are impossible with this charge.

    Examples
    --------
    >>> check_electrons(Molecule("hydrogen atom", (1,), ((0.0, 0.0, 0.0),))).kind
    'invalid_electrons'

    """
    n_electrons, n_unpaired = molecule.n_electrons, molecule.n_unpaired
    if 0 <= n_unpaired <= n_electrons and (n_electrons - n_unpaired) % 2 == 0:
        return None
    return Failure(
        "invalid_electrons",
        f"{n_unpaired} unpaired electrons are impossible with {n_electrons} electrons",
    )


def require_ase(part: str) -> Any:
    """Import a module of ASE, or say how it is installed."""
    try:
        return import_module(f"ase.{part}")
    except ModuleNotFoundError as error:
        raise MissingPackage("ase", "to read molecules", "chemistry") from error
