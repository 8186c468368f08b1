"""The one door for molecules: whatever names them becomes a list of `Molecule`.

What cannot be read stays in the list with its failure, so that the rows of a
report match the rows that came in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from qforge_jupyter.engine.chemistry.geometries import (
    g2_names,
    molecule_of_atoms,
    molecules_of_g2,
    molecules_of_xyz,
)
from qforge_jupyter.engine.chemistry.molecule import Molecule, lowest_spin
from qforge_jupyter.engine.chemistry.smiles import is_placed, molecule_of_rdkit, parse
from qforge_jupyter.engine.chemistry.unbuilt import Unbuilt, unbuilt_rdkit
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.calculation import Failure

SMILES_COLUMNS = ("smiles", "SMILES", "Smiles", "canonical_smiles")
NAME_COLUMNS = ("name", "Name", "id", "ID", "title")
_XYZ = re.compile(r"\s*\d+[ \t]*\r?\n")


def read_molecules(source: Any, *, column: str | None = None, seed: int = 0) -> list[Molecule]:
    """Make molecules, with their geometries, of what a user has.

    Parameters
    ----------
    source
        A SMILES or a list of them; ASE ``Atoms``, RDKit molecules or a list
        of either; XYZ text; ``"g2"`` or ``"g2:H2O"`` for ASE's collection; a
        table or frame with a column of SMILES, of ``Atoms``, or with
        ``numbers`` and ``positions`` (Å). A table may hold ``name``,
        ``charge`` and ``n_unpaired`` too.
    column
        The column with SMILES or atoms; found by its name when None.
    seed
        Seed with which SMILES are embedded.

    Raises
    ------
    CallError
        The source is nothing that names molecules; a text, or the first of a
        list, is neither SMILES nor a name in g2. In a column it fails its row.

    Examples
    --------
    >>> [(m.name, m.formula) for m in read_molecules(["CCO", "c1ccccc1"])]
    [('CCO', 'C2H6O'), ('c1ccccc1', 'C6H6')]

    """
    found = read_unbuilt(source, column=column, seed=seed)
    return [each.build() if isinstance(each, Unbuilt) else each for each in found]


def read_unbuilt(
    source: Any, *, column: str | None = None, seed: int = 0
) -> list[Molecule | Unbuilt]:
    """Do the same, but embed nothing: that is left to whoever can stop it.

    Parameters and errors are those of `read_molecules`.
    """
    if isinstance(source, Table):
        return _of_frame(source.frame, column, seed)
    if isinstance(source, pl.LazyFrame):
        return _of_frame(source.collect(), column, seed)
    if isinstance(source, pl.DataFrame):
        return _of_frame(source, column, seed)
    if isinstance(source, str):
        return _named(source, seed)
    if isinstance(source, pl.Series):
        source = source.to_list()
    elif isinstance(source, list | tuple) and source and isinstance(source[0], str):
        _check_named(source[0])
    if isinstance(source, Sequence) and not _is_atoms(source):
        return [_of_one(each, seed) for each in source]
    return [_of_one(source, seed)]


def _named(text: str, seed: int) -> list[Molecule | Unbuilt]:
    """Read a text that somebody wrote, not a cell: a slip is told at once."""
    return [*molecules_of_g2(text.strip())] if _check_named(text) else _of_text(text, seed)


def _check_named(text: str) -> bool:
    """Say whether a text is a bare name in g2; it must be that, or something readable."""
    shown = text.strip()
    if _is_collection(text) or not isinstance(parse(shown), Failure):
        return False
    if shown in (names := g2_names()):
        return True
    near = nearest(shown, names) if len(shown) < 20 else ": check it"
    raise CallError(f"{shown[:60]!r} is neither a name in g2 nor SMILES{near}")


def _is_collection(text: str) -> bool:
    return bool(_XYZ.match(text)) or text == "g2" or text.startswith("g2:")


def _of_text(text: str, seed: int) -> list[Molecule | Unbuilt]:
    if _XYZ.match(text):
        return [*molecules_of_xyz(text)]
    if _is_collection(text):
        return [*molecules_of_g2(text[3:] or None)]
    return [Unbuilt(text.strip(), text, seed=seed)]


def _of_one(item: Any, seed: int) -> Molecule | Unbuilt:
    if isinstance(item, Molecule):
        return item
    if item is None:
        return Unbuilt(seed=seed)
    if isinstance(item, str):
        found = _of_text(item, seed)
        if len(found) != 1:
            raise CallError("A list entry names several molecules: give them one by one")
        return found[0]
    if _is_atoms(item):
        return molecule_of_atoms(item)
    if _is_rdkit(item):
        return molecule_of_rdkit(item) if is_placed(item) else unbuilt_rdkit(item, seed)
    raise CallError(
        f"A {type(item).__name__} is no molecule: give SMILES, ASE atoms, RDKit molecules, "
        "XYZ text or 'g2'"
    )


def _is_atoms(item: Any) -> bool:
    return all(hasattr(item, name) for name in ("numbers", "positions", "get_initial_charges"))


def _is_rdkit(item: Any) -> bool:
    return hasattr(item, "GetNumConformers") and hasattr(item, "GetAtoms")


def _of_frame(frame: pl.DataFrame, column: str | None, seed: int) -> list[Molecule | Unbuilt]:
    if column is not None and column not in frame.columns:
        raise CallError(f"No column named {column!r}{nearest(column, frame.columns)}")
    if column is None and {"numbers", "positions"} <= set(frame.columns):
        return [_of_arrays(row, position) for position, row in enumerate(_rows(frame))]
    column = column or _first(SMILES_COLUMNS, frame) or _object_column(frame)
    if column is None:
        raise CallError(
            "The table has no column named 'smiles' and no 'numbers' and 'positions': "
            f"name the column with the molecules{nearest('smiles', frame.columns)}"
        )
    named = _rows(frame.select(pl.exclude(pl.Object)))
    cells = frame[column].to_list()
    return [
        _of_cell(cell, row, position, seed)
        for position, (cell, row) in enumerate(zip(cells, named, strict=True))
    ]


def _of_cell(cell: Any, row: dict[str, Any], position: int, seed: int) -> Molecule | Unbuilt:
    n_unpaired = _whole(row.get("n_unpaired"))
    if cell is None or isinstance(cell, str):
        name = _name(row, cell or f"row {position}")
        return Unbuilt(name, cell, seed=seed, n_unpaired=n_unpaired)
    molecule = _of_one(cell, seed)
    told = {"charge": _whole(row.get("charge")), "n_unpaired": n_unpaired}
    said: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    return replace(molecule, name=_name(row, molecule.name), **said)


def _of_arrays(row: dict[str, Any], position: int) -> Molecule:
    """Build from the columns ``numbers`` and ``positions``, nested or flat."""
    name = _name(row, f"row {position}")
    numbers, places = row["numbers"], row["positions"]
    charge = _whole(row.get("charge")) or 0
    smiles, inchikey = row.get("smiles"), row.get("inchikey")
    bare = Molecule(name, smiles=smiles, inchikey=inchikey, charge=charge, source="the table")
    if not numbers or not places or None in numbers or None in places:
        failure = Failure("invalid_geometry", "The row has no numbers or no positions")
        return replace(bare, failure=failure)
    if not isinstance(places[0], list):
        places = [places[i : i + 3] for i in range(0, len(places), 3)]
    if len(places) != len(numbers) or any(len(p) != 3 or None in p for p in places):
        failure = Failure("invalid_geometry", "There is not one position for each atom")
        return replace(bare, failure=failure)
    whole_numbers = tuple(map(int, numbers))
    n_unpaired = _whole(row.get("n_unpaired"))
    if n_unpaired is None:
        n_unpaired = lowest_spin(whole_numbers, charge)
    return replace(
        bare,
        numbers=whole_numbers,
        positions=tuple((float(x), float(y), float(z)) for x, y, z in places),
        n_unpaired=n_unpaired,
    )


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Give the cells that describe a molecule, row by row."""
    wanted = ("smiles", "inchikey", "numbers", "positions", "charge", "n_unpaired", *NAME_COLUMNS)
    kept = [name for name in wanted if name in frame.columns]
    if not kept:
        return [{} for _ in range(frame.height)]
    return [
        {k: list(v) if hasattr(v, "tolist") else v for k, v in row.items()}
        for row in frame[kept].to_dicts()
    ]


def _name(row: dict[str, Any], otherwise: str) -> str:
    for column in NAME_COLUMNS:
        if row.get(column) is not None:
            return str(row[column])
    return otherwise


def _first(names: Sequence[str], frame: pl.DataFrame) -> str | None:
    return next((name for name in names if name in frame.columns), None)


def _object_column(frame: pl.DataFrame) -> str | None:
    found = [name for name, dtype in frame.schema.items() if dtype == pl.Object]
    return found[0] if len(found) == 1 else None


def _whole(value: Any) -> int | None:
    return None if value is None else round(float(value))
