"""What each labeler did by session, as the store holds it: how many labels, how fast, how good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from contacts import TIER

import qforge_jupyter as qf

GOLD = {**TIER, "overlap": 3, "gold": {"column": "gold", "share": "50%"}}


def later(labeling: Any, hours: float) -> None:
    """Let time pass."""
    now = labeling.desk.sitting.clock
    labeling.desk.sitting.clock = lambda: now() + timedelta(hours=hours)


def sessions(ws: qf.Workspace, who: str) -> list[dict[str, Any]]:
    return [line for line in ws.dashboard("contacts").sessions.to_dicts() if line["labeler"] == who]


def test_a_long_break_ends_a_session_and_a_short_one_does_not(ws):
    labeling = ws.label("contacts", as_="alice", **TIER)
    labeling.answer("r0", tier="A", latency_ms=2_000)
    later(labeling, 0.5)
    labeling.answer("r1", tier="B", latency_ms=4_000)
    later(labeling, 1.5)
    labeling.answer("r2", tier="B", latency_ms=9_000)
    labeling.answer("r3", tier="B", latency_ms=9_000)
    labeling.undo()
    labeling.skip("r4")
    first, second = sessions(ws, "alice")
    assert (1, 2, 0, 3.0) == tuple(
        first[name] for name in ("nth", "n_labels", "n_skipped", "median_s")
    )
    assert (2, 1, 1, 9.0) == tuple(
        second[name] for name in ("nth", "n_labels", "n_skipped", "median_s")
    )
    assert timedelta(hours=2) <= second["started_at"] - first["started_at"] < timedelta(hours=2.1)


def test_a_session_is_as_good_as_its_known_answers_and_the_change_is_told(ws):
    labeling = ws.label("contacts", as_="alice", **GOLD)
    labeling.answer("r2", tier="A")  # B is known
    later(labeling, 2)
    labeling.answer("r1", tier="A")  # nothing is known
    later(labeling, 2)
    labeling.answer("r0", tier="A")  # A is known
    lines = sessions(ws, "alice")
    assert [0.0, None, 1.0] == [line["quality"] for line in lines]
    # Compared with the last one in which anything could be.
    assert [None, None, 1.0] == [line["change"] for line in lines]
    assert [(1, 0), (0, 0), (1, 1)] == [(line["n_gold"], line["n_gold_right"]) for line in lines]


def test_without_known_answers_it_is_as_good_as_it_is_like_the_others(ws):
    body = {**TIER, "overlap": 3}
    for who in ("bob", "cy"):
        other = ws.label("contacts", as_=who, **body)
        for key in ("r0", "r1", "r2"):
            other.answer(key, tier="A")
    labeling = ws.label("contacts", as_="alice", **body)
    labeling.answer("r0", tier="A")
    labeling.answer("r1", tier="B")
    later(labeling, 2)
    labeling.answer("r2", tier="B")
    lines = sessions(ws, "alice")
    assert [(0.5, None), (0.0, -0.5)] == [(line["quality"], line["change"]) for line in lines]
    assert [(2, 1), (1, 0)] == [(line["n_compared"], line["n_alike"]) for line in lines]


def test_each_labeler_and_each_kind_of_session_has_its_own_line(ws):
    ws.label("contacts", as_="alice", **TIER).answer("r0", tier="A")
    ws.label("contacts", as_="bob", **TIER).answer("r1", tier="A")
    judge = ws.label("contacts", as_="alice", type="validation", show={"record": ["title"]})
    judge.answer("r1", verdict="validated")
    board = ws.dashboard("contacts")
    told = board.sessions.select("labeler", "nth", "kind", "n_labels").rows()
    assert [
        ("alice", 1, "initial", 1),
        ("bob", 1, "initial", 1),
        ("alice", 2, "validation", 1),
    ] == told
    assert board.sessions["n_labels"].sum() == board.labelers["n_labels"].sum()


def test_sessions_stand_on_the_page_the_last_first_and_not_in_the_text(ws):
    labeling = ws.label("contacts", as_="alice", **TIER)
    labeling.answer("r0", tier="A")
    later(labeling, 3)
    labeling.answer("r1", tier="A")
    board = ws.dashboard("contacts")
    page = board._repr_mimebundle_()[0]["text/html"]
    assert "a break of more than an hour ends" in page
    assert page.index(", initial") < page.rindex(", initial")
    assert "a break of more than an hour ends" not in repr(board)
    assert 2 == len(board.payload()["sessions"])


@pytest.mark.parametrize("is_there", [False, True])
def test_nobody_has_no_session(ws, is_there):
    if is_there:
        ws.label("contacts", as_="alice", **TIER)
    assert 0 == ws.dashboard("contacts").sessions.height
