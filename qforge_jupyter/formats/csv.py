"""CSV: comma-separated text, and its kin with semicolons, tabs or bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.formats._delimited import Options, read_delimited
from qforge_jupyter.formats._flat import flat_text
from qforge_jupyter.formats._flattening import flattened, leaves, unflattened
from qforge_jupyter.formats._pieces import pieces
from qforge_jupyter.formats._reading import Reading, Source
from qforge_jupyter.formats._text import is_text

TITLE = "CSV"
SUFFIXES = (".csv", ".txt", ".dat")
IS_LAZY = True


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start delimited text.

    Examples
    --------
    >>> recognises(b"a,b\n1,2\n"), recognises(b'{"a": 1}'), recognises(b"PAR1")
    (True, False, False)

    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return is_text(head) and not start.startswith((b'{"', b"{}", b"[{", b"[]", b"<", b"PAR1"))


def read(  # noqa: PLR0913 — options people type, by name
    path: Path | Source,
    *,
    separator: str | None = None,
    encoding: str | None = None,
    header: bool = True,
    skip: int = 0,
    nulls: Sequence[str] = (),
    dates: bool = False,
    types: Mapping[str, Any] | None = None,
) -> Reading:
    """Read comma-separated text; every row has a say in the types.

    The file is passed over twice before its first use: once for encoding,
    line lengths and stray bytes, once for types. Reading itself is lazy.

    Parameters
    ----------
    path
        The file.
    separator
        Character between fields; found among ``, ; tab |`` when None.
    encoding
        As Python names it; UTF-8, or UTF-16 and UTF-32 where the bytes show
        it, when None.
    header
        Whether the first line holds names.
    skip
        Lines above the header to leave out.
    nulls
        Words that mean no value, such as ``("NA",)``. An empty field is null
        always, a quoted empty text never.
    dates
        Whether ISO dates and times become dates and datetimes.
    types
        Polars types of columns that are not to be found out.

    Raises
    ------
    FormatError
        It is empty, of another encoding, or not a table.

    """
    options = Options(separator, encoding, header, skip, nulls, dates, types)
    return read_delimited(Source.of(path), options)


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write comma-separated UTF-8 text, cells as they are.

    Text that a spreadsheet would run, such as ``=1+1``, is not altered:
    this is for machines.
    """
    flat_text(frame, TITLE).write_csv(path)


def write_batches(batches: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    """Write flat and formula-safe text from which `restore` makes the same table."""
    flat = leaves(schema)
    with path.open("wb") as file:
        flattened(pl.DataFrame(schema=schema), flat).write_csv(file)
        for batch in batches:
            for piece in pieces(batch):
                flattened(piece, flat).write_csv(file, include_header=False)


def restore(path: Path, schema: pl.Schema) -> pl.LazyFrame:
    """Read what `write_batches` wrote, with the types that the columns had."""
    names = [leaf.name for leaf in leaves(schema)]
    # Polars compares a header with the schema before it takes doubled quotes apart.
    texts = pl.scan_csv(path, has_header=False, skip_rows=1, schema=dict.fromkeys(names, pl.String))
    return unflattened(texts, schema)
