"""Delimited text: what CSV and TSV share."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import polars as pl

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats._inference import typed
from qforge_jupyter.formats._reading import Reading, Source, in_memory
from qforge_jupyter.formats._survey import Survey, survey
from qforge_jupyter.formats._text import MAX_DECODED_BYTES, as_utf8
from qforge_jupyter.frames.columns import MAX_ROWS, column, unique_names
from qforge_jupyter.results.run import Finding, Severity

SEPARATORS = ",;\t|"
_INDEX = "\x01row of the file\x01"
_HEADER_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Options:
    """How delimited text is to be read; see `qforge_jupyter.formats.csv.read`."""

    separator: str | None = None
    encoding: str | None = None
    header: bool = True
    skip: int = 0
    nulls: Sequence[str] = ()
    dates: bool = False
    types: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class _Layout:
    """Where the rows lie: names, lines above them, and the fields of each line."""

    source: Source
    separator: str
    names: list[str]
    n_skipped: int
    fields: np.ndarray[Any, Any]
    is_quoted: bool


def guess_separator(head: str) -> str:
    r"""Find the separator that splits the first lines most evenly.

    Examples
    --------
    >>> guess_separator("a;b\n1,5;2\n"), guess_separator("x\n1\n")
    (';', ',')

    """
    lines = head.splitlines()[:50]
    whole = lines[:-1] if len(lines) > 1 and not head.endswith("\n") else lines
    best, best_score = ",", 0.0
    for mark in SEPARATORS:
        widths = [len(row) for row in csv.reader(whole, delimiter=mark) if row]
        if not widths or max(widths) < 2:
            continue
        usual = max(set(widths), key=widths.count)
        score = widths.count(usual) / len(widths) + usual / 10_000 if usual > 1 else 0.0
        if score > best_score:
            best, best_score = mark, score
    return best


def read_delimited(given: Source, options: Options) -> Reading:
    """Read delimited text with every doubt either settled or told.

    Raises
    ------
    FormatError
        It is empty, of another encoding, or most rows are longer than the
        header.

    """
    if not given.n_bytes:
        raise FormatError(f"{given.label} is empty: it has neither a header nor rows")
    source, findings = as_utf8(given, options.encoding)
    source = _without_lone_returns(source)
    head = source.head().decode("utf-8-sig", "ignore")
    separator = options.separator or guess_separator(head)
    if len(separator) != 1 or ord(separator) > 127:
        raise FormatError(f"A separator is one ASCII character, not {separator!r}")
    found = survey(source, separator)
    is_quoted = not found.has_open_quote
    if not is_quoted:
        found = _unquoted(source, separator)
    options = replace(options, skip=options.skip + _leading_blanks(found, options.skip))
    n_skipped = options.skip + options.header
    names, renamed = _names(source, separator, found, options, is_quoted=is_quoted)
    fields = found.n_fields[n_skipped:]
    _refuse_longer(source, fields, len(names))
    layout = _Layout(source, separator, names, n_skipped, fields, is_quoted)
    text = _scan(layout, options.nulls)
    lazy, retyped = typed(text, names, dates=options.dates, types=options.types or {})
    notes = _notes(layout, found, options)
    return Reading(lazy, (*findings, *([renamed] if renamed else []), *notes, *retyped))


def _leading_blanks(found: Survey, skip: int) -> int:
    filled = np.flatnonzero(found.n_fields[skip:])
    return int(filled[0]) if len(filled) else 0


def _without_lone_returns(source: Source) -> Source:
    head = source.head()
    if b"\r" not in head or b"\n" in head:
        return source
    data = in_memory(source, MAX_DECODED_BYTES, "text with old Mac line ends")
    return source if b"\n" in data else source.with_data(data.replace(b"\r", b"\n"))


def _unquoted(source: Source, separator: str) -> Survey:
    """Give the lines when quotes mean nothing; refused where that gives no table."""
    found = survey(source, separator, is_quoted=False)
    widths = np.unique(found.n_fields[found.n_fields > 0])
    if len(widths) > 1:
        raise FormatError(
            f"{source.label} has a quote that is never closed: close it, or "
            "double the quotes inside cells"
        )
    return found


def _names(
    source: Source, separator: str, found: Survey, options: Options, *, is_quoted: bool
) -> tuple[list[str], Finding | None]:
    if not options.header:
        rest = found.n_fields[options.skip :]
        width = int(np.bincount(rest[rest > 0]).argmax()) if (rest > 0).any() else 0
        return [f"column_{i}" for i in range(1, width + 1)], None
    text = source.head(_HEADER_BYTES).decode("utf-8-sig", "ignore").replace("\0", "")
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
    limit = csv.field_size_limit(_HEADER_BYTES)
    try:
        for _ in range(options.skip):
            next(rows, None)
        first = next(rows, None)
    except csv.Error:
        first = None
    finally:
        csv.field_size_limit(limit)
    if not first or (
        len(first) == 1 and not first[0].strip() and found.n_fields.max(initial=0) > 1
    ):
        raise FormatError(
            f"{source.label} has no header in line {options.skip + 1}: pass skip= or header=False"
        )
    return unique_names(first)


def _refuse_longer(source: Source, fields: np.ndarray[Any, Any], width: int) -> None:
    n_longer = int((fields > width).sum())
    if n_longer and n_longer * 2 > len(fields):
        raise FormatError(
            f"{source.label} has {n_longer:,} of {len(fields):,} rows with "
            f"more fields than the {width} of its "
            "header: pass skip= to leave out lines above the header, "
            "header=False, or another separator="
        )


def _scan(layout: _Layout, nulls: Sequence[str]) -> pl.LazyFrame:
    """Give every column as text; blank lines are no rows."""
    names, fields = layout.names, layout.fields
    blank = np.flatnonzero(fields == 0) if len(names) > 1 else np.zeros(0, np.int64)
    if not len(fields):
        return pl.LazyFrame(schema=dict.fromkeys(names, pl.String))
    lazy = pl.scan_csv(
        layout.source.for_polars,
        has_header=False,
        skip_rows=layout.n_skipped,
        separator=layout.separator,
        quote_char='"' if layout.is_quoted else None,
        schema=dict.fromkeys(names, pl.String),
        null_values=list(nulls) or None,
        truncate_ragged_lines=True,
        missing_columns="insert",
        extra_columns="ignore",
        row_index_name=_INDEX if len(blank) else None,
    )
    if len(blank):
        gone = pl.Series(blank, dtype=pl.UInt64)
        is_kept = ~pl.col(_INDEX).cast(pl.UInt64).is_in(gone.implode())
        lazy = lazy.filter(is_kept).select([column(name) for name in names])
    return lazy


def _notes(layout: _Layout, found: Survey, options: Options) -> list[Finding]:
    """Give what was noticed line by line."""
    width, fields = len(layout.names), layout.fields
    rows = fields[fields > 0] if width > 1 else fields
    notes = []
    ragged: tuple[tuple[str, np.ndarray[Any, Any], Severity, str], ...] = (
        ("short row", (rows < width) & (rows > 0), "medium", "Rows lack fields: the rest is null"),
        (
            "long row",
            rows > width,
            "high",
            "Rows have fields beyond the header: these were left out",
        ),
    )
    for kind, is_ragged, severity, note in ragged:
        places = np.flatnonzero(is_ragged)
        if len(places):
            shown = tuple(int(i) for i in places[:MAX_ROWS])
            notes.append(Finding(kind, "ragged rows", len(places), severity, rows=shown, note=note))
    if found.n_nul:
        notes.append(
            Finding(
                "NUL",
                "NUL characters",
                found.n_nul,
                "medium",
                note="NUL characters are kept in cells",
            )
        )
    if not layout.is_quoted:
        note = "A quote is never closed, so quotes are read as ordinary characters"
        notes.append(Finding("stray quote", "quotes", 0, "medium", action="documented", note=note))
    if options.separator is None and layout.separator != ",":
        note = f"Separated by {layout.separator!r}"
        notes.append(Finding("separator", "separator", 0, "low", action="documented", note=note))
    return notes
