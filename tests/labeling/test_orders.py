"""What comes first: each order to its end, by type, by status and by priority; bad words."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from contacts import TIER

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, QForgeError

ROWS = pl.DataFrame({
    "id": ["a", "b", "c", "d", "e"], "kind": ["x", "y", "x", "y", "x"],
    "priority": [1, 5, 3, 2, 4],
})  # fmt: skip
SCORES = pl.DataFrame({"id": ["c", "a", "e", "b"], "score": [0.9, 0.5, None, 0.1]})


@pytest.fixture
def queue(tmp_path) -> Any:
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as ws:
        ws.commit(ROWS, to="contacts", by=["id"])
        yield ws


def given(labeling: Any) -> str:
    """Name the items in the order in which they come, each answered."""
    keys = ""
    while (item := labeling.next()) is not None:
        keys += item.fields["id"]
        labeling.answer(item, tier="A")
    return keys


@pytest.mark.parametrize(
    ("order", "keys"),
    [("as they come", "abcde"), ("most informative first", "cabde"),
     ("lowest score first", "bacde")],
)  # fmt: skip
def test_items_come_in_the_order_that_was_asked_and_those_without_a_score_last(queue, order, keys):
    assert keys == given(queue.label("contacts", order=order, scores=SCORES, **TIER))


def test_a_column_of_the_rows_is_their_priority(queue):
    by = ROWS.select("id", "priority")
    first = queue.label("contacts", order="most informative first", scores=by, top=3, **TIER)
    assert "bec" == given(first)


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({"priority": "priority"}, "becda"),
        ({"priority": "priority highest first"}, "becda"),
        ({"priority": "priority lowest first"}, "adceb"),
        ({"priority": {"kind": ["y", "x"]}}, "bdace"),
        ({"priority": {"kind": ["x"]}}, "acebd"),
        # Within a level the order decides: c .9, a .5 and e without a score; then b .1, and d.
        ({"priority": {"kind": ["x", "y"]}, "order": "most informative first"}, "caebd"),
        ({"priority": {"kind": ["y", "x"]}, "order": "lowest score first"}, "bdace"),
    ],
)
def test_a_priority_comes_before_the_order(queue, body, keys):
    scores = SCORES if "order" in body else None
    assert keys == given(queue.label("contacts", scores=scores, **body, **TIER))


@pytest.mark.parametrize("cell", [[1], b"1", {"a": 1}])
@pytest.mark.parametrize("priority", ["cell", {"cell": ["1"]}])
def test_a_priority_of_lists_or_bytes_is_refused(queue, cell, priority):
    rows = ROWS.select("id", cell=pl.Series([cell] * 5))
    queue.commit(rows, to="cells", by=["id"])
    with pytest.raises(CallError, match="'priority' wants texts, numbers, times or truth values"):
        queue.label("cells", priority=priority, **TIER)


def test_a_priority_of_dates_and_one_without_a_value_come_in_turn(queue):
    rows = ROWS.select("id", due=pl.Series([3, None, 1, 2, 3]).cast(pl.Int32).cast(pl.Date))
    queue.commit(rows, to="due", by=["id"])
    assert "cdaeb" == given(queue.label("due", priority="due lowest first", **TIER))


def test_within_a_priority_those_come_first_on_which_most_disagree(queue):
    for name, answers in (("al", "AAB"), ("bo", "ABA"), ("cy", "ABC")):
        labeling = queue.label("contacts", as_=name, overlap=9, **{"choose tier": [*"ABC"]})
        for key, answer in zip("ace", answers, strict=True):
            labeling.answer(key, tier=answer)
    asked = {"overlap": 9, "order": "disagreement first", "priority": {"kind": ["y", "x"]}}
    dora = queue.label("contacts", as_="dora", **asked, **{"choose tier": [*"ABC"]})
    assert "bdeca" == given(dora)
    assert "kind (y, x), then disagreement first" in repr(dora)


def test_top_takes_the_most_urgent(queue):
    assert "be" == given(queue.label("contacts", priority="priority", top=2, **TIER))


def test_those_come_first_on_which_most_disagree_and_the_others_in_their_order(queue):
    for name, answers in (("al", "AAB"), ("bo", "ABA"), ("cy", "ABC")):
        labeling = queue.label("contacts", as_=name, overlap=9, **{"choose tier": [*"ABC"]})
        for key, answer in zip("ace", answers, strict=True):
            labeling.answer(key, tier=answer)
    asked = {"overlap": 9, "order": "disagreement first", "choose tier": [*"ABC"]}
    # e: A, B and C; c: one against two; a: all alike, as b and d, of which nobody spoke.
    assert "ecabd" == given(queue.label("contacts", as_="dora", **asked))


def test_chance_decides_by_the_seed_alone(queue):
    asked = {"order": "random", "overlap": 9, **TIER}
    one, two = (given(queue.label("contacts", as_=name, **asked)) for name in ("al", "bo"))
    assert one == two != "abcde"
    assert sorted(one) == [*"abcde"]


def test_type_and_status_narrow_the_queue(queue):
    by_kind = queue.label("contacts", as_="al", where="kind = 'x'", **TIER)
    assert "ace" == given(by_kind)
    rest = queue.label("contacts", as_="al", where="status = 'pending'", **TIER)
    assert "bd" == given(rest)
    judge = queue.label("contacts", as_="jo", type="validation", where="status = 'labeled'")
    judge.answer("b", verdict="rejected")
    judge.answer("d", verdict="rejected")
    where = "status = 'rejected' and priority > 3"
    again = queue.label("contacts", as_="al", type="correction", where=where, **TIER)
    assert "b" == given(again)


def test_a_labeler_of_whom_nothing_is_known_has_no_items(queue):
    queue.label("contacts", as_="al", **TIER).answer("a", tier="A")
    none = queue.label("contacts", as_="bo", where="label_by = 'nobody'", **TIER)
    assert (0, None) == (none.progress["n_items"], none.next())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"choose tier": {"a": "A", "b": "B"}, "keys": {"skip": "a"}}, "is the one to skip"),
        ({"choose tier": []}, "The question 'tier' has no answers"),
        ({"choose tier": ["A"], "several tags": {}}, "The question 'tags' has no answers"),
        ({**TIER, "order": "worst first"}, "'order' does not know"),
        ({**TIER, "priority": "priorty"}, "did you mean 'priority'"),
        ({**TIER, "priority": "kind"}, "has no order: say it"),
        ({**TIER, "priority": {"kind": ["z"]}}, "No row has any of the texts"),
        ({**TIER, "priority": {"kind": ["x", "x"]}}, "each once"),
        ({**TIER, "priority": {"kind": ["x"], "id": ["a"]}}, "one column, and several came"),
        (
            {**TIER, "priority": "priority", "gold": {"column": "priority"}},
            "holds the known answers",
        ),
    ],
)
def test_what_cannot_be_a_queue_is_one_sentence(queue, body, said):
    with pytest.raises(QForgeError, match=said) as refused:
        queue.label("contacts", **body)
    assert "\n" not in str(refused.value)
