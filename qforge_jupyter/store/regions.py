"""Regions: what labelers chose on a map to label first, by session, until they choose anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import StateRow
from qforge_jupyter.store.tables.foundation import new_id

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Regions:
    """The regions of one dataset's sessions, within a transaction."""

    database: Database
    session: Session = field(repr=False)
    dataset_id: str

    def of(self, session_id: str) -> Corners:
        """Give the corners that a session chose last; none where all items are labeled."""
        row = self.session.scalar(self._of(session_id))
        return () if row is None else tuple((float(x), float(y)) for x, y in row.value)

    def keep(self, session_id: str, corners: Corners, at: datetime) -> None:
        """Keep the corners in the place of the last ones; nothing where there are none."""
        row = self.session.scalar(self._of(session_id))
        if not corners:
            if row is not None:
                self.session.delete(row)
            self.session.flush()
            return
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
        row.value, row.last_seen_at = [list(each) for each in corners], at
        self.session.flush()

    @property
    def _key(self) -> str:
        return f"region {self.dataset_id}"

    def _of(self, session_id: str) -> sa.Select[StateRow]:
        return sa.select(StateRow).where(
            StateRow.scope == "session", StateRow.key == self._key, StateRow.owner == session_id
        )
