"""One database, one workspace: transactions to read in and to write in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker, with_loader_criteria

from qforge_jupyter.errors import StoreError
from qforge_jupyter.store.failures import translated
from qforge_jupyter.store.holders import holder_named
from qforge_jupyter.store.tables import Kept, WorkspaceRow


@dataclass(frozen=True)
class Database:
    """An engine bound to a workspace, until it is closed.

    Parameters
    ----------
    engine
        Of one of the backends.
    workspace
        Whose rows are read and written; every ORM statement is narrowed to it.
    actor
        Who acts, as the audit log names them.

    """

    engine: sa.Engine = field(repr=False)  # its repr shows the query of its URL
    workspace: str
    actor: str
    _read: sessionmaker[Session] = field(init=False, repr=False)
    _write: sessionmaker[Session] = field(init=False, repr=False)
    _is_closed: threading.Event = field(default_factory=threading.Event, init=False, repr=False)

    def __post_init__(self) -> None:
        reader = self.engine.execution_options(qforge_reading=True)
        for name, engine in (("_read", reader), ("_write", self.engine)):
            made = sessionmaker(engine, expire_on_commit=False)
            event.listen(made, "do_orm_execute", self._narrow)
            object.__setattr__(self, name, made)

    def _narrow(self, state: ORMExecuteState) -> None:
        workspace = self.workspace
        if state.is_select or state.is_update or state.is_delete:
            state.statement = state.statement.options(
                with_loader_criteria(
                    Kept, lambda row: row.workspace_id == workspace, include_aliases=True
                )
            )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that sees one state and changes nothing."""
        with self._transaction(self._read) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that becomes whole or leaves nothing."""
        with self._transaction(self._write) as session:
            yield session

    @contextmanager
    def _transaction(self, make: sessionmaker[Session]) -> Iterator[Session]:
        self.require_open()
        with holder_named(self.engine), translated(), make() as session, session.begin():
            yield session

    def require_open(self) -> None:
        """Refuse what comes after `close`.

        Raises
        ------
        StoreError
            The workspace was closed.

        """
        if self._is_closed.is_set():
            raise StoreError(
                "The workspace is closed: open it again with  %qforge use  or  qf.open"
            )

    def lock(self, session: Session) -> WorkspaceRow:
        """Take the workspace's row, so that nobody else appends to its log meanwhile."""
        row = session.scalar(
            sa.select(WorkspaceRow)
            .where(WorkspaceRow.workspace_id == self.workspace)
            .with_for_update(key_share=True)
        )
        if row is None:
            raise StoreError(
                f"The workspace {self.workspace!r} is not to be seen: its owner has to add "
                "your database role to its members"
            )
        return row

    def close(self) -> None:
        """Let go of every connection, for good."""
        self._is_closed.set()
        self.engine.dispose()
