"""Datasets: names under which versions are kept."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.changes import EditDataset, NewDataset
from qforge_jupyter.results.run import Event
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.events import append
from qforge_jupyter.store.tables import DatasetRow


@dataclass(frozen=True)
class KeptDataset:
    """A dataset as it is kept: its name, its owner, and what names its rows."""

    id: str
    name: str
    owner: str
    keys: tuple[str, ...]
    description: str
    tags: tuple[str, ...]
    #: Keyed hashes of the rows that were forgotten.
    tombstones: frozenset[str] = frozenset()
    n_forgettings: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
    parent_id: str | None = None


@dataclass(frozen=True)
class Datasets:
    """The active datasets of a workspace."""

    database: Database

    def find(self, name: str) -> KeptDataset | None:
        """Give the dataset of that name, if there is one."""
        with self.database.reading() as session:
            row = session.scalar(_active().where(DatasetRow.name == name))
            return None if row is None else _kept(row)

    def get(self, dataset_id: str) -> KeptDataset | None:
        """Give the dataset of that id, whatever became of it."""
        with self.database.reading() as session:
            row = session.get(DatasetRow, (self.database.workspace, dataset_id))
            return None if row is None else _kept(row)

    def list(self) -> tuple[KeptDataset, ...]:
        """Give every dataset, by name."""
        with self.database.reading() as session:
            return tuple(map(_kept, session.scalars(_active().order_by(DatasetRow.name))))


def _active() -> sa.Select[DatasetRow]:
    return sa.select(DatasetRow).where(DatasetRow.status == "active")


def _kept(row: DatasetRow) -> KeptDataset:
    keys, tags = tuple(row.meta.get("keys", ())), tuple(row.tags)
    tombstones = frozenset(row.meta.get("tombstones", ()))
    n_forgettings = int(row.meta.get("n_forgettings", 0))
    about = (row.id, row.name, row.owner, keys, row.description, tags)
    told = row.meta.get("told", {})
    return KeptDataset(*about, tombstones, n_forgettings, told, row.parent_id)


@apply.register
def _(change: NewDataset, within: Within) -> None:
    session, database = within.session, within.database
    if session.scalar(_active().where(DatasetRow.name == change.name)) is not None:
        raise StoreError(
            f"The dataset {change.name!r} was made by somebody else just now: run the cell again"
        )
    session.add(
        DatasetRow(
            workspace_id=database.workspace,
            id=change.id,
            name=change.name,
            owner=change.owner,
            description=change.description,
            tags=list(change.tags),
            parent_id=change.parent_id,
            meta={"keys": list(change.keys)},
        )
    )
    session.flush()
    remember(within, "create dataset", f"dataset/{change.name}", {"keys": list(change.keys)})


@apply.register
def _(change: EditDataset, within: Within) -> None:
    row = within.session.get(DatasetRow, (within.database.workspace, change.dataset_id))
    if row is None:
        raise StoreError("The dataset was deleted by somebody else just now: list them anew")
    told = change.told
    row.description, row.owner, row.tags = told["description"], told["owner"], told["tags"]
    row.meta = {**row.meta, "told": told["metadata"]}
    within.session.flush()
    remember(within, "describe dataset", f"dataset/{row.name}", told)


def remember(within: Within, action: str, entity: str, after: dict[str, object]) -> None:
    """Write a line of the audit log for a change."""
    said = Event(within.database.actor, action, entity, after=after)
    append(within.database, within.session, (said,), within.run_id)


def name_of(session: Session, dataset_id: str) -> str:
    """Give the name of a dataset that is known to exist."""
    return session.scalars(sa.select(DatasetRow.name).where(DatasetRow.id == dataset_id)).one()
