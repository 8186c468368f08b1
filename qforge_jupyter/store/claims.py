"""Claims: which items of a dataset lie before whom, until they are not heard of any more.

A claim names an item by its mark, a hash of its key, and holds nothing of the row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import StateRow
from qforge_jupyter.store.tables.foundation import new_id


@dataclass(frozen=True)
class Claim:
    """What lies before one sitting."""

    sitting: str
    session_id: str
    labeler: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Claims:
    """The claims on the items of one dataset, within a transaction that serialises them."""

    database: Database
    session: Session = field(repr=False)
    dataset_id: str

    @property
    def _key(self) -> str:
        return f"labeling {self.dataset_id}"

    def living(self, since: datetime) -> tuple[Claim, ...]:
        """Give the claims of those who were heard of since then; the others' count no more."""
        living = sa.select(StateRow).where(*self._all, StateRow.last_seen_at >= since)
        rows = self.session.scalars(living.order_by(StateRow.id))
        return tuple(
            Claim(row.owner, row.value["session"], row.value["labeler"], tuple(row.value["marks"]))
            for row in rows
        )

    def end(self, before: datetime) -> None:
        """Let go of what those hold who were not heard of since then."""
        self.session.execute(
            sa.delete(StateRow).where(*self._all, StateRow.last_seen_at < before),
            execution_options={"synchronize_session": False},
        )

    def hold(self, claim: Claim, at: datetime) -> None:
        """Let a sitting hold these items and no others."""
        value = {"session": claim.session_id, "labeler": claim.labeler, "marks": list(claim.marks)}
        row = self.session.scalar(self._of(claim.sitting))
        if row is None:
            self.session.add(
                StateRow(
                    workspace_id=self.database.workspace,
                    id=new_id(),
                    scope="session",
                    owner=claim.sitting,
                    key=self._key,
                    value=value,
                    started_at=at,
                    last_seen_at=at,
                )
            )
        else:
            row.value, row.last_seen_at = value, at
        self.session.flush()

    def release(self, *sittings: str) -> None:
        """Let go of all that these sittings hold."""
        self.session.execute(
            sa.delete(StateRow).where(*self._all, StateRow.owner.in_(sittings)),
            execution_options={"synchronize_session": False},
        )

    def _of(self, sitting: str) -> sa.Select[StateRow]:
        return sa.select(StateRow).where(*self._all, StateRow.owner == sitting)

    @property
    def _all(self) -> tuple[sa.ColumnElement[bool], ...]:
        return StateRow.scope == "session", StateRow.key == self._key
