"""JSON: a list of records, or an object of columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.formats._json_text import (
    MAX_BYTES,
    needs_care,
    parse,
    reading_of,
    require_shallow,
)
from qforge_jupyter.formats._reading import Reading, Source, in_memory
from qforge_jupyter.formats._text import as_utf8, wide_encoding

TITLE = "JSON"
SUFFIXES = (".json",)
IS_LAZY = False
_BOM = "\ufeff".encode()


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start a JSON list or object, and not JSON lines.

    Examples
    --------
    >>> recognises(b'[{"a": 1}]'), recognises(b'{"a": 1}\n{"a": 2}\n'), recognises(b"a,b")
    (True, False, False)

    """
    text = head.decode(wide_encoding(head) or "utf-8", "ignore").lstrip("\ufeff \t\r\n")
    if text.startswith("["):
        return text[1:].lstrip()[:1] in {"{", "[", "]", '"'} or text[1:2].isdigit()
    if not text.startswith("{") or text[1:].lstrip()[:1] not in {'"', "}"}:
        return False
    first, _, rest = text.partition("\n")
    return not (rest.lstrip().startswith("{") and _is_whole(first))


def _is_whole(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def read(path: Path | Source, *, encoding: str | None = None) -> Reading:
    """Read a list of records, an object of columns, or pandas' own JSON.

    Also an object whose only list of records stands under one key, as in
    ``{"data": [...]}``. Integers are exact whatever their size; values of
    several types in one column become text, with a finding.

    Parameters
    ----------
    path
        The file, read in memory.
    encoding
        As Python names it; UTF-8 when None.

    Raises
    ------
    FormatError
        It is not JSON, nests too deep, or is no table.

    """
    source, findings = as_utf8(Source.of(path), encoding)
    require_shallow(source)
    data = in_memory(source, MAX_BYTES, "JSON").removeprefix(_BOM)
    source = source.with_data(data)
    reading = _quick(source) if data.lstrip()[:1] == b"[" else None
    if reading is None:
        reading = reading_of(_table_in(parse(data, source)), source)
    return Reading(reading.lazy, (*findings, *reading.findings))


def _quick(source: Source) -> Reading | None:
    """Polars' reading where nothing can have been lost by it."""
    try:
        lazy = pl.read_json(source.content(), infer_schema_length=None).lazy()
    except pl.exceptions.PolarsError:
        return None
    return None if needs_care(source, lazy) else Reading(lazy)


def _table_in(value: Any) -> Any:
    """Give the part of a JSON value that is a table."""
    if not isinstance(value, dict):
        return value
    if {"columns", "data"} <= value.keys() and isinstance(value["data"], list):
        return [dict(zip(value["columns"], row, strict=False)) for row in value["data"]]
    held = list(value.values())
    if held and all(isinstance(one, list) for one in held):
        is_records = len(held) == 1 and all(isinstance(row, dict) for row in held[0])
        return held[0] if is_records else value
    if held and all(isinstance(one, dict) and one.keys() == held[0].keys() for one in held):
        return {name: list(cells.values()) for name, cells in value.items()}
    records = [
        one
        for one in held
        if isinstance(one, list) and one and all(isinstance(r, dict) for r in one)
    ]
    return records[0] if len(records) == 1 else [value]


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a list of records; dates become ISO text, NaN and infinity null."""
    frame.write_json(path)
