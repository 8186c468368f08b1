"""One labeler before one queue: next, answer, skip, undo, back, and where it goes on."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from contacts import ROWS, TIER

import qforge_jupyter as qf
from qforge_jupyter.errors import DataError, QForgeError


def done(labeling: Any) -> tuple[int, int, int]:
    counts = labeling.progress
    return counts["n_done"], counts["n_left"], counts["n_skipped"]


def test_items_come_one_after_the_other_until_none_is_left(ws, sit):
    labeling = sit(ws)
    keys = []
    while (item := labeling.next()) is not None:
        assert item.key == labeling.next().key  # the same until it is answered
        keys.append(item.key)
        labeling.answer(item, tier="A")
    assert [f'["r{n}"]' for n in range(12)] == keys
    assert (12, 0, 0) == done(labeling)


def test_an_answer_is_in_the_store_when_it_returns(ws, sit, place):
    labeling = sit(ws)
    labeling.answer("r3", tier="B", note="why", confidence=0.5, latency_ms=1200)
    with qf.open(tracker="none", actor="bob", **place) as other:
        dataset = other.context.store.datasets.find("contacts")
        (event,) = other.context.store.labels.since(dataset.id)
    label = event.label
    assert ('["r3"]', "tier", "answer", "B") == (
        label.item,
        label.question,
        label.label_type,
        label.value,
    )
    assert ("alice", "why", 0.5, 1200) == (
        event.labeler,
        label.note,
        label.confidence,
        label.latency_ms,
    )
    assert event.commit_id == ws.context.store.refs.of(dataset.id)[0].head


def test_a_submission_that_is_sent_again_is_kept_once(ws, sit):
    labeling = sit(ws)
    for _ in range(3):
        assert "one" == labeling.answer("r0", tier="A", submission="one")["saved"]
    again = sit(ws)
    assert "one" == again.answer("r0", tier="B", submission="one")["saved"]
    assert ["A"] == again.answers["value"].to_list()
    assert 1 == again.history.height


def test_undo_goes_back_without_limit_and_redo_forth(ws, sit):
    labeling = sit(ws)
    for n in range(3):
        labeling.answer(f"r{n}", tier="A")
    labeling.answer("r0", tier="B")
    labeling.skip("r5")
    assert ['["r5"]', '["r0"]', '["r2"]', '["r1"]', '["r0"]'] == [
        labeling.undo().key for _ in range(5)
    ]
    assert (0, 12, 0) == done(labeling)
    with pytest.raises(DataError, match="nothing to undo"):
        labeling.undo()
    assert ['["r0"]', '["r1"]', '["r2"]', '["r0"]', '["r5"]'] == [
        labeling.redo().key for _ in range(5)
    ]
    assert (3, 8, 1) == done(labeling)
    assert {"r0": "B", "r1": "A", "r2": "A"} == dict(labeling.answers["item", "value"].rows())
    with pytest.raises(DataError, match="nothing to bring back"):
        labeling.redo()
    assert 5 + 10 == labeling.history.height  # nothing was deleted


def test_an_undone_item_is_the_next_again(ws, sit):
    labeling = sit(ws)
    labeling.answer("r0", tier="A")
    labeling.answer("r1", tier="A")
    labeling.undo()
    assert '["r1"]' == labeling.next().key


def test_the_same_call_goes_on_where_it_stopped(ws, sit, place):
    labeling = sit(ws)
    for n in range(4):
        labeling.answer(f"r{n}", tier="A")
    labeling.skip("r4")
    lying = labeling.next().key
    with qf.open(tracker="none", actor="ann", **place) as other:
        again = sit(other)
        assert ('["r5"]', lying) == (again.next().key, lying)
        assert (4, 7, 1) == done(again)
        assert '["r3"]' == again.back(3).key
        assert {"tier": "A"} == again.back(3).mine
        assert '["r4"]' == again.undo().key
        assert 1 == len(other.context.store.labels.sessions(_dataset(other).id))


def test_top_and_where_narrow_the_queue_and_what_was_done_stays_in_it(ws, sit):
    labeling = sit(ws, where="status = 'pending' and title != 'Title 1'", top=3)
    for _ in range(2):
        labeling.answer(labeling.next(), tier="A")
    again = sit(ws, where="status = 'pending' and title != 'Title 1'", top=3)
    assert (2, 1, 0) == done(again)
    assert '["r3"]' == again.next().key
    assert (0, 9, 0) == done(sit(ws, "bob", where="label_status = 'pending' and id != 'r1'"))


def test_a_later_answer_takes_the_place_of_the_earlier_and_says_so(ws, sit):
    labeling = sit(ws)
    labeling.answer("r0", tier="A")
    labeling.answer("r0", tier="B")
    assert ["B"] == labeling.answers["value"].to_list()
    assert [(None, "A"), ("A", "B")] == labeling.history["previous", "value"].rows()


def test_a_question_that_is_not_asked_any_more_loses_its_answer(ws, sit):
    labeling = sit(ws, **{"text why": "20", "if tier = A ask": ["why"]})
    labeling.answer("r0", tier="A", why="good")
    assert 2 == labeling.answers.height
    labeling.answer("r0", tier="B")
    assert [("tier", "B")] == labeling.answers["question", "value"].rows()
    with pytest.raises(DataError, match="'why' is not asked after these answers"):
        labeling.answer("r1", tier="B", why="no")


def test_can_t_tell_is_an_answer_and_no_vote(ws, sit):
    labeling = sit(ws)
    labeling.answer("r0", tier={"cant_tell": True})
    assert [("cant_tell", "(can't tell)")] == labeling.history["what", "value"].rows()
    assert (1, 11, 0) == done(labeling)


def test_rows_without_keys_are_known_by_their_content(ws):
    ws.commit(pl.DataFrame({"a": [1, 1, 2]}), to="contacts2")
    labeling = ws.label("contacts2", as_="alice", **TIER)
    assert 2 == labeling.progress["n_items"]
    labeling.answer(labeling.next(), tier="A")
    labeling.answer(labeling.next(), tier="B")
    assert labeling.next() is None
    assert {"A", "B"} == set(labeling.answers["value"])


def test_a_variable_is_committed_first_as_a_dataset_of_its_name(ws):
    labeling = ws.label(ROWS, by=["id"], name="fresh", **TIER)
    assert "ann" == labeling.labeler
    labeling.answer("r0", tier="A")
    assert ws.checkout("fresh").frame.equals(ROWS)
    assert ["label"] == [one.verb for one in ws.context.store.runs.list(verb="label")]
    with pytest.raises(DataError, match="There is a dataset 'fresh' already"):
        ws.label(ROWS, by=["id"], name="fresh", **TIER)
    with pytest.raises(DataError, match="write  by KEY"):
        ws.label(ROWS, name="other", **TIER)


@pytest.mark.parametrize("order", ["random", "as they come"])
def test_every_order_gives_every_item_once(ws, sit, order):
    labeling = sit(ws, order=order)
    found = []
    while (item := labeling.next()) is not None:
        found.append(item.key)
        labeling.answer(item, tier="A")
    assert sorted(f'["r{n}"]' for n in range(12)) == sorted(found)
    assert (order == "as they come") == (found == [f'["r{n}"]' for n in range(12)])


def test_scores_from_elsewhere_say_what_comes_first(ws, sit):
    scores = pl.DataFrame({"id": ["r7", "r2", "gone"], "score": [0.9, 0.1, 5.0]})
    high = sit(ws, order="most informative first", scores=scores)
    low = sit(ws, "bob", order="lowest score first", scores=scores)
    assert ('["r7"]', '["r2"]') == (high.next().key, low.next().key)
    high.answer("r7", tier="A")
    assert '["r2"]' != high.next().key  # it lies before bob
    assert "" == high.note


def test_the_last_score_run_says_which_score_is_lowest(ws, sit):
    ws.score("contacts", by="table", required=["gold"])
    labeling = sit(ws, order="lowest score first")
    assert '["r1"]' == labeling.next().key


def test_without_scores_those_come_first_on_which_people_disagree_and_it_says_so(ws, sit):
    sit(ws, "bob", overlap=3).answer("r9", tier="A")
    sit(ws, "eve", overlap=3).answer("r9", tier="B")
    for order in ("disagreement first", "most informative first"):
        labeling = sit(ws, order=order, overlap=3)
        assert '["r9"]' == labeling.next().key
        labeling.close()
    assert "No scores came" in labeling.note


def test_known_answers_are_hidden_among_the_others_and_judged(ws, sit):
    labeling = sit(ws, gold={"column": "gold", "share": "20%"})
    assert {"n": 0, "n_right": 0} == labeling.progress["gold"]
    keys = []
    while (item := labeling.next()) is not None:
        assert "gold" not in item.fields
        keys.append(item.key)
        labeling.answer(item, tier="A")
    assert {"n": 2, "n_right": 1} == labeling.progress["gold"]
    assert (12, 12) == (len(keys), len(set(keys)))
    assert "1 of 2 known answers were given right" in repr(labeling)


def test_a_row_that_is_gone_keeps_its_label_and_is_not_asked_again(ws, sit):
    labeling = sit(ws)
    assert '["r0"]' == labeling.next().key
    ws.commit(ROWS.filter(pl.col("id") != "r0"), to="contacts")
    reply = labeling.answer("r0", tier="A")
    assert "not in the newest version of contacts any more" in reply["said"]
    assert ("r0", "A") == labeling.answers["item", "value"].row(0)
    assert '["r1"]' == labeling.next().key
    assert "said" not in labeling.answer("r1", tier="A")
    assert 11 == labeling.progress["n_items"]


def test_what_was_said_of_a_forgotten_row_is_erased_and_no_more_is_kept(ws, sit):
    labeling = sit(ws)
    labeling.answer("r0", tier="A", note="a secret")
    labeling.answer("r1", tier="B")
    ws.forget("contacts", where="id = 'r0'", reason="consent withdrawn")
    with pytest.raises(DataError, match="was forgotten in contacts"):
        labeling.answer("r0", tier="B")
    labeling.answer("r2", tier="A")
    history = labeling.history
    assert ["forgotten", "answer", "answer"] == history["what"].to_list()
    table = ws.context.store.read_table("label_event")
    assert "a secret" not in str(table.to_dicts())
    assert '["r0"]' not in table["row_key"].to_list()
    assert ["r1", "r2"] == sit(ws).answers["item"].to_list()


def test_validation_judges_and_correction_mends(ws, sit):
    labeling = sit(ws)
    labeling.answer("r0", tier="A")
    labeling.answer("r1", tier="B")
    judge = ws.label("contacts", as_="judy", type="validation")
    assert (2, ("alice", "tier", "A")) == (judge.progress["n_items"], judge.next().others[0])
    judge.answer("r0", verdict="validated")
    judge.answer("r1", verdict="rejected", note="too low")
    assert ["validated", "rejected"] == labeling.answers["status"].to_list()
    only = sit(ws, "eve", where="label_status = 'rejected' and label_by = 'judy'")
    assert 1 == only.progress["n_items"]
    mend = sit(ws, "eve", type="correction")
    assert '["r1"]' == mend.next().key
    mend.answer("r1", tier="A")
    assert (1, 0, 0) == done(mend)
    assert {"validated", "labeled"} == set(labeling.answers["status"])
    again = ws.label("contacts", as_="judy", type="validation", where="status = 'labeled'")
    assert '["r1"]' == again.next().key
    ws.accept("contacts", message="mended")
    assert ["A", "A"] == ws.checkout("contacts").frame["tier"].to_list()[:2]


def test_two_browsers_of_one_labeler_go_on_with_one_session(ws, sit):
    one, two = sit(ws), sit(ws)
    one.answer(one.next(), tier="A")
    assert '["r1"]' == two.next().key
    two.answer("r1", tier="B")
    assert '["r1"]' == one.undo().key
    assert (1, 11, 0) == done(two)


def test_what_lies_before_a_lost_kernel_is_given_to_others_after_a_while(ws, sit):
    lost = sit(ws, top=1)
    assert '["r0"]' == lost.next().key
    other = sit(ws, "bob", top=1)
    assert other.next() is None
    sitting = other.desk.sitting
    now = sitting.clock
    sitting.clock = lambda: now() + timedelta(seconds=sitting.lease_s + 1)
    assert '["r0"]' == other.next().key


def test_closing_lets_others_have_what_lay_before(ws, sit):
    first = sit(ws, top=1)
    first.next()
    other = sit(ws, "bob", top=1)
    assert other.next() is None
    first.close()
    assert '["r0"]' == other.next().key


def test_the_text_is_decided_by_the_data_alone(lab, sit):
    labeling = sit(lab, top=5)
    labeling.answer("r0", tier="A")
    labeling.skip("r1")
    text = repr(labeling)
    assert text.startswith("Labeling contacts: 1 of 5 items labeled (tier: A, B)\n")
    assert text == repr(sit(lab, top=5))
    assert len(labeling._repr_mimebundle_()[0]["text/html"]) < 100_000
    assert "r0" not in str(labeling.payload())
    lab.close()
    assert text == repr(labeling)  # what was shown can be shown again


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Nothing is asked"),
        ({"choose tier": {}}, "The question 'tier' has no answers"),
        ({"choose tier": []}, "The question 'tier' has no answers"),
        ({"choose tier": ["A", "A"]}, "offers an answer twice"),
        ({"choose tier": {"ab": "A"}}, "A key is one character"),
        ({"choose tier": {"Enter": "A"}}, "one that the view needs"),
        ({**TIER, "keys": {"undo": "a"}}, "The key 'a' of the question 'tier' is the one to undo"),
        ({**TIER, "keys": {"undo": "q", "skip": "q"}}, "would do two things, 'undo' and 'skip'"),
        ({**TIER, "keys": {"fly": "q"}}, "No action 'fly' for a key"),
        ({**TIER, "rate tier": "0 .. 1"}, "'tier' stands twice"),
        ({"chose tier": ["A"]}, "No key 'chose tier' in label.*did you mean 'choose'"),
        ({"choose key": ["A"]}, "cannot be called 'key'"),
        ({"choose a-b": ["A"]}, "named with letters, digits and underscores"),
        ({"spans who": ["p"]}, "write  spans who in COLUMN"),
        ({"spans who in text": ["p"]}, "no column 'text' for the question 'who'"),
        ({"rate it": ".. 5"}, "wants both ends"),
        ({"number it": "cold"}, "The range of 'it' cannot be read"),
        ({"text it": "-5"}, "wants its most characters"),
        ({**TIER, "show": "**{titel}**"}, "no column 'titel' for show: did you mean 'title'"),
        ({**TIER, "show": {"pdf": "title"}}, "'pdf' is none"),
        ({**TIER, "show": "{gold}", "gold": {"column": "gold"}}, "would tell them"),
        ({**TIER, "gold": {"column": "golden"}}, "no column 'golden' of known answers"),
        ({**TIER, "gold": {"column": "gold", "share": "200%"}}, "between 0 % and 100 %"),
        ({**TIER, "overlap": "many"}, "'overlap' wants a number of labelers"),
        ({**TIER, "if tier = C ask": ["tier"]}, "The condition cannot be read"),
        ({**TIER, "if tier = A ask": ["wy"]}, "No question 'wy' to ask"),
        (
            {**TIER, "choose u": ["X"], "if tier = A ask": ["u"], "if u = X ask": ["tier"]},
            "in a circle of conditions",
        ),
        ({"choose id": ["A"]}, "called like a key of contacts: ask it under another name"),
        (
            {**TIER, "rate r": "1 .. 5", "keys": {"undo": "1"}},
            "The key '1' of the question 'r' is the one to undo",
        ),
        ({**TIER, "rate r": "0 .. 1", "keys": {"skip": "7"}}, "is the one to skip"),
        ({**TIER, "boxes b in title": ["p"], "keys": {"undo": "+"}}, "of the question 'b'"),
        ({**TIER, "keys": {"note": "["}}, "'\\[' of the action 'note' is one that the view needs"),
        ({**TIER, "order": "lowest score first"}, "has no scores: score it first"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(lab, body, said):
    with pytest.raises(QForgeError, match=said) as refused:
        lab.label("contacts", as_="alice", **body)
    assert "\n" not in str(refused.value)
    assert () == lab.context.store.labels.sessions(_dataset(lab).id)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"as_": "a b"}, "A labeler is named with letters"),
        ({"as_": "x" * 65}, "A labeler is named with letters"),
        ({"as_": "<script>"}, "A labeler is named with letters"),
        ({"top": 0}, "`top` is 0"),
        ({"where": "statsu = 'pending'"}, "No column named 'statsu': did you mean 'status'"),
        ({"where": "1 = 1; drop table run"}, "."),
        ({"scores": pl.DataFrame({"x": [1.0]})}, "no column 'id'"),
        ({"by": ["title"]}, "are known by id"),
    ],
)
def test_a_call_that_cannot_be_is_one_sentence(lab, options, said):
    body = {**TIER, "order": "most informative first"} if "scores" in options else TIER
    with pytest.raises(QForgeError, match=said) as refused:
        lab.label("contacts", **options, **body)
    assert "\n" not in str(refused.value)


def _dataset(ws: qf.Workspace) -> Any:
    return ws.context.store.datasets.find("contacts")


def test_two_questions_may_mark_one_column(lab, sit):
    asked = {"spans who in title": ["person"], "spans where in title": ["place"]}
    labeling = sit(lab, **asked)
    labeling.answer(
        "r0",
        tier="A",
        who=[{"start": 0, "end": 5, "label": "person"}],
        where=[{"start": 6, "end": 7, "label": "place"}],
    )
    assert {"tier", "who", "where"} == set(labeling.answers["question"])


def test_who_changes_the_questions_of_a_cell_gets_the_items_of_before(lab, sit):
    first = sit(lab)
    assert 12 == len(first.handle({"id": 1, "kind": "next", "n": 12})["items"])
    assert '["r0"]' == sit(lab, **{"text why": "20"}).next().key
    assert '["r1"]' == sit(lab, "bob").next().key


@pytest.mark.parametrize("gold", [{}, {"gold": {"column": "gold", "share": "20%"}}])
def test_a_few_items_are_open_just_as_all_of_them_say(ws, gold):
    labeling = ws.label("contacts", as_="al", overlap=2, **gold, **TIER)
    for who, keys in (("bo", ("r3", "r4")), ("cy", ("r4", "r5"))):
        for key in keys:
            ws.label("contacts", as_=who, overlap=2, **TIER).answer(key, tier="A")
    labeling.answer("r6", tier="A")
    labeling.skip("r7")
    labeling.progress  # noqa: B018 — what the others said is read
    queue = labeling.desk.sitting.queue
    places = list(range(12))[::-1]
    for claimed in ({}, {3: 1, 8: 2, 9: 1}):
        for chosen in (None, np.arange(12) % 2 == 0):
            queue.chosen = chosen
            assert queue.is_open(claimed)[places].tolist() == queue.are_open(places, claimed)


def test_undo_passes_over_rows_that_were_forgotten_or_removed(ws, sit, place):
    labeling = sit(ws)
    for n in range(3):
        labeling.answer(f"r{n}", tier="A")
    ws.forget("contacts", where="id = 'r2'", reason="consent withdrawn")
    reply = labeling.handle({"id": 1, "kind": "undo", "submission": "u1"})
    assert ('["r1"]', True) == (reply["item"]["key"], "1 item was passed over" in reply["said"])
    assert '["r1"]' == labeling.redo().key
    with qf.open(tracker="none", actor="ann", **place) as other:
        assert '["r1"]' == sit(other).undo().key
        sit(other).redo()
        rows = ROWS.filter(~pl.col("id").is_in(["r1", "r2"]))
        other.commit(rows, to="contacts")
        again = sit(other)
        reply = again.handle({"id": 1, "kind": "undo", "submission": "u9"})
        assert ('["r0"]', True) == (reply["item"]["key"], "1 item was passed over" in reply["said"])
        assert "" == again.redo().said
        again.undo()
        with pytest.raises(DataError, match="nothing to undo"):
            again.undo()


def test_undo_in_a_running_sitting_passes_over_rows_that_were_removed_meanwhile(ws, sit, place):
    labeling = sit(ws)
    for n in range(3):
        labeling.answer(f"r{n}", tier="A")
    with qf.open(tracker="none", actor="bob", **place) as other:
        other.commit(ROWS.filter(pl.col("id") != "r2"), to="contacts")
    reply = labeling.handle({"id": 1, "kind": "undo", "submission": "u1"})
    assert '["r1"]' == reply["item"]["key"]
    assert "1 item was passed over, forgotten or not in contacts any more" == reply["said"]
    assert '["r1"]' == labeling.redo().key
    assert ["r0", "r1", "r2"] == labeling.answers["item"].to_list()


def test_an_undone_item_stays_with_its_labeler(ws, sit):
    alice, bob = sit(ws), sit(ws, "bob")
    alice.answer(alice.next(), tier="A")
    alice.undo()
    assert '["r2"]' == bob.next().key  # the second lay before alice when she had answered
    assert '["r0"]' == alice.next().key
    alice.answer("r0", tier="B")
    assert '["r1"]' == alice.next().key


def test_an_answer_claims_the_next_item_so_that_giving_it_writes_nothing(lab, sit, tmp_path):
    alice, bob = sit(lab), sit(lab, "bob")
    alice.next()
    bob.next()
    with sqlite3.connect(tmp_path / "lab" / "store.db") as watching:
        alice.answer("r0", tier="A")
        before = watching.execute("PRAGMA data_version").fetchone()
        assert '["r2"]' == alice.next().key
        assert before == watching.execute("PRAGMA data_version").fetchone()
        bob.answer("r1", tier="A")
        assert before != watching.execute("PRAGMA data_version").fetchone()
    watching.close()
    assert '["r3"]' == bob.next().key


def test_answers_by_key_alone_claim_nothing(lab, sit):
    alice, bob = sit(lab), sit(lab, "bob")
    alice.answer("r0", tier="A")
    alice.answer("r0", tier="B")
    assert '["r1"]' == bob.next().key


def test_what_was_claimed_ahead_is_given_to_others_once_its_labeler_is_lost(lab, sit):
    alice, bob = sit(lab), sit(lab, "bob")
    alice.answer(alice.next(), tier="A")
    now = bob.desk.sitting.clock
    later = bob.desk.sitting.lease_s + 1
    bob.desk.sitting.clock = lambda: now() + timedelta(seconds=later)
    assert '["r1"]' == bob.next().key
    assert '["r2"]' == alice.next().key


def test_what_another_kernel_of_the_same_labeler_took_is_not_given_twice(lab, sit):
    first = sit(lab)
    first.answer(first.next(), tier="A")
    second = sit(lab)
    assert '["r1"]' == second.next().key
    assert '["r2"]' == first.next().key


def test_redo_brings_no_answer_beyond_the_overlap(ws, sit):
    alice, bob = sit(ws), sit(ws, "bob")
    alice.answer("r0", tier="A")
    alice.undo()
    bob.answer("r0", tier="B")
    with pytest.raises(DataError, match="others answered 1 of 1 items"):
        alice.redo()
    assert [("bob", "B")] == alice.answers["labeler", "value"].rows()
