"""Rows without keys are known by their content: labels are accepted, followed and forgotten."""

from __future__ import annotations

import itertools
from typing import Any

import polars as pl
import pytest
from contacts import TIER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qforge_jupyter as qf
from qforge_jupyter.errors import DataError, QForgeError, QualityError

ROWS = pl.DataFrame({
    "size": [1.5, 1.5, 2.0, None, float("nan")], "name": ["x", "x", "y", "z", None],
})  # fmt: skip
SIZE, NAME = ROWS.columns


@pytest.fixture
def bare(ws) -> qf.Workspace:
    """Five rows without keys, of which two are alike."""
    ws.commit(ROWS, to="bare")
    return ws


def label(ws: qf.Workspace, labeler: str, answers: str, **more: Any) -> Any:
    labeling = ws.label("bare", as_=labeler, **{**TIER, **more})
    for each in answers:
        labeling.answer(labeling.next(), tier=each)
    return labeling


def tiers(ws: qf.Workspace, name: str = "bare") -> list[str | None]:
    return ws.checkout(name).frame["tier"].to_list()


def test_labels_become_a_column_and_rows_that_are_alike_get_one_label(bare):
    label(bare, "al", "AB")
    report = bare.accept("bare")
    assert ["A", "A", "B", None, None] == tiers(bare)
    assert ROWS.equals(bare.checkout("bare").frame.select(ROWS.columns))
    assert (2, 1) == (report.n_accepted, report.n_repeating)
    assert "1 row repeats the content of another row and got its labels." in repr(report)
    assert () == bare.context.store.verify()


def test_labeling_goes_on_in_the_version_that_holds_the_labels(bare):
    label(bare, "al", "AB")
    bare.accept("bare")
    again = label(bare, "al", "A")
    assert (4, 3) == (again.progress["n_items"], again.progress["n_done"])
    bare.accept("bare")
    assert ["A", "A", "B", "A", None] == tiers(bare)


def test_a_correction_changes_cells_and_no_row(bare):
    label(bare, "al", "ABA")
    bare.accept("bare")
    mending = bare.label("bare", as_="bo", type="correction", where="name = 'x'", **TIER)
    assert 1 == mending.progress["n_items"]
    mending.answer(mending.next(), tier="B")
    report = bare.accept("bare")
    assert ["B", "B", "B", "A", None] == tiers(bare)
    assert (2, 0, 0) == (report.commit.n_modified, report.commit.n_added, report.commit.n_removed)
    assert not bare.accept("bare").commit.is_new


def test_different_labels_of_rows_that_are_alike_are_a_disagreement(bare):
    label(bare, "al", "A", overlap=2)
    label(bare, "bo", "B", overlap=2)
    with pytest.raises(QualityError, match="1 disagreement is open in bare"):
        bare.accept("bare")
    cases = bare.adjudicate("bare").frame
    assert [("A", "B")] == cases.select("al", "bo").rows()
    bare.adjudicate("bare", settled=cases.with_columns(take=pl.lit("B")))
    bare.accept("bare")
    assert ["B", "B", None, None, None] == tiers(bare)


def test_a_column_that_is_asked_does_not_name_a_row(ws):
    ws.commit(ROWS.with_columns(tier=pl.Series(["A", "B", "A", None, None])), to="bare")
    labeling = label(ws, "al", "")
    assert 4 == labeling.progress["n_items"]
    labeling.answer(labeling.next(), tier="B")
    ws.accept("bare")
    assert ["B", "B", "A", None, None] == tiers(ws)


def test_a_question_of_a_column_by_which_labels_were_given_is_refused(ws):
    ws.commit(ROWS, to="bare")
    label(ws, "al", "A")
    with pytest.raises(QForgeError, match=r"have no keys and were labeled .* 'name' among it"):
        ws.label("bare", as_="al", **{"choose name": ["x", "y"]})
    ws.label("bare", as_="al", **{"choose kind": ["x", "y"]})


def test_the_diff_of_the_version_before_names_the_column_alone(bare):
    label(bare, "al", "AB")
    bare.accept("bare")
    report = bare.diff("bare HEAD~1..HEAD")
    assert (("tier", "added, String"),) == report.columns
    assert (0, 0) == (report.came.size, report.gone.size)


def test_what_is_forgotten_is_gone_from_every_version_with_its_labels(bare):
    label(bare, "al", "AB")
    bare.accept("bare")
    labeling = bare.label("bare", as_="bo", type="correction", where="tier = 'A'", **TIER)
    labeling.answer(labeling.next(), tier="B", note="a secret")
    bare.accept("bare")
    bare.forget("bare", where="name = 'x'", reason="consent withdrawn")
    store = bare.context.store
    dataset = store.datasets.find("bare")
    assert [3, 3, 3] == [
        bare.checkout(f"bare@{one.short}").frame.height for one in store.commits.of(dataset.id)
    ]
    assert "a secret" not in str(store.read_table("label_event").to_dicts())
    assert ["forgotten", "answer", "forgotten"] == labeling.history["what"].to_list()
    left = bare.checkout("bare").frame
    back = pl.DataFrame({SIZE: [1.5], NAME: ["x"], "tier": [None]}, schema=left.schema)
    with pytest.raises(DataError, match="were forgotten and would come back"):
        bare.commit(left.vstack(back), to="bare")
    assert () == store.verify()


def test_the_highest_score_of_rows_that_are_alike_counts(bare):
    scores = pl.DataFrame({"score": [None, 0.9, 0.5, None, 0.1]})
    labeling = label(bare, "al", "", order="most informative first", scores=scores)
    assert "x" == labeling.next().fields["name"]
    labeling.answer(labeling.next(), tier="A")
    assert "y" == labeling.next().fields["name"]


_COUNT = itertools.count()
_CELLS = st.lists(
    st.tuples(st.none() | st.integers(0, 2), st.none() | st.sampled_from(["a", "", "^.*$"])),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=_CELLS, data=st.data())
def test_every_row_gets_the_label_of_its_content_and_no_other(lab, rows, data):
    name = f"set{next(_COUNT)}"
    frame = pl.DataFrame(rows, schema={"^.*$": pl.Int64, "b": pl.String}, orient="row")
    lab.commit(frame, to=name)
    labeling = lab.label(name, as_="al", **{"choose tier": ["A", "B"]})
    said = {}
    while (item := labeling.next()) is not None and data.draw(st.booleans()):
        said[item.fields["^.*$"], item.fields["b"]] = data.draw(st.sampled_from("AB"))
        labeling.answer(item, tier=said[item.fields["^.*$"], item.fields["b"]])
    if said:
        lab.accept(name)
        assert [said.get(row) for row in rows] == tiers(lab, name)
