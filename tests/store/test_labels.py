"""Labels only grow, are kept once, and are erased with their row; on both databases."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.changes import ForgetLabels, NewDataset, NewSession
from qforge_jupyter.results.label_events import LabelingSession, NewLabel
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.store import Store, migrations
from qforge_jupyter.store.claims import Claim
from qforge_jupyter.store.label_writing import erase_labels

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DATASET = "d" * 32
ERASED = (
    "label_type = 'forgotten', row_key = 'forgotten:x', previous = NULL, note = '', "
    "confidence = NULL, latency_ms = NULL"
)


@pytest.fixture
def labeled(store: Store, record: Callable[..., RunRecord]) -> Store:
    made = NewDataset(DATASET, "golden/tiers", "ann", ("id",))
    sessions = [
        NewSession(LabelingSession(f"s{n}", DATASET, who, "initial", AT, "plan"))
        for n, who in enumerate(("ann", "bob"))
    ]
    store.runs.save(record(changes=(made, *sessions)))
    return store


def give(store: Store, session: str, submission: str, *labels: NewLabel) -> None:
    with store.labels.labeling(DATASET) as work:
        work.append(session, submission, labels, at=AT, commit_id=None)


def test_labels_come_back_as_they_were_given_in_order(labeled: Store, hostile: dict[str, str]):
    said = [
        NewLabel(f"[{n}]", "tier", "answer", text, {"before": text}, 0.5, text, 7, {"a": text})
        for n, text in enumerate(hostile.values())
    ]
    give(labeled, "s0", "one", said[0])
    for n, one in enumerate(said[1:]):
        give(labeled, "s1", f"two {n}", one)
    events = labeled.labels.since(DATASET)
    assert [one.label for one in events] == said
    assert [one.position for one in events] == list(range(1, len(said) + 1))
    assert [one.labeler for one in events][:2] == ["ann", "bob"]
    assert labeled.labels.since(DATASET, 3) == events[3:]
    assert labeled.labels.of_item(DATASET, "[2]") == (events[2],)
    assert labeled.labels.since("other") == ()


def test_a_submission_is_kept_once(labeled: Store):
    label = NewLabel("[1]", "tier", "answer", "A")
    give(labeled, "s0", "one", label)
    with pytest.raises(StoreError):
        give(labeled, "s0", "one", label)
    with labeled.labels.labeling(DATASET) as work:
        assert (True, False) == (work.has("s0", "one"), work.has("s1", "one"))
    assert len(labeled.labels.since(DATASET)) == 1


def test_a_transaction_that_fails_leaves_no_label(labeled: Store):
    def fail() -> None:
        with labeled.labels.labeling(DATASET) as work:
            label = NewLabel("[1]", "tier", "answer", "A")
            work.append("s0", "one", [label], at=AT, commit_id=None)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert labeled.labels.since(DATASET) == ()


def test_eight_threads_number_their_labels_without_a_gap(labeled: Store):
    def work(name: int) -> None:
        for n in range(5):
            give(labeled, f"s{name % 2}", f"{name} {n}", NewLabel(f"[{n}]", "q", "answer", name))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [one.position for one in labeled.labels.since(DATASET)] == list(range(1, 41))


def test_sessions_count_what_was_labeled_and_not_what_was_skipped(labeled: Store):
    give(labeled, "s0", "one", NewLabel("[1]", "tier", "answer", "A"))
    give(labeled, "s0", "two", NewLabel("[1]", "", "skip", {}))
    ann, bob = labeled.labels.sessions(DATASET)
    assert (1, 0) == (ann.n_labeled, bob.n_labeled)
    assert ("ann", "initial", "plan", AT) == (ann.labeler, ann.kind, ann.plan, ann.started_at)


def test_a_forgotten_row_leaves_nothing_of_what_was_said_of_it(labeled: Store):
    kept = NewLabel("[2]", "tier", "answer", "B")
    give(labeled, "s0", "one", NewLabel("[1]", "tier", "answer", "secret", "older", 0.5, "why", 3))
    give(labeled, "s0", "two", kept)
    change = ForgetLabels(((DATASET, "[1]", "tombstone"),))
    with labeled._database.writing() as session:
        for item in change.items:
            assert 1 == erase_labels(labeled._database, session, *item)
    first, second = labeled.labels.since(DATASET)
    assert first.label == NewLabel("forgotten:tombstone", "tier", "forgotten", {"forgotten": True})
    assert (second.label, first.labeler, first.at) == (kept, "ann", AT)


@pytest.mark.parametrize(
    "changed",
    [
        "value = '\"B\"'",
        "label_type = 'forgotten'",
        f"{ERASED}, value = '\"B\"'",
        f"{ERASED}, value = '{{\"forgotten\": true}}', labeler = 'eve'",
    ],
)
def test_a_label_is_changed_in_no_other_way(labeled: Store, changed: str):
    give(labeled, "s0", "one", NewLabel("[1]", "tier", "answer", "A"))
    with (
        pytest.raises(StoreError, match="only grows"),
        labeled._database.writing() as session,
    ):
        session.execute(sa.text(f"UPDATE label_event SET {changed}"))  # noqa: S608 — constants
    assert "A" == labeled.labels.since(DATASET)[0].label.value


def test_a_claim_holds_until_its_sitting_is_not_heard_of_any_more(labeled: Store):
    def living(since: datetime) -> list[str]:
        with labeled.labels.looking(DATASET) as work:
            return sorted(one.sitting for one in work.claims.living(since))

    mine, other = Claim("a", "s0", "ann", ("m1",)), Claim("b", "s1", "bob", ("m2", "m3"))
    with labeled.labels.labeling(DATASET) as work:
        work.claims.hold(mine, AT)
        work.claims.hold(other, AT)
        work.claims.hold(dataclasses.replace(other, marks=("m4",)), AT + timedelta(seconds=9))
        found = {one.sitting: one for one in work.claims.living(AT)}
        assert {"a": mine, "b": Claim("b", "s1", "bob", ("m4",))} == found
    assert ["b"] == living(AT + timedelta(seconds=5))
    with labeled.labels.labeling(DATASET) as work:
        work.claims.end(AT + timedelta(seconds=5))
    assert ["b"] == living(AT)
    with labeled.labels.labeling(DATASET) as work:
        work.claims.release("b")
    assert [] == living(AT)


def test_a_store_of_the_second_revision_keeps_its_labels_when_it_is_upgraded(
    open_again: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch,
    rows: Callable[[str], dict[str, dict[str, Any]]],
):  # fmt: skip
    from pathlib import Path

    from qforge_jupyter.store import tables

    own = Path(migrations.__file__).parent
    versions = tmp_path / "old" / "versions"
    versions.mkdir(parents=True)
    for name in ("r0001_v0_1_0", "r0002_views"):
        (versions / f"{name}.py").write_text((own / "versions" / f"{name}.py").read_text())
    (tmp_path / "old" / "env.py").write_text("")
    with monkeypatch.context() as before:
        before.setattr(migrations, "HEAD", "r0002_views")
        before.setattr(migrations, "_scripts", lambda: ScriptDirectory(str(tmp_path / "old")))
        old = open_again()
        made = rows("main")
        with old._database.writing() as session:
            for name, row in made.items():
                if name in {"workspace", "job", "checkpoint"}:  # is there, or of later revisions
                    continue
                new = {"position", "submission", "question"} if name == "label_event" else set()
                table = tables.Schema.metadata.tables[name]
                columns = [c for c in table.columns if c.name not in new]
                values = [row[c.name] for c in columns]
                names = ", ".join(f'"{c.name}"' for c in columns)
                marks = ", ".join(f":v{n}" for n in range(len(columns)))
                bound = [
                    sa.bindparam(f"v{n}", value, type_=c.type)
                    for n, (c, value) in enumerate(zip(columns, values, strict=True))
                ]
                statement = sa.text(f'INSERT INTO "{name}" ({names}) VALUES ({marks})')  # noqa: S608 — names of ours
                session.execute(statement.bindparams(*bound))
        old.close()
    newer = open_again()
    assert newer.describe()["revision"] == migrations.HEAD
    kept = newer.read_table("label_event")
    assert [(0, "", "")] == kept.select("position", "submission", "question").rows()
    assert made["label_event"]["row_key"] == kept["row_key"][0]
