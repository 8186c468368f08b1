"""A workspace: whose rows are whose, and where its audit log stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from qforge_jupyter.store.tables.foundation import (
    Identified,
    Name,
    Schema,
    at_least_zero,
    index,
    now,
    one_of,
    table,
)


class WorkspaceRow(Schema):
    """One workspace.

    ``members`` lists the database roles that may see it (none listed: all who
    may read the tables). ``n_events`` and ``last_hash`` anchor the chain of
    events, so that cutting off its end is noticed.
    """

    __tablename__ = "workspace"
    __table_args__ = table(at_least_zero("n_events"))

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    members: Mapped[list[Any]] = mapped_column(default=list)
    n_events: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)


class StateRow(Identified, Schema):
    """What a session or a user left behind: preferences, editor state."""

    __tablename__ = "state"
    __table_args__ = table(
        one_of("scope", "session", "user"), index("scope", "owner", "key", unique=True)
    )

    scope: Mapped[str]
    owner: Mapped[Name]
    key: Mapped[Name]
    value: Mapped[Any]
    started_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
