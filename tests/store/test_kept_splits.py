"""Splits in the store, on both databases."""

from __future__ import annotations

import uuid

import polars as pl
import pytest

from qforge_jupyter.errors import RefMoved, StoreError
from qforge_jupyter.results.changes import NewSplit
from qforge_jupyter.results.run import Event
from qforge_jupyter.store.splits import LOOK
from tests.store.conftest import full_record

ASSIGNMENT = pl.DataFrame(
    {"mark_a": [1, 2**64 - 1], "mark_b": [3, 4], "part": ["train", "test"], "reason": None},
    schema={"mark_a": pl.UInt64, "mark_b": pl.UInt64, "part": pl.String, "reason": pl.String},
)


def keep(store, name="gap-v1", files=(), **changes: object):
    artifact = store.objects.put_frame(ASSIGNMENT, name="assignment.parquet")
    split = NewSplit(
        **{
            "id": uuid.uuid4().hex,
            "name": name,
            "fingerprint": "f" * 32,
            "strategy": "stratified",
            "seed": 42,
            "fractions": {"train": 0.7, "test": 0.3},
            "counts": {"train": 1, "test": 1, "excluded": 0},
            "assignment": "assignment",
            "stratify_by": "gap in 10 bins",
            "sealed": ("test",),
            "detail": {"edges": {"gap": [0.0, 0.1, 1e300]}, "plan": {"folds": 5}, "table": "calcs"},
            **changes,
        }
    )
    record = full_record(artifacts=(artifact, *files), changes=(split,), findings=(), lineage=())
    store.runs.save(record)
    return split


def test_a_split_comes_back_as_it_was_kept(store):
    made = keep(store)
    kept = store.splits.latest("gap-v1")
    assert (made.id, "calcs", "stratified", 42) == (kept.id, kept.table, kept.strategy, kept.seed)
    assert {"gap": (0.0, 0.1, 1e300)} == kept.edges
    assert (["train", "test"], ("test",)) == (list(kept.fractions), kept.sealed)
    assert store.splits.assignment(kept).equals(ASSIGNMENT)
    assert kept == store.splits.get(made.id)


def test_the_order_of_the_parts_comes_back(store):
    keep(store, fractions={"z": 0.5, "a": 0.25, "m": 0.25})
    assert ["z", "a", "m"] == list(store.splits.latest("gap-v1").fractions)


def test_the_latest_split_of_a_name_is_found(store):
    keep(store)
    last = keep(store, follows=store.splits.latest("gap-v1").id)
    keep(store, name="other")
    assert last.id == store.splits.latest("gap-v1").id
    assert [2, 3] == [len(store.splits.list("gap-v1")), len(store.splits.list())]


def test_a_split_that_does_not_follow_the_last_of_its_name_is_not_kept(store):
    first = keep(store)
    second = keep(store, follows=first.id)
    for follows in ("", first.id):
        with pytest.raises(RefMoved, match="'gap-v1' was made by somebody else meanwhile"):
            keep(store, follows=follows)
    assert [second.id, first.id] == [each.id for each in store.splits.list("gap-v1")]


def test_rows_that_were_split_before_come_back(store):
    assert store.splits.remembered(store.splits.get(keep(store).id)) is None
    older = store.objects.put_frame(ASSIGNMENT.head(1), name="remembered.parquet")
    keep(store, name="grown", files=(older,))
    kept = store.splits.latest("grown")
    assert ASSIGNMENT.head(1).equals(store.splits.remembered(kept))


def test_what_is_not_there_is_not_found(store):
    assert store.splits.latest("gap-v1") is None
    with pytest.raises(StoreError, match="No split has the id"):
        store.splits.get("0" * 32)


def test_a_split_without_its_assignment_is_not_kept(store):
    with pytest.raises(StoreError, match="keeps no file 'parts'"):
        keep(store, assignment="parts")
    assert store.splits.list() == ()


def test_keeping_a_split_is_in_the_audit_log(store):
    keep(store)
    said = store.events.list(entity="split/gap-v1")
    assert ["split"] == [each.event.action for each in said]
    assert {"train": 1, "test": 1, "excluded": 0} == said[0].event.after["counts"]


def test_looks_are_counted_for_each_part(store):
    for part in ("gap-v1/test", "gap-v1/test", "gap-v1/other", "gap_v1/test", "gap-v11/test"):
        store.events.record(Event("ann", LOOK, f"split/{part}", after={"reason": "why"}))
    assert {"test": 2, "other": 1} == store.splits.looks("gap-v1")
    assert {} == store.splits.looks("gap%")
