"""What every table has, and the short words its constraints are written in.

Every key starts with the workspace, and so does every foreign key: a row can
belong to a row of its own workspace only, whatever a policy says.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from qforge_jupyter.store.types import AnyText, Json, Moment, Real, Whole, Word

#: How both databases are told that an index covers part of the rows.
_PART = ("sqlite_where", "postgresql_where")


def now() -> datetime:
    """Read the clock, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Make an id that no other process makes."""
    return uuid.uuid4().hex


#: Text that names something and is found by it in order: at most 1,024 bytes.
Name = Annotated[str, mapped_column(Word)]


class Schema(DeclarativeBase):
    """Root of the typed models; its metadata is the schema of this version."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 — SQLAlchemy reads it under this name
        str: AnyText,
        int: Whole,
        float: Real,
        datetime: Moment,
        dict[str, Any]: Json,
        list[Any]: Json,
        Any: Json,
    }


class Kept:
    """Columns of every table."""

    workspace_id: Mapped[str] = mapped_column(
        sa.ForeignKey("workspace.workspace_id", ondelete="CASCADE"),
        primary_key=True,
        sort_order=-2,
    )
    created_at: Mapped[datetime] = mapped_column(default=now, sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now, sort_order=2)
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict, sort_order=3)


class Identified(Kept):
    """Columns of a table whose rows have an id of their own."""

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id, sort_order=-1)


def table(*items: SchemaItem) -> tuple[Any, ...]:
    """Give ``__table_args__`` of a STRICT table with these constraints."""
    return (*items, {"sqlite_strict": True})


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    """Allow these words only."""
    words = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({words})", name=column)


def at_least_zero(column: str) -> sa.CheckConstraint:
    """Allow no negative number."""
    return sa.CheckConstraint(f"{column} >= 0", name=column)


def share(column: str) -> sa.CheckConstraint:
    """Allow 0 to 1 only."""
    return sa.CheckConstraint(f"{column} >= 0 AND {column} <= 1", name=column)


def digest(column: str) -> sa.CheckConstraint:
    """Allow the length of a SHA-256 in hexadecimal only."""
    return sa.CheckConstraint(f"length({column}) = 64", name=column)


def belongs(
    column: str, to: str, *, key: str = "id", dies_with: bool = False
) -> sa.ForeignKeyConstraint:
    """Point to a row of the same workspace.

    Parameters
    ----------
    column
        The one that names the other row.
    to
        The other table.
    key
        Its column.
    dies_with
        Whether a row has no life without the other.

    """
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{to}.workspace_id", f"{to}.{key}"],
        ondelete="CASCADE" if dies_with else None,
    )


def index(*columns: str, where: str | None = None, unique: bool = False) -> sa.Index:
    """Find by these columns within a workspace, over part of the rows if ``where`` says so."""
    part: dict[str, Any] = {} if where is None else dict.fromkeys(_PART, sa.text(where))
    return sa.Index(None, "workspace_id", *columns, unique=unique, **part)


def index_of_any_length(column: str) -> sa.Index:
    """Find by text of any length, which PostgreSQL's B-tree would refuse beyond 2,700 bytes."""
    return sa.Index(None, column, postgresql_using="hash")
