"""An approval of lineage holds until somebody takes it back, and may be given again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.run import LineageStep, RunRecord
from qforge_jupyter.store import Store

DATA = "f" * 32


@pytest.fixture
def approved(store: Store) -> Store:
    store.lineage.record(LineageStep("calcs", DATA, "xtb"))
    store.lineage.approve(DATA, "ann", "reviewed")
    return store


def test_a_revoked_approval_no_longer_holds(approved: Store):
    assert approved.lineage.is_approved(DATA)
    approved.lineage.revoke(DATA, "bob", "the basis set was wrong")
    assert not approved.lineage.is_approved(DATA)
    assert approved.lineage.approval(DATA) is None
    assert approved.verify() == ()


def test_the_audit_log_says_who_revoked_what_and_why(approved: Store):
    approved.lineage.revoke(DATA, "bob", "the basis set was wrong")
    last = approved.events.list(entity=f"dataset/{DATA}")[0].event
    assert (last.actor, last.action) == ("bob", "revoke lineage")
    assert last.before == {"approved_by": "ann", "reason": "reviewed"}
    assert last.after == {"approved_by": "", "reason": "the basis set was wrong"}


def test_the_latest_word_counts(approved: Store):
    approved.lineage.revoke(DATA, "bob", "wrong")
    approved.lineage.approve(DATA, "cid", "recalculated")
    approval = approved.lineage.approval(DATA)
    assert approval is not None
    assert (approval.by, approval.reason) == ("cid", "recalculated")
    approved.lineage.revoke(DATA, "bob", "wrong again")
    assert not approved.lineage.is_approved(DATA)


def test_approvals_that_came_with_runs_and_from_a_clock_ahead_are_revoked_too(
    store: Store, record: Callable[..., RunRecord]
):
    for days in (0, 3650):
        one = record()
        (step,) = one.lineage
        ahead = replace(step, approved_at=one.started_at + timedelta(days=days))
        store.runs.save(replace(one, lineage=(ahead,)))
    assert store.lineage.is_approved(DATA)
    store.lineage.revoke(DATA, "bob", "wrong")
    assert not store.lineage.is_approved(DATA)
    assert store.verify() == ()


def test_other_data_keeps_its_approval(approved: Store):
    approved.lineage.record(LineageStep("calcs", "a" * 32, "xtb"))
    approved.lineage.approve("a" * 32, "ann", "reviewed")
    approved.lineage.revoke(DATA, "bob", "wrong")
    assert approved.lineage.is_approved("a" * 32)


@pytest.mark.parametrize(
    ("fingerprint", "by", "reason", "said"),
    [
        ("a" * 32, "bob", "wrong", "nothing to revoke"),
        (DATA, "bob", " ", "one of them is empty"),
        (DATA, "", "wrong", "one of them is empty"),
    ],
)
def test_nothing_is_revoked_without_an_approval_a_name_and_a_reason(
    approved: Store, fingerprint: str, by: str, reason: str, said: str
):
    with pytest.raises(CallError, match=said):
        approved.lineage.revoke(fingerprint, by, reason)
    assert approved.lineage.is_approved(DATA)
