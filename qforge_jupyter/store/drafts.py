"""Drafts: what labelers had half answered, by session, until they answer or pass over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import StateRow
from qforge_jupyter.store.tables.foundation import new_id

#: Items of one session that may be half answered at once; the oldest goes first.
MOST = 20
Draft = dict[str, Any]


@dataclass(frozen=True)
class Drafts:
    """The drafts of one dataset's sessions, within a transaction."""

    database: Database
    session: Session = field(repr=False)
    dataset_id: str

    @property
    def _key(self) -> str:
        return f"drafts {self.dataset_id}"

    def of(self, session_id: str) -> tuple[tuple[str, Draft], ...]:
        """Give the drafts of a session with their items, the newest last."""
        row = self.session.scalar(self._of(session_id))
        return () if row is None else tuple((item, draft) for item, draft in row.value)

    def keep(self, session_id: str, item: str, draft: Draft, at: datetime) -> None:
        """Keep the draft of an item in the place of its last one."""
        row = self.session.scalar(self._of(session_id))
        if row is None:
            row = StateRow(
                workspace_id=self.database.workspace,
                id=new_id(),
                scope="session",
                owner=session_id,
                key=self._key,
                started_at=at,
            )
            self.session.add(row)
        before = [each for each in row.value or [] if each[0] != item]
        row.value, row.last_seen_at = [*before, [item, draft]][-MOST:], at
        self.session.flush()

    def drop(self, session_id: str, item: str) -> None:
        """Let go of the draft of an item."""
        row = self.session.scalar(self._of(session_id))
        if row is not None:
            self._leave(row, item)

    def erase(self, item: str) -> None:
        """Let go of every draft of a forgotten row."""
        mine = sa.select(StateRow).where(StateRow.scope == "session", StateRow.key == self._key)
        for row in self.session.scalars(mine):
            self._leave(row, item)

    def _leave(self, row: StateRow, item: str) -> None:
        left = [each for each in row.value if each[0] != item]
        if left:
            row.value = left
        else:
            self.session.delete(row)
        self.session.flush()

    def _of(self, session_id: str) -> sa.Select[StateRow]:
        return sa.select(StateRow).where(
            StateRow.scope == "session", StateRow.key == self._key, StateRow.owner == session_id
        )
