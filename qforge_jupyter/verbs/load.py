"""Load a table from a file, a glob, a URL or an SQL query."""

from __future__ import annotations

from typing import Any

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.formats import load, unreadable
from qforge_jupyter.frames.loaded import LoadedTable

EXAMPLE = """\
%qforge load data/movies.json into movies
"""


def run(
    context: Context,  # noqa: ARG001 - every verb has one shape
    subject: str,
    *,
    format_: str | None = None,
    query: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
    key: str | None = None,
    hdu: str | None = None,
    nulls: list[str] | None = None,
    union: bool = False,
    part: str | None = None,
    name: str | None = None,
) -> LoadedTable:
    """Load a table; its format is found by content.

    Parameters
    ----------
    context
        The open workspace.
    subject
        A path, a glob, a folder of Parquet, an export, a URL, or a database URL.
    format_
        Take the file for this format, whatever it looks like.
    query
        The SQL to run when the subject is a database.
    encoding
        Encoding of text, as ``latin-1``.
    separator
        What stands between the fields of a CSV file.
    sheet
        Sheet of a workbook.
    key
        Dataset or group of an HDF5 file.
    hdu
        Table extension of a FITS file.
    nulls
        Texts that mean "no value", as ``NA``.
    union
        Let the files of a glob differ in columns.
    part
        Of an export or a Hugging Face dataset, the part to load; all when
        nothing is said.
    name
        What to call the table.

    """
    wanted: dict[str, Any] = {
        "query": query,
        "encoding": encoding,
        "separator": separator,
        "sheet": sheet,
        "key": key,
        "hdu": hdu,
        "nulls": nulls,
        "union": union or None,
        "part": part,
    }
    options = {option: value for option, value in wanted.items() if value is not None}
    table = load(subject, name=name, format=format_, **options)
    try:
        table.frame  # noqa: B018 - read here, where a fault can be told
    except pl.exceptions.PolarsError:
        raise unreadable(table.name) from None
    return LoadedTable.of(table)
