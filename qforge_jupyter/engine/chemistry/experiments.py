"""Experimental values of the g2 molecules, as they ship with ASE.

Sources, as `ase.data.g2` names them: enthalpies of formation of molecules at
298 K, zero-point energies and thermal corrections, V. N. Staroverov et al.,
J. Chem. Phys. 119, 12129 (2003); enthalpies of formation of atoms at 0 K and
thermal corrections of the elements in their standard states, L. A. Curtiss et
al., J. Chem. Phys. 106, 1063 (1997); ionisation energies, NIST CCCBDB.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import polars as pl

from qforge_jupyter.engine.chemistry.molecule import require_ase

MOLECULES = "Staroverov et al., J. Chem. Phys. 119, 12129 (2003)"
ATOMS = "Curtiss et al., J. Chem. Phys. 106, 1063 (1997)"
FREQUENCIES = f"{MOLECULES}; B3LYP frequencies, not measured"
IONISATION = "NIST CCCBDB"
DERIVED = f"derived from {MOLECULES} and {ATOMS}, with B3LYP zero-point energies"


def g2_experiments() -> pl.DataFrame:
    """List every reference value of the 162 g2 atoms and molecules.

    Returns
    -------
    polars.DataFrame
        Columns name, formula, quantity, value, unit, source. Quantities:
        ``enthalpy_of_formation_298K`` (molecules), ``enthalpy_of_formation_0K``
        (atoms), ``zero_point_energy``, ``thermal_correction`` (molecules),
        ``element_thermal_correction`` (atoms: of the element in its standard
        state), ``ionization_energy`` and ``vertical_ionization_energy``, and
        the derived ``atomization_energy``.

    Examples
    --------
    >>> water = g2_experiments().filter(pl.col("name") == "H2O")
    >>> water.filter(pl.col("quantity") == "enthalpy_of_formation_298K")["value"].item()
    -57.8

    """
    require_ase("data")
    data = import_module("ase.data.g2").data
    rows = [row for name in sorted(data) for row in _rows(name, data[name])]
    schema = ("name", "formula", "quantity", "value", "unit", "source")
    return pl.DataFrame(rows, schema=list(schema), orient="row")


def g2_reference() -> pl.DataFrame:
    """Give the two energies that a calculation can be compared with, in eV.

    Returns
    -------
    polars.DataFrame
        ``name``; ``atomization_energy``: the electronic one (Dₑ: zero-point
        and thermal parts removed) of 148 molecules;
        ``ionization_energy``: the vertical one where it is known, else the
        adiabatic one.

    Notes
    -----
    Dₑ = Σ ΔfH°(atom, 0 K) - Σ [H(298) - H(0)](element)
    - ΔfH°(molecule, 298 K) + [H(298) - H(0)](molecule) + ZPE.

    Examples
    --------
    >>> reference = g2_reference()
    >>> reference.filter(pl.col("name") == "H2O")["atomization_energy"].round(2).item()
    10.09

    """
    wide = g2_experiments().pivot("quantity", index="name", values="value")
    units = require_ase("units")
    vertical = pl.coalesce("vertical_ionization_energy", "ionization_energy")
    return wide.select(
        "name",
        pl.col("atomization_energy") * units.kcal / units.mol,
        vertical.alias("ionization_energy"),
    )


def with_atomization_energies(calculated: pl.DataFrame) -> pl.DataFrame:
    """Add ``atomization_energy`` (eV) from the free atoms in the same table.

    It is the sum of the energies of the neutral free atoms less that of the
    molecule, without zero-point energy; null where one of the atoms was not
    calculated with the same method. Charged molecules have none.

    Notes
    -----
    GFN2-xTB was fitted to geometries and noncovalent energies, not to
    atomisation energies, and its restricted free atoms lie far too high: over
    g2 it overbinds by 6.5 eV on average. Use ``is_spin_polarized=True``
    (mean absolute error 1.5 eV). The mean errors are checked in the tests.
    """
    free = calculated.filter(pl.col("n_atoms") == 1, pl.col("charge") == 0)
    atoms = {
        (method, numbers[0]): energy
        for method, numbers, energy in free.select("method", "numbers", "energy").iter_rows()
    }
    rows = calculated.select("method", "numbers", "energy", "charge").iter_rows()
    values = [_atomization(atoms, *row) for row in rows]
    return calculated.with_columns(pl.Series("atomization_energy", values, dtype=pl.Float64))


def _atomization(
    atoms: dict[tuple[str, int], float | None],
    method: str,
    numbers: list[int] | None,
    energy: float | None,
    charge: int,
) -> float | None:
    if energy is None or not numbers or len(numbers) < 2 or charge:
        return None
    parts = [atoms.get((method, number)) for number in numbers]
    known = [part for part in parts if part is not None]
    return sum(known) - energy if len(known) == len(parts) else None


def _rows(name: str, entry: dict[str, Any]) -> list[tuple[str, str, str, float, str, str]]:
    is_atom = "ZPE" not in entry
    formation = "enthalpy_of_formation_0K" if is_atom else "enthalpy_of_formation_298K"
    thermal = "element_thermal_correction" if is_atom else "thermal_correction"
    origin, of_frequencies = (ATOMS, ATOMS) if is_atom else (MOLECULES, FREQUENCIES)
    found = [
        (formation, entry["enthalpy"], "kcal/mol", origin),
        (thermal, entry["thermal correction"], "kcal/mol", of_frequencies),
        ("zero_point_energy", entry.get("ZPE"), "kcal/mol", FREQUENCIES),
        ("ionization_energy", entry.get("ionization energy"), "eV", IONISATION),
        ("vertical_ionization_energy", entry.get("vertical ionization energy"), "eV", IONISATION),
    ]
    if not is_atom:
        found.append(("atomization_energy", _derived(entry), "kcal/mol", DERIVED))
    formula = require_ase("formula").Formula(entry["symbols"]).format("hill")
    return [
        (name, formula, quantity, float(value), unit, source)
        for quantity, value, unit, source in found
        if value is not None
    ]


def _derived(entry: dict[str, Any]) -> float:
    """Derive the electronic atomisation energy in kcal/mol; see `g2_reference`.

    ASE has a function for it that knows the 55 molecules of G2-1 alone.
    """
    data = import_module("ase.data.g2").data
    atoms = [data[symbol] for symbol in require_ase("symbols").string2symbols(entry["symbols"])]
    of_atoms = sum(atom["enthalpy"] - atom["thermal correction"] for atom in atoms)
    return float(of_atoms - entry["enthalpy"] + entry["thermal correction"] + entry["ZPE"])
