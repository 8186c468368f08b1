"""The calls over some content, in short: what a row's biography is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.results.run import Status
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import LineageRow, MetricRow, RunRow


@dataclass(frozen=True)
class RunOver:
    """A call over some content, in short.

    Parameters
    ----------
    note
        What the call was asked to make: the name of a split, a model, a folder.
    files
        SHA-256 of its artifacts, by name without suffix.
    headline
        Its first numbers.

    """

    id: str
    verb: str
    actor: str
    status: Status
    started_at: datetime
    tracker_run_id: str
    note: str
    files: dict[str, str]
    headline: tuple[tuple[str, float], ...]


#: Options that say what a call made, in this order.
_NOTES = ("as_", "as", "to", "subject")


def runs_over(database: Database, fingerprints: Sequence[str]) -> tuple[RunOver, ...]:
    """Give the calls over content with these fingerprints, and those that made more of it."""
    names = ("id", "verb", "actor", "status", "started_at", "tracker_run_id")
    columns = [*(getattr(RunRow, name) for name in names), RunRow.options, RunRow.artifacts]
    found: dict[str, Any] = {}
    with database.reading() as session:
        for start in range(0, len(fingerprints), 500):
            some = fingerprints[start : start + 500]
            made = sa.select(LineageRow.run_id).where(LineageRow.fingerprint.in_(some))
            wanted = sa.select(*columns).where(
                sa.or_(RunRow.fingerprint.in_(some), RunRow.id.in_(made)),
                RunRow.workspace_id == database.workspace,
            )
            found |= {row.id: row for row in session.execute(wanted)}
        makers = _makers(session, set(fingerprints)) - set(found)
        rest = sa.select(*columns).where(RunRow.workspace_id == database.workspace)
        for each in sorted(makers):
            found |= {row.id: row for row in session.execute(rest.where(RunRow.id == each))}
        numbers = _headlines(database, session, list(found))
    return tuple(
        RunOver(
            **{name: getattr(row, name) for name in names},
            note=next((row.options[one] for one in _NOTES if one in row.options), ""),
            files={one["name"].rsplit(".", 1)[0]: one["sha256"] for one in row.artifacts},
            headline=numbers.get(row.id, ()),
        )
        for row in sorted(found.values(), key=lambda row: row.started_at)
    )


def _headlines(
    database: Database, session: Session, ids: Sequence[str]
) -> dict[str, tuple[tuple[str, float], ...]]:
    found: dict[str, tuple[tuple[str, float], ...]] = {}
    for start in range(0, len(ids), 500):
        wanted = sa.select(MetricRow.run_id, MetricRow.subject, MetricRow.value).where(
            MetricRow.run_id.in_(ids[start : start + 500]),
            MetricRow.name == "score",
            MetricRow.subject == "overall",
            MetricRow.workspace_id == database.workspace,
        )
        for run_id, subject, value in session.execute(wanted):
            if value is not None:
                found[run_id] = ((subject, value),)
    return found


def _makers(session: Session, contents: set[str]) -> set[str]:
    """Name the calls that made something of such content, as a model or files."""
    steps = sa.select(LineageRow.run_id, LineageRow.inputs).where(LineageRow.run_id.is_not(None))
    return {str(run) for run, inputs in session.execute(steps) if contents.intersection(inputs)}
