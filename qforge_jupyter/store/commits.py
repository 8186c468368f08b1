"""Commits: the versions of datasets, and the files that each is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.errors import RefMoved
from qforge_jupyter.results.changes import NewCommit
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.datasets import name_of, remember
from qforge_jupyter.store.referring import refer
from qforge_jupyter.store.tables import CommitObjectRow, CommitRow, DatasetRow, ObjectRow

#: How many digits of an id are shown, and the fewest that may be typed.
SHORT, SHORTEST = 12, 4


@dataclass(frozen=True)
class KeptObject:
    """One file of a version: what it is laid for, its hash and its size."""

    role: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True)
class KeptCommit:
    """A version as it is kept."""

    id: str
    dataset_id: str
    parents: tuple[str, ...]
    author: str
    message: str
    committed_at: datetime
    n_rows: int
    n_added: int
    n_removed: int
    n_modified: int
    fingerprint: str
    columns: tuple[tuple[str, str], ...]
    quality_score: float | None
    objects: tuple[KeptObject, ...]
    detail: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def short(self) -> str:
        """The digits by which people name it."""
        return self.id[:SHORT]

    @property
    def n_forgotten(self) -> int:
        """How many of its ``n_rows`` were forgotten; its fingerprint still speaks of them."""
        return int(self.detail.get("forgotten", {}).get("n_living", 0))

    @property
    def forgotten(self) -> tuple[int, ...]:
        """Numbers of the rows that its files hold nothing of any more."""
        return tuple(self.detail.get("forgotten", {}).get("rows", ()))


@dataclass(frozen=True)
class Headline:
    """A version in one line."""

    id: str
    parents: tuple[str, ...]
    author: str
    message: str
    committed_at: datetime
    fingerprint: str


_HEADLINE = ("id", "parents", "author", "message", "committed_at", "fingerprint")


@dataclass(frozen=True)
class Commits:
    """Every version in a workspace."""

    database: Database

    def get(self, commit_id: str) -> KeptCommit | None:
        """Give the version of that id, if there is one."""
        return next(iter(self._read(CommitRow.id == commit_id)), None)

    def starting_with(self, dataset_id: str, digits: str) -> tuple[KeptCommit, ...]:
        """Give the versions of a dataset whose ids start so."""
        return self._read(CommitRow.dataset_id == dataset_id, CommitRow.id.startswith(digits))

    def of(self, dataset_id: str) -> tuple[KeptCommit, ...]:
        """Give every version of a dataset, the latest first."""
        return self._read(CommitRow.dataset_id == dataset_id)

    def parents(self, dataset_id: str) -> dict[str, tuple[str, ...]]:
        """Give, of every version of a dataset, the ids of those before it."""
        wanted = sa.select(CommitRow.id, CommitRow.parents)
        with self.database.reading() as session:
            found = session.execute(wanted.where(CommitRow.dataset_id == dataset_id))
            return {commit_id: tuple(parents) for commit_id, parents in found}

    def holding(self, fingerprint: str) -> tuple[KeptCommit, ...]:
        """Give the versions with exactly this content, the latest first."""
        found = self._read(CommitRow.fingerprint == fingerprint)
        return tuple(each for each in found if not each.n_forgotten)

    def sharing(self, files: Iterable[str]) -> tuple[KeptCommit, ...]:
        """Give the versions that consist of any of these files."""
        wanted = sorted(set(files))
        found: dict[str, KeptCommit] = {}
        for start in range(0, len(wanted), 500):
            some = sa.select(CommitObjectRow.commit_id).where(
                CommitObjectRow.sha256.in_(wanted[start : start + 500])
            )
            found |= {each.id: each for each in self._read(CommitRow.id.in_(some))}
        return tuple(found.values())

    def headlines(self, dataset_id: str) -> tuple[Headline, ...]:
        """Give one line for every version of a dataset, the oldest first."""
        wanted = (
            sa.select(*(getattr(CommitRow, name) for name in _HEADLINE))
            .where(CommitRow.dataset_id == dataset_id)
            .order_by(CommitRow.committed_at, CommitRow.created_at)
        )
        with self.database.reading() as session:
            return tuple(
                Headline(one, tuple(parents), author, message, at, fingerprint)
                for one, parents, author, message, at, fingerprint in session.execute(wanted)
            )

    def brought(self, dataset_id: str) -> dict[str, tuple[KeptObject, ...]]:
        """Give, for every version of a dataset, the files that it was the first to have."""
        nth = sa.func.row_number().over(
            partition_by=CommitObjectRow.sha256,
            order_by=(CommitRow.committed_at, CommitRow.created_at),
        )
        inner = (
            sa.select(
                *(CommitObjectRow.commit_id, CommitObjectRow.position, CommitObjectRow.role),
                CommitObjectRow.sha256,
                nth.label("nth"),
            )
            .join(CommitRow, CommitRow.id == CommitObjectRow.commit_id)
            .where(
                CommitRow.dataset_id == dataset_id,
                CommitRow.workspace_id == self.database.workspace,
                CommitObjectRow.workspace_id == self.database.workspace,
            )
            .subquery()
        )
        wanted = sa.select(inner).where(inner.c.nth == 1).order_by(inner.c.position)
        files: dict[str, list[KeptObject]] = {}
        with self.database.reading() as session:
            for commit_id, _, role, sha256, _ in session.execute(wanted):
                files.setdefault(commit_id, []).append(KeptObject(role, sha256, 0))
        return {commit_id: tuple(each) for commit_id, each in files.items()}

    def _read(self, *where: sa.ColumnElement[bool]) -> tuple[KeptCommit, ...]:
        wanted = sa.select(CommitRow).where(*where)
        wanted = wanted.order_by(CommitRow.committed_at.desc(), CommitRow.created_at.desc())
        with self.database.reading() as session:
            found = session.scalars(wanted).all()
            files = self._files(session, [row.id for row in found])
        return tuple(_kept(row, files.get(row.id, ())) for row in found)

    def _files(self, session: Any, ids: list[str]) -> dict[str, tuple[KeptObject, ...]]:
        files: dict[str, tuple[KeptObject, ...]] = {}
        for start in range(0, len(ids), 500):
            wanted = (
                sa.select(CommitObjectRow, ObjectRow.n_bytes)
                .join(ObjectRow, ObjectRow.sha256 == CommitObjectRow.sha256)
                .where(CommitObjectRow.commit_id.in_(ids[start : start + 500]))
                .order_by(CommitObjectRow.commit_id, CommitObjectRow.position)
            )
            for row, n_bytes in session.execute(wanted):
                kept = KeptObject(row.role, row.sha256, n_bytes)
                files[row.commit_id] = (*files.get(row.commit_id, ()), kept)
        return files


def _kept(row: CommitRow, files: Iterable[KeptObject]) -> KeptCommit:
    return KeptCommit(
        id=row.id,
        dataset_id=row.dataset_id,
        parents=tuple(row.parents),
        author=row.author,
        message=row.message,
        committed_at=row.committed_at,
        n_rows=row.n_rows,
        n_added=row.n_added,
        n_removed=row.n_removed,
        n_modified=row.n_modified,
        fingerprint=row.fingerprint,
        columns=tuple((name, kind) for name, kind in row.columns),
        quality_score=row.quality_score,
        objects=tuple(files),
        detail=row.meta,
    )


@apply.register
def _(change: NewCommit, within: Within) -> None:
    session, workspace = within.session, within.database.workspace
    _check_nothing_was_forgotten(session, workspace, change)
    files = [artifact for _, artifact in change.objects]
    refer(within.database, session, files, has=within.has)
    session.add(
        CommitRow(
            workspace_id=workspace,
            id=change.id,
            dataset_id=change.dataset_id,
            parents=list(change.parents),
            author=change.author,
            message=change.message,
            committed_at=change.committed_at,
            n_rows=change.n_rows,
            n_added=change.n_added,
            n_removed=change.n_removed,
            n_modified=change.n_modified,
            fingerprint=change.fingerprint,
            columns=[list(column) for column in change.columns],
            quality_score=change.quality_score,
            meta=change.detail,
        )
    )
    session.flush()
    session.add_all(
        CommitObjectRow(
            workspace_id=workspace,
            commit_id=change.id,
            position=position,
            role=role,
            sha256=artifact.sha256,
        )
        for position, (role, artifact) in enumerate(change.objects)
    )
    session.flush()
    name = name_of(session, change.dataset_id)
    after = {"commit": change.id, "message": change.message, "n_rows": change.n_rows}
    remember(within, "commit", f"dataset/{name}", after)


def _check_nothing_was_forgotten(session: Session, workspace: str, change: NewCommit) -> None:
    """Refuse what was drafted from files that held rows which are forgotten by now."""
    row = session.get_one(DatasetRow, (workspace, change.dataset_id))
    if change.n_forgettings not in (None, row.meta.get("n_forgettings", 0)):
        raise RefMoved(
            f"Rows of {row.name} were forgotten meanwhile: "
            "run the cell again, it goes on from there"
        )
