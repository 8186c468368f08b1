"""Canonical structures as pymatgen holds them, for the models that are built on it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from qforge_jupyter.engine.structures.canonical import Canonical
from qforge_jupyter.results.calculation import Failure


def pymatgen_structure(form: Canonical) -> Any:
    """Make pymatgen's ``Structure`` of a crystal, its sites in the canonical order."""
    core = import_module("pymatgen.core")
    return core.Structure(
        core.Lattice(form.lattice),
        form.numbers.tolist(),
        form.positions,
        coords_are_cartesian=True,
    )


def check_neighbours(form: Canonical, radius: float) -> Failure | None:
    """Say whether an atom has no neighbour as far as a model looks."""
    centre, *_ = pymatgen_structure(form).get_neighbor_list(radius)
    return isolated(radius) if len(np.unique(centre)) < len(form.numbers) else None


def isolated(radius: float) -> Failure:
    """Say that an atom has no neighbour."""
    return Failure("isolated_atom", f"An atom has no neighbour within {radius:g} Å")
