"""Branches and tags: names for commits, moved by compare-and-swap."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from qforge_jupyter.errors import RefMoved
from qforge_jupyter.results.changes import MoveRef
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.datasets import name_of, remember
from qforge_jupyter.store.tables import RefRow
from qforge_jupyter.store.tables.foundation import new_id, now


@dataclass(frozen=True)
class KeptRef:
    """A name for a commit."""

    kind: str
    name: str
    head: str


@dataclass(frozen=True)
class Refs:
    """The branches and tags of a workspace's datasets."""

    database: Database

    def of(self, dataset_id: str) -> tuple[KeptRef, ...]:
        """Give the branches and tags of a dataset, by kind and name."""
        wanted = (
            sa.select(RefRow)
            .where(RefRow.dataset_id == dataset_id, RefRow.head.is_not(None))
            .order_by(RefRow.kind, RefRow.name)
        )
        with self.database.reading() as session:
            rows = session.scalars(wanted).all()
        return tuple(KeptRef(row.kind, row.name, row.head) for row in rows if row.head)


@apply.register
def _(change: MoveRef, within: Within) -> None:
    session = within.session
    is_this = (
        RefRow.workspace_id == within.database.workspace,
        RefRow.dataset_id == change.dataset_id,
        RefRow.kind == change.kind,
        RefRow.name == change.name,
    )
    if change.old is None:
        if session.scalar(sa.select(RefRow.id).where(*is_this)) is not None:
            raise RefMoved(_moved(change))
        session.add(
            RefRow(
                workspace_id=within.database.workspace,
                id=new_id(),
                dataset_id=change.dataset_id,
                kind=change.kind,
                name=change.name,
                head=change.new,
            )
        )
        session.flush()
    else:
        stands = (*is_this, RefRow.head == change.old)
        step: sa.Update | sa.Delete = sa.delete(RefRow).where(*stands)
        if change.new is not None:
            step = sa.update(RefRow).where(*stands).values(head=change.new, updated_at=now())
        if session.execute(step).rowcount != 1:  # type: ignore[attr-defined]
            raise RefMoved(_moved(change))
    name = name_of(session, change.dataset_id)
    entity = f"dataset/{name}"
    remember(within, f"move {change.kind}", entity, {change.name: change.new})


def _moved(change: MoveRef) -> str:
    return (
        f"The {change.kind} {change.name!r} was moved by somebody else meanwhile: "
        "run the cell again, it goes on from there"
    )
