"""Quantum-chemistry results of GFN2-xTB (energies in eV, Debye, eV/Å).

Real molecules decide what a card from a book gets wrong. A symmetric molecule
has a dipole of exactly 0, and a single atom has no force, so these ranges
include 0. An atom whose minimal basis is full (H, N, O, F) has no virtual
orbital, hence no LUMO and no gap: where the table counts them in
``n_virtual_orbitals``, nothing is required of such a row. A degenerate open
shell has a gap of 0 up to rounding (2e-12 eV in NO); it is flagged, since one
determinant does not describe it, and 1 meV tells it from a real gap.
"""

from __future__ import annotations

from qforge_jupyter.engine.scorecard import OutlierRule, Scorecard
from qforge_jupyter.frames import Table


def build(table: Table) -> Scorecard:
    """Make the card; key fields are those of the usual ones that exist."""
    counts_orbitals = "n_virtual_orbitals" in table.schema
    condition = " when n_virtual_orbitals > 0" if counts_orbitals else ""
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
            "orbitals in order": "lumo - homo > 0.001",
            "gap agrees": "gap == lumo - homo within 0.01 eV",
        },
        unique_by=tuple(keys),
        outliers=OutlierRule(method="mad", columns=("gap", "homo", "lumo"), threshold=6.0),
    )
