"""Ask kernel tables and the store's own tables in SQL (DuckDB, nothing outside reachable)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table, to_table
from qforge_jupyter.frames.loaded import LoadedTable
from qforge_jupyter.frames.query import run_query
from qforge_jupyter.settings import Settings

USES = ("duckdb",)
EXAMPLE = """\
%%qforge sql into worst
select name, gap from calcs where gap < {{limit}} order by gap limit 5
"""


def run(
    context: Context,
    *,
    body: str,
    tables: Mapping[str, Any] | None = None,
    values: tuple[Any, ...] = (),
    known: tuple[str, ...] = (),
) -> LoadedTable:
    """Run one query.

    Parameters
    ----------
    context
        The open workspace; its tables and views stand in the schema ``qforge``, as in
        ``select * from qforge.run`` or ``qforge.performance``.
    body
        The SQL; ``{{name}}`` is bound as a value, never pasted. On one line it
        stands behind the verb, quoted or not; ``into NAME`` and options stand
        behind it.
    tables
        Tables that the query may name.
    values
        What is bound to ``$1``, ``$2`` …
    known
        Names of all tables there are, for an error to name the nearest.

    Raises
    ------
    DataError
        The query cannot be run; the sentence says where.

    """
    if not body.strip():
        raise CallError("`sql` got no query: write it under the header")
    own = {name: context.store.read_table(name) for name in _own_tables(context, body)}
    given = {name: to_table(each, name) for name, each in (tables or {}).items()}
    frame = run_query(body, tables=given, schema=("qforge", own), values=values, known=known)
    return LoadedTable.of(Table.of_frame("answer", frame, "an SQL query"), "sql")


def _own_tables(context: Context, body: str) -> list[str]:
    lowered = body.lower()
    return [name for name in context.store.table_names() if f"qforge.{name}" in lowered]


def rehearse(
    settings: Settings,  # noqa: ARG001 - every verb has one shape
    *,
    body: str,
    tables: Mapping[str, Any] | None = None,
    values: tuple[Any, ...] = (),
    known: tuple[str, ...] = (),
) -> None:
    """Ask the query of tables without rows; the store's own are looked at by the call only."""
    if not body.strip():
        raise CallError("`sql` got no query: write it under the header")
    if "qforge." in body.lower():
        return
    empty = {name: to_table(each, name).without_rows() for name, each in (tables or {}).items()}
    run_query(body, tables=empty, values=values, known=known)
