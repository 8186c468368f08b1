"""Forgetting: versions are pointed to files without the rows, runs lose their values."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.errors import RefMoved
from qforge_jupyter.results.changes import ErasedVersion, ForgetRows, RedactedRun
from qforge_jupyter.results.run import Artifact, Event, RunRecord
from qforge_jupyter.store import rows
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.events import append
from qforge_jupyter.store.referring import refer
from qforge_jupyter.store.runs import REDACTED, record_of
from qforge_jupyter.store.tables import (
    CommitObjectRow,
    CommitRow,
    DatasetRow,
    FeatureSetRow,
    FindingRow,
    JobRow,
    LineageRow,
    PredictionRow,
    RunRow,
    SplitRow,
    WorkspaceRow,
)
from qforge_jupyter.store.tombstones import mark

_SALT = "forgetting_salt"
#: What consists of a file, its table, what names it, where it points to the file.
_BUILT: tuple[tuple[str, Any, str, str], ...] = (
    ("split", SplitRow, "name", "assignments"),
    ("feature set", FeatureSetRow, "name", "feature_values"),
    ("prediction", PredictionRow, "id", "bulk"),
)


@dataclass(frozen=True)
class Forgetting:
    """What has to be known to forget rows."""

    database: Database

    def state(self) -> tuple[int, str]:
        """Give the length of the audit log, and the salt of the tombstones' ids."""
        with self.database.reading() as session:
            row = session.get_one(WorkspaceRow, self.database.workspace)
            return row.n_events, str(row.meta.get(_SALT, "")) or secrets.token_hex(32)

    def runs(self) -> Iterator[tuple[RunRecord, str]]:
        """Go through every run, each with the id that its tracker gave it."""
        with self.database.reading() as session:
            ids = session.scalars(sa.select(RunRow.id).order_by(RunRow.started_at)).all()
            for run_id in ids:
                row = session.get_one(RunRow, (self.database.workspace, run_id))
                yield record_of(session, row), row.tracker_run_id
                session.expunge_all()

    def built_on(self, files: Collection[str]) -> tuple[tuple[str, str], ...]:
        """Name what consists of one of these files and has to be made again without it."""
        with self.database.reading() as session:
            return tuple(
                (f"{what} to make again", name)
                for what, table, named, column in _BUILT
                for name, sha256 in session.execute(
                    sa.select(getattr(table, named), getattr(table, column)).order_by(
                        getattr(table, named)
                    )
                )
                if sha256 in files
            )


@apply.register
def _(change: ForgetRows, within: Within) -> None:
    session, database = within.session, within.database
    workspace = database.lock(session)
    salt = workspace.meta.get(_SALT, change.salt)
    if (workspace.n_events, salt) != (change.n_events, change.salt):
        raise RefMoved("Somebody else worked in this workspace meanwhile: run the cell again")
    workspace.meta = {**workspace.meta, _SALT: salt}
    for dataset_id in change.datasets:
        row = session.get_one(DatasetRow, (database.workspace, dataset_id))
        known = dict.fromkeys([*row.meta.get("tombstones", ()), *change.tombstones])
        n_forgettings = row.meta.get("n_forgettings", 0) + 1
        row.meta = {**row.meta, "tombstones": list(known), "n_forgettings": n_forgettings}
    for version in change.versions:
        _erase(session, within, version)
    _move(session, within, change.moved)
    mark(session, change.files, by=database.actor, reason=change.reason, at=change.at)
    for run in change.runs:
        _redact(session, database, run)
    for job in change.jobs:
        session.execute(
            sa.update(JobRow)
            .where(JobRow.id == job.job_id)
            .values(call=job.call, doing=job.doing, error_message=job.error_message)
        )


def _erase(session: Session, within: Within, version: ErasedVersion) -> None:
    """Point a version to other files; what its id was made of is remembered."""
    workspace = within.database.workspace
    refer(within.database, session, [file for _, file in version.objects], has=within.has)
    row = session.get_one(CommitRow, (workspace, version.commit_id))
    wanted = (
        sa.select(CommitObjectRow)
        .where(CommitObjectRow.commit_id == version.commit_id)
        .order_by(CommitObjectRow.position)
    )
    files = session.scalars(wanted).all()
    sealed = row.meta.get("sealed_objects") or [[file.role, file.sha256] for file in files]
    for file, (_, artifact) in zip(files, version.objects, strict=True):
        file.sha256 = artifact.sha256
    forgotten = {"rows": list(version.rows), "n_living": version.n_living}
    row.meta = {**row.meta, "sealed_objects": sealed, "forgotten": forgotten}
    session.flush()


def _move(session: Session, within: Within, moved: Mapping[str, Artifact]) -> None:
    """Point splits, features and predictions to their tables without the rows."""
    refer(within.database, session, list(moved.values()), has=within.has)
    for _, table, _, column in _BUILT:
        held = getattr(table, column)
        for row in session.scalars(sa.select(table).where(held.in_(list(moved)))):
            setattr(row, column, moved[getattr(row, column)].sha256)
    session.flush()


def _redact(session: Session, database: Database, run: RedactedRun) -> None:
    """Cut values out of a run, and tell the audit log what the run hashes to from now on."""
    row = session.get_one(RunRow, (database.workspace, run.run_id))
    row.report, row.options, row.error_message = run.report, run.options, run.error_message
    row.artifacts = [asdict(each) for each in run.artifacts]
    wanted = sa.select(FindingRow).where(FindingRow.run_id == run.run_id)
    for finding in session.scalars(wanted):
        for name, value in run.findings.get(finding.position, {}).items():
            setattr(finding, name, value)
    for step in session.scalars(sa.select(LineageRow).where(LineageRow.run_id == run.run_id)):
        step.parameters = run.lineage.get(step.position, step.parameters)
    session.flush()
    session.expire_all()
    after = {"record_sha256": rows.digest_of(record_of(session, row))}
    said = Event(database.actor, REDACTED, f"run/{run.run_id}", after=after)
    append(database, session, (said,), run.run_id)
