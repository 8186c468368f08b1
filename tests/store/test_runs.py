"""A run comes back as it was saved, whole, and can be found."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import sqlalchemy as sa

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.run import Artifact, Finding, Metric, RunRecord
from qforge_jupyter.store import Store
from qforge_jupyter.store.tables import Schema


def test_a_full_record_comes_back_equal(store: Store, record: Callable[..., RunRecord]):
    kept = store.objects.put_frame(pl.DataFrame({"a": [1]}), name="scores")
    saved = record(artifacts=(kept,))
    store.runs.save(saved)
    assert store.runs.get(saved.id) == saved


def test_a_bare_record_comes_back_equal(store: Store, record: Callable[..., RunRecord]):
    full = record()
    saved = RunRecord("1" * 32, "use", "ann", "failed", full.started_at, full.ended_at)
    store.runs.save(saved)
    assert store.runs.get(saved.id) == saved


def test_the_order_of_a_report_and_its_numbers_come_back_word_for_word(
    store: Store, record: Callable[..., RunRecord]
):
    saved = record()
    store.runs.save(saved)
    assert repr(store.runs.get(saved.id).report) == repr(saved.report)


def _with(value: Any, text: str) -> Any:
    """Put a text into every text field of a record, however deep."""
    if isinstance(value, str):
        return text
    if dataclasses.is_dataclass(value):
        skipped = {"id", "status", "error_category", "severity", "action", "kind", "sha256", "role"}
        changes = {
            field.name: _with(getattr(value, field.name), text)
            for field in dataclasses.fields(value)
            if field.name not in skipped | {"verb", "is_tracked", "parent_id"}
        }
        if hasattr(value, "entity"):
            changes["action"] = text
        return dataclasses.replace(value, **changes)
    if isinstance(value, dict):
        return {f"{key}{text}": _with(one, text) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_with(one, text) for one in value)
    return value


def test_hostile_text_comes_back_from_every_field(
    store: Store, record: Callable[..., RunRecord], hostile: dict[str, str]
):
    for text in hostile.values():
        saved = _with(record(), text)
        store.runs.save(saved)
        assert store.runs.get(saved.id) == saved
        assert store.runs.list(dataset=text)[0].id == saved.id
    assert store.verify() == ()


def test_a_verb_too_long_for_an_index_is_refused_in_a_sentence(
    store: Store, record: Callable[..., RunRecord]
):
    with pytest.raises(StoreError, match="at most 1,024 can be kept"):
        store.runs.save(record(verb="x" * 2_000))
    assert store.runs.list() == ()


def test_a_metric_that_is_nan_comes_back_as_nan(store: Store, record: Callable[..., RunRecord]):
    saved = record(metrics=(Metric("m", math.nan), Metric("i", -math.inf)))
    store.runs.save(saved)
    values = [metric.value for metric in store.runs.get(saved.id).metrics]
    assert math.isnan(values[0])
    assert values[1] == -math.inf
    assert store.verify() == ()


def test_options_of_any_type_are_kept_in_a_form_that_json_has(
    store: Store, record: Callable[..., RunRecord]
):
    options = {
        "np": np.float32(0.5), "n": np.int64(3), "set": {2, 1}, "frame": pl.DataFrame({"a": [1]}),
        "when": record().started_at, 3: (1, 2), "lock": __import__("threading").Lock(),
    }  # fmt: skip
    saved = record(options=options)
    store.runs.save(saved)
    assert store.runs.get(saved.id).options == {
        "np": 0.5, "n": 3, "set": [1, 2], "frame": "<DataFrame>",
        "when": "2026-11-21T09:30:00.123456+00:00", "3": [1, 2], "lock": "<lock>",
    }  # fmt: skip
    assert store.verify() == ()


def test_secrets_are_cut_out_before_anything_is_kept(
    open_again: Any, record: Callable[..., RunRecord], tmp_path: Path
):
    store = open_again()
    secrets = ["hunter2", "AKIAABCDEFGHIJKLMNOP", "s3cr3tt0ken", "abcdef0123456789"]
    store.runs.save(
        record(
            options={"url": f"s3://u:{secrets[0]}@h/x?token={secrets[2]}", "password": secrets[0]},
            error_message=f"no access for {secrets[1]}",
            report={"header": f"Bearer {secrets[3]}"},
        )
    )
    kept = store.runs.get(store.runs.list()[0].id)
    assert not [secret for secret in secrets if secret in repr(kept)]
    database = tmp_path / "lab" / "store.db"
    if database.exists():
        content = database.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content]


def test_the_same_id_twice_is_refused_and_the_first_run_stays(
    store: Store, record: Callable[..., RunRecord]
):
    saved = record()
    store.runs.save(saved)
    with pytest.raises(StoreError, match="kept already"):
        store.runs.save(dataclasses.replace(saved, verb="other"))
    assert store.runs.get(saved.id).verb == "score"
    assert store.verify() == ()


def test_a_run_whose_file_is_missing_is_refused(store: Store, record: Callable[..., RunRecord]):
    absent = Artifact("scores", "text/plain", "0" * 64, 1)
    with pytest.raises(StoreError, match=r"0{64} is missing"):
        store.runs.save(record(artifacts=(absent,)))


def test_an_unknown_parent_is_refused_and_nothing_is_kept(
    store: Store, record: Callable[..., RunRecord]
):
    with pytest.raises(StoreError, match="refused a row"):
        store.runs.save(record(parent_id="nobody"))
    assert store.runs.list() == ()
    assert store.events.list() == ()


def test_a_value_outside_its_bounds_undoes_the_whole_run(
    store: Store, record: Callable[..., RunRecord]
):
    with pytest.raises(StoreError, match="refused a row"):
        store.runs.save(record(findings=(Finding("a", "b", 1), Finding("a", "b", -1))))
    assert store.runs.list() == ()
    assert store.verify() == ()


def test_a_seed_beyond_64_bits_is_refused_in_a_sentence(
    store: Store, record: Callable[..., RunRecord]
):
    with pytest.raises(StoreError, match=r"64 bits|refused"):
        store.runs.save(record(seed=2**70))


def test_an_unknown_run_is_an_error_that_says_where_to_look(store: Store):
    with pytest.raises(StoreError, match=r"runs.list\(\)"):
        store.runs.get("nobody")


def test_runs_are_found_by_every_filter_latest_first(
    store: Store, record: Callable[..., RunRecord]
):
    first = record("a" * 32)
    second = record(
        "b" * 32, verb="split", status="refused", actor="bob", parent_id=first.id, inputs=(),
        started_at=first.started_at + timedelta(hours=1),
        ended_at=first.ended_at + timedelta(hours=1),
    )  # fmt: skip
    store.runs.save(first)
    store.runs.save(second)
    assert [one.id for one in store.runs.list()] == [second.id, first.id]
    assert [one.id for one in store.runs.list(limit=1, offset=1)] == [first.id]
    for narrowed in (
        {"verb": "split"}, {"status": "refused"}, {"actor": "bob"}, {"parent_id": first.id},
        {"since": first.started_at + timedelta(minutes=1)}, {"dataset": ""}, {"fingerprint": ""},
    ):  # fmt: skip
        assert [one.id for one in store.runs.list(**narrowed)] == [second.id]
    assert store.runs.latest() == second
    assert store.runs.latest("score", dataset="calcs") == first
    assert store.runs.latest("nothing") is None


def test_statistics_count_and_time_each_verb(store: Store, record: Callable[..., RunRecord]):
    store.runs.save(record(n_rows=10))
    store.runs.save(record(n_rows=None, status="failed", attempts=3))
    (found,) = store.runs.statistics()
    assert (found.verb, found.n_runs, found.n_finished, found.n_failed) == ("score", 2, 1, 1)
    assert (found.n_retries, found.n_rows, found.rows_per_second) == (3, 10, 4.0)
    assert (found.mean_seconds, found.max_memory_bytes) == (2.5, 2**40)
    assert found.last_at == record().started_at
    assert store.runs.statistics(since=record().ended_at) == ()


def test_a_row_of_every_table_comes_back_equal(
    store: Store, rows: Callable[[str], dict[str, dict[str, Any]]]
):
    made = rows("main")
    with store._database.writing() as session:
        for table in Schema.metadata.sorted_tables[1:]:
            session.execute(sa.insert(table), [made[table.name]])
    with store._database.reading() as session:
        for table in Schema.metadata.sorted_tables[1:]:
            assert dict(session.execute(sa.select(table)).mappings().one()) == made[table.name]


def test_two_workspaces_in_one_database_do_not_see_each_other(
    open_again: Any, record: Callable[..., RunRecord]
):
    ours, theirs = open_again(), open_again(workspace="theirs")
    saved = record(is_tracked=True)
    ours.runs.save(saved)
    ours.lineage.approve("f" * 32, "ann", "fine")
    assert theirs.runs.list() == theirs.events.list() == theirs.findings.list() == ()
    assert theirs.outbox.pending() == theirs.lineage.history() == theirs.runs.statistics() == ()
    assert not theirs.lineage.is_approved("f" * 32)
    theirs.runs.save(saved)
    assert theirs.runs.get(saved.id) == saved
    assert ours.verify() == theirs.verify() == ()
