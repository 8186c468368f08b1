"""Splitting in cells and in Python: parts, folds, seals, growth."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from torch.utils.data import DataLoader

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, DataError, SealedError
from qforge_jupyter.verbs._split_parts import find_part
from tests.flows.conftest import Notebook

RANDOM = np.random.default_rng(0)
ROWS = pl.DataFrame(
    {
        "id": range(200),
        "gap": [None if i % 20 == 0 else value for i, value in enumerate(RANDOM.normal(size=200))],
        "x": RANDOM.normal(size=200),
        "label": RANDOM.choice(["no", "yes"], 200),
        "patient": RANDOM.integers(0, 50, 200),
    }
)
CELL = """\
%%qforge split rows as gap-v1 seed 7 into split
parts: {train: 70, validation: 15, test: 15}
stratify: label, x in 3 bins
group: patient
seal: test
"""


@pytest.fixture
def cells(notebook: Notebook) -> Notebook:
    notebook.names["rows"] = ROWS
    return notebook


def test_a_cell_splits_and_keeps_the_split(cells):
    split = cells.run(CELL)
    kept = cells.context.store.splits.latest("gap-v1")
    assert (("test",), 7, "stratified-group") == (kept.sealed, kept.seed, kept.strategy)
    assert 0.7 == pytest.approx(split.summary["share"][0], abs=0.01)
    assert cells.context.store.lineage.history(fingerprint=split.fingerprint)[0].method == "split"


def test_parts_are_bound_to_several_names(cells):
    cells.run("%qforge split rows into train, validation, test")
    heights = [cells.names[name].height for name in ("train", "validation", "test")]
    assert 200 == sum(heights)


def test_a_sealed_part_is_not_bound(cells):
    said = cells.sentence(CELL.replace("into split", "into train, validation, test"))
    assert "2 parts that are not sealed and 3 names came" in said
    cells.run(CELL.replace("into split", "into train, validation"))
    assert "validation" in cells.names


def test_a_sealed_part_is_opened_for_a_reason_that_is_counted(cells):
    split = cells.run(CELL)
    with pytest.raises(SealedError):
        split["test"]
    assert "is sealed: give a reason" in cells.sentence("%qforge unseal gap-v1/test into test")
    assert cells.context.store.splits.looks("gap-v1") == {}
    cells.run('%qforge unseal gap-v1/test --reason "final evaluation" into test')
    assert cells.names["test"]["id"].to_list() == [
        row for row, part in zip(ROWS["id"], split.part_of, strict=True) if part == "test"
    ]
    look = cells.context.store.events.list(entity="split/gap-v1/test")[0].event
    assert ("ann", "final evaluation") == (look.actor, look.after["reason"])
    again = cells.run(CELL)
    assert {"test": 1} == again.looks == again.payload()["looks"]
    assert "looks at test (sealed)" in repr(again)


def test_a_part_is_named_nearly(cells):
    cells.run(CELL)
    assert "did you mean 'test'" in cells.sentence('%qforge unseal gap-v1/tset --reason "x"')
    assert "did you mean 'gap-v1/test'" in cells.sentence('%qforge unseal gap-v/test --reason "x"')


def test_an_open_part_is_a_subject_that_anybody_may_name(ws):
    made = ws.split(ROWS, as_="plain")
    found = find_part(ws.context, "plain/train")
    assert found.frame.equals(made["train"])
    assert find_part(ws.context, "nothing/train") is None
    assert find_part(ws.context, "plain") is None
    assert ws.context.store.splits.looks("plain") == {}


def test_a_seal_needs_a_name(cells):
    assert "split TABLE as NAME" in cells.sentence("%%qforge split rows\nseal: test")


def test_a_split_is_asked_again_as_it_was(cells):
    first = cells.run(CELL)
    assert repr(first) == repr(cells.run(CELL))
    for change in (("15, test: 15", "10, test: 20"), ("seed 7", "seed 8"), ("seal: test", "")):
        said = cells.sentence(CELL.replace(*change))
        assert "is kept with other" in said


def test_no_row_moves_when_the_table_grows(ws):
    plan = {"stratify": "gap in 4 bins", "group": "patient", "seal": "test"}
    before = ws.split(ROWS, as_="grow", **plan)
    more = ROWS.with_columns(pl.col("id") + 200, pl.col("patient") + 60, pl.col("gap") * 3)
    grown = pl.concat([more, ROWS]).sample(fraction=1, shuffle=True, seed=1)
    after = ws.split(grown, as_="grow", **plan)
    old = dict(zip(ROWS["id"], before.part_of, strict=True))
    new = dict(zip(grown["id"], after.part_of, strict=True))
    assert old == {row: new[row] for row in old}
    assert 200 == after.n_remembered
    assert before.edges == after.edges
    assert (after.summary["share"] - after.summary["asked"]).abs().max() <= 0.015


def test_rows_of_low_quality_are_left_out_with_their_reason(ws):
    report = ws.score(ROWS, required=["gap"])
    split = ws.split(ROWS, by=report, only="quality >= 0.80 and id < 190")
    reasons = dict(split.excluded.rows())
    assert {i for i in range(200) if i % 20 == 0 or i >= 190} == set(reasons)
    assert ("not: quality >= 0.80", "not: id < 190") == (reasons[0], reasons[199])
    assert reasons == dict(ws.split(ROWS, only="quality >= 0.80 and id < 190").excluded.rows())


def test_the_least_quality_is_that_of_the_settings_or_of_the_body(ws):
    report = ws.score(ROWS, required=["gap"])
    assert 10 == ws.split(ROWS, by=report).excluded.height
    assert 0 == ws.split(ROWS, by=report, quality=0.0).excluded.height


def test_a_row_that_is_not_ready_says_what_it_lacks(ws):
    card = {"required": ["gap"], "ranges": {"x": "-9 .. 9"}, "unique_by": ["id"]}
    report = ws.score(ROWS, weights={"consistency": 0}, outliers="none", **card)
    certificate = ws.certify(ROWS, from_=report, approve_lineage=True, reason="measured")
    split = ws.split(ROWS, by=certificate, only="ml_ready")
    assert 190 == certificate.n_ready == split.n_placed
    assert all(why.startswith("not ml_ready: ") for why in split.excluded["reason"])


def test_scores_follow_their_rows_into_another_order(ws):
    report = ws.score(ROWS, required=["gap"])
    turned = ROWS.reverse()
    split = ws.split(turned, by=report)
    assert {199 - row for row in range(0, 200, 20)} == set(split.excluded["row"])
    with pytest.raises(CallError, match="another order"):
        ws.split(turned, only="quality > 0.8")


def test_a_table_without_scores_has_no_quality(ws):
    with pytest.raises(CallError, match="score it first"):
        ws.split(ROWS, only="quality >= 0.8")
    with pytest.raises(DataError, match="did you mean 'quality'"):
        ws.split(ROWS, only="qualty >= 0.8")


def test_a_report_of_other_rows_is_refused(ws):
    report = ws.score(ROWS.head(100), required=["gap"])
    with pytest.raises(CallError, match="its content differs"):
        ws.split(ROWS, by=report)


def test_a_rule_with_or_is_one_reason(ws):
    split = ws.split(ROWS, only="id < 150 or x > 0 and label == 'yes'")
    assert ["not: id < 150 or x > 0 and label == 'yes'"] == split.excluded[
        "reason"
    ].unique().to_list()


def test_scikit_learn_takes_a_split(ws):
    features, labels = ROWS.select("x", "id").to_numpy(), ROWS["label"].to_numpy()
    model = LogisticRegression()
    folds = ws.split(ROWS, folds=4, repeats=2, group="patient")
    assert 8 == len(cross_val_score(model, features, labels, cv=folds))
    parts = ws.split(ROWS)
    assert 1 == len(cross_val_score(model, features, labels, cv=parts))
    search = GridSearchCV(model, {"C": [0.1, 1.0]}, cv=folds).fit(features, labels)
    assert 8 == search.n_splits_
    with pytest.raises(CallError, match="give every row"):
        folds.split(features[:10])


def test_torch_takes_a_part(ws):
    split = ws.split(ROWS)
    data = split.torch("train", features=["x", "id"], target="label")
    inputs, answers = data[:]
    train = split["train"]
    assert (torch.float32, torch.int64) == (inputs.dtype, answers.dtype)
    assert train["x"].cast(pl.Float32).to_list() == inputs[:, 0].tolist()
    assert (train["label"] == "yes").cast(pl.Int64).to_list() == answers.tolist()
    assert 16 == len(next(iter(DataLoader(data, batch_size=16)))[0])
    whole = ws.split(ROWS.drop("gap"))
    assert (whole["train"].height, 3) == tuple(whole.torch("train")[:][0].shape)


def test_torch_refuses_what_is_no_number(ws):
    split = ws.split(ROWS)
    with pytest.raises(DataError, match="lacks a value in"):
        split.torch("train", features=["gap"])
    with pytest.raises(DataError, match="encode it as a number"):
        split.torch("train", features=["label"])
    with pytest.raises(CallError, match="did you mean 'patient'"):
        split.torch("train", features=["pateint"])
    with pytest.raises(CallError, match="did you mean 'train'"):
        split.torch("tarin")


def test_shares_come_from_the_settings(tmp_path):
    settings = {"train_fraction": 0.5, "validation_fraction": 0.0, "test_fraction": 0.5}
    with qf.open(str(tmp_path / "lab"), tracker="none", **settings) as ws:
        assert {"train": 0.5, "test": 0.5} == ws.split(ROWS).shares


def test_a_table_of_other_columns_is_told_by_line(cells):
    said = cells.sentence("%%qforge split rows\nfolds: 5\nstratify: lable")
    assert "did you mean 'label'" in said
    assert "stratify: lable" in said


def test_a_seed_below_zero_is_refused(cells):
    assert "A seed lies between 0" in cells.sentence("%qforge split rows --seed=-1")


def test_alike_rows_are_named_in_a_mapping_or_in_words(cells):
    words = cells.run("%%qforge split rows as alike\nsimilar: gap, x within 0.01")
    mapping = cells.run("%%qforge split rows\nsimilar: {columns: [gap, x], within: 0.01}")
    assert words.part_of.equals(mapping.part_of)
    said = cells.sentence("%%qforge split rows\nsimilar: {columns: [gap, x], witin: 0.01}")
    assert "did you mean 'within'" in said


def test_help_says_both_ways_to_name_alike_rows_and_what_or_does(cells):
    page = cells.run("%qforge help split")._repr_mimebundle_()[0]["text/html"]
    assert "`x, y within 0.2`" in page
    assert "`{columns: [x, y], within: 0.2}`" in page
    assert "combined value stays in one part; `a or b`" in page


def test_a_dry_run_of_unseal_refuses_what_the_call_refuses_and_counts_no_look(cells):
    assert "No part of a split is named 'x/test'" in cells.sentence(
        "%qforge unseal x/test --dry-run"
    )
    cells.run(CELL)
    for part in ("x/test", "gap-v/test", "gap-v1/tset", "gap-v1/test"):
        told = cells.sentence(f"%qforge unseal {part}").split("\n")[0]
        assert told == cells.sentence(f"%qforge unseal {part} --dry-run").split("\n")[0]
    assert "would run" in repr(cells.run('%qforge unseal gap-v1/test --reason "end" --dry-run'))
    assert {} == cells.context.store.splits.looks("gap-v1")


def test_a_part_where_a_dataset_is_wanted_is_told_as_what_it_is(cells):
    cells.run(CELL)
    is_part = "'gap-v1/train' is a part of the split gap-v1 of rows and no dataset"
    assert is_part in cells.sentence("%qforge describe gap-v1/train")
    said = cells.sentence("%qforge why gap-v1/train --key 3")
    assert is_part in said
    assert "--key VALUE" in said
    assert "There is no dataset 'gap-v1/tain'" in cells.sentence("%qforge describe gap-v1/tain")
