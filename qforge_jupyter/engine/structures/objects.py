"""Structures that other packages hold: ASE's atoms, pymatgen's structures and molecules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from qforge_jupyter.engine.structures.structure import Lattice, Structure
from qforge_jupyter.results.calculation import Failure

DISORDERED = Failure("disordered", "A site is occupied in part, or by several elements")


def is_ase(item: Any) -> bool:
    """Say whether an object is ASE's ``Atoms``."""
    return all(hasattr(item, name) for name in ("numbers", "positions", "cell", "pbc"))


def is_pymatgen(item: Any) -> bool:
    """Say whether an object is a structure or a molecule of pymatgen."""
    return all(hasattr(item, name) for name in ("cart_coords", "is_ordered", "composition"))


def structure_of_atoms(
    atoms: Any, *, name: str | None = None, source: str = "ASE atoms"
) -> Structure:
    """Take ASE's atoms; a slab or a wire is repeated along its open directions too.

    Examples
    --------
    >>> from ase.build import bulk
    >>> structure_of_atoms(bulk("Cu", cubic=True)).formula
    'Cu4'

    """
    lattice: Lattice | None = None
    failure = None
    if atoms.pbc.any():
        lattice = _lattice(atoms.cell)
        if atoms.cell.rank < 3:
            failure = Failure("invalid_geometry", "The cell has no volume")
    if _is_shared(atoms.info.get("occupancy")):
        failure = DISORDERED
    return Structure(
        name or str(atoms.info.get("name") or atoms.get_chemical_formula()),
        tuple(map(int, atoms.numbers)),
        _triples(atoms.positions),
        lattice,
        source,
        failure,
    )


def structure_of_pymatgen(item: Any, *, name: str | None = None) -> Structure:
    """Take a structure or a molecule of pymatgen.

    Oxidation states are left out: they are no part of the geometry.
    """
    called = name or str(item.composition.reduced_formula)
    if not item.is_ordered:
        return Structure(called, source="pymatgen", failure=DISORDERED)
    lattice = getattr(item, "lattice", None)
    numbers = [getattr(each.specie, "Z", 0) for each in item]
    return Structure(
        called,
        tuple(map(int, numbers)),
        _triples(item.cart_coords),
        None if lattice is None else _lattice(lattice.matrix),
        "pymatgen",
    )


def _is_shared(occupancy: Any) -> bool:
    """Say whether ASE read a site that is occupied in part, or by several elements."""
    sites = occupancy.values() if isinstance(occupancy, dict) else ()
    return any(
        isinstance(site, dict) and (len(site) > 1 or any(float(n) < 1 for n in site.values()))
        for site in sites
    )


def _triples(rows: Iterable[Any]) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(x), float(y), float(z)) for x, y, z in rows)


def _lattice(rows: Any) -> Lattice:
    first, second, third = _triples(np.asarray(rows, dtype=float))
    return first, second, third
