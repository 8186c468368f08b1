"""The record of one call, as the store keeps it and the tracker shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from qforge_jupyter.errors import Category

Status = Literal["finished", "failed", "refused", "interrupted"]
Severity = Literal["low", "medium", "high", "critical"]
Action = Literal["flagged", "excluded", "documented"]


@dataclass(frozen=True)
class Metric:
    """One number of one subject (``dataset``, a dimension, a column, ``system``)."""

    name: str
    value: float
    subject: str = "dataset"
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    method: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing wrong, with its rows.

    ``rows`` holds at most 100 row positions (or key texts in ``entities``);
    ``n_rows`` counts them all.
    """

    kind: str
    name: str
    n_rows: int
    severity: Severity = "medium"
    column: str = ""
    method: str = ""
    statistic: float | None = None
    low: float | None = None
    high: float | None = None
    rows: tuple[int, ...] = ()
    entities: tuple[str, ...] = ()
    action: Action = "flagged"
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


#: Kind of the findings that name rows with outliers; named by the table's fingerprint.
FLAGGED_OUTLIERS = "flagged outliers"
#: Kind of the findings that explain outliers; named by the table's fingerprint.
DOCUMENTED_OUTLIERS = "documented outliers"


def document_outliers(
    fingerprint: str, rows: Sequence[int], marks: Sequence[str], note: str
) -> tuple[Finding, ...]:
    """Write down that the outliers in these rows are right, 100 rows a finding.

    A table's fingerprint does not know the order of rows, so they are named by
    ``marks``, which their content decides; ``rows`` is where they stood.
    """
    return tuple(
        Finding(
            DOCUMENTED_OUTLIERS,
            fingerprint,
            len(rows[start : start + 100]),
            "low",
            rows=tuple(rows[start : start + 100]),
            entities=tuple(marks[start : start + 100]),
            action="documented",
            note=note,
        )
        for start in range(0, len(rows), 100)
    )


@dataclass(frozen=True)
class FlaggedRows:
    """Rows in which one search found outliers, by the marks of their content.

    ``search`` tells searches apart: a later one with the same takes its place.
    """

    method: str
    severity: Severity
    marks: frozenset[str]
    search: str = ""


def flag_outliers(
    fingerprint: str, found: Sequence[FlaggedRows], search: dict[str, Any]
) -> tuple[Finding, ...]:
    """Write down in which rows a search found outliers, by severity.

    One finding at least: a search that found nothing takes back what the same
    search found before.
    """
    return tuple(
        Finding(
            FLAGGED_OUTLIERS,
            fingerprint,
            len(rows.marks),
            rows.severity,
            method=rows.method,
            entities=tuple(sorted(rows.marks)),
            detail=search,
        )
        for rows in found
    )


@dataclass(frozen=True)
class Artifact:
    """A file of the run; its bytes lie in the object store under ``sha256``."""

    name: str
    media_type: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True)
class DatasetInput:
    """The data a run worked on, as the tracker names it."""

    name: str
    origin: str
    fingerprint: str
    n_rows: int
    schema: tuple[tuple[str, str], ...]
    role: str = "subject"


@dataclass(frozen=True)
class LineageStep:
    """How a dataset came about (Q7).

    ``inputs`` are the fingerprints of what it was made of, ``input_names`` what
    these were called; ``cell_sha256`` is the hash of the cell's source.
    """

    dataset: str
    fingerprint: str
    source: str
    method: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    software: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None
    resource: str = ""
    inputs: tuple[str, ...] = ()
    notebook: str = ""
    cell: str = ""
    git_commit: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    reason: str = ""
    input_names: tuple[str, ...] = ()
    cell_sha256: str = ""


@dataclass(frozen=True)
class Event:
    """One line of the audit log: who did what to which entity."""

    actor: str
    action: str
    entity: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    kind: Literal["audit", "call", "error"] = "audit"


@dataclass(frozen=True)
class RunRecord:
    """Everything one call leaves behind; written in one transaction."""

    id: str
    verb: str
    actor: str
    status: Status
    started_at: datetime
    ended_at: datetime
    options: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    device: str = "cpu"
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0
    n_rows: int | None = None
    attempts: int = 1
    error_category: Category | None = None
    error_message: str = ""
    engine_version: str = ""
    host: str = ""
    notebook: str = ""
    cell: str = ""
    git_commit: str = ""
    report: dict[str, Any] | None = None
    inputs: tuple[DatasetInput, ...] = ()
    metrics: tuple[Metric, ...] = ()
    findings: tuple[Finding, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    lineage: tuple[LineageStep, ...] = ()
    events: tuple[Event, ...] = ()
    parent_id: str | None = None
    #: Whether a tracker should show this run (the outbox starts as pending).
    is_tracked: bool = False
    #: What else the transaction writes: datasets, commits, refs, splits.
    changes: tuple[Any, ...] = ()

    @property
    def seconds(self) -> float:
        """Wall time between start and end."""
        return (self.ended_at - self.started_at).total_seconds()
