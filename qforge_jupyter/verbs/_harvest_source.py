"""Read what examples are collected from: a table, a file, or a database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from qforge_jupyter.errors import CallError, telling_when_stopped
from qforge_jupyter.formats import load, unreadable
from qforge_jupyter.frames import Table
from qforge_jupyter.results.progress import Progress

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})[.][0-9]{1,15}")


def read_source(
    given: Table | str,
    *,
    query: str | None,
    table: str | None,
    values: Mapping[str, Any],
    progress: Progress,
) -> Table:
    """Read a source to its end.

    Parameters
    ----------
    given
        A table, or the place of a file or a database.
    query, table
        What to read of a database.
    values
        What is bound in the query.
    progress
        Told after each of several files.

    Raises
    ------
    CallError
        Something was said of a table that is for databases.
    FormatError
        It cannot be read.

    """
    asked = {"query": query, "table": table, "parameters": typed(values) or None}
    options: dict[str, Any] = {
        option: value for option, value in asked.items() if value is not None
    }
    if isinstance(given, Table):
        for option in options:
            written = "values" if option == "parameters" else f"--{option}"
            raise CallError(f"`{written}` is for databases, and a table came: leave it out")
        return given
    name = called(given, table)
    try:
        with telling_when_stopped("stopped while reading the source; nothing was kept"):
            found = load(given, name=name, progress=progress, **options)
            found.frame  # noqa: B018 — read here, where a fault can be told
    except pl.exceptions.PolarsError:
        raise unreadable(name) from None
    return found


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Bind what is written as a number as one: a database may hold no text that equals it.

    Examples
    --------
    >>> typed({"last": "400", "low": "0.5", "code": "007", "day": "2026-01-01"})
    {'last': 400, 'low': 0.5, 'code': '007', 'day': '2026-01-01'}

    """
    return {name: _number(each) if isinstance(each, str) else each for name, each in values.items()}


def _number(text: str) -> int | float | str:
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def called(place: str, table: str | None) -> str:
    """Name a source after its table, or after its file or database; never with a secret.

    Examples
    --------
    >>> called("postgresql+psycopg://ann:pw@host/lab?sslmode=require", None)
    'lab'
    >>> called("logs/decisions.parquet", None), called("sqlite:///log.db", "main.decisions")
    ('decisions', 'main.decisions')

    """
    if table:
        return table
    path = urlsplit(place).path if "://" in place else place.replace("\\", "/")
    return PurePosixPath(path).name.partition(".")[0].strip("*?[]_- ") or "source"
