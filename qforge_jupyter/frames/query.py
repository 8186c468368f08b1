"""SQL over tables in memory, by DuckDB with everything outside locked away."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import polars as pl

from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.frames.table import Table


def run_query(
    sql: str,
    *,
    tables: Mapping[str, Table],
    schema: tuple[str, Mapping[str, pl.DataFrame]] = ("", {}),
    values: tuple[Any, ...] = (),
    known: Sequence[str] = (),
) -> pl.DataFrame:
    """Run one query over tables that are given, and nothing else.

    Parameters
    ----------
    sql
        One statement; ``$1`` … stand for ``values``.
    tables
        Tables by the name the query uses.
    schema
        A schema's name and the frames in it.
    values
        Bound in order, never pasted.
    known
        Names that a table might have been meant by, beside those of ``tables``.

    Raises
    ------
    DataError
        DuckDB cannot run it.

    Examples
    --------
    >>> numbers = Table.of_frame("numbers", pl.DataFrame({"a": [1, 2, 3]}))
    >>> run_query("select sum(a)::int as s from numbers where a > $1", tables={"numbers": numbers},
    ...           values=(1,))["s"].to_list()
    [5]

    """
    import duckdb

    connection = duckdb.connect(":memory:", config={"python_enable_replacements": "false"})
    try:
        for name, table in tables.items():
            connection.register(name, table.frame.to_arrow())
        prefix, frames = schema
        if frames:
            connection.execute(f'create schema "{prefix}"')
        for name, frame in frames.items():
            connection.register(f"_{prefix}_{name}", frame.to_arrow())
            connection.execute(f'create view "{prefix}"."{name}" as from "_{prefix}_{name}"')
        connection.execute("set enable_progress_bar = false")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        kinds = [statement.type for statement in connection.extract_statements(sql)]
        if kinds != [duckdb.StatementType.SELECT]:
            raise CallError("`sql` runs one SELECT, and something else came")
        found = _interruptible(connection, lambda: _answer(connection, sql, values))
    except pl.exceptions.PolarsError:
        raise DataError(
            "The answer cannot be a table: name columns apart with AS, and cast types that "
            "tables have not, such as intervals"
        ) from None
    except duckdb.Error as problem:
        raise _sentence(problem, [*tables, *known]) from None
    finally:
        connection.close()
    if not isinstance(found, pl.DataFrame):
        raise DataError("The query gave no rows to show: `sql` runs one SELECT")
    return found


def _answer(connection: Any, sql: str, values: tuple[Any, ...]) -> Any:
    answer = connection.sql(sql, params=list(values) or None)
    return None if answer is None else pl.from_arrow(answer.to_arrow_table())


def _interruptible(connection: Any, work: Callable[[], Any]) -> Any:
    """Run a query in a thread, so that Ctrl-C reaches it: DuckDB would not look."""
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(work)
        try:
            while not running.done():
                wait([running], timeout=0.05)
        except KeyboardInterrupt:
            connection.interrupt()
            raise
        return running.result()


def _sentence(problem: Exception, tables: list[str]) -> DataError:
    text = str(problem).split("\n", 1)[0]
    missing = re.search(r"Table with name (\w+) does not exist", text)
    if missing:
        name = missing[1]
        return CallError(f"No table named {name!r} in the kernel{nearest(name, tables)}")
    return DataError(f"The query cannot be run: {text[:300]}")
