"""SQL: what a query on PostgreSQL, SQLite or DuckDB returns; read only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import polars as pl

from qforge_jupyter.columns import frame_of
from qforge_jupyter.errors import CallError, FormatError, MissingPackage, ResourceError, nearest
from qforge_jupyter.formats._placeholders import rewrite
from qforge_jupyter.formats._reading import Reading, Source
from qforge_jupyter.frames.columns import column_of_values, unique_names
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.run import Finding

TITLE = "SQL"
SUFFIXES = (".db", ".sqlite", ".sqlite3", ".duckdb", ".ddb")
IS_LAZY = False
#: Rows fetched in one go.
BATCH_ROWS = 50_000
Parameters = Mapping[str, Any] | None
_SQLITE_MARK = b"SQLite format 3\0"


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start an SQLite or a DuckDB file.

    Examples
    --------
    >>> recognises(b"SQLite format 3\0"), recognises(b"a,b")
    (True, False)

    """
    return head.startswith(_SQLITE_MARK) or head[8:12] == b"DUCK"


def is_url(text: str) -> bool:
    """Say whether the text is a database URL that this reader opens.

    Examples
    --------
    >>> is_url("postgresql+psycopg://db/lab"), is_url("s3://bucket/a.csv")
    (True, False)

    """
    scheme = text.partition("://")[0].partition("+")[0].lower()
    return "://" in text and scheme in {"postgresql", "postgres", "sqlite", "duckdb"}


def read(
    path: Path | Source | str,
    *,
    query: str | None = None,
    table: str | None = None,
    parameters: Parameters = None,
    timeout_s: int = 10,
) -> Reading:
    """Read what one query returns; nothing in the database can be changed by it.

    Parameters
    ----------
    path
        A URL (``postgresql+psycopg://…``, ``sqlite:///…``, ``duckdb:///…``)
        or an SQLite or DuckDB file.
    query
        SQL with ``:name`` where a value is bound.
    table
        A table or view to read as a whole instead, perhaps with its schema: ``lab.calcs``.
    parameters
        The values, by name; they are bound, never written into the query.
    timeout_s
        Seconds to wait for a server to answer the connection.

    Raises
    ------
    CallError
        No query, or a parameter without a value.
    FormatError
        The query is wrong, or it is no database.
    ResourceError
        The database cannot be reached.

    """
    is_server = isinstance(path, str) and is_url(path) and path.startswith("postgres")
    where = redact(str(path)) if is_server else ""
    if not is_server:
        source = _file_of(path)
        where = source.label
    query = _asked(query, table, where)
    values = dict(parameters or {})
    if is_server:
        return _read_postgresql(str(path), query, values, where, timeout_s)
    if source.path is None:
        raise FormatError(
            f"{where} is a packed or remote database: copy it to a file of its own first"
        )
    reader = _read_sqlite if source.head(16) == _SQLITE_MARK else _read_duckdb
    return reader(source.path, query, values, where)


def _asked(query: str | None, table: str | None, where: str) -> str:
    """Give the query; of a table, whose name cannot be bound, one that quotes its name."""
    if table is not None and query is not None:
        raise CallError(f"Both a query and a table of {where} came: one of them is wanted")
    if table is not None:
        if not all(table.split(".")) or "\0" in table:
            raise CallError(f"{table[:60]!r} is no name of a table: write table or schema.table")
        names = (name.replace('"', '""') for name in table.split("."))
        return "select * from " + ".".join(f'"{name}"' for name in names)  # noqa: S608 — quoted
    if not query or not query.strip():
        raise CallError(f"Reading {where} needs a query: pass query='select …', or table='…'")
    return query


def _file_of(path: Path | Source | str) -> Source:
    if not isinstance(path, str) or not is_url(path):
        return Source.of(path)
    parts = urlsplit(path)
    # Three slashes are relative, four absolute, as SQLAlchemy reads them.
    name = unquote(parts.path.removeprefix("/")) or unquote(parts.netloc)
    if not name or name == ":memory:":
        raise FormatError(f"{redact(path)} names no file: a database in memory has nothing to read")
    return Source.of(Path(name).expanduser())


def _bound(
    query: str, values: dict[str, Any], spelling: Any, percent: str = "%"
) -> tuple[str, dict[str, Any]]:
    text, names = rewrite(query, spelling, percent=percent)
    for name in names:
        if name not in values:
            raise CallError(f"The query binds :{name}, which has no value{nearest(name, values)}")
    return text, {name: values[name] for name in names}


def _read_sqlite(path: Path, query: str, values: dict[str, Any], where: str) -> Reading:
    text, bound = _bound(query, values, ":{}".format)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.set_authorizer(_allow_reading)
            cursor = connection.execute(text, bound)
            if cursor.description is None:
                raise FormatError(f"The query on {where} returns no rows: a select is wanted")
            rows = iter(lambda: cursor.fetchmany(BATCH_ROWS), [])
            return _reading([one[0] for one in cursor.description], rows)
    except sqlite3.Error as error:
        shown = (
            str(error).splitlines()[0]
            if isinstance(error, sqlite3.OperationalError)
            else type(error).__name__
        )
        raise FormatError(f"The query on {where} failed: {redact(shown)}") from None


def _allow_reading(action: int, *_: Any) -> int:
    allowed = (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    )
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def _read_duckdb(path: Path, query: str, values: dict[str, Any], where: str) -> Reading:
    import duckdb

    text, bound = _bound(query, values, "${}".format)
    config: dict[str, Any] = {
        "enable_external_access": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
        "lock_configuration": "true",
    }
    try:
        with closing(duckdb.connect(str(path), read_only=True, config=config)) as connection:
            table = _relation(connection, text, bound, where).to_arrow_table()
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        raise FormatError(
            f"The query on {where} failed: {redact(str(error).splitlines()[0])}"
        ) from None
    except duckdb.Error as error:
        raise FormatError(
            f"The query on {where} failed: {type(error).__name__} in DuckDB"
        ) from None
    names, renamed = unique_names(table.column_names)
    frame = pl.DataFrame(table.rename_columns(names))
    return Reading(frame.lazy(), (renamed,) if renamed else ())


def _relation(connection: Any, text: str, bound: dict[str, Any], where: str) -> Any:
    relation = connection.sql(text, params=bound or None)
    if relation is None:
        raise FormatError(f"The query on {where} returns no rows: a select is wanted")
    return relation


def _read_postgresql(
    url: str, query: str, values: dict[str, Any], where: str, timeout_s: int
) -> Reading:
    try:
        import psycopg
    except ImportError:
        raise MissingPackage("psycopg[binary]", "to read PostgreSQL", "postgresql") from None
    text, bound = _bound(query, values, "%({})s".format, percent="%%")
    address = "postgresql://" + url.partition("://")[2]
    try:
        with psycopg.connect(address, connect_timeout=timeout_s) as connection:
            connection.read_only = True
            with connection.cursor(name="qforge") as cursor:
                cursor.itersize = BATCH_ROWS
                cursor.execute(text.encode(), bound or (() if "%%" in text else None))
                columns = cursor.description or []
                rows = iter(lambda: cursor.fetchmany(BATCH_ROWS), [])
                return _reading(
                    [one.name for one in columns], rows, [_postgresql_dtype(one) for one in columns]
                )
    except psycopg.OperationalError as error:
        raise ResourceError(
            f"{where} cannot be reached ({type(error).__name__}): check host, "
            "port, user and password"
        ) from None
    except psycopg.Error as error:
        is_about_names = (error.sqlstate or "").startswith("42")
        shown = (
            redact(error.diag.message_primary or "")
            if is_about_names
            else f"{type(error).__name__} ({error.sqlstate})"
        )
        raise FormatError(f"The query on {where} failed: {shown}") from None


def _postgresql_dtype(column: Any) -> Any:
    """Give the Polars type of a PostgreSQL type; None where the values decide."""
    return {
        16: pl.Boolean, 17: pl.Binary, 20: pl.Int64, 21: pl.Int16, 23: pl.Int32,
        25: pl.String, 26: pl.Int64,
        700: pl.Float32, 701: pl.Float64, 1042: pl.String, 1043: pl.String,
        1082: pl.Date, 1083: pl.Time,
        1114: pl.Datetime("us"), 1184: pl.Datetime("us", "UTC"),
    }.get(column.type_code)  # fmt: skip


def _reading(
    labels: Sequence[str], batches: Iterator[list[Any]], dtypes: Sequence[Any] | None = None
) -> Reading:
    names, renamed = unique_names(labels)
    held: list[list[Any]] = [[] for _ in names]
    for batch in batches:
        for i, values in enumerate(zip(*batch, strict=True)):
            held[i].extend(values)
    findings: list[Finding | None] = [renamed]
    series = []
    for i, name in enumerate(names):
        dtype = dtypes[i] if dtypes else None
        column, finding = _column(name, held[i], dtype)
        held[i] = []
        series.append(column)
        findings.append(finding)
    return Reading(frame_of(series).lazy(), tuple(f for f in findings if f))


def _column(name: str, values: list[Any], dtype: Any) -> tuple[pl.Series, Finding | None]:
    if dtype is not None:
        try:
            return pl.Series(name, values, dtype=dtype), None
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
            return column_of_values(name, values)
    plain = [_plain(value) for value in values]
    return column_of_values(name, plain)


def _plain(value: Any) -> Any:
    """JSON as JSON text; types that only PostgreSQL has as their text."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    is_foreign = type(value).__module__ not in {"builtins", "datetime", "decimal"}
    return str(value) if value is not None and is_foreign else value
