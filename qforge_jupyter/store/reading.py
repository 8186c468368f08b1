"""The store's own tables as frames, for `sql` and for people who look."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import sqlalchemy as sa

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables.foundation import Schema


def table_names() -> tuple[str, ...]:
    """Names of all tables, sorted."""
    return tuple(sorted(Schema.metadata.tables))


def read_table(database: Database, name: str, *, limit: int = 100_000) -> pl.DataFrame:
    """Read a table's latest rows, as far as this workspace may see them.

    Lists and mappings come as JSON text.

    Raises
    ------
    CallError
        There is no such table.

    """
    if name not in table_names():
        raise CallError(f"The store has no table {name!r}{nearest(name, table_names())}")
    table = Schema.metadata.tables[name]
    wanted = sa.select(table).order_by(table.c.created_at.desc()).limit(limit)
    with database.reading() as session:
        found = session.execute(wanted).all()
    return pl.DataFrame(
        {
            column.name: pl.Series([_plain(row[place]) for row in found], strict=False)
            for place, column in enumerate(table.columns)
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=str)
    return value
