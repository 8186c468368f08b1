"""The one door for structures: whatever holds them becomes a list of `Structure`.

What cannot be read stays in the list with its failure, so that the rows of a
report match the rows that came in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from qforge_jupyter.engine.chemistry.molecules import read_molecules
from qforge_jupyter.engine.structures.objects import (
    is_ase,
    is_pymatgen,
    structure_of_atoms,
    structure_of_pymatgen,
)
from qforge_jupyter.engine.structures.structure import Structure, structure_of_molecule
from qforge_jupyter.engine.structures.texts import structures_of_text
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.calculation import Failure

COLUMNS = ("structure", "cif", "CIF", "poscar", "POSCAR", "xyz", "XYZ", "path", "file", "smiles")
NAMES = ("structure_id", "material_id", "id", "ID", "name", "Name", "formula")
SUFFIXES = (".cif", ".vasp", ".poscar", ".xyz", ".extxyz")
#: Reads the file of a path; raises `OSError` or `UnicodeDecodeError`.
Read = Callable[[str], str]


def no_files(path: str) -> str:  # noqa: ARG001 — the shape of every reader
    """Read nothing: the engine touches no disk by itself."""
    raise FileNotFoundError


def is_path(text: str) -> bool:
    """Say whether a text names a file of structures by its ending.

    Examples
    --------
    >>> is_path("data/NaCl.cif"), is_path("run/POSCAR"), is_path("CCO")
    (True, True, False)

    """
    last = text.strip().replace("\\", "/").rsplit("/", 1)[-1]
    is_vasp = last.split("-")[0].split("_")[0] in ("POSCAR", "CONTCAR")
    return "\n" not in text and (last.lower().endswith(SUFFIXES) or is_vasp)


def read_structures(
    source: Any, *, column: str | None = None, seed: int = 0, read: Read = no_files
) -> list[Structure]:
    """Make structures of what a user has.

    Parameters
    ----------
    source
        A structure or a molecule of pymatgen, ASE ``Atoms``, CIF, POSCAR or
        XYZ text, the path of such a file, SMILES; a list of these; or a frame
        with a column of them, and perhaps one with their names.
    column
        The column with the structures; found by its name when None.
    seed
        Seed with which SMILES are embedded.
    read
        Reads a file.

    Raises
    ------
    CallError
        The source is nothing that holds structures. In a list or a column
        that fails its row.

    Examples
    --------
    >>> from ase.build import bulk
    >>> [each.formula for each in read_structures([bulk("Cu"), bulk("NaCl", "rocksalt", 5.6)])]
    ['Cu', 'ClNa']

    """
    if isinstance(source, pl.DataFrame):
        return _of_frame(source, column, seed, read)
    if isinstance(source, pl.Series):
        source = source.to_list()
    if isinstance(source, str):
        return _of_text(source, _named(source, "structure"), seed, read)
    if is_ase(source) or is_pymatgen(source):
        return [_of_one(source, "structure", seed, read)]
    if isinstance(source, Sequence):
        cells = enumerate(source)
        return [_of_one(cell, _default_name(cell, at), seed, read) for at, cell in cells]
    raise CallError(
        f"A {type(source).__name__} holds no structures: give pymatgen or ASE objects, CIF, POSCAR "
        "or XYZ text, paths, SMILES, or a table with a column of them"
    )


def _default_name(cell: Any, place: int) -> str | None:
    return _named(cell, f"structure {place}") if isinstance(cell, str) or cell is None else None


def _named(text: str | None, otherwise: str) -> str:
    """Name a structure after its file or its SMILES, where it has one."""
    if text and is_path(text):
        return text.strip().replace("\\", "/").rsplit("/", 1)[-1]
    return text.strip() if text and "\n" not in text.strip() else otherwise


def _of_frame(frame: pl.DataFrame, column: str | None, seed: int, read: Read) -> list[Structure]:
    if column is not None and column not in frame.columns:
        raise CallError(f"No column named {column!r}{nearest(column, frame.columns)}")
    column = column or next((each for each in COLUMNS if each in frame.columns), None)
    if column is None:
        found = [name for name, dtype in frame.schema.items() if dtype == pl.Object]
        column = found[0] if len(found) == 1 else None
    if column is None:
        raise CallError(
            f"The table has no column of structures: name it with --column{_there_are(frame)}"
        )
    named = next((each for each in NAMES if each in frame.columns and each != column), None)
    names = frame[named].to_list() if named else [None] * frame.height
    cells = frame[column].to_list()
    return [
        _of_one(cell, str(name) if name is not None else _default_name(cell, at), seed, read)
        for at, (cell, name) in enumerate(zip(cells, names, strict=True))
    ]


def _there_are(frame: pl.DataFrame) -> str:
    return nearest("structure", frame.columns)


def _of_one(  # noqa: PLR0911 — one kind of cell a return
    cell: Any, name: str | None, seed: int, read: Read
) -> Structure:
    if isinstance(cell, Structure):
        return cell
    if cell is None:
        return Structure(name or "structure", failure=Failure("parse", "There is no structure"))
    if is_ase(cell):
        return structure_of_atoms(cell, name=name)
    if is_pymatgen(cell):
        return structure_of_pymatgen(cell, name=name)
    if not isinstance(cell, str):
        kind = f"A {type(cell).__name__} is no structure"
        return Structure(name or "structure", failure=Failure("parse", kind))
    found = _of_text(cell, name or "structure", seed, read)
    if len(found) == 1:
        return found[0]
    several = f"The text holds {len(found)} structures, wanted one a row"
    return Structure(name or "structure", failure=Failure("parse", several))


def _of_text(text: str, name: str, seed: int, read: Read) -> list[Structure]:
    if is_path(text):
        try:
            text = read(text.strip())
        except (OSError, UnicodeDecodeError) as problem:
            why = "is not there" if isinstance(problem, FileNotFoundError) else "cannot be read"
            return [Structure(name, failure=Failure("parse", f"The file {why}"))]
        return structures_of_text(text, name)
    if "\n" in text.strip():
        return structures_of_text(text, name)
    molecules = read_molecules(pl.DataFrame({"smiles": [text.strip()]}), seed=seed)
    return [replace(structure_of_molecule(each), name=name) for each in molecules]
