"""Opening a store: which database, which schema, which workspace."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect

from qforge_jupyter.errors import CallError, StoreError
from qforge_jupyter.redaction import redact
from qforge_jupyter.store import migrations
from qforge_jupyter.store.backends import postgresql, sqlite
from qforge_jupyter.store.checkpoints import Checkpoints
from qforge_jupyter.store.commits import Commits
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.datasets import Datasets
from qforge_jupyter.store.events import Events
from qforge_jupyter.store.failures import translated
from qforge_jupyter.store.feature_sets import FeatureSets
from qforge_jupyter.store.findings import Findings
from qforge_jupyter.store.folders import open_folder
from qforge_jupyter.store.forgetting import Forgetting
from qforge_jupyter.store.holders import MIGRATION_LOCK, holder_named
from qforge_jupyter.store.jobs import Jobs
from qforge_jupyter.store.labels import Labels
from qforge_jupyter.store.lineage import Lineage
from qforge_jupyter.store.models import Models
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.store.outbox import Outbox
from qforge_jupyter.store.predictions import Predictions
from qforge_jupyter.store.reading import read_table, table_names
from qforge_jupyter.store.refs import Refs
from qforge_jupyter.store.runs import Runs
from qforge_jupyter.store.signatures import Signatures
from qforge_jupyter.store.splits import Splits
from qforge_jupyter.store.tables import WorkspaceRow

TIMEOUT_S = 30.0
_WORKSPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")


@dataclass(frozen=True)
class Store:
    """What a workspace keeps; safe to use from several threads."""

    runs: Runs
    objects: Objects
    events: Events
    lineage: Lineage
    findings: Findings
    outbox: Outbox
    datasets: Datasets
    commits: Commits
    refs: Refs
    splits: Splits
    feature_sets: FeatureSets
    models: Models
    predictions: Predictions
    signatures: Signatures
    forgetting: Forgetting
    labels: Labels
    jobs: Jobs
    checkpoints: Checkpoints
    _database: Database = field(repr=False)
    _facts: dict[str, Any] = field(repr=False)

    def describe(self) -> dict[str, Any]:
        """Say where the store lies and how it is set up; no secret is in it."""
        return dict(self._facts)

    @property
    def kind(self) -> str:
        """``SQLite`` or ``PostgreSQL``."""
        return str(self._facts["database"]).split(maxsplit=1)[0]

    def require_open(self) -> None:
        """Refuse, with a `StoreError`, what comes after `close`."""
        self._database.require_open()

    def table_names(self) -> tuple[str, ...]:
        """Name the tables that `read_table` reads."""
        return table_names()

    def read_table(self, name: str) -> pl.DataFrame:
        """Read one of the store's own tables, the latest rows first."""
        return read_table(self._database, name)

    def backups(self) -> tuple[str, ...]:
        """Name the copies of the database that lie beside it."""
        if self.kind != "SQLite":
            return ()
        return sqlite.backups_of(Path(self._facts["place"]))

    def verify(self) -> tuple[str, ...]:
        """Check database, audit log, runs and every file; name what is wrong, if anything is."""
        found: tuple[str, ...] = ()
        with self._database.reading() as session:
            if self._database.engine.dialect.name == "sqlite":
                found = sqlite.problems(session.connection())
        return (*found, *self.events.verify_chain(), *self.runs.verify(), *self.objects.verify())

    def close(self) -> None:
        """Let go of every connection; what is asked of the store later is refused."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(
    target: str | Path,
    *,
    actor: str,
    workspace: str = "main",
    objects: str | Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Store:
    """Open the store of a folder or of a PostgreSQL database, creating it if need be.

    Parameters
    ----------
    target
        A folder, in which ``store.db`` and ``objects/`` are kept, or a URL
        ``postgresql+psycopg://…``.
    actor
        Who acts, as the audit log names them.
    workspace
        Whose rows are seen.
    objects
        Folder or fsspec path of the files; a database needs one.
    timeout_s
        For how long to wait for another process.

    Raises
    ------
    StoreError
        The store is damaged, of a newer version, or cannot be reached.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = open_store(folder, actor="ann")
    ...     kept = store.objects.put(b"hello", "text/plain")
    ...     store.objects.read(kept.sha256)
    b'hello'

    """
    if not _WORKSPACE.match(workspace):
        raise CallError(
            "A workspace is named with 1 to 63 letters, digits, dots, dashes and underscores, "
            "and the given name is not"
        )
    if isinstance(target, str) and "://" in target:
        opened = _open_postgresql(target, workspace, objects, timeout_s)
    else:
        opened = _open_sqlite(Path(target), objects, timeout_s)
    database = Database(opened.engine, workspace, actor)
    try:
        with holder_named(opened.engine), translated():
            facts = opened.prepare()
            folder = open_folder(opened.place)
        _enter(database)
    except BaseException:
        database.close()
        raise
    files = Objects(folder, database)
    return Store(
        Runs(database, files),
        files,
        Events(database),
        Lineage(database),
        Findings(database),
        Outbox(database),
        Datasets(database),
        Commits(database),
        Refs(database),
        Splits(database, files),
        FeatureSets(database, files),
        Models(database),
        Predictions(database),
        Signatures(database),
        Forgetting(database),
        Labels(database),
        Jobs(database),
        Checkpoints(database, files),
        database,
        {"workspace": workspace, "revision": migrations.HEAD, **facts},
    )


@dataclass(frozen=True)
class _Opened:
    """An engine, the place of the files, and what is to be done before it is used."""

    engine: sa.Engine
    place: str | Path
    prepare: Callable[[], dict[str, Any]]


def _open_sqlite(folder: Path, objects: str | Path | None, timeout_s: float) -> _Opened:
    with translated():
        if folder.exists() and not folder.is_dir():
            raise StoreError("A workspace is a folder, and a file lies in its place: name another")
        folder.mkdir(parents=True, exist_ok=True)
    journal = sqlite.choose_journal(sqlite3.sqlite_version_info, sqlite.file_system_of(folder))
    file = folder / sqlite.FILE_NAME
    engine = sqlite.make_engine(file, timeout_s=timeout_s, journal=journal)

    def prepare() -> dict[str, Any]:
        _migrate_sqlite(engine, file, check=sqlite.was_cut_off(file))
        return {
            "database": f"SQLite {sqlite3.sqlite_version}",
            "place": str(file),
            "journal": journal.name,
            "journal_reason": journal.reason,
        }

    return _Opened(engine, folder / "objects" if objects is None else objects, prepare)


def _migrate_sqlite(engine: sa.Engine, file: Path, *, check: bool) -> None:
    reader = engine.execution_options(qforge_reading=True)
    with reader.connect() as connection:
        if migrations.current(connection) == migrations.HEAD and not check:
            return
    with engine.connect() as connection:
        # A table that is rebuilt must not cascade; it can be set outside a transaction only.
        driver = connection.connection.dbapi_connection
        if driver is None:
            raise StoreError("The store's database cannot be opened: check its folder")
        driver.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            migrations.upgrade(
                connection,
                before=lambda revision: sqlite.back_up(
                    file, file.with_name(f"{file.name}.before-{migrations.HEAD}-from-{revision}")
                ),
            )
            if problems := sqlite.problems(connection):
                raise StoreError(
                    f"The store's database is damaged ({problems[0]}): "
                    "put a backup in its place (store.db.before-*), or open another folder"
                )


def _open_postgresql(
    target: str, workspace: str, objects: str | Path | None, timeout_s: float
) -> _Opened:
    try:
        url = sa.make_url(target)
    except (sa.exc.ArgumentError, ValueError):  # the latter for a port that is no number
        raise CallError(
            "The store's URL cannot be read: write postgresql+psycopg://user@host/database"
        ) from None
    if url.drivername not in {"postgresql", "postgresql+psycopg"}:
        raise CallError(
            f"A store lies in a folder or behind postgresql+psycopg://…, not {url.drivername!r}"
        )
    if objects is None:
        raise CallError(
            "A store in PostgreSQL keeps its files beside the database: "
            "say where with objects= (a folder or an fsspec path)"
        )
    url = url.set(drivername="postgresql+psycopg")
    engine = postgresql.make_engine(url, timeout_s=timeout_s, workspace=workspace)

    def prepare() -> dict[str, Any]:
        _migrate_postgresql(engine)
        with engine.connect() as connection:
            role = postgresql.role_of(connection)
        return {"database": "PostgreSQL", "place": redact(target), **role}

    # A folder a workspace: what one of them deletes is never another's.
    place = objects / workspace if isinstance(objects, Path) else f"{objects}/{workspace}"
    return _Opened(engine, place, prepare)


def _migrate_postgresql(engine: sa.Engine) -> None:
    with engine.connect() as connection, connection.begin():
        if migrations.current(connection) == migrations.HEAD:
            return
    with engine.connect() as connection, connection.begin():
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        migrations.upgrade(connection)


def _enter(database: Database) -> None:
    """Make the workspace's row if there is none."""
    with database.reading() as session:
        if session.get(WorkspaceRow, database.workspace) is not None:
            return
    with database.writing() as session:
        is_postgresql = database.engine.dialect.name == "postgresql"
        dialect = postgresql_dialect if is_postgresql else sqlite_dialect
        made = dialect.insert(WorkspaceRow).values(workspace_id=database.workspace)
        session.execute(made.on_conflict_do_nothing())
        database.lock(session)
