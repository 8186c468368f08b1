"""The store's own tables and views as frames, for `sql` and for people who look."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import sqlalchemy as sa

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables.foundation import Schema
from qforge_jupyter.store.views import VIEWS


def table_names() -> tuple[str, ...]:
    """Names of all tables and views, sorted."""
    return tuple(sorted({*Schema.metadata.tables, *VIEWS}))


def read_table(database: Database, name: str, *, limit: int = 100_000) -> pl.DataFrame:
    """Read the latest rows of a table or a view that are of this workspace.

    Lists and mappings come as JSON text.

    Raises
    ------
    CallError
        There is no such table.

    """
    if name not in table_names():
        raise CallError(f"The store has no table {name!r}{nearest(name, table_names())}")
    table = VIEWS[name] if name in VIEWS else Schema.metadata.tables[name]
    latest = table.c[table.info.get("latest", "created_at")]
    # A table is no model, so the session does not narrow it to the workspace.
    own = table.c.workspace_id == database.workspace
    wanted = sa.select(table).where(own).order_by(latest.desc()).limit(limit)
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
