"""On PostgreSQL a role sees the rows of its workspace and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.store import open_store
from qforge_jupyter.store.tables import APPEND_ONLY, Schema

TABLES = Schema.metadata.sorted_tables


def _as(connection: Any, workspace: str) -> None:
    connection.execute(
        sa.text("SELECT set_config('qforge.workspace', :name, true)"), {"name": workspace}
    )


@pytest.fixture
def member(
    postgresql_database: Callable[[], str],
    rows: Callable[[str], dict[str, dict[str, Any]]],
    tmp_path: Path,
):
    """Give an engine of an unprivileged role on a database with two full workspaces."""
    url = postgresql_database()
    open_store(url, actor="ann", objects=tmp_path).close()
    owner = sa.create_engine(url)
    for workspace in ("a", "b"):
        made = rows(workspace)
        with owner.begin() as connection:
            _as(connection, workspace)
            for table in TABLES:
                connection.execute(sa.insert(table), [made[table.name]])
            connection.execute(
                sa.text(
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public "
                    "TO qforge_member"
                )
            )
    engine = sa.create_engine(url.replace("qforge_owner@", "qforge_member@"))
    yield engine
    engine.dispose()
    owner.dispose()


def _seen(connection: Any, table: Any) -> set[str]:
    return set(connection.execute(sa.select(table.c.workspace_id)).scalars())


def test_every_table_has_a_forced_policy(member: sa.Engine):
    with member.connect() as connection:
        found = connection.execute(
            sa.text(
                "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
                "AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid)"
            )
        ).scalars()
        assert set(found) == {table.name for table in TABLES}


def test_a_role_sees_its_workspace_and_nothing_of_another(member: sa.Engine):
    with member.connect() as connection:
        for table in TABLES:
            for workspace in ("a", "b"):
                with connection.begin():
                    _as(connection, workspace)
                    assert _seen(connection, table) == {workspace}
            with connection.begin():
                assert _seen(connection, table) == set(), "the pooled connection forgets"
            for name in ("", "A", "a' OR '1'='1", "%"):
                with connection.begin():
                    _as(connection, name)
                    assert _seen(connection, table) == set()


def test_a_role_cannot_change_or_delete_rows_of_another_workspace(member: sa.Engine):
    with member.connect() as connection:
        for table in TABLES:
            theirs = table.c.workspace_id == "b"
            for statement in (
                sa.update(table).where(theirs).values(meta={"x": 1}),
                sa.delete(table).where(theirs),
            ):
                with connection.begin():
                    _as(connection, "a")
                    assert connection.execute(statement).rowcount == 0


def test_a_role_cannot_write_into_another_workspace(
    member: sa.Engine, rows: Callable[[str], dict[str, dict[str, Any]]]
):
    for table in TABLES:
        made = dict(rows("b")[table.name])
        made |= {"id": "cd" * 32} if "id" in made else {}
        with member.connect() as connection:
            _as(connection, "a")
            with pytest.raises(sa.exc.DBAPIError) as said:
                connection.execute(sa.insert(table), [made])
        assert said.value.orig.sqlstate == "42501"


def test_a_row_cannot_point_into_another_workspace(
    member: sa.Engine, rows: Callable[[str], dict[str, dict[str, Any]]]
):
    foreign = {**rows("a")["metric"], "id": "m2", "run_id": "only in b"}
    with member.connect() as connection:
        with connection.begin():
            _as(connection, "b")
            connection.execute(
                sa.insert(Schema.metadata.tables["run"]),
                [{**rows("b")["run"], "id": "only in b"}],
            )
        _as(connection, "a")
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(sa.insert(Schema.metadata.tables["metric"]), [foreign])


def test_a_role_that_is_not_among_the_members_sees_nothing(member: sa.Engine, tmp_path: Path):
    workspace = Schema.metadata.tables["workspace"]
    with member.begin() as connection:
        _as(connection, "a")
        connection.execute(sa.update(workspace).values(members=["qforge_member"]))
    with member.begin() as connection:
        _as(connection, "a")
        assert _seen(connection, workspace) == {"a"}
    owner = member.url.set(username="qforge_owner")
    engine = sa.create_engine(owner)
    with engine.begin() as connection:
        _as(connection, "a")
        for table in TABLES:
            assert _seen(connection, table) == set(), "not even the tables' owner"
    engine.dispose()
    with pytest.raises(StoreError, match="not to be seen"):
        open_store(
            owner.render_as_string(hide_password=False), actor="x", workspace="a", objects=tmp_path
        )


def test_an_unprivileged_role_works_in_a_store_as_its_owner_does(
    member: sa.Engine, record: Callable[..., RunRecord], tmp_path: Path
):
    url = member.url.render_as_string(hide_password=False)
    with open_store(url, actor="bob", workspace="c", objects=tmp_path) as store:
        saved = record()
        store.runs.save(saved)
        assert store.runs.get(saved.id) == saved
        assert store.verify() == ()
        assert store.describe()["sees_all_workspaces"] is False


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_no_role_empties_a_table_that_only_grows(member: sa.Engine, name: str):
    owner = sa.create_engine(member.url.set(username="qforge_owner"))
    with pytest.raises(sa.exc.DBAPIError, match="only grows"), owner.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {name}"))
    owner.dispose()
