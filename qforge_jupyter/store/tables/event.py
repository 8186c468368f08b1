"""The audit log: rows that are added and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped

from qforge_jupyter.store.tables.foundation import (
    Identified,
    Schema,
    at_least_zero,
    belongs,
    digest,
    index,
    index_of_any_length,
    one_of,
    table,
)


class EventRow(Identified, Schema):
    """Who did what to which entity; chained to the event before by its hash."""

    __tablename__ = "event"
    __table_args__ = table(
        one_of("kind", "audit", "call", "error"),
        at_least_zero("position"),
        digest("hash"),
        belongs("run_id", "run"),
        index("position", unique=True),
        index("run_id"),
        index_of_any_length("entity"),
        index("kind", "at"),
    )

    position: Mapped[int]
    kind: Mapped[str]
    actor: Mapped[str]
    action: Mapped[str]
    entity: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]
    run_id: Mapped[str | None]
    previous_hash: Mapped[str]
    hash: Mapped[str]
