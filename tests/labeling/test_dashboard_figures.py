"""The dashboard says what the store holds, and notices what others do meanwhile."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest
from contacts import ROWS, TIER

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError

TWO = {**TIER, "overlap": 2}


def status(board: Any) -> dict[str, int]:
    return {name: n for name, n in board.status.rows() if n}


def answer(ws: qf.Workspace, who: str, given: dict[str, Any], **body: Any) -> Any:
    labeling = ws.label("contacts", as_=who, **{**TWO, **body})
    for key, said in given.items():
        labeling.answer(key, **(said if isinstance(said, dict) else {"tier": said}))
    return labeling


def test_a_dataset_that_nobody_labeled_has_a_page(ws):
    board = ws.dashboard("contacts")
    assert {"pending": 12} == status(board)
    assert "Nobody has labeled it yet" in repr(board)
    assert (0, 0) == (board.figures["n_sessions"], board.labelers.height)


def test_every_status_is_counted_once(ws):
    labeling = answer(ws, "alice", {"r0": "A", "r1": "B", "r3": "A", "r4": "A"})
    labeling.answer("r5", tier={"cant_tell": True})
    labeling.skip("r6")
    labeling.skip("r0")  # what was answered stays answered
    labeling.answer("r7", tier="A")
    labeling.undo()
    judge = ws.label("contacts", as_="eve", type="validation", show={"record": ["title"]})
    judge.answer("r0", verdict="validated")
    judge.answer("r1", verdict="rejected")
    expected = {"validated": 1, "rejected": 1, "labeled": 2, "can't tell": 1, "skipped": 1}
    assert {**expected, "pending": 6} == status(ws.dashboard("contacts"))


def test_classes_are_counted_by_item_with_those_that_nobody_gave(ws):
    answer(ws, "alice", {"r0": "A", "r1": "A", "r2": "A"})
    answer(ws, "bob", {"r0": "A", "r1": "B"})
    board = ws.dashboard("contacts")
    # r1 is a tie, and has no class until it is settled.
    assert [("tier", "A", 2), ("tier", "B", 0)] == board.classes.rows()
    ws.adjudicate("contacts", key="r1", answer="B")
    assert [("tier", "A", 2), ("tier", "B", 1)] == ws.dashboard("contacts").classes.rows()


def test_labels_that_were_accepted_into_the_dataset_count_once(ws):
    answer(ws, "alice", {"r0": "A", "r1": "B"}, overlap=1)
    ws.accept("contacts")
    assert [("tier", "A", 1), ("tier", "B", 1)] == ws.dashboard("contacts").classes.rows()


def test_ratings_fill_a_histogram_with_a_column_for_each_step(ws):
    body = {"rate stars": "1 .. 5"}
    labeling = ws.label("contacts", as_="alice", **body)
    for key, stars in (("r0", 1), ("r1", 5), ("r2", 5)):
        labeling.answer(key, stars=stars)
    (question,) = ws.dashboard("contacts").figures["questions"]
    assert [1, 0, 0, 0, 2] == question["histogram"]["counts"]
    assert 3.6667 == question["histogram"]["mean"]


def test_several_labels_count_once_each(ws):
    body = {"several tags": ["x", "y"], "text why": "yes"}
    labeling = ws.label("contacts", as_="alice", **body)
    labeling.answer("r0", tags=["x", "y"], why="both")
    labeling.answer("r1", tags=["x"])
    board = ws.dashboard("contacts")
    assert [("tags", "x", 2), ("tags", "y", 1)] == board.classes.rows()
    assert "Marks and texts are not compared" in repr(board)


def test_agreement_is_that_of_the_verb_agreement(ws):
    labeling = answer(ws, "alice", {f"r{n}": "AB"[n % 2] for n in range(10)})
    answer(ws, "bob", {f"r{n}": "AAB"[n % 3] for n in range(10)})
    report = ws.agreement(labeling.answers, by="item", interval="none")
    expected = report.coefficients.select("coefficient", pl.col("value").round(4)).sort(
        "coefficient"
    )
    found = ws.dashboard("contacts").agreement.select("coefficient", "value").sort("coefficient")
    assert expected.rows() == found.rows()


def test_labelers_are_judged_by_known_answers_and_by_the_others(ws):
    gold = {"gold": {"column": "gold", "share": "50%"}}
    for who, said in (("alice", "A"), ("bob", "A"), ("cy", "B")):
        labeling = ws.label("contacts", as_=who, **{**TIER, "overlap": 3, **gold})
        for key in ("r0", "r2", "r5"):  # gold: A, B, none
            labeling.answer(key, tier=said)
    lines = {line["labeler"]: line for line in ws.dashboard("contacts").labelers.to_dicts()}
    known = {who: (line["n_gold_right"], line["n_gold"]) for who, line in lines.items()}
    assert {"alice": (1, 2), "bob": (1, 2), "cy": (1, 2)} == known
    # Without alice, bob and cy are divided; only cy faces two who say the same.
    like = {who: (line["n_alike"], line["n_compared"]) for who, line in lines.items()}
    assert {"alice": (None, None), "bob": (None, None), "cy": (0, 3)} == like
    assert (3, 3) == (lines["bob"]["n_labels"], lines["bob"]["n_items"])


def test_hard_items_are_those_of_divided_answers_and_little_confidence(ws):
    answer(ws, "alice", {"r0": "A", "r1": {"tier": "A", "confidence": 0.2}})
    answer(ws, "bob", {"r0": "B", "r1": {"tier": "A", "confidence": 0.6}})
    hard = ws.dashboard("contacts").figures["difficulty"]
    assert [["r0", 2, 1.0]] == hard["divided"]
    assert [["r1", 0.4]] == hard["unsure"]


def test_thin_cells_are_named_with_what_to_collect(lab):
    rows = pl.DataFrame({
        "id": range(120),
        "industry": ["retail", "tech"] * 60,
        "label": ["A", "A"] * 30 + ["A", "B"] * 30,
    })  # fmt: skip
    lab.commit(rows, to="sorted", by=["id"])
    board = lab.dashboard("sorted")
    assert [("label = 'B' and industry = 'retail'", 0, 15.0, 15, "")] == board.coverage.rows()
    assert "collect 15  label = 'B' and industry = 'retail': 0 rows, 15 expected" in repr(board)


def test_a_look_is_short_while_nothing_happens_and_tells_what_did(ws):
    board = ws.dashboard("contacts")
    assert {"ok": True, "stamp": board.stamp, "unchanged": True} == board.look(
        {"since": board.stamp}
    )
    answer(ws, "alice", {"r0": "A"})
    seen = board.look({"since": board.stamp})
    assert (False, 1) == (seen["unchanged"], seen["figures"]["n_answers"])
    assert board.look({"since": seen["stamp"]})["unchanged"]
    assert {"pending": 12} == status(board)  # a result stays as it was
    assert {"pending": 11, "labeled": 1} == status(board.now())


def test_a_look_that_failed_is_taken_again(lab):
    board = lab.dashboard("contacts")
    answer(lab, "alice", {"r0": "A"})
    rows, board.board.rows = board.board.rows, None
    with pytest.raises(AttributeError):
        board.look({"since": board.stamp})
    board.board.rows = rows
    seen = board.look({"since": board.stamp})
    assert (False, 1) == (seen["unchanged"], seen["figures"]["n_answers"])


def test_labels_of_another_dataset_change_nothing(ws):
    ws.commit(ROWS, to="others", by=["id"])
    board = ws.dashboard("contacts")
    ws.label("others", as_="alice", **TIER).answer("r0", tier="A")
    assert board.look({"since": board.stamp})["unchanged"]


def test_new_rows_are_followed_on_the_branch_and_not_by_a_version(ws):
    ws.tag("contacts", as_="first")
    board, fixed = ws.dashboard("contacts"), ws.dashboard("contacts@first")
    more = ROWS.with_columns(pl.col("id") + "x")
    ws.commit(pl.concat([ROWS, more]), to="contacts")
    assert {"pending": 24} == status(board.now())
    assert {"pending": 12} == status(fixed.now())
    assert [12, 24] == [n for _, n, *_ in board.now().figures["growth"]]


def test_a_row_that_was_forgotten_is_counted_no_more(ws):
    answer(ws, "alice", {"r0": "A", "r1": "B"})
    board = ws.dashboard("contacts")
    ws.forget("contacts", where="id = 'r0'", reason="consent withdrawn")
    now = board.now()
    assert {"pending": 10, "labeled": 1} == status(now)
    assert [("tier", "A", 0), ("tier", "B", 1)] == now.classes.rows()


def test_tiers_are_those_of_the_last_score_of_the_dataset(lab):
    rows = pl.DataFrame({"id": range(8), "label": list("ABABABAB"), "verified_by": ["eve"] * 8})
    lab.commit(rows, to="golden", by=["id"])
    assert "No version of this dataset was scored" in repr(lab.dashboard("golden"))
    report = lab.score("golden", by="golden")
    board = lab.dashboard("golden")
    expected = {band.name: band.n_rows for band in report.bands if band.n_rows}
    assert expected == dict(board.tiers.select("tier", "n").iter_rows())
    lab.commit(rows.with_columns(label=pl.lit("A")), to="golden")
    assert "those of an earlier version" in repr(lab.dashboard("golden"))


def test_text_tells_no_time_and_the_page_does(ws):
    answer(ws, "alice", {f"r{n}": "A" for n in range(6)})
    board = ws.dashboard("contacts")
    data, _ = board._repr_mimebundle_()
    time = re.compile(r"\d\d:\d\d")
    assert not time.search(data["text/plain"])
    assert "an hour" not in data["text/plain"]
    assert time.search(data["text/html"])
    assert "labels an hour" in data["text/html"]


def test_nothing_of_a_row_is_in_the_payload(ws):
    answer(ws, "alice", {"r0": "A"})
    answer(ws, "bob", {"r0": "B"})
    board = ws.dashboard("contacts")
    assert "r0" in repr(board)
    assert "r0" not in repr(board.payload())


def test_hostile_names_and_cells_stay_text(lab):
    rows = pl.DataFrame({
        "id": [f"<i>{n}</i>" for n in range(60)],
        "^.*$": ["<script>alert(1)</script>", "b"] * 30,
        "type": ["\x1b[31mred", None] * 30,
        "label": ["x", "y'"] * 30,
    })  # fmt: skip
    lab.commit(rows, to="odd", by=["id"])
    labeling = lab.label(
        "odd", as_="alice", show={"record": ["id"]}, **{"choose said": ["<b>", "y"]}
    )
    labeling.answer("<i>0</i>", said="<b>")
    board = lab.dashboard("odd")
    html = board._repr_mimebundle_()[0]["text/html"]
    assert "<script" not in html
    assert "<b>" not in html.replace("<b>56", "").split("<h4")[1]
    assert "\x1b" not in repr(board) + html


def test_the_page_stays_small_whatever_is_labeled(lab):
    rows = pl.DataFrame({"id": range(400), "kind": [f"k{n}" * 40 for n in range(400)]})
    lab.commit(rows, to="wide", by=["id"])
    answers = [f"{n} " + "long answer " * 20 for n in range(300)]
    body = {f"choose q{n}": answers for n in range(15)}
    for who in ("alice", "bob"):
        labeling = lab.label("wide", as_=who, overlap=2, show={"record": ["id"]}, **body)
        for n in range(12):
            labeling.answer(n, **{f"q{k}": answers[(n * k) % 300].strip() for k in range(15)})
    data, _ = lab.dashboard("wide")._repr_mimebundle_()
    assert len(data["text/html"].encode()) <= 100_000


def test_a_variable_is_no_dataset(lab):
    with pytest.raises(CallError, match="is no stored dataset, and a dashboard is of one: commit"):
        lab.dashboard(ROWS)


def test_known_answers_of_several_labels_are_compared_in_any_order(lab):
    rows = pl.DataFrame({"id": ["a", "b", "c"], "true": [["x", "y"], ["x"], None]})
    lab.commit(rows, to="tagged", by=["id"])
    body = {"several tags": ["y", "x"], "gold": {"column": "true", "share": "50%"}}
    labeling = lab.label("tagged", as_="ann", show={"record": ["id"]}, **body)
    labeling.answer("a", tags=["y", "x"])
    labeling.answer("b", tags=["y"])
    (line,) = lab.dashboard("tagged").labelers.to_dicts()
    assert (2, 1) == (line["n_gold"], line["n_gold_right"])


def test_rows_without_keys_are_known_by_their_content(lab):
    rows = pl.DataFrame({"title": ["one", "two", "two"]})
    lab.commit(rows, to="bag")
    labeling = lab.label("bag", as_="ann", show="{title}", **TIER)
    labeling.answer(labeling.next(), tier="A")
    assert {"labeled": 1, "pending": 2} == status(lab.dashboard("bag"))


def doubted_rows() -> pl.DataFrame:
    n = 120
    right = ["low" if k < n / 2 else "high" for k in range(n)]
    given = ["high" if k in (7, 31) else each for k, each in enumerate(right)]
    return pl.DataFrame(
        {
            "id": [f"r{k}" for k in range(n)],
            "x": [k + 0.5 for k in range(n)],
            "z": [k % 7 / 3 for k in range(n)],
            "label": given,
        }
    )


def test_labels_that_a_model_doubts_are_those_of_the_last_suggestions(lab):
    lab.commit(doubted_rows(), to="doubted", by=["id"])
    assert lab.dashboard("doubted").figures["suspected"] is None
    lab.suggest("doubted", target="label", find="errors")
    doubted = lab.dashboard("doubted").figures["suspected"]
    first = {key: (said, proposed) for key, said, proposed, _ in doubted["rows"]}
    assert {("high", "low")} == {first["r7"], first["r31"]}
    lab.suggest("doubted", target="label", find="next", strategy="random", top=3)
    assert doubted == lab.dashboard("doubted").figures["suspected"]


@pytest.mark.parametrize("name", ["label", "type", "status", "tier"])
def test_a_column_of_bytes_called_like_a_label_is_not_counted(lab, name):
    lab.commit(ROWS.with_columns(pl.lit(b"\xff\x00").alias(name)), to="bytes", by=["id"])
    assert 12 == lab.dashboard("bytes").figures["n_rows"]
    lab.label("bytes", as_="al", **TIER).answer("r0", tier="A")
    assert [("tier", "A", 1), ("tier", "B", 0)] == lab.dashboard("bytes").classes.rows()


def test_a_dataset_of_which_every_row_was_forgotten_is_empty(ws):
    answer(ws, "alice", {"r0": "A"})
    board = ws.dashboard("contacts")
    ws.forget("contacts", where="id != ''", reason="consent withdrawn", all_=True)
    assert ({}, 0) == (status(board.now()), board.now().figures["n_rows"])


def test_a_model_is_told_example_by_example(lab):
    lab.commit(doubted_rows(), to="doubted", by=["id"])
    board = lab.dashboard("doubted")
    assert "`%qforge suggest`" in board.figures["model"]["note"]
    found = lab.suggest("doubted", target="label", find="errors", top=1)
    board = board.now()
    model = board.figures["model"]
    # Every label is judged, not only the one that was suggested.
    assert ("label", 120) == (model["target"], model["n"])
    assert 120 == sum(model["histogram"]["counts"])
    by_class = {name: n for name, n, *_ in board.model.rows()}
    assert {"low": 58, "high": 62} == by_class
    assert board.model["n_right"].sum() == model["n_right"]
    assert {"r7", "r31"} == {key for key, *_ in model["lowest"][:2]}
    sure = found.judged.sort("self_confidence")["self_confidence"][0]
    assert abs(sure - model["lowest"][0][3]) < 1e-4
    assert "The least probable labels" in repr(board)
    assert "lowest" not in board.payload()["model"]


def test_a_model_that_saw_the_rows_in_another_order_names_none(lab):
    rows = doubted_rows()
    lab.commit(rows, to="doubted", by=["id"])
    lab.suggest(rows.reverse(), target="label", find="errors", by=["id"], name="turned")
    model = lab.dashboard("doubted").figures["model"]
    assert (120, []) == (model["n"], model["lowest"])
    assert "another order" in model["note"]


def test_labels_that_cannot_be_judged_are_said(lab):
    few = doubted_rows().with_columns(
        label=pl.when(pl.int_range(120).is_in([0, 100])).then("label")
    )
    lab.commit(few, to="few", by=["id"])
    lab.suggest("few", target="label")
    model = lab.dashboard("few").figures["model"]
    assert 0 == model["n"]
    assert "could not judge any label" in model["note"]


def test_rows_that_their_score_rejected_cover_nothing(lab):
    rows = pl.DataFrame({
        "id": range(120),
        "label": ["A", "B"] * 60,
        "kind": ["x", "x", "y", "y"] * 30,
        "note": [None if n % 4 == 0 else "fine" for n in range(120)],  # of every A of x
    })  # fmt: skip
    lab.commit(rows, to="tiers", by=["id"])
    assert 0 == lab.dashboard("tiers").coverage.height
    bands = {"gold": 0.9}
    lab.score("tiers", required=["note", "kind"], weights={"completeness": 1}, bands=bands)
    board = lab.dashboard("tiers")
    assert (90, 30) == tuple(board.figures["coverage"][name] for name in ("n", "n_rejected"))
    assert [("label = 'A' and kind = 'x'", 0, 22.5, 22, "30 exclude")] == board.coverage.rows()
    assert "30 exclude" in repr(board)
