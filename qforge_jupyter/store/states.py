"""States: a value an owner under one key, until it is let go of or its owner is not heard of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import StateRow
from qforge_jupyter.store.tables.foundation import new_id


@dataclass(frozen=True)
class States:
    """The values under one key, within a transaction."""

    database: Database
    session: Session = field(repr=False)
    key: str

    def all(self, since: datetime | None = None) -> dict[str, Any]:
        """Give the values by their owners, of those who were heard of since then if it is told."""
        found = sa.select(StateRow).where(*self._mine).order_by(StateRow.id)
        if since is not None:
            found = found.where(StateRow.last_seen_at >= since)
        return {row.owner: row.value for row in self.session.scalars(found)}

    def of(self, owner: str) -> Any:
        """Give the value of an owner; None where there is none."""
        row = self._row(owner)
        return None if row is None else row.value

    def keep(self, owner: str, value: Any, at: datetime | None = None) -> None:
        """Keep a value in the place of the owner's last one, who was heard of at a moment."""
        row = self._row(owner)
        if row is None:
            row = StateRow(
                workspace_id=self.database.workspace,
                id=new_id(),
                scope="session",
                owner=owner,
                key=self.key,
                started_at=at,
            )
            self.session.add(row)
        row.value, row.last_seen_at = value, at or row.last_seen_at
        self.session.flush()

    def drop(self, *owners: str) -> None:
        """Let go of the values of some owners."""
        self._delete(StateRow.owner.in_(owners))

    def drop_unheard(self, since: datetime) -> None:
        """Let go of the values of all who were not heard of since then."""
        self._delete(StateRow.last_seen_at < since)

    @property
    def _mine(self) -> tuple[sa.ColumnElement[bool], ...]:
        return StateRow.scope == "session", StateRow.key == self.key

    def _row(self, owner: str) -> StateRow | None:
        return self.session.scalar(sa.select(StateRow).where(*self._mine, StateRow.owner == owner))

    def _delete(self, which: sa.ColumnElement[bool]) -> None:
        self.session.execute(
            sa.delete(StateRow).where(*self._mine, which),
            execution_options={"synchronize_session": False},
        )
