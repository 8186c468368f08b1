"""Canonical structures as pymatgen holds them, for the models that are built on it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from qforge_jupyter.engine.structures.canonical import Canonical


def pymatgen_structure(form: Canonical) -> Any:
    """Make pymatgen's ``Structure`` of a crystal, its sites in the canonical order."""
    core = import_module("pymatgen.core")
    return core.Structure(
        core.Lattice(form.lattice),
        form.numbers.tolist(),
        form.positions,
        coords_are_cartesian=True,
    )
