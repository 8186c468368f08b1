"""Labels: sessions, events that only grow, and claims on what lies before somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.errors import RefMoved
from qforge_jupyter.results.changes import ForgetLabels, NewLabels, NewSession
from qforge_jupyter.results.label_events import LabelEvent, LabelingSession, NewLabel
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.claims import Claims
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.drafts import Draft, Drafts
from qforge_jupyter.store.label_frames import label_frame
from qforge_jupyter.store.label_writing import (
    add_session,
    append_labels,
    erase_labels,
    last_position,
)
from qforge_jupyter.store.regions import Corners, Regions
from qforge_jupyter.store.states import States
from qforge_jupyter.store.tables import DatasetRow, LabelEventRow, LabelingSessionRow, RefRow

_COLUMNS = (
    *("position", "session_id", "submission", "labeler", "labeled_at", "commit_id", "row_key"),
    *("question", "label_type", "value", "previous", "confidence", "note", "latency_ms", "meta"),
)


@dataclass(frozen=True)
class Standing:
    """Where a dataset stands: its newest version, and how often rows of it were forgotten."""

    head: str
    n_forgettings: int
    tombstones: frozenset[str]


@dataclass(frozen=True)
class Labels:
    """What people said of the rows of datasets."""

    database: Database

    def sessions(self, dataset_id: str) -> tuple[LabelingSession, ...]:
        """Give the sessions over a dataset, the oldest first."""
        with self.database.reading() as session:
            return _sessions(session, LabelingSessionRow.dataset_id == dataset_id)

    def asked(self, dataset_id: str) -> frozenset[str]:
        """Name the questions that were asked of a dataset's rows: answers become such columns."""
        return frozenset(
            str(one["name"])
            for session in self.sessions(dataset_id)
            for one in session.detail.get("questions", ())
        )

    def last_position(self) -> int:
        """Give the number of the last label of the workspace; 0 where there is none."""
        with self.database.reading() as session:
            return last_position(session)

    def since(self, dataset_id: str, position: int = 0) -> tuple[LabelEvent, ...]:
        """Give the labels of a dataset after a position, in order."""
        with self.database.reading() as session:
            return _since(session, dataset_id, position)

    def frame(self, dataset_id: str, position: int = 0) -> pl.DataFrame:
        """Give the labels of a dataset after a position as one frame, in order."""
        with self.database.reading() as session:
            return label_frame(session, dataset_id, position)

    def of_item(self, dataset_id: str, item: str) -> tuple[LabelEvent, ...]:
        """Give what was said of one row, in order."""
        with self.database.reading() as session:
            return _read(session, dataset_id, LabelEventRow.row_key == item)

    def drafts(self, dataset_id: str, session_id: str) -> tuple[tuple[str, Draft], ...]:
        """Give what a session had half answered, the newest last."""
        with self.looking(dataset_id) as work:
            return work.drafts.of(session_id)

    def region(self, dataset_id: str, session_id: str) -> Corners:
        """Give the corners of the region that a session labels first; none for all items."""
        with self.looking(dataset_id) as work:
            return work.regions.of(session_id)

    @contextmanager
    def looking(self, dataset_id: str) -> Iterator[LabelTransaction]:
        """Open a transaction that reads only, so that it waits neither for others nor the disk."""
        with self.database.reading() as session:
            yield LabelTransaction(self.database, session, dataset_id)

    @contextmanager
    def labeling(self, dataset_id: str) -> Iterator[LabelTransaction]:
        """Open a transaction in which nobody else of this workspace labels.

        Raises
        ------
        StoreError
            The store refused; nothing of the transaction is kept then.

        """
        with self.database.writing() as session:
            self.database.lock(session)
            yield LabelTransaction(self.database, session, dataset_id)


@dataclass(frozen=True)
class LabelTransaction:
    """What is read, and written while nobody else labels."""

    database: Database
    session: Session = field(repr=False)
    dataset_id: str

    @property
    def claims(self) -> Claims:
        """Which items lie before whom."""
        return Claims(self._states("labeling"))

    @property
    def regions(self) -> Regions:
        """What is labeled first on a map."""
        return Regions(self._states("region"))

    @property
    def drafts(self) -> Drafts:
        """What is half answered."""
        return Drafts(self._states("drafts"))

    def _states(self, kind: str) -> States:
        return States(self.database, self.session, f"{kind} {self.dataset_id}")

    def standing(self, branch: str) -> Standing | None:
        """Say where the dataset stands; None where it was deleted."""
        wanted = sa.select(DatasetRow.meta, RefRow.head).outerjoin(
            RefRow,
            sa.and_(
                RefRow.dataset_id == DatasetRow.id, RefRow.kind == "branch", RefRow.name == branch
            ),
        )
        found = self.session.execute(
            wanted.where(DatasetRow.id == self.dataset_id, DatasetRow.status == "active")
        ).first()
        if found is None:
            return None
        meta, head = found
        tombstones = frozenset(meta.get("tombstones", ()))
        return Standing(head or "", int(meta.get("n_forgettings", 0)), tombstones)

    def since(self, position: int) -> tuple[LabelEvent, ...]:
        """Give the labels of the dataset after a position, in order."""
        return _since(self.session, self.dataset_id, position)

    def has(self, session_id: str, submission: str) -> bool:
        """Say whether a submission is kept already."""
        wanted = sa.select(LabelEventRow.id).where(
            LabelEventRow.session_id == session_id,
            LabelEventRow.submission == submission,
            LabelEventRow.submission != sa.literal_column("''"),  # as the index says it
        )
        return self.session.scalar(wanted.limit(1)) is not None

    def append(
        self,
        session_id: str,
        submission: str,
        labels: Sequence[NewLabel],
        *,
        at: datetime,
        commit_id: str | None,
    ) -> None:
        """Write the labels of one submission behind all others."""
        append_labels(
            self.database,
            self.session,
            session_id,
            submission,
            labels,
            at=at,
            commit_id=commit_id,
        )


def _since(session: Session, dataset_id: str, position: int) -> tuple[LabelEvent, ...]:
    return _read(session, dataset_id, LabelEventRow.position > position)


def _read(
    session: Session, dataset_id: str, *where: sa.ColumnElement[bool]
) -> tuple[LabelEvent, ...]:
    columns = (getattr(LabelEventRow, name) for name in _COLUMNS)
    sessions = sa.select(LabelingSessionRow.id).where(LabelingSessionRow.dataset_id == dataset_id)
    # An expression, so that what is new is not looked for by session, of which each has many.
    is_of_dataset = LabelEventRow.session_id.concat("").in_(sessions)
    wanted = sa.select(*columns).where(*where, is_of_dataset).order_by(LabelEventRow.position)
    return tuple(map(_event, session.execute(wanted)))


def _event(row: Any) -> LabelEvent:
    label = NewLabel(
        row.row_key,
        row.question,
        row.label_type,
        row.value,
        row.previous,
        row.confidence,
        row.note,
        row.latency_ms,
        row.meta,
    )
    return LabelEvent(
        row.position,
        row.session_id,
        row.submission,
        row.labeler,
        row.labeled_at,
        row.commit_id,
        label,
    )


def _sessions(session: Session, *where: sa.ColumnElement[bool]) -> tuple[LabelingSession, ...]:
    wanted = sa.select(LabelingSessionRow).where(*where)
    rows = session.scalars(wanted.order_by(LabelingSessionRow.started_at, LabelingSessionRow.id))
    return tuple(
        LabelingSession(
            row.id,
            row.dataset_id,
            row.labeler,
            row.kind,  # type: ignore[arg-type]
            row.started_at,
            row.meta.get("plan", ""),
            row.n_labeled,
            row.ended_at,
            {name: value for name, value in row.meta.items() if name != "plan"},
        )
        for row in rows
    )


@apply.register
def _(change: NewSession, within: Within) -> None:
    add_session(within.database, within.session, change.session)


@apply.register
def _(change: NewLabels, within: Within) -> None:
    within.database.lock(within.session)
    if last_position(within.session) != change.n_events:
        raise RefMoved("Somebody labeled in this workspace meanwhile: run the cell again")
    for n, label in enumerate(change.labels):
        append_labels(
            within.database,
            within.session,
            change.session_id,
            f"{change.submission}/{n}",
            (label,),
            at=change.at,
            commit_id=change.commit_id,
        )


@apply.register
def _(change: ForgetLabels, within: Within) -> None:
    for dataset_id, item, tombstone in change.items:
        erase_labels(within.database, within.session, dataset_id, item, tombstone)
        LabelTransaction(within.database, within.session, dataset_id).drafts.erase(item)
