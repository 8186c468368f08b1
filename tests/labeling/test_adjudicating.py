"""Disagreements are shown side by side, settled, and what is accepted becomes a version."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from contacts import ROWS, TIER

from qforge_jupyter.errors import CallError, DataError, QForgeError, QualityError

ANSWERS = {"al": "AABB", "bo": "ABBA", "cy": "ABBB"}


@pytest.fixture
def disagreed(ws, sit):
    """Three labelers over four rows: they agree on r0 and r2, and 2:1 on r1 and r3."""
    for name, answers in ANSWERS.items():
        labeling = sit(ws, name, overlap=3)
        for n, answer in enumerate(answers):
            labeling.answer(f"r{n}", tier=answer, note="hm")
    return ws


def tiers(ws: Any) -> list[Any]:
    return ws.checkout("contacts").frame["tier"].to_list()[:5]


def test_open_cases_show_all_answers_side_by_side(disagreed):
    cases = disagreed.adjudicate("contacts")
    assert {
        "id": ["r1", "r3"], "question": ["tier", "tier"],
        "al": ["A", "B"], "bo": ["B", "A"], "cy": ["B", "B"], "majority": ["B", "B"],
    } == cases.frame.to_dict(as_series=False)  # fmt: skip
    assert "2 disagreements open" in repr(cases)
    assert "r1" not in str(cases.payload())


def test_nothing_is_accepted_while_a_disagreement_is_open_unless_said_so(disagreed):
    with pytest.raises(QualityError, match="2 disagreements are open in contacts"):
        disagreed.accept("contacts")
    assert 1 == disagreed.log("contacts").frame.height
    report = disagreed.accept("contacts", leave_open=True, message="two of four")
    assert ["A", None, "B", None, None] == tiers(disagreed)
    assert (2, {"agreed": 2, "open": 2}) == (report.n_accepted, dict(report.counts)["tier"])
    assert ROWS.equals(disagreed.checkout("contacts").frame.drop("tier"))


def test_a_majority_is_accepted_where_that_is_enough(disagreed):
    disagreed.accept("contacts", by="majority")
    assert ["A", "B", "B", "B", None] == tiers(disagreed)


def test_where_there_is_no_majority_the_more_reliable_labeler_is_believed(ws, sit):
    truth = "ABABABABAB"
    said = {"al": truth + "?A", "bo": truth + "BA", "cy": "AAAAAAAAAAAA"}  # cy always says A
    for name, answers in said.items():
        labeling = sit(ws, name, overlap=3)
        for n, answer in enumerate(answers):
            labeling.answer(f"r{n}", tier={"cant_tell": True} if answer == "?" else answer)
    with pytest.raises(QualityError, match="1 disagreement is open"):
        ws.accept("contacts", by="majority")
    report = ws.accept("contacts", by="dawid-skene")
    counts = dict(report.counts)["tier"]
    assert (12, 6, 6) == (report.n_accepted, counts["agreed"], counts["dawid-skene"])
    assert [*truth, "B", "A"] == ws.checkout("contacts").frame["tier"].to_list()


@pytest.mark.parametrize("way", ["answer", "majority", "table"])
def test_a_disagreement_is_settled(disagreed, way):
    if way == "majority":
        settled = disagreed.adjudicate("contacts", by="majority")
    elif way == "answer":
        disagreed.adjudicate("contacts", key="r1", answer="B")
        settled = disagreed.adjudicate("contacts", key="r3", answer="B", question="tier")
    else:
        cases = disagreed.adjudicate("contacts").frame
        take = pl.Series("take", ["B", "B"])
        settled = disagreed.adjudicate("contacts", settled=cases.with_columns(take))
    assert "no disagreement is open" in repr(settled)
    assert 0 == disagreed.adjudicate("contacts").frame.height
    disagreed.accept("contacts", message="settled")
    assert ["A", "B", "B", "B", None] == tiers(disagreed)


def test_what_was_settled_can_be_settled_anew(disagreed):
    disagreed.adjudicate("contacts", key="r1", answer="B")
    disagreed.adjudicate("contacts", key="r1", answer="A")
    disagreed.accept("contacts", by="majority")
    assert "A" == tiers(disagreed)[1]
    dataset = disagreed.context.store.datasets.find("contacts")
    last = disagreed.context.store.labels.since(dataset.id)[-1].label
    assert ("adjudication", "A", "B") == (last.label_type, last.value, last.previous)


def test_an_answer_that_fewer_gave_than_asked_stays_out(ws, sit):
    sit(ws, "al", overlap=2).answer("r0", tier="A")
    with pytest.raises(CallError, match="No label of contacts can be accepted yet"):
        ws.accept("contacts")
    sit(ws, "bo", overlap=2).answer("r0", tier="A")
    sit(ws, "bo", overlap=2).answer("r1", tier="B")
    report = ws.accept("contacts")
    assert {"agreed": 1, "incomplete": 1} == dict(report.counts)["tier"]
    assert ["A", None] == tiers(ws)[:2]


def test_accepting_again_changes_what_changed_and_keeps_the_rest(disagreed, sit):
    disagreed.accept("contacts", by="majority")
    frame = disagreed.checkout("contacts").frame
    by_hand = pl.when(pl.col("id") == "r9").then(pl.lit("C")).otherwise("tier")
    disagreed.commit(frame.with_columns(tier=by_hand), to="contacts")
    for name in ANSWERS:
        sit(disagreed, name, overlap=3).answer("r0", tier="B")
    report = disagreed.accept("contacts", by="majority")
    assert 1 == report.commit.n_modified
    assert ["B", "B", "B", "B", None] == tiers(disagreed)
    assert "C" == disagreed.checkout("contacts").frame["tier"][9]
    again = disagreed.accept("contacts", by="majority")
    assert not again.commit.is_new


def test_every_kind_of_answer_becomes_a_column(lab):
    body = {
        **TIER, "several tags": ["x", "y"], "rate sure": "0 .. 1", "number price": "yes",
        "text why": "yes", "spans parts in title": ["p"],
    }  # fmt: skip
    labeling = lab.label("contacts", **body)
    spans = [{"start": 0, "end": 5, "label": "p"}]
    labeling.answer("r0", tier="A", tags=["y", "x"], sure=0.5, price=7, why="so", parts=spans)
    labeling.answer("r1", tier="B", tags=[], sure=1, price=0.1)
    lab.accept("contacts")
    frame = lab.checkout("contacts").frame
    kinds = dict(zip(frame.columns, map(str, frame.dtypes), strict=True))
    assert ("String", "List(String)", "Float64", "Float64", "String", "String") == tuple(
        kinds[name] for name in ("tier", "tags", "sure", "price", "why", "parts")
    )
    assert ["x", "y"] == frame["tags"][0].to_list()
    assert (0.5, 7.0, "so") == (frame["sure"][0], frame["price"][0], frame["why"][0])
    assert spans == json.loads(frame["parts"][0])
    assert (None, None) == (frame["why"][1], frame["tier"][2])


def test_lineage_names_the_version_the_sessions_and_the_labelers(disagreed):
    before = disagreed.checkout("contacts").table.fingerprint
    report = disagreed.accept("contacts", by="majority", message="three labelers")
    (step,) = report.lineage()
    assert ((before,), "accepted labels") == (step.inputs, step.method)
    assert (["al", "bo", "cy"], 3) == (
        step.parameters["labelers"],
        len(step.parameters["sessions"]),
    )
    kept = disagreed.context.store.lineage.around(report.commit.fingerprint)
    assert "accepted labels" in [one.method for one in kept]


def test_the_life_of_a_row_tells_its_labels(disagreed):
    disagreed.adjudicate("contacts", key="r1", answer="B")
    disagreed.accept("contacts", by="majority", message="done")
    told = disagreed.why("contacts", key="r1").frame.select("what", "detail", "by").rows()
    assert [
        ("created", "", "ann"),
        ("labeled", "tier: A · hm", "al"),
        ("labeled", "tier: B · hm", "bo"),
        ("labeled", "tier: B · hm", "cy"),
        ("disagreement settled", "tier: B", "ann"),
    ] == told[:-1]
    assert "tier: (missing) → B · done" == told[-1][1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "vote"}, "settled by majority, and 'vote' came"),
        ({"by": "majority", "key": "r1", "answer": "A"}, "keep one of"),
        ({"key": "r1"}, "both, --key and --answer"),
        ({"key": "r99", "answer": "A"}, "no row of that key"),
        ({"key": "r1", "answer": "C"}, "none of A, B"),
        ({"key": "r1", "answer": "A", "question": "tire"}, "No question 'tire'.*'tier'"),
        ({"settled": pl.DataFrame({"id": ["r1"]})}, "no column 'take'"),
        ({"settled": pl.DataFrame({"take": ["A"]})}, "no column 'id'"),
        ({"settled": pl.DataFrame({"id": ["x"], "take": ["A"]})}, "1 lines .* name no row"),
        ({"settled": pl.DataFrame({"id": ["r1", "r1"], "take": ["A", "B"]})}, "settled twice"),
    ],
)
def test_what_settles_nothing_is_one_sentence(lab, sit, options, said):
    sit(lab, "al").answer("r1", tier="A")
    with pytest.raises(QForgeError, match=said) as refused:
        lab.adjudicate("contacts", **options)
    assert "\n" not in str(refused.value)


def test_accepting_what_cannot_be_is_one_sentence(lab, sit):
    with pytest.raises(CallError, match="Nobody has labeled contacts yet"):
        lab.accept("contacts")
    with pytest.raises(CallError, match="no stored dataset"):
        lab.accept(ROWS)
    sit(lab).answer("r0", tier="A")
    lab.tag("contacts", as_="v1")
    lab.commit(ROWS.head(11), to="contacts")
    with pytest.raises(CallError, match="is an older version"):
        lab.accept("contacts@v1")
    lab.commit(ROWS.with_columns(tier=pl.lit(1)), to="taken", by=["id"])
    lab.label("taken", **TIER).answer("r0", tier="A")
    with pytest.raises(DataError, match="The column 'tier' holds"):
        lab.accept("taken")
