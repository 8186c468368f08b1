"""The schema keeps its promises on both databases."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.store import Store, migrations, open_store
from qforge_jupyter.store.failures import translated
from qforge_jupyter.store.tables import Schema

TABLES = Schema.metadata.sorted_tables
CHECKS = [
    (table, check)
    for table in TABLES
    for check in table.constraints
    if isinstance(check, sa.CheckConstraint)
]
TABLE_NAMES = {
    "workspace",
    "state",
    "event",
    "dataset",
    "commit",
    "ref",
    "object",
    "commit_object",
    "run",
    "metric",
    "finding",
    "lineage",
    "split",
    "feature_set",
    "model",
    "prediction",
    "labeling_session",
    "label_event",
    "signature",
    "job",
    "checkpoint",
}


def _engine(store: Store) -> sa.Engine:
    return store._database.engine


def test_there_are_the_tables_of_the_design(store: Store):
    assert set(Schema.metadata.tables) == TABLE_NAMES
    assert set(sa.inspect(_engine(store)).get_table_names()) == (
        TABLE_NAMES | {migrations.VERSION_TABLE}
    )


def test_the_models_say_what_the_migrations_make(store: Store):
    with _engine(store).connect() as connection:
        context = MigrationContext.configure(connection, opts=migrations.context_options())
        assert compare_metadata(context, Schema.metadata) == []


def test_the_head_in_the_code_is_the_newest_revision_and_revisions_are_numbered():
    scripts = ScriptDirectory("qforge_jupyter/store/migrations")
    assert scripts.get_heads() == [migrations.HEAD]
    names = [revision.revision for revision in scripts.walk_revisions()]
    assert [name[:6] for name in names] == [f"r{n:04}_" for n in range(len(names), 0, -1)]


def test_every_table_has_its_workspace_its_times_and_its_meta():
    for table in TABLES:
        assert {"workspace_id", "created_at", "updated_at", "meta"} <= set(table.c.keys())
        assert next(iter(table.primary_key.columns)).name == "workspace_id"


def test_every_foreign_key_has_an_index_that_starts_with_its_columns(store: Store):
    inspector = sa.inspect(_engine(store))
    for table in TABLES:
        starts = [index["column_names"] for index in inspector.get_indexes(table.name)]
        starts.append(inspector.get_pk_constraint(table.name)["constrained_columns"])
        for foreign in inspector.get_foreign_keys(table.name):
            columns = foreign["constrained_columns"]
            assert [one for one in starts if one[: len(columns)] == columns], (table.name, columns)


def test_every_foreign_key_stays_within_the_workspace():
    for table in TABLES:
        for foreign in table.foreign_key_constraints:
            assert foreign.columns.keys()[0] == "workspace_id"


def test_every_partial_index_is_partial_in_the_database(store: Store):
    inspector = sa.inspect(_engine(store))
    dialect = _engine(store).dialect.name
    wanted = {
        index.name
        for table in TABLES
        for index in table.indexes
        if index.dialect_options[dialect].get("where") is not None
    }
    found = {
        index["name"]
        for table in TABLES
        for index in inspector.get_indexes(table.name)
        if f"{dialect}_where" in index.get("dialect_options", {})
    }
    assert found == wanted
    assert len(wanted) >= 4


def test_every_table_of_a_file_is_strict(tmp_path: Path):
    with open_store(tmp_path, actor="ann"):
        connection = sqlite3.connect(tmp_path / "store.db")
        strict = {row[1] for row in connection.execute("PRAGMA table_list") if row[5]}
        connection.close()
    assert strict == TABLE_NAMES


def _breaking(check: Any) -> tuple[str, Any]:
    """Give the column that a check is about and a value that it has to refuse."""
    text = str(check.sqltext)
    if " IN (" in text:
        return text.partition(" IN (")[0], "hostile"
    if text.startswith("length(vector)"):
        return "n_values", 2
    if text.startswith("length("):
        return text[7 : text.index(")")], "ab"
    if "<= 1" in text:
        return text.split(maxsplit=1)[0], 1.5
    return text.split(maxsplit=1)[0], -1


def test_every_check_refuses_what_it_is_there_for(
    store: Store, rows: Callable[[str], dict[str, dict[str, Any]]]
):
    for table, check in CHECKS:
        made = rows("other")
        column, value = _breaking(check)
        broken = {**made[table.name], column: value}
        with _engine(store).connect() as connection:
            _enter_workspace(connection, "other")
            for parent in TABLES[: TABLES.index(table)]:
                connection.execute(sa.insert(parent), [made[parent.name]])
            with pytest.raises(sa.exc.DBAPIError) as said:
                connection.execute(sa.insert(table), [broken])
        assert str(check.name) in str(said.value.orig)
    assert len(CHECKS) >= 35


def _enter_workspace(connection: Any, name: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text("SELECT set_config('qforge.workspace', :name, true)"), {"name": name}
        )


def test_every_column_of_words_and_every_share_is_checked():
    checked = {
        f"{table.name}.{str(check.sqltext).split()[0]}"
        for table in TABLES
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint)
    }
    words = {"status", "scope", "role", "severity", "action", "tracker_state", "error_category"}
    shares = {"confidence", "quality_score", "quality_threshold"}
    counts = {"n_rows", "n_bytes", "position", "latency_ms", "peak_memory_bytes"}
    free = {"event.action"}  # what was done, in anybody's words
    wanted = {
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if column.name in words | shares | counts
    }
    assert wanted - free <= checked


def test_a_row_goes_with_the_row_that_it_has_no_life_without(
    store: Store, record: Callable[..., RunRecord]
):
    saved = record(events=())
    store.runs.save(saved)
    with store._database.writing() as session:
        for name in ("event", "label_event"):
            _allow_changes(session, name)
        session.execute(sa.text("DELETE FROM event"))
        session.execute(sa.text("DELETE FROM lineage"))
        session.execute(sa.text("DELETE FROM run"))
        for name in ("metric", "finding"):
            assert session.scalar(sa.text(f"SELECT count(*) FROM {name}")) == 0  # noqa: S608 — two constants


def _allow_changes(session: Any, table: Any) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    for verb in ("update", "delete"):
        session.execute(sa.text(f"DROP TRIGGER {table}_no_{verb}"))


def test_a_run_with_events_cannot_be_deleted(store: Store, record: Callable[..., RunRecord]):
    store.runs.save(record())
    with pytest.raises(StoreError, match="refused a row"), store._database.writing() as session:
        session.execute(sa.text("DELETE FROM run"))
    assert len(store.runs.list()) == 1


def test_a_newer_store_of_no_release_is_refused(open_again: Any):
    store = open_again()
    with store._database.writing() as session:
        session.execute(
            sa.text(f"UPDATE {migrations.VERSION_TABLE} SET version_num = 'r0099_other'")  # noqa: S608 — a constant
        )
    with pytest.raises(StoreError, match=r"an unreleased version.*to its latest version"):
        open_again()


def test_a_newer_store_is_refused_with_the_version_that_it_needs(open_again: Any):
    store = open_again()
    with store._database.writing() as session:
        session.execute(
            sa.text(f"UPDATE {migrations.VERSION_TABLE} SET version_num = 'r0099_v7_2_0'")  # noqa: S608 — a constant
        )
    with pytest.raises(StoreError, match=r"written by Q-Forge 7\.2\.0.*update qforge-jupyter"):
        open_again()


def _newer_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Stand in for a later release: the same folder of revisions and one more."""
    folder, head = tmp_path / "migrations", migrations.HEAD
    shutil.copytree("qforge_jupyter/store/migrations", folder)
    (folder / "versions" / "r0099_v0_2_0.py").write_text(
        f"from alembic import op\nrevision = 'r0099_v0_2_0'\ndown_revision = {head!r}\n"
        f"def upgrade():\n    {statement}\n"
    )
    monkeypatch.setattr(migrations, "HEAD", "r0099_v0_2_0")
    monkeypatch.setattr(migrations, "_scripts", lambda: ScriptDirectory(str(folder)))


def test_an_older_store_is_copied_and_then_upgraded(
    open_again: Any,
    record: Callable[..., RunRecord],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    store = open_again()
    saved = record()
    store.runs.save(saved)
    store.close()
    old = migrations.HEAD
    _newer_code(tmp_path, monkeypatch, "op.execute('CREATE INDEX ix_new ON run (host)')")
    newer = open_again()
    assert newer.describe()["revision"] == "r0099_v0_2_0"
    assert newer.runs.get(saved.id) == saved
    assert newer.verify() == ()
    if newer._database.engine.dialect.name == "sqlite":
        copy = tmp_path / "lab" / f"store.db.before-r0099_v0_2_0-from-{old}"
        connection = sqlite3.connect(copy)
        assert connection.execute("SELECT count(*) FROM run").fetchone() == (1,)
        connection.close()


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    open_again: Any,
    record: Callable[..., RunRecord],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    store = open_again()
    saved = record()
    store.runs.save(saved)
    with monkeypatch.context() as later:
        _newer_code(tmp_path, later, "op.execute('DROP TABLE signature'); op.execute('nonsense')")
        with pytest.raises(StoreError):
            open_again()
    again = open_again()
    assert again.runs.get(saved.id) == saved
    assert again.verify() == ()


def test_a_database_with_a_foreign_table_of_our_name_is_refused(tmp_path: Path):
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("CREATE TABLE run (x)")
    connection.close()
    with pytest.raises(StoreError, match="'run' that is not of a Q-Forge store"):
        open_store(tmp_path, actor="ann")


def test_a_wrong_type_is_refused_by_a_file_as_by_postgresql(store: Store):
    with _engine(store).connect() as connection:
        _enter_workspace(connection, "main")
        with pytest.raises(StoreError, match="refused"), translated():
            connection.execute(sa.text("UPDATE workspace SET n_events = 'many'"))
