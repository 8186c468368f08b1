"""Croissant: JSON-LD that describes the files beside it and what their columns mean."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats import csv, jsonl, parquet
from qforge_jupyter.formats._croissant_fields import CONTEXT, fields_of, ids_of
from qforge_jupyter.formats._description import chosen, described, inside
from qforge_jupyter.formats._reading import Reading, Source
from qforge_jupyter.results.export import ExportedFile

TITLE = "Croissant"
SUFFIXES = ()
IS_LAZY = True
IS_DESCRIPTION = True
_VERSION = "http://mlcommons.org/croissant/1.0"
_READERS: dict[str, Any] = {
    "application/x-parquet": parquet, "application/vnd.apache.parquet": parquet,
    "text/csv": csv, "application/jsonlines": jsonl,
}  # fmt: skip
#: Media types by format; the first three hold what records are read from, best first.
MEDIA_TYPES = {
    "parquet": "application/x-parquet",
    "jsonl": "application/jsonlines",
    "csv": "text/csv",
    "huggingface": "application/x-parquet",
    "arrow": "application/vnd.apache.arrow.file",
    "tfrecord": "application/octet-stream",
}
RECORDS_FROM = ("parquet", "huggingface", "jsonl", "csv")


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes begin JSON-LD in the terms of Croissant.

    Examples
    --------
    >>> recognises(b'{"@context": {"cr": "http://mlcommons.org/croissant/"}}')
    True
    >>> recognises(b'{"@context": 1}')
    False

    """
    start = head.lstrip()
    return start.startswith(b"{") and b'"@context"' in head and b"mlcommons.org/croissant" in head


def read(path: Path | Source, *, part: str | None = None) -> Reading:
    """Read the files that a description names, as they are.

    Parameters
    ----------
    path
        The description; the files lie beside it.
    part
        The record set that is wanted; all under each other when None.

    Raises
    ------
    FormatError
        It names files elsewhere, in formats that are not tables, or with
        different columns.

    """
    source = Source.of(path)
    folder, said = described(source, "Croissant")
    files = {one.get("@id"): one for one in _objects(said.get("distribution"))}
    sets = {
        str(one.get("name", one.get("@id"))): (one, _file_of(one))
        for one in _objects(said.get("recordSet"))
    }
    sets = {name: pair for name, pair in sets.items() if pair[1]}
    if not sets:
        raise FormatError(
            f"{source.label} describes no records of files: load the files themselves"
        )
    lazies = [
        _records(*sets[name], files, folder, source.label)
        for name in chosen(list(sets), part, source.label)
    ]
    try:
        whole = pl.concat(lazies, how="vertical") if len(lazies) > 1 else lazies[0]
        whole.collect_schema()
    except pl.exceptions.PolarsError:
        raise FormatError(
            f"{source.label} describes records with different columns: "
            f"give --part, one of {', '.join(sets)}"
        ) from None
    return Reading(whole)


def _objects(value: Any) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, dict)]


def _sources(record_set: dict[str, Any]) -> list[dict[str, Any]]:
    every = _leaves(_objects(record_set.get("field")))
    return [source for one in every for source in _objects(one.get("source"))]


def _leaves(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the fields that have no fields of their own, however deep they lie."""
    return [
        leaf
        for one in fields
        for leaf in (_leaves(_objects(one.get("subField"))) if one.get("subField") else [one])
    ]


def _file_of(record_set: dict[str, Any]) -> Any:
    """Name the one file that a record set is read from; None where there is not one."""
    named = [_objects(source.get("fileObject")) for source in _sources(record_set)]
    ids = {one[0].get("@id") for one in named if one}
    return next(iter(ids)) if len(ids) == 1 else None


def _records(
    record_set: dict[str, Any], name: Any, files: dict[Any, Any], folder: Path, label: str
) -> pl.LazyFrame:
    said = files.get(name, {})
    reader = _READERS.get(str(said.get("encodingFormat")))
    if reader is None:
        raise FormatError(f"{label} describes records that are not in Parquet, CSV or JSONL")
    lazy: pl.LazyFrame = reader.read(inside(folder, said.get("contentUrl"), label)).lazy
    wanted = dict.fromkeys(
        str(extract["column"])
        for source in _sources(record_set)
        for extract in _objects(source.get("extract"))
        if "column" in extract
    )
    missing = [each for each in wanted if each not in lazy.collect_schema()]
    if missing:
        raise FormatError(f"{label} describes a column {missing[0]!r} that its file has not")
    return lazy.select(column(each) for each in wanted)


def describe(
    name: str, schema: pl.Schema, files: Sequence[ExportedFile], about: dict[str, Any]
) -> str:
    """Describe an export's files and their records.

    Parameters
    ----------
    name
        What the dataset is called.
    schema
        Columns of every part.
    files
        Files of the export, with their hashes.
    about
        ``description``, ``license``, ``citeAs`` and the like, where they are known.

    """
    known, kind, sources = _described_by(files)
    content = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "conformsTo": _VERSION,
        **about,
        "distribution": [_file_object(one) for one in known],
        "recordSet": [_splits(sources), *(_record_set(one, schema, kind) for one in sources)],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def left_out(schema: pl.Schema, files: Sequence[ExportedFile]) -> tuple[str, ...]:
    """Name the columns, and fields of structs, for which Croissant has no words."""
    _, kind, sources = _described_by(files)
    return tuple(fields_of(schema, kind, sources[0].path, "records")[1]) if sources else ()


def _described_by(
    files: Sequence[ExportedFile],
) -> tuple[list[ExportedFile], str, list[ExportedFile]]:
    """Give the files that are named, the format that records are read from, and its files."""
    known = [one for one in files if one.format in MEDIA_TYPES and one.part is not None]
    kind = next((each for each in RECORDS_FROM if any(f.format == each for f in known)), "")
    sources = [
        one for one in known
        if one.format == kind and (kind != "huggingface" or one.path.endswith(".parquet"))
    ]  # fmt: skip
    return known, kind, sources


def _file_object(file: ExportedFile) -> dict[str, Any]:
    is_stream = file.path.startswith("hf/") and file.path.endswith(".arrow")
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.n_bytes} B",
        "encodingFormat": "application/vnd.apache.arrow.stream"
        if is_stream
        else MEDIA_TYPES[file.format],
        "sha256": file.sha256,
    }


def _splits(sources: Sequence[ExportedFile]) -> dict[str, Any]:
    """Name the parts, in the vocabulary's own word for them."""
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": "splits/name",
                "name": "name",
                "dataType": "sc:Text",
            }
        ],
        "data": [{"splits/name": one.part} for one in sources],
    }


def _record_set(file: ExportedFile, schema: pl.Schema, kind: str) -> dict[str, Any]:
    name = f"records/{ids_of([str(file.part)])[0]}"
    split = {
        "@type": "cr:Field",
        "@id": f"{name}/.split",
        "name": ".split",
        "description": "The part that the record belongs to.",
        "dataType": "sc:Text",
        "value": file.part,
    }
    told, untold = fields_of(schema, kind, file.path, name)
    content = {"@type": "cr:RecordSet", "@id": name, "name": file.part, "field": [*told, split]}
    if untold:
        listed = ", ".join(untold)
        content["description"] = f"Columns for which Croissant has no type are left out: {listed}."
    return content
