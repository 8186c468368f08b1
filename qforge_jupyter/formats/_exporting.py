"""Tables written to a folder in several formats at once, with a manifest of all of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.errors import CallError, DataError, FormatError, nearest
from qforge_jupyter.formats import huggingface, manifest
from qforge_jupyter.formats._description import ABOUT
from qforge_jupyter.formats._tfrecord_columns import features_of
from qforge_jupyter.formats._types import type_to_json
from qforge_jupyter.formats._writing import replacing
from qforge_jupyter.frames.table import BATCH_ROWS, Table
from qforge_jupyter.registry import Family
from qforge_jupyter.results.export import ExportedFile
from qforge_jupyter.results.progress import Progress, silent

#: Formats by the name that they are asked for; each is written batch by batch.
EXPORTS = ("arrow", "csv", "huggingface", "jsonl", "parquet", "tfrecord")
ALIASES = {"hf": "huggingface", "feather": "arrow", "ndjson": "jsonl", "tfrecords": "tfrecord"}
_FORMATS = Family("format", "qforge_jupyter.formats")
#: Counted up when a reader of the old form would read the new one wrongly.
_FORM_VERSIONS = dict.fromkeys((*EXPORTS, "manifest"), 1)


@dataclass(frozen=True)
class Exported:
    """What was written: the schema of every part, and the files.

    Parameters
    ----------
    parts
        Name, count of rows and fingerprint of each.

    """

    schema: pl.Schema
    parts: tuple[tuple[str, int, str], ...]
    files: tuple[ExportedFile, ...]
    manifest: str = ""


#: Writes texts beside the data files: given what was written, texts by file name.
Beside = Callable[[Exported], Mapping[str, str]]


def export_formats(wanted: Sequence[str]) -> tuple[str, ...]:
    """Read the names of formats.

    Raises
    ------
    CallError
        One is none that is exported.

    Examples
    --------
    >>> export_formats(["hf", "csv"])
    ('huggingface', 'csv')

    """
    names = [ALIASES.get(name.lower(), name.lower()) for name in wanted]
    for name, given in zip(names, wanted, strict=True):
        if name not in EXPORTS:
            raise CallError(f"No export to {given!r}{nearest(given, (*EXPORTS, 'hf'))}")
    if not names:
        raise CallError(f"An export needs a format{nearest('', EXPORTS)}")
    return tuple(dict.fromkeys(names))


def export(  # noqa: PLR0913 - one keyword a choice
    parts: Mapping[str, Table],
    target: Path,
    *,
    name: str,
    formats: Sequence[str],
    beside: Beside | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Exported:
    """Write parts to a folder, whole or not at all.

    Parameters
    ----------
    parts
        Tables with the same columns, by name; one table alone is ``data``.
    target
        The folder.
    name
        What the dataset is called.
    formats
        As `export_formats` gives them.
    beside
        Writes a card and descriptions.
    overwrite
        Whether an earlier export may be replaced.
    progress
        Told the rows that are written.

    Raises
    ------
    CallError
        Something stands there already, or parts differ in columns.
    ResourceError
        The disk is full or may not be written to; what stood there stands.

    """
    schema = _schema_of(parts)
    steps = _Steps(parts, len(formats), progress)
    with replacing(
        target, lambda folder: _require_replaceable(folder, overwrite=overwrite)
    ) as place:
        files = []
        for kind in formats:
            files += _write(kind, parts, schema, place, steps)
        told = tuple((part, steps.rows[part], table.fingerprint) for part, table in parts.items())
        done = Exported(schema, told, tuple(_weighed(place, file) for file in files))
        if beside is not None:
            for file, text in beside(done).items():
                (place / file).parent.mkdir(exist_ok=True)
                (place / file).write_text(text, encoding="utf-8")
        done = replace(done, files=done.files + _others(place, done.files))
        record = manifest.canonical(_manifest(name, done, formats)).encode()
        (place / "manifest.json").write_bytes(record)
    return replace(done, manifest=hashlib.sha256(record).hexdigest())


class _Steps:
    """Gives the batches of parts, counts rows and says how far the work is."""

    def __init__(self, parts: Mapping[str, Table], n_formats: int, progress: Progress) -> None:
        self.rows: dict[str, int] = {}
        self._done = 0
        self._total = sum(table.n_rows for table in parts.values()) * n_formats
        self._progress = progress

    def batches(self, part: str, table: Table, kind: str) -> Iterator[pl.DataFrame]:
        n_rows = 0
        for batch in table.batches(size=BATCH_ROWS):
            yield batch
            n_rows += batch.height
            self._done += batch.height
            self._progress(self._done, self._total, f"rows written as {kind}")
        if self.rows.setdefault(part, n_rows) != n_rows:
            raise DataError(
                f"The rows of {table.name} changed while they were exported: "
                "load them first, so that they are read once"
            )


def _schema_of(parts: Mapping[str, Table]) -> pl.Schema:
    if not parts:
        raise CallError("There is nothing to export: the split has no parts")
    first, schema = next((part, table.schema) for part, table in parts.items())
    for part, table in parts.items():
        if table.schema != schema:
            raise CallError(
                f"The parts {first!r} and {part!r} differ in columns: give them the same ones"
            )
    if not schema:
        raise CallError("A table without columns cannot be exported")
    for column, dtype in schema.items():
        type_to_json(dtype)
        if "\0" in column:
            raise FormatError("A column's name holds a NUL, which files cannot hold: rename it")
    return schema


def file_names(parts: Sequence[str]) -> dict[str, str]:
    """Give each part a name that every file system takes.

    Examples
    --------
    >>> file_names(["train", "fold 1", "fold/1"])
    {'train': 'train', 'fold 1': 'fold_1', 'fold/1': 'fold_1_2'}

    """
    names: dict[str, str] = {}
    for part in parts:
        rough = re.sub(r"[^\w.-]", "_", part).strip(".")[:100] or "part"
        name, n = rough, 1
        while name.lower() in {each.lower() for each in names.values()} | {"manifest", "croissant"}:
            n += 1
            name = f"{rough}_{n}"
        names[part] = name
    return names


def _write(
    kind: str, parts: Mapping[str, Table], schema: pl.Schema, place: Path, steps: _Steps
) -> list[ExportedFile]:
    if kind == "huggingface":
        return _write_huggingface(parts, schema, place, steps)
    module = _FORMATS.get(kind)
    names = file_names(list(parts))
    files = []
    for part, table in parts.items():
        path = place / f"{names[part]}{module.SUFFIXES[0]}"
        module.write_batches(steps.batches(part, table, module.TITLE), schema, path)
        files.append(ExportedFile(path.name, kind, part, steps.rows[part], 0, ""))
    return files


def _write_huggingface(
    parts: Mapping[str, Table], schema: pl.Schema, place: Path, steps: _Steps
) -> list[ExportedFile]:
    splits = huggingface.split_names(parts)
    part_of = {split: part for part, split in splits.items()}
    folder = place / "hf"
    folder.mkdir()

    def batches(part: str) -> Callable[[], Iterator[pl.DataFrame]]:
        return lambda: steps.batches(part, parts[part], huggingface.TITLE)

    written = huggingface.write_folder(
        {split: batches(part) for split, part in part_of.items()},
        schema,
        folder,
        {split: parts[part].fingerprint for split, part in part_of.items()},
    )
    return [
        ExportedFile(
            path.relative_to(place).as_posix(), "huggingface", part_of[split],
            steps.rows[part_of[split]], 0, "",
        )
        for split, path in written
    ]  # fmt: skip


def _weighed(place: Path, file: ExportedFile) -> ExportedFile:
    path = place / file.path
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return replace(file, n_bytes=path.stat().st_size, sha256=digest)


def _others(place: Path, known: Sequence[ExportedFile]) -> tuple[ExportedFile, ...]:
    """Weigh the files that hold no rows."""
    names = {file.path for file in known}
    found = sorted(
        path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()
    )
    return tuple(
        _weighed(
            place,
            ExportedFile(
                name, "card" if name.endswith(".md") else "description", None, None, 0, ""
            ),
        )
        for name in found
        if name not in names
    )


def _manifest(name: str, done: Exported, formats: Sequence[str]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "about": ABOUT,
        "name": name,
        "schema": [[column, type_to_json(dtype)] for column, dtype in done.schema.items()],
        "parts": [{"name": part, "n_rows": n, "fingerprint": mark} for part, n, mark in done.parts],
        "files": [vars(file) for file in done.files],
        "versions": {kind: _FORM_VERSIONS[kind] for kind in ("manifest", *formats)},
    }
    if "tfrecord" in formats:
        held = features_of(done.schema)
        content["tfrecord"] = {each.column: each.mapping() for each in held}
    return content


def _require_replaceable(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder with something in it, unless it is an export that may go."""
    inside = {
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_symlink() or not p.is_dir()
    }
    if not inside:
        return
    path = folder / "manifest.json"
    is_export = path.is_file() and manifest.recognises(path.read_bytes()[:256])
    if not is_export:
        raise CallError(
            f"{folder.name!r} holds files that no export wrote: give a folder of its own"
        )
    if not overwrite:
        raise CallError(
            f"{folder.name!r} holds an export already: give --overwrite to replace it, "
            "or another folder"
        )
    strange = inside - manifest.paths(path) - {"manifest.json"}
    if strange:
        raise CallError(
            f"{folder.name!r} holds {min(strange)!r}, which no export wrote and which "
            "would be lost: move it, or give another folder"
        )
