"""Quantum-chemistry results of GFN2-xTB (energies in eV, Debye, eV/Å).

Real molecules decide two things that a card from a book gets wrong. A
symmetric molecule has a dipole of column 0 and a relaxed or single atom has
no force, so both ranges include 0; a degenerate open shell has a gap of 0, so
that one does as well. And an atom or molecule whose minimal basis is full has
no virtual orbital, hence no LUMO and no gap: where the table says so in
``has_lumo`` nothing is required of them.
"""

from __future__ import annotations

from qforge_jupyter.engine.scorecard import OutlierRule, Scorecard
from qforge_jupyter.frames import Table


def build(table: Table) -> Scorecard:
    """Make the card; key fields are those of the usual ones that exist."""
    knows_lumo = "has_lumo" in table.schema
    condition = " when has_lumo" if knows_lumo else ""
    keys = [name for name in ("inchikey", "smiles", "name", "method") if name in table.schema]
    return Scorecard(
        required=(
            "energy",
            f"gap{condition}",
            "homo",
            f"lumo{condition}",
            "dipole_moment",
            "forces",
        ),
        optional=("charges",),
        units={
            "energy": "eV",
            "gap": "eV",
            "homo": "eV",
            "lumo": "eV",
            "dipole_moment": "debye",
            "forces": "eV/angstrom",
        },
        ranges={
            "energy": "..< 0 eV",
            "gap": "0 ..< 50 eV",
            "homo": "-50 <..< 0 eV",
            "lumo": "-20 <..< 20 eV",
            "dipole_moment": "0 ..< 20 debye",
            "forces": "0 ..< 100 eV/angstrom",
        },
        rules={
            "orbitals in order": "homo <= lumo",
            "gap agrees": "gap == lumo - homo within 0.01 eV",
        },
        unique_by=tuple(keys),
        outliers=OutlierRule(method="mad", columns=("gap", "homo", "lumo"), threshold=6.0),
    )
