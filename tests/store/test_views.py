"""Performance and batch statistics are views over the runs, on both databases."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.store import Store, migrations, open_store
from qforge_jupyter.store.views import VIEWS

FIRST = "r0001_v0_1_0"


def _save_some(store: Store, record: Callable[..., RunRecord]) -> list[RunRecord]:
    started = record().started_at
    saved = [
        record(verb=verb, status=status, n_rows=n_rows, attempts=attempts,
               started_at=started + timedelta(seconds=at),
               ended_at=started + timedelta(seconds=at + 2))
        for verb, status, n_rows, attempts, at in [
            ("score", "finished", 10, 1, 0), ("score", "failed", None, 3, 1),
            ("score", "refused", 0, 1, 2), ("certify", "interrupted", 2**40, 1, 3),
            ("status", "finished", None, 1, 4),
        ]
    ]  # fmt: skip
    for one in saved:
        store.runs.save(one)
    return saved


def test_performance_is_what_the_statistics_of_the_runs_say(
    store: Store, record: Callable[..., RunRecord]
):
    _save_some(store, record)
    frame = store.read_table("performance").drop("workspace_id").sort("verb")
    wanted = [dataclasses.asdict(one) for one in store.runs.statistics()]
    assert frame.to_dicts() == wanted
    assert frame["verb"].to_list() == ["certify", "score", "status"]
    assert frame["n_retries"].to_list() == [0, 2, 0]
    assert frame["rows_per_second"].to_list() == [2**40 / 2, 2.5, None]


def test_batch_statistics_say_of_each_run_over_rows_what_its_record_says(
    store: Store, record: Callable[..., RunRecord]
):
    saved = {one.id: one for one in _save_some(store, record) if one.n_rows is not None}
    rows = store.read_table("batch_statistics").to_dicts()
    assert [one["run_id"] for one in rows] == list(reversed(saved))
    for row in rows:
        run = saved[row["run_id"]]
        assert row["rows_per_second"] == run.n_rows / 2
        assert (row["verb"], row["status"], row["device"]) == (run.verb, run.status, run.device)
        assert (row["n_retries"], row["n_rows"]) == (run.attempts - 1, run.n_rows)
        assert (row["n_metrics"], row["n_findings"]) == (len(run.metrics), len(run.findings))
        assert (row["dataset"], row["fingerprint"]) == ("calcs", "f" * 32)
        assert row["started_at"] == run.started_at
        assert (row["seconds"], row["peak_memory_bytes"]) == (2.0, run.peak_memory_bytes)


def test_an_empty_store_has_empty_views(store: Store):
    for name in VIEWS:
        assert store.read_table(name).height == 0


def test_the_described_columns_are_those_of_the_database(store: Store):
    inspector = sa.inspect(store._database.engine)
    assert set(inspector.get_view_names()) == set(VIEWS)
    for name, view in VIEWS.items():
        assert [one["name"] for one in inspector.get_columns(name)] == view.c.keys()


def test_a_view_shows_the_own_workspace_only(open_again: Any, record: Callable[..., RunRecord]):
    for workspace, count in (("a", 1), ("b", 2)):
        store = open_again(workspace=workspace)
        for _ in range(count):
            store.runs.save(record())
        assert store.read_table("performance")["n_runs"].to_list() == [count]
        assert store.read_table("batch_statistics").height == count
        assert store.read_table("run").height == count


def test_row_level_security_holds_through_the_views(
    postgresql_database: Callable[[], str], record: Callable[..., RunRecord], tmp_path: Path
):
    url = postgresql_database()
    for workspace, count in (("a", 1), ("b", 2)):
        with open_store(url, actor="ann", workspace=workspace, objects=tmp_path) as store:
            for _ in range(count):
                store.runs.save(record())
    owner = sa.create_engine(url)
    with owner.begin() as connection:
        connection.execute(
            sa.text("GRANT SELECT ON run, metric, finding, workspace TO qforge_member")
        )
        options = connection.execute(
            sa.text(
                "SELECT reloptions FROM pg_class WHERE relkind = 'v' AND relname = ANY(:names)"
            ),
            {"names": list(VIEWS)},
        ).scalars()
        assert [["security_invoker=true"]] * len(VIEWS) == list(options)
    member = sa.create_engine(url.replace("qforge_owner@", "qforge_member@"))
    enter = sa.text("SELECT set_config('qforge.workspace', :name, true)")
    for name, counts in (("performance", {"a": 1, "b": 1}), ("batch_statistics", {"a": 1, "b": 2})):
        every = sa.select(VIEWS[name].c.workspace_id)
        with member.connect() as connection:
            for workspace, count in counts.items():
                with connection.begin():
                    connection.execute(enter, {"name": workspace})
                    assert connection.execute(every).scalars().all() == [workspace] * count
            with connection.begin():
                assert connection.execute(every).all() == [], "without a workspace nothing"
    with owner.begin() as connection:
        connection.execute(enter, {"name": "b"})
        connection.execute(sa.text("UPDATE workspace SET members = '[\"qforge_owner\"]'"))
    with member.begin() as connection:
        connection.execute(enter, {"name": "b"})
        assert connection.execute(sa.select(VIEWS["performance"])).all() == [], "no member"
    member.dispose()
    owner.dispose()


def test_a_role_without_the_tables_gets_nothing_from_the_views(
    postgresql_database: Callable[[], str], tmp_path: Path
):
    url = postgresql_database()
    open_store(url, actor="ann", objects=tmp_path).close()
    member = sa.create_engine(url.replace("qforge_owner@", "qforge_member@"))
    with pytest.raises(sa.exc.DBAPIError) as said, member.begin() as connection:
        connection.execute(sa.select(VIEWS["performance"])).all()
    assert said.value.orig.sqlstate == "42501"
    member.dispose()


def _as_the_first_revision(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Leave only the first revision, as its release had it."""
    versions = folder / "versions"
    versions.mkdir(parents=True)
    own = Path(migrations.__file__).parent
    (versions / f"{FIRST}.py").write_text((own / "versions" / f"{FIRST}.py").read_text())
    monkeypatch.setattr(migrations, "HEAD", FIRST)
    monkeypatch.setattr(migrations, "_scripts", lambda: ScriptDirectory(str(folder)))


def test_a_store_of_the_first_revision_gets_the_views_and_keeps_its_runs(
    open_again: Any,
    record: Callable[..., RunRecord],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    with monkeypatch.context() as earlier:
        _as_the_first_revision(earlier, tmp_path / "old code")
        old = open_again()
        assert old.describe()["revision"] == FIRST
        assert sa.inspect(old._database.engine).get_view_names() == []
        saved = _save_some(old, record)
        old.close()
    newer = open_again()
    assert newer.describe()["revision"] == migrations.HEAD
    assert newer.read_table("performance")["n_runs"].sum() == len(saved)
    assert [newer.runs.get(one.id) for one in saved] == saved
    assert newer.verify() == ()
