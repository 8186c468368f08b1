"""The audit log only grows, and whoever gets round that is noticed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from qforge_jupyter.errors import CallError, StoreError
from qforge_jupyter.results.run import Event, LineageStep, RunRecord
from qforge_jupyter.store import Store
from qforge_jupyter.store.tables import APPEND_ONLY, Schema

ALLOWED = {
    "postgresql": ["ALTER TABLE {0} DISABLE TRIGGER USER"],
    "sqlite": ["DROP TRIGGER {0}_no_update", "DROP TRIGGER {0}_no_delete"],
}


def _tamper(store: Store, *statements: str, table: Any = "event") -> None:
    """Do with raw SQL what the triggers forbid."""
    with store._database.writing() as session:
        for allowed in ALLOWED[store._database.engine.dialect.name]:
            session.execute(sa.text(allowed.format(table)))
        for statement in statements:
            session.execute(sa.text(statement))


@pytest.fixture
def logged(store: Store, record: Callable[..., RunRecord]):
    """Give a store with a run and some events."""
    store.runs.save(record("a" * 32))
    for number in range(5):
        store.events.record(Event("ann", "did", "thing/1", {"n": number}, {"n": number + 1.0}))
    return store


def test_events_are_listed_newest_first_by_entity_and_kind(logged: Store):
    assert [one.position for one in logged.events.list()] == [7, 6, 5, 4, 3, 2, 1, 0]
    assert [one.position for one in logged.events.list(entity="thing/1", limit=2)] == [7, 6]
    assert [one.event.action for one in logged.events.list(kind="call")] == ["score"]


def test_a_whole_chain_has_no_problem(logged: Store):
    assert logged.events.verify_chain() == ()
    assert logged.verify() == ()


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_row_is_changed_or_deleted(
    store: Store, rows: Callable[[str], dict[str, dict[str, Any]]], table: Any
):
    made = rows("main")
    with store._database.writing() as session:
        for name, row in made.items():
            if name != "workspace":
                session.execute(sa.insert(Schema.metadata.tables[name]), [row])
    for statement in (f"UPDATE {table} SET meta = '[]'", f"DELETE FROM {table}"):  # noqa: S608 — constants
        with pytest.raises(StoreError, match="only grows"), store._database.writing() as session:
            session.execute(sa.text(statement))


def test_deleting_a_workspace_with_a_log_is_refused(logged: Store):
    with pytest.raises(StoreError), logged._database.writing() as session:
        session.execute(sa.text("DELETE FROM workspace"))
    assert logged.events.verify_chain() == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE event SET actor = 'eve' WHERE position = 4", "Event 4 .* was changed"),
        ("UPDATE event SET after = '{\"n\": 9}' WHERE position = 5", "Event 5 .* was changed"),
        ("UPDATE event SET run_id = NULL WHERE position = 1", "Event 1 .* was changed"),
        ("DELETE FROM event WHERE position = 3", "Event 3 is missing"),
        ("DELETE FROM event WHERE position = 7", "its end was cut off"),
        ("DELETE FROM event", "its end was cut off"),
        ("UPDATE workspace SET last_hash = ''", "its end was cut off"),
    ],
)
def test_a_tampered_log_is_noticed_and_the_event_named(logged: Store, change: Any, said: str):
    _tamper(logged, change)
    (problem,) = logged.events.verify_chain()
    assert re.search(said, problem)
    assert problem in logged.verify()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE run SET options = '{}'",
        "UPDATE run SET n_rows = 11",
        "UPDATE metric SET value = 0.99 WHERE name = 'overall'",
        "DELETE FROM finding WHERE position = 1",
        "UPDATE lineage SET source = 'dft'",
    ],
)
def test_a_run_that_was_changed_behind_our_back_is_noticed(logged: Store, change: Any):
    with logged._database.writing() as session:
        session.execute(sa.text(change))
    assert logged.verify() == (f"The run {'a' * 32} was changed after it was kept",)


def test_lineage_is_approved_by_content_with_an_event(store: Store):
    store.lineage.record(LineageStep("calcs", "f1", "xtb", parameters={"opt": "tight"}))
    store.lineage.record(LineageStep("calcs", "f2", "xtb"))
    assert not store.lineage.is_approved("f1")
    store.lineage.approve("f1", "bob", "GFN2, reviewed")
    assert store.lineage.is_approved("f1")
    assert not store.lineage.is_approved("f2")
    found = store.lineage.approval("f1")
    assert (found.by, found.reason) == ("bob", "GFN2, reviewed")
    latest = store.events.list(limit=1)[0].event
    assert (latest.actor, latest.action, latest.entity) == ("bob", "approve lineage", "dataset/f1")
    assert latest.before == {"approved_by": "", "reason": ""}
    assert [step.fingerprint for step in store.lineage.history(dataset="calcs")] == ["f1", "f2"]
    assert store.lineage.history(fingerprint="f1")[0].approved_by == "bob"
    assert store.verify() == ()


def test_an_approval_needs_lineage_and_a_reason(store: Store):
    with pytest.raises(CallError, match="nothing to approve"):
        store.lineage.approve("f1", "bob", "fine")
    with pytest.raises(CallError, match="for a reason"):
        store.lineage.approve("f1", "bob", " ")


def test_approving_the_lineage_of_a_run_leaves_the_run_whole(logged: Store):
    logged.lineage.approve("f" * 32, "eve", "second look")
    assert logged.lineage.approval("f" * 32).by == "eve"
    assert logged.verify() == ()


def test_a_finding_is_documented_row_by_row_with_events(logged: Store):
    found = logged.findings.list("a" * 32, kind="anomaly")[0]
    half = logged.findings.document(found.id, "spin flip", "bob", rows=[3])
    assert (half.finding.action, half.documented_rows) == ("excluded", (3,))
    whole = logged.findings.document(found.id, "spin flip", "bob", rows=[7])
    assert (whole.finding.action, whole.documented_by) == ("documented", "bob")
    assert logged.findings.list("a" * 32)[0] == whole
    assert [one.action for one in logged.runs.get("a" * 32).findings] == ["documented", "flagged"]
    events = logged.events.list(entity=f"finding/{found.id}")
    assert [one.event.after["rows"] for one in events] == [[3, 7], [3]]
    assert logged.verify() == ()


def test_documenting_refuses_foreign_rows_unknown_findings_and_empty_notes(logged: Store):
    found = logged.findings.list("a" * 32)[0]
    with pytest.raises(CallError, match="Row 99 is not among"):
        logged.findings.document(found.id, "x", "bob", rows=[99])
    with pytest.raises(CallError, match="No finding has that id"):
        logged.findings.document("nothing", "x", "bob")
    with pytest.raises(CallError, match="with a note"):
        logged.findings.document(found.id, "", "bob")
    assert logged.findings.list("a" * 32)[0] == found


def test_findings_of_all_runs_are_listed(logged: Store, record: Callable[..., RunRecord]):
    logged.runs.save(record("b" * 32))
    assert len(logged.findings.list()) == 4
    assert {one.run_id for one in logged.findings.list(kind="rule")} == {"a" * 32, "b" * 32}


def test_the_outbox_holds_what_the_tracker_was_not_shown(
    logged: Store, record: Callable[..., RunRecord]
):
    logged.runs.save(record("b" * 32, is_tracked=False))
    assert [one.run_id for one in logged.outbox.pending()] == ["a" * 32]
    logged.outbox.mark_failed("a" * 32, "no answer from http://u:hunter2@mlflow")
    (failed,) = logged.outbox.pending()
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert "hunter2" not in failed.reason
    logged.outbox.mark_synced("a" * 32, "mlflow-1")
    logged.outbox.mark_failed("a" * 32, "late news")
    assert logged.outbox.pending() == ()
    shown = logged.outbox.state("a" * 32)
    assert (shown.state, shown.tracker_run_id) == ("synced", "mlflow-1")
    assert logged.outbox.state("b" * 32).state == "none"
    assert logged.runs.list()[0].tracker_state in {"none", "synced"}
    assert logged.verify() == ()


def test_marking_an_unknown_run_is_an_error(store: Store):
    for mark in (store.outbox.mark_synced, store.outbox.mark_failed):
        with pytest.raises(StoreError, match="No run has that id"):
            mark("nobody", "x")
    with pytest.raises(StoreError, match="No run has that id"):
        store.outbox.state("nobody")
