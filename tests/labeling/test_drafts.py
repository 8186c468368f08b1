"""What is half answered is kept until the item is answered, and erased with its row."""

from __future__ import annotations

import pytest
from contacts import TIER

import qforge_jupyter as qf

MORE = {"text why": "200"}
HALF = {"answers": {"why": "because \u0000 \ud800 אב"}, "note": "<b>", "confidence": 0.4, "at": 17}


def asked(labeling, kind, **more: object):
    reply = labeling.handle({"id": 1, "kind": kind, **more})
    assert "error" not in reply, reply
    return reply


def begin(labeling, key='["r0"]'):
    asked(labeling, "draft", key=key, **HALF)


def test_a_draft_comes_back_in_another_process_with_its_item_first(ws, sit, place):
    labeling = sit(ws, order="random", **MORE)
    for _ in range(2):
        labeling.answer(labeling.next(), tier="A")
    waits = asked(labeling, "hello")["items"][2]["key"]
    begin(labeling, waits)
    with qf.open(tracker="none", actor="ann", **place) as other:
        hello = asked(sit(other, order="random", **MORE), "hello")
    assert [{"key": waits, **HALF}] == hello["drafts"]
    assert (waits, hello["resumed_at"]) == (hello["items"][0]["key"], hello["items"][0]["position"])


def test_an_item_that_is_answered_anew_is_gone_back_to(lab, sit):
    labeling = sit(lab, **MORE)
    for n in range(3):
        labeling.answer(f"r{n}", tier="A")
    begin(labeling, '["r1"]')
    hello = asked(sit(lab, **MORE), "hello")
    assert (1, ['["r1"]', '["r3"]']) == (
        hello["resumed_at"],
        [one["key"] for one in hello["items"]][:2],
    )


def test_the_newest_draft_of_an_item_counts_and_comes_first(lab, sit):
    labeling = sit(lab, **MORE)
    begin(labeling)
    asked(labeling, "draft", key='["r1"]', answers={"tier": "B"})
    asked(labeling, "draft", key='["r0"]', answers={"tier": "A"})
    found = asked(labeling, "hello")["drafts"]
    assert [('["r0"]', {"tier": "A"}), ('["r1"]', {"tier": "B"})] == [
        (one["key"], one["answers"]) for one in found
    ]


@pytest.mark.parametrize("kind", ["submit", "skip"])
def test_a_draft_ends_with_its_item(ws, sit, kind):
    labeling = sit(ws, **MORE)
    begin(labeling)
    asked(labeling, kind, submission="s", key='["r0"]', answers={"tier": "A"})
    assert [] == asked(labeling, "hello")["drafts"]
    kept = ws.context.store.read_table("state")["key"].to_list()
    assert [] == [key for key in kept if key.startswith("drafts")]


def test_a_draft_is_of_one_labeler_alone(lab, sit):
    alice = sit(lab, overlap="2 labelers", **MORE)
    begin(alice)
    bob = sit(lab, "bob", overlap="2 labelers", **MORE)
    assert [] == asked(bob, "hello")["drafts"]


def test_a_begun_item_that_another_labeler_has_by_now_is_not_given_again(ws, sit, place):
    alice = sit(ws, **MORE)
    begin(alice)
    alice.close()
    bob = sit(ws, "bob", **MORE)
    assert '["r0"]' == bob.next().key
    with qf.open(tracker="none", actor="ann", **place) as other:
        hello = asked(sit(other, **MORE), "hello")
    assert '["r1"]' == hello["items"][0]["key"]


def test_a_forgotten_row_takes_its_drafts_with_it(ws, sit):
    labeling = sit(ws, **MORE)
    begin(labeling)
    ws.forget("contacts", where="id = 'r0'", reason="asked to")
    assert "because" not in str(ws.context.store.read_table("state").to_dicts())
    reply = labeling.handle({"id": 1, "kind": "draft", "key": '["r0"]', **HALF})
    assert reply["error"].startswith("The row was forgotten")
    assert [] == asked(sit(ws, **MORE), "hello")["drafts"]


@pytest.mark.parametrize(
    "draft",
    [
        {}, {"answers": None}, {"answers": {"tire": "A"}}, {"answers": ["tier"]},
        {"answers": {"why": "x" * 4_000_000}},
    ],
)  # fmt: skip
def test_what_is_no_draft_is_refused(lab, sit, draft):
    labeling = sit(lab, **MORE)
    reply = labeling.handle({"id": 1, "kind": "draft", "key": '["r0"]', **draft})
    assert "data" == reply["category"]
    assert [] == asked(labeling, "hello")["drafts"]


def test_few_drafts_are_kept_at_once(lab, sit):
    labeling = sit(lab, **TIER)
    keys = [f'["r{n}"]' for n in range(12)]
    for key in keys * 2:
        asked(labeling, "draft", key=key, answers={"tier": "A"})
    assert keys[::-1] == [one["key"] for one in asked(labeling, "hello")["drafts"]]
