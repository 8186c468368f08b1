"""A run and what belongs to it: metrics, findings, signatures."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qforge_jupyter.errors import Category
from qforge_jupyter.results.run import Action, Severity, Status
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


class RunRow(Identified, Schema):
    """One call of a verb; ``tracker_state`` is the outbox to the tracker."""

    __tablename__ = "run"
    __table_args__ = table(
        one_of("status", *get_args(Status)),
        one_of("error_category", *get_args(Category)),
        one_of("tracker_state", "none", "pending", "synced", "failed"),
        *(
            at_least_zero(name)
            for name in ("cpu_seconds", "peak_memory_bytes", "n_rows", "tracker_attempts")
        ),
        sa.CheckConstraint("attempts >= 1", name="attempts"),
        belongs("parent_id", "run"),
        index("parent_id"),
        index("started_at"),
        index("verb", "started_at"),
        index_of_any_length("dataset"),
        index_of_any_length("fingerprint"),
        index("status", "started_at", where="status <> 'finished'"),
        index("tracker_state", "started_at", where="tracker_state IN ('pending', 'failed')"),
    )

    verb: Mapped[Name]
    actor: Mapped[str]
    status: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    seconds: Mapped[float]
    options: Mapped[dict[str, Any]]
    seed: Mapped[int | None]
    device: Mapped[str]
    cpu_seconds: Mapped[float]
    peak_memory_bytes: Mapped[int]
    n_rows: Mapped[int | None]
    attempts: Mapped[int]
    error_category: Mapped[str | None]
    error_message: Mapped[str]
    engine_version: Mapped[str]
    host: Mapped[str]
    notebook: Mapped[str]
    cell: Mapped[str]
    git_commit: Mapped[str]
    report: Mapped[dict[str, Any] | None]
    inputs: Mapped[list[Any]]
    artifacts: Mapped[list[Any]]
    dataset: Mapped[str]
    fingerprint: Mapped[str]
    parent_id: Mapped[str | None]
    tracker_state: Mapped[str]
    tracker_run_id: Mapped[str] = mapped_column(default="")
    tracker_reason: Mapped[str] = mapped_column(default="")
    tracker_attempts: Mapped[int] = mapped_column(default=0)


class MetricRow(Identified, Schema):
    """One number of a run; NULL in ``value`` is NaN."""

    __tablename__ = "metric"
    __table_args__ = table(
        share("confidence"),
        at_least_zero("position"),
        belongs("run_id", "run", dies_with=True),
        index("run_id", "position"),
        index_of_any_length("name"),
    )

    run_id: Mapped[str]
    position: Mapped[int]
    subject: Mapped[str]
    name: Mapped[str]
    value: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    confidence: Mapped[float | None]
    method: Mapped[str]
    unit: Mapped[str]
    period: Mapped[str] = mapped_column(default="")


class FindingRow(Identified, Schema):
    """One thing wrong, with its rows, and what was done about it."""

    __tablename__ = "finding"
    __table_args__ = table(
        one_of("severity", *get_args(Severity)),
        one_of("action", *get_args(Action)),
        at_least_zero("position"),
        at_least_zero("n_rows"),
        belongs("run_id", "run", dies_with=True),
        index("run_id", "position"),
        index("kind", "created_at"),
        index("severity", where="action = 'flagged'"),
    )

    run_id: Mapped[str]
    position: Mapped[int]
    kind: Mapped[Name]
    name: Mapped[str]
    n_rows: Mapped[int]
    severity: Mapped[str]
    column_name: Mapped[str]
    method: Mapped[str]
    statistic: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    rows: Mapped[list[Any]]
    entities: Mapped[list[Any]]
    action: Mapped[str]
    note: Mapped[str]
    detail: Mapped[dict[str, Any]]
    documented_rows: Mapped[list[Any]] = mapped_column(default=list)
    documented_by: Mapped[str] = mapped_column(default="")
    documented_at: Mapped[datetime | None]


class SignatureRow(Identified, Schema):
    """The signature of a collapse check: float32 numbers and what they mean."""

    __tablename__ = "signature"
    __table_args__ = table(
        sa.CheckConstraint("length(vector) = 4 * n_values", name="vector"),
        belongs("run_id", "run", dies_with=True),
        index("run_id"),
        index_of_any_length("label"),
    )

    run_id: Mapped[str]
    label: Mapped[str]
    n_values: Mapped[int]
    vector: Mapped[bytes]
    scores: Mapped[dict[str, Any]]
