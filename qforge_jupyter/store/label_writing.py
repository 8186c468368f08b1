"""Writing labels and sessions; a label is never changed, and erased only where its row is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.label_events import FORGOTTEN, LabelingSession, NewLabel
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import LabelEventRow, LabelingSessionRow
from qforge_jupyter.store.tables.foundation import new_id


def append_labels(  # noqa: PLR0913 — one submission
    database: Database,
    session: Session,
    session_id: str,
    submission: str,
    labels: Sequence[NewLabel],
    *,
    at: datetime,
    commit_id: str | None,
) -> None:
    """Write the labels of one submission; whoever calls holds the workspace's lock."""
    row = session.get(LabelingSessionRow, (database.workspace, session_id))
    if row is None:
        raise StoreError(
            "The labeling session is not in the store any more: run the cell that labels again"
        )
    first = last_position(session) + 1
    session.execute(
        sa.insert(LabelEventRow),
        [
            {
                "workspace_id": database.workspace,
                "id": new_id(),
                "session_id": session_id,
                "commit_id": commit_id,
                "row_key": one.item,
                "labeler": row.labeler,
                "label_type": one.label_type,
                "value": one.value,
                "previous": one.previous,
                "labeled_at": at,
                "confidence": one.confidence,
                "note": one.note,
                "latency_ms": one.latency_ms,
                "position": first + place,
                "submission": submission,
                "question": one.question,
                "meta": one.detail,
            }
            for place, one in enumerate(labels)
        ],
    )
    if labels and labels[0].label_type not in ("skip", "undo"):
        row.n_labeled += 1
    row.ended_at = None
    session.flush()


def add_session(database: Database, session: Session, made: LabelingSession) -> None:
    """Write a session that did not exist."""
    session.add(
        LabelingSessionRow(
            workspace_id=database.workspace,
            id=made.id,
            dataset_id=made.dataset_id,
            labeler=made.labeler,
            kind=made.kind,
            started_at=made.started_at,
            meta={**made.detail, "plan": made.plan},
        )
    )
    session.flush()


def erase_labels(
    database: Database, session: Session, dataset_id: str, item: str, tombstone: str
) -> int:
    """Erase what was said of a forgotten row, and say in how many labels; their places stay."""
    sessions = sa.select(LabelingSessionRow.id).where(LabelingSessionRow.dataset_id == dataset_id)
    erased = sa.update(LabelEventRow).where(
        LabelEventRow.workspace_id == database.workspace,
        LabelEventRow.row_key == item,
        LabelEventRow.session_id.in_(sessions),
    )
    found = session.execute(
        erased.values(
            row_key=f"forgotten:{tombstone}",
            label_type="forgotten",
            value=FORGOTTEN,
            previous=None,
            note="",
            confidence=None,
            latency_ms=None,
            meta={},
        ),
        execution_options={"synchronize_session": False},
    )
    return int(found.rowcount)  # type: ignore[attr-defined]


def last_position(session: Session) -> int:
    """Give the number of the last label."""
    return int(session.scalar(sa.select(sa.func.max(LabelEventRow.position))) or 0)
