"""Splits that are kept under a name: which row is where, and what is sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa

from qforge_jupyter.errors import RefMoved, StoreError
from qforge_jupyter.results.changes import NewSplit
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.datasets import remember
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.store.tables import EventRow, RunRow, SplitRow
from qforge_jupyter.store.tables.foundation import now

#: What the audit log calls the opening of a sealed part.
LOOK = "look at sealed part"


@dataclass(frozen=True)
class KeptSplit:
    """A split as it is kept.

    Parameters
    ----------
    rows
        SHA-256 of the rows that were split; empty where a commit has them.

    """

    id: str
    name: str
    table: str
    fingerprint: str
    strategy: str
    seed: int
    fractions: dict[str, float]
    counts: dict[str, Any]
    sealed: tuple[str, ...]
    plan: dict[str, Any]
    edges: dict[str, tuple[float, ...]]
    assignments: str
    rows: str
    commit_id: str | None
    made_at: datetime
    n_folds: int = 0
    #: SHA-256 of the rows that were placed before and not this time, if there are any.
    remembered: str = ""
    detail: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Splits:
    """The splits of a workspace."""

    database: Database
    objects: Objects

    def latest(self, name: str) -> KeptSplit | None:
        """Give the last split of a name, if there is one."""
        return next(iter(self._read(SplitRow.name == name, limit=1)), None)

    def get(self, split_id: str) -> KeptSplit:
        """Give the split of that id.

        Raises
        ------
        StoreError
            There is none.

        """
        found = next(iter(self._read(SplitRow.id == split_id, limit=1)), None)
        if found is None:
            raise StoreError(f"No split has the id {split_id[:64]!r}: look it up in splits.list()")
        return found

    def list(self, name: str | None = None, *, limit: int = 100) -> tuple[KeptSplit, ...]:
        """Give the splits, or those of a name, the latest first."""
        return self._read(*(() if name is None else (SplitRow.name == name,)), limit=limit)

    def assignment(self, split: KeptSplit) -> pl.DataFrame:
        """Read which row is in which part and fold."""
        return self.objects.read_frame(split.assignments)

    def remembered(self, split: KeptSplit) -> pl.DataFrame | None:
        """Read where rows are that were split before under this name, and not this time."""
        return self.objects.read_frame(split.remembered) if split.remembered else None

    def looks(self, name: str) -> dict[str, int]:
        """Count how often each part of a split was opened although it is sealed."""
        start = f"split/{name}/"
        wanted = (
            sa.select(EventRow.entity, sa.func.count())
            .where(EventRow.action == LOOK, EventRow.entity.startswith(start, autoescape=True))
            .group_by(EventRow.entity)
        )
        with self.database.reading() as session:
            return {entity[len(start) :]: int(n) for entity, n in session.execute(wanted)}

    def _read(self, *where: sa.ColumnElement[bool], limit: int) -> tuple[KeptSplit, ...]:
        wanted = sa.select(SplitRow, RunRow.artifacts).outerjoin(
            RunRow, (RunRow.id == SplitRow.run_id)
        )
        wanted = wanted.where(*where).order_by(SplitRow.created_at.desc(), SplitRow.id).limit(limit)
        with self.database.reading() as session:
            return tuple(_kept(row, artifacts) for row, artifacts in session.execute(wanted))


def _kept(row: SplitRow, artifacts: Any) -> KeptSplit:
    files = {one["name"]: one["sha256"] for one in artifacts or ()}
    meta = row.meta
    return KeptSplit(
        id=row.id,
        name=row.name,
        table=meta.get("table", ""),
        fingerprint=row.fingerprint,
        strategy=row.strategy,
        seed=row.seed,
        fractions={name: float(row.fractions[name]) for name in meta.get("parts", row.fractions)},
        counts=row.counts,
        sealed=tuple(meta.get("sealed", ())),
        plan=meta.get("plan", {}),
        edges={name: tuple(edges) for name, edges in meta.get("edges", {}).items()},
        assignments=row.assignments or "",
        rows=files.get("rows.parquet", ""),
        commit_id=row.commit_id,
        made_at=row.created_at,
        n_folds=row.n_folds,
        remembered=files.get("remembered.parquet", ""),
        detail=meta,
    )


@apply.register
def _(change: NewSplit, within: Within) -> None:
    session = within.session
    moment = _moment_after(within, change)
    # JSON keeps no order of keys in every database, so the parts' order is kept apart.
    meta = {**change.detail, "sealed": list(change.sealed), "parts": list(change.fractions)}
    session.add(
        SplitRow(
            workspace_id=within.database.workspace,
            id=change.id,
            created_at=moment,
            name=change.name,
            run_id=within.run_id,
            commit_id=change.commit_id,
            fingerprint=change.fingerprint,
            strategy=change.strategy,
            seed=change.seed,
            fractions=change.fractions,
            stratify_by=change.stratify_by,
            group_by=change.group_by,
            n_folds=change.n_folds,
            quality_threshold=change.quality_threshold,
            row_filter=change.row_filter,
            counts=change.counts,
            leakage=change.leakage,
            assignments=within.file(change.assignment),
            meta=meta,
        )
    )
    session.flush()
    after = {"counts": change.counts, "sealed": list(change.sealed), "seed": change.seed}
    remember(within, "split", f"split/{change.name}", after)


def _moment_after(within: Within, change: NewSplit) -> datetime:
    """Refuse a split that does not follow the last one of its name; give it a later moment.

    Two that were made at once would not know each other's rows, so the second is made again.
    """
    # The run that keeps it holds the workspace: nobody else keeps one in the meantime.
    last = within.session.execute(
        sa.select(SplitRow.id, SplitRow.created_at)
        .where(SplitRow.name == change.name)
        .order_by(SplitRow.created_at.desc(), SplitRow.id)
        .limit(1)
    ).first()
    if (last.id if last else "") != change.follows:
        raise RefMoved(
            f"The split {change.name!r} was made by somebody else meanwhile: "
            "run the cell again, it goes on from there"
        )
    return max(now(), last.created_at + timedelta(microseconds=1)) if last else now()
