"""Labeling: sessions, and labels that are added and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from qforge_jupyter.store.tables.foundation import (
    Identified,
    Name,
    Schema,
    at_least_zero,
    belongs,
    index,
    index_of_any_length,
    one_of,
    share,
    table,
)


class LabelingSessionRow(Identified, Schema):
    """One sitting of one labeler over one dataset."""

    __tablename__ = "labeling_session"
    __table_args__ = table(
        one_of("kind", "initial", "validation", "correction"),
        at_least_zero("n_labeled"),
        belongs("dataset_id", "dataset", dies_with=True),
        index("dataset_id", "started_at"),
        index("labeler", "started_at"),
    )

    dataset_id: Mapped[str]
    labeler: Mapped[Name]
    kind: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    n_labeled: Mapped[int] = mapped_column(default=0)


class LabelEventRow(Identified, Schema):
    """One label as it was given; what it replaced stands in ``previous``.

    The answers that were given to an item at once share a ``submission``, so that
    one that is sent twice is kept once. ``position`` numbers the labels of a workspace.
    """

    __tablename__ = "label_event"
    __table_args__ = table(
        share("confidence"),
        at_least_zero("latency_ms"),
        at_least_zero("position"),
        belongs("session_id", "labeling_session", dies_with=True),
        belongs("commit_id", "commit"),
        index("session_id"),
        index("commit_id"),
        index_of_any_length("row_key"),
        index("position"),  # whole: a part would be searched from its own bound on
        index("session_id", "submission", "question", unique=True, where="submission <> ''"),
    )

    session_id: Mapped[str]
    commit_id: Mapped[str | None]
    row_key: Mapped[str]
    labeler: Mapped[Name]
    label_type: Mapped[str]
    value: Mapped[Any]
    previous: Mapped[Any | None]
    labeled_at: Mapped[datetime]
    confidence: Mapped[float | None]
    note: Mapped[str] = mapped_column(default="")
    latency_ms: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    submission: Mapped[Name] = mapped_column(default="")
    question: Mapped[Name] = mapped_column(default="")
