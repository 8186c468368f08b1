"""Molecules whose geometry is known: ASE atoms, XYZ text, the g2 collection."""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from typing import Any

from qforge_jupyter.engine.chemistry.molecule import Molecule, lowest_spin, require_ase
from qforge_jupyter.errors import CallError, FormatError, nearest
from qforge_jupyter.results.calculation import Failure

G2_SOURCE = "MP2(full)/6-31G(d) geometry of G2/97"


def molecule_of_atoms(
    atoms: Any, *, name: str | None = None, source: str = "ASE atoms"
) -> Molecule:
    """Build a molecule from ASE's ``Atoms``.

    The charge is ``info["charge"]`` or the sum of the initial charges; the
    unpaired electrons are ``info["multiplicity"]`` less one or the sum of the
    initial magnetic moments, and the lowest spin where neither is given.

    Examples
    --------
    >>> from ase import Atoms
    >>> molecule_of_atoms(Atoms("OH", [[0, 0, 0], [0, 0, 0.97]])).n_unpaired
    1

    """
    numbers = tuple(map(int, atoms.numbers))
    charge = round(float(atoms.info.get("charge", atoms.get_initial_charges().sum())))
    n_unpaired = round(abs(float(atoms.get_initial_magnetic_moments().sum())))
    if "multiplicity" in atoms.info:
        n_unpaired = int(atoms.info["multiplicity"]) - 1
    is_periodic = bool(atoms.pbc.any())
    return Molecule(
        name or atoms.info.get("name") or atoms.get_chemical_formula(),
        numbers=numbers,
        positions=tuple((float(x), float(y), float(z)) for x, y, z in atoms.positions),
        charge=charge,
        n_unpaired=n_unpaired or lowest_spin(numbers, charge),
        source=source,
        failure=Failure("invalid_geometry", "A periodic cell is no molecule")
        if is_periodic
        else None,
    )


def g2_names() -> list[str]:
    """Name the atoms and molecules of the g2 collection; none where ASE is not installed.

    Examples
    --------
    >>> "CH3CH2OH" in g2_names()
    True

    """
    try:
        return list(import_module("ase.collections").g2.names)
    except ModuleNotFoundError:
        return []


def molecules_of_g2(name: str | None = None) -> list[Molecule]:
    """Give the 162 atoms and molecules of ASE's g2 collection, or the named one.

    Examples
    --------
    >>> len(molecules_of_g2())
    162
    >>> molecules_of_g2("O2")[0].n_unpaired
    2

    """
    require_ase("data")
    collection = import_module("ase.collections").g2
    if name is not None and name not in collection.names:
        raise CallError(f"No g2 molecule named {name!r}{nearest(name, collection.names)}")
    names = collection.names if name is None else [name]
    return [molecule_of_atoms(collection[each], name=each, source=G2_SOURCE) for each in names]


def molecules_of_xyz(text: str) -> list[Molecule]:
    r"""Read one or more frames of XYZ text; the first word of a comment names one.

    Examples
    --------
    >>> text = "2\nhydroxide charge=-1\nO 0 0 0\nH 0 0 0.97"
    >>> [(m.name, m.charge) for m in molecules_of_xyz(text)]
    [('hydroxide', -1)]

    """
    read = require_ase("io").read
    try:
        frames = read(StringIO(text), index=":", format="extxyz")
    except Exception as error:
        raise FormatError(
            "The XYZ text cannot be read: each frame wants the number of atoms, a comment, "
            "and one line 'symbol x y z' for each atom"
        ) from error
    return [molecule_of_atoms(frame, name=_xyz_name(frame), source="XYZ") for frame in frames]


def _xyz_name(frame: Any) -> str | None:
    if "name" in frame.info:
        return str(frame.info["name"])
    words = [key for key, value in frame.info.items() if value is True]
    return words[0] if words else None
