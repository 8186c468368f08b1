"""Structures that a call names: objects, texts, files, tables, stored datasets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.models import Model
from qforge_jupyter.engine.structures.canonical import canonical
from qforge_jupyter.engine.structures.objects import is_ase, is_pymatgen
from qforge_jupyter.engine.structures.reading import is_path, read_structures
from qforge_jupyter.engine.structures.structure import Structure, check_structure
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.convert import is_tabular, to_table
from qforge_jupyter.verbs._stored import Stored

#: Files that a pattern may name at most.
MOST_FILES = 100_000


@dataclass(frozen=True)
class Truth:
    """Structures with the true values of some properties."""

    structures: list[Structure]
    values: dict[str, pl.Series]
    fingerprint: str


@dataclass(frozen=True)
class Asked:
    """Structures that a call names, and the content that they come from."""

    structures: list[Structure]
    fingerprint: str
    name: str


def structures_in(context: Context, subject: object, column: str | None) -> list[Structure]:
    """Read structures of whatever a call names; a dataset's name goes before a file's."""
    return asked_in(context, subject, column).structures


def asked_in(context: Context, subject: object, column: str | None) -> Asked:
    """Read structures, and name their source by the fingerprint of the table that holds them.

    What is no table, or holds objects, is named by the structures themselves.
    """
    frame, table = _frame(context, subject)
    if frame is None and isinstance(subject, str):
        subject = _paths(subject)
    structures = read_structures(
        subject if frame is None else frame, column=column, seed=context.seed, read=_read
    )
    if table is None:
        return Asked(structures, content_of(structures), "structures")
    return Asked(
        structures, table.fingerprint, table.version.shown if table.version else table.name
    )


def content_of(structures: Sequence[Structure]) -> str:
    """Name structures, in any order, by what they are; those that cannot be read do not count."""
    hashes = sorted(canonical(each).hash for each in structures if check_structure(each) is None)
    return f"structures:{hashlib.sha256(json.dumps(hashes).encode()).hexdigest()[:40]}"


def truth_in(
    context: Context,
    source: object,
    model: Model,
    column: str | None,
    references: Mapping[str, str],
) -> Truth:
    """Read structures with their true values.

    Raises
    ------
    CallError
        It is no table, or holds no numbers for any property of the model.

    """
    frame, table = _frame(context, source)
    if frame is None:
        raise CallError(
            "Calibration needs a table of structures with true values: name a variable, "
            "a stored dataset or a part of a split"
        )
    names = [each.name for each in model.properties]
    for name, given in references.items():
        if name not in names:
            raise CallError(f"No property {name!r} of {model.name}{nearest(name, names)}")
        if given not in frame.columns:
            raise CallError(f"No column named {given!r}{nearest(given, frame.columns)}")
    columns = {name: references.get(name, name) for name in names}
    values = {
        name: frame[at]
        for name, at in columns.items()
        if at in frame.columns and frame[at].dtype.is_numeric()
    }
    if not values:
        raise CallError(
            f"The calibration table has no column of numbers called like a property of "
            f"{model.name}: say which is which with `references`{nearest('', names)}"
        )
    structures = read_structures(frame, column=column, seed=context.seed, read=_read)
    return Truth(structures, values, table.fingerprint if table else content_of(structures))


def _frame(context: Context, subject: object) -> tuple[pl.DataFrame | None, Table | None]:
    """Give the rows of a table or of what is stored under a name, and the table; None for others.

    A frame that holds objects is no table.
    """
    if isinstance(subject, str):
        subject = Stored(lambda: context).table(subject) if "\n" not in subject else None
    if isinstance(subject, Table):
        return subject.frame, subject
    if isinstance(subject, list | tuple) and not (subject and isinstance(subject[0], Mapping)):
        return None, None
    if type(subject).__module__.split(".")[0] == "pandas" and hasattr(subject, "columns"):
        subject = _of_pandas(subject)
    if isinstance(subject, pl.DataFrame) and pl.Object in subject.dtypes:
        return subject, None
    table = to_table(subject) if is_tabular(subject) else None
    return (table.frame, replace(table, name="structures")) if table else (None, None)


def _of_pandas(subject: Any) -> pl.DataFrame:
    """Keep structures in a frame of pandas the objects that they are."""
    held = [
        name
        for name in subject.columns
        if any(is_ase(each) or is_pymatgen(each) for each in subject[name])
    ]
    rest = subject.drop(columns=held)
    frame = to_table(rest).frame if len(rest.columns) else pl.DataFrame()
    objects = [pl.Series(str(name), list(subject[name]), dtype=pl.Object) for name in held]
    return pl.DataFrame([*frame.get_columns(), *objects])


def _paths(text: str) -> Any:
    """Give the files that a pattern or a folder names, or the text as it came."""
    if "\n" in text:
        return text
    pattern = Path(text)
    if any(sign in text for sign in "*?"):
        found = sorted(str(each) for each in Path(pattern.anchor or ".").glob(_relative(pattern)))
    elif pattern.is_dir():
        found = sorted(str(each) for each in pattern.iterdir() if is_path(each.name))
    else:
        return text
    if not found or len(found) > MOST_FILES:
        raise CallError(f"{text[:60]!r} names {len(found):,} files: wanted 1 to {MOST_FILES:,}")
    return found


def _relative(pattern: Path) -> str:
    return str(pattern.relative_to(pattern.anchor)) if pattern.anchor else str(pattern)


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
