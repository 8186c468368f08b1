"""Checkpoints: the rows of the chunks of a job's work that are done."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from qforge_jupyter.errors import StoreError
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.jobs import require_owner
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.store.tables import CheckpointRow, JobRow


@dataclass(frozen=True)
class Checkpoints:
    """What the jobs of a workspace have done so far."""

    database: Database
    objects: Objects

    def find(self, job_id: str, chunk: str) -> pl.DataFrame | None:
        """Give the rows of a chunk; None where it was not done, or its file is gone or damaged."""
        with self.database.reading() as session:
            sha256 = session.scalar(sa.select(CheckpointRow.sha256).where(*_is(job_id, chunk)))
        if sha256 is None or not self.objects.has(sha256):
            return None
        try:
            return self.objects.read_frame(sha256)
        except StoreError:
            return None  # read from its source again

    def count(self, job_id: str) -> int:
        """Count the chunks of a job that are done."""
        wanted = sa.select(sa.func.count()).select_from(CheckpointRow)
        with self.database.reading() as session:
            return session.scalar(wanted.where(CheckpointRow.job_id == job_id)) or 0

    def keep(self, job_id: str, owner: str, chunk: str, rows: pl.DataFrame) -> None:
        """Keep the rows of a chunk.

        Raises
        ------
        JobLost
            Another process runs the job by now.

        """
        file = self.objects.put_frame(rows, compression="lz4")
        with self.database.writing() as session:
            require_owner(session, job_id, owner)
            row = session.scalar(sa.select(CheckpointRow).where(*_is(job_id, chunk)))
            if row is None:
                row = CheckpointRow(
                    workspace_id=self.database.workspace, job_id=job_id, chunk=chunk
                )
                session.add(row)
            row.sha256 = file.sha256

    def drop(self, job_id: str | None = None) -> None:
        """Let go of the chunks of a job, or of all jobs, with their files."""
        self._drop(*([] if job_id is None else [CheckpointRow.job_id == job_id]))

    def drop_done(self) -> None:
        """Let go of what is left where a process ended after its job was done."""
        done = sa.select(JobRow.id).where(JobRow.state == "done")
        self._drop(CheckpointRow.job_id.in_(done))

    def _drop(self, *which: sa.ColumnElement[bool]) -> None:
        with self.database.reading() as session:
            files = set(session.scalars(sa.select(CheckpointRow.sha256).where(*which)))
        if not files:
            return
        with self.database.writing() as session:
            session.execute(
                sa.delete(CheckpointRow).where(*which),
                execution_options={"synchronize_session": False},
            )
        self.objects.remove_unreferred(files)


def _is(job_id: str, chunk: str) -> tuple[sa.ColumnElement[bool], ...]:
    return CheckpointRow.job_id == job_id, CheckpointRow.chunk == chunk
