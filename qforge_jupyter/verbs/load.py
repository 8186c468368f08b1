"""Load a table from a file, a glob, a URL, an SQL query or a kernel variable."""

from __future__ import annotations

from typing import Any

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError, Stopped, telling_when_stopped
from qforge_jupyter.formats import load, look, unreadable
from qforge_jupyter.frames import Table, to_table
from qforge_jupyter.frames.loaded import LoadedTable
from qforge_jupyter.settings import Settings

EXAMPLE = """\
%qforge load data/movies.json into movies
"""


def run(
    context: Context,
    subject: Table | str,
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
        A path, a glob, a folder of Parquet, an export, a URL, a database URL, or a
        variable that holds rows (polars, pandas, Arrow, NumPy, torch).
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
    options = _given(
        format=format_, query=query, encoding=encoding, separator=separator, sheet=sheet,
        key=key, hdu=hdu, nulls=nulls, union=union or None, part=part,
    )  # fmt: skip
    if isinstance(subject, Table):
        _refuse_options(options)
        return LoadedTable.of(to_table(subject, name))
    try:
        with telling_when_stopped("stopped while reading the rows; nothing was kept"):
            table = load(subject, name=name, progress=context.progress, **options)
            table.frame  # noqa: B018 - read here, where a fault can be told
    except pl.exceptions.PolarsError:
        raise unreadable(name or subject) from None
    except Stopped as stop:
        if stop.result is not None:
            stop.result = LoadedTable.of(stop.result)
        raise
    return LoadedTable.of(table)


def rehearse(
    settings: Settings,  # noqa: ARG001 - every verb has one shape
    subject: Table | str,
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
    name: str | None = None,  # noqa: ARG001 - every verb has one shape
) -> None:
    """Look whether the files are there, can be read, and take the options."""
    options = _given(
        format=format_, query=query, encoding=encoding, separator=separator, sheet=sheet,
        key=key, hdu=hdu, nulls=nulls, part=part,
    )  # fmt: skip
    if isinstance(subject, Table):
        _refuse_options({**options, **_given(union=union or None)})
    else:
        look(subject, **options)


def _given(**options: Any) -> dict[str, Any]:
    return {option: value for option, value in options.items() if value is not None}


def _refuse_options(options: dict[str, Any]) -> None:
    for option in options:
        raise CallError(f"`--{option}` is for files, and a variable came: leave it out")
