"""JSONL: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats._cell_text import from_plain, object_text, plain
from qforge_jupyter.formats._json_text import (
    MAX_BYTES,
    needs_care,
    parse,
    reading_of,
    require_shallow,
)
from qforge_jupyter.formats._pieces import pieces
from qforge_jupyter.formats._reading import Reading, Source, in_memory
from qforge_jupyter.formats._text import as_utf8, wide_encoding

TITLE = "JSONL"
SUFFIXES = (".jsonl", ".ndjson")
IS_LAZY = True


def recognises(head: bytes) -> bool:
    r"""Say whether the first line is one JSON object.

    Examples
    --------
    >>> recognises(b'{"a": 1}\n{"a": 2}\n'), recognises(b'[{"a": 1}]')
    (True, False)

    """
    text = head.decode(wide_encoding(head) or "utf-8", "ignore").lstrip("\ufeff \t\r\n")
    first = text.partition("\n")[0].rstrip()
    return first.startswith("{") and (first.endswith("}") or len(first) > len(text) // 2 > 1000)


def read(path: Path | Source, *, encoding: str | None = None) -> Reading:
    """Read one object a line; every line has a say in the types.

    Integers are exact whatever their size; values of several types in one
    column become text, with a finding.

    Parameters
    ----------
    path
        The file; reading is lazy.
    encoding
        As Python names it; UTF-8 when None.

    Raises
    ------
    FormatError
        A line is not a JSON object; the sentence names it.

    """
    given = Source.of(path)
    if not given.n_bytes:
        raise FormatError(f"{given.label} is empty: it has no rows and no columns")
    source, findings = as_utf8(given, encoding)
    require_shallow(source)
    if source.head(3) == b"\xef\xbb\xbf":
        source = source.with_data(
            in_memory(source, MAX_BYTES, "JSONL with a mark").removeprefix(b"\xef\xbb\xbf")
        )
    try:
        lazy = pl.scan_ndjson(source.for_polars, infer_schema_length=None)
        reading = _exact(source) if needs_care(source, lazy) else Reading(lazy)
    except pl.exceptions.PolarsError:
        reading = _exact(source)
    return Reading(reading.lazy, (*findings, *reading.findings))


def _exact(source: Source) -> Reading:
    """Python's reading, line by line, where Polars' is not exact or fails."""
    records = []
    for n, line in enumerate(in_memory(source, MAX_BYTES, "JSONL of mixed types").split(b"\n"), 1):
        if not line.strip():
            continue
        record = parse(line, source, f"line {n:,}")
        if not isinstance(record, dict):
            raise FormatError(
                f"{source.label} holds no JSON object in line {n:,}: one a line is wanted"
            )
        records.append(record)
    return reading_of(records, source)


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write one object a line; dates become ISO text, NaN and infinity null."""
    frame.write_ndjson(path)


def write_batches(batches: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    """Write objects from which `restore` makes the same table: NaN is quoted, nothing is null."""
    line = object_text([(name, column(name), dtype) for name, dtype in schema.items()])
    with path.open("wb") as file:
        for batch in batches:
            for piece in pieces(batch):
                text = piece.select(line.alias("line"))
                text.write_csv(file, include_header=False, quote_style="never")


def restore(path: Path, schema: pl.Schema) -> pl.LazyFrame:
    """Read what `write_batches` wrote, with the types that the columns had."""
    if not path.stat().st_size:
        return pl.LazyFrame(schema=schema)
    lazy = pl.scan_ndjson(path, schema={name: plain(dtype) for name, dtype in schema.items()})
    return lazy.select(
        from_plain(column(name), dtype).alias(name) for name, dtype in schema.items()
    )
