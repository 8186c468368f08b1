"""Duplicates are merged around the record that is kept, and nothing is guessed."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sklearn.datasets import load_digits

from qforge_jupyter.engine.deduplication import DuplicateCase, deduplicate
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table

CALCS = pl.DataFrame({
    "inchikey": ["A", "B", "A", None, None, "A"],
    "gap": [3.0, 4.0, 3.5, 5.0, 5.0, None],
    "dipole": [None, 1.0, 2.0, 1.0, 1.0, 2.0],
    "day": [1, 2, 3, 4, 5, 6],
    "status": ["approved", "draft", "draft", "draft", "draft", "draft"],
})  # fmt: skip


def merged(frame=CALCS, **options: object):
    return deduplicate(DuplicateCase(Table.of_frame("calcs", frame), **options))


def kept(result):
    return set(result.groups.filter(pl.col("row") == pl.col("kept"))["row"])


def test_the_approved_record_is_kept_before_a_fuller_one():
    approved = CALCS["status"] == "approved"
    assert kept(merged(by=("inchikey",), approved=approved)) == {0}
    assert kept(merged(by=("inchikey",))) == {2}


@pytest.mark.parametrize(
    ("keep", "row"), [("approved", 0), ("complete", 2), ("newest", 5), ("first", 0)]
)
def test_what_decides_first_can_be_chosen(keep, row):
    approved = CALCS["status"] == "approved"
    result = merged(by=("inchikey",), approved=approved, newest="day", keep=keep)
    assert kept(result) == {row}


def test_records_without_a_key_are_left_alone_and_counted():
    result = merged(by=("inchikey",))
    assert result.frame.height == 4
    assert result.notes == ("Without a key, so not merged by it: 2 rows.",)


def test_the_kept_records_stay_in_the_order_of_the_table():
    assert merged(by=("inchikey",))["day"].to_list() == [2, 3, 4, 5]


def test_whole_rows_are_compared_when_no_key_is_named():
    rows = CALCS.drop("day")
    result = merged(rows)
    assert result.groups.select("row", "kept", "why").rows() == [
        (3, 3, "kept"),
        (4, 3, "equal content"),
    ]
    assert_frame_equal(rows.unique(keep="first", maintain_order=True), result.frame)


def test_gaps_are_filled_where_duplicates_agree_and_disagreements_are_listed():
    approved = CALCS["status"] == "approved"
    result = merged(by=("inchikey",), approved=approved, fills=True)
    assert result.frame.row(0) == ("A", 3.0, 2.0, 1, "approved")
    assert result.n_filled == 1
    gaps = result.conflicts.filter(pl.col("column") == "gap")
    assert gaps.rows() == [(0, 2, "gap", "3.0", "3.5")]


def test_a_gap_about_which_duplicates_disagree_stays_a_gap():
    rows = pl.DataFrame({"key": ["a"] * 3, "gap": [None, 1.0, 2.0], "ok": [True, False, False]})
    result = merged(rows, by=("key",), approved=rows["ok"], fills=True)
    assert result.frame["gap"].to_list() == [None]
    listed = result.conflicts.filter(pl.col("column") == "gap")
    assert listed.rows() == [(0, 1, "gap", None, "1.0"), (0, 2, "gap", None, "2.0")]


def test_near_copies_among_real_images_are_merged_into_their_source():
    rng = np.random.default_rng(1)
    images = load_digits().data[:1_400]
    copies = images[:40] + 0.01 * images.std(axis=0) * rng.standard_normal((40, 64))
    rows = pl.DataFrame(np.vstack([images, copies]), schema=[f"p{i}" for i in range(64)])
    result = merged(rows, seeks_near=True, keep="first")
    found = result.groups.filter(pl.col("row") >= 1_400)
    assert result.n_near <= 42
    assert (found["kept"] == found["row"] - 1_400).mean() >= 0.95
    assert found.height >= 38
    again = merged(rows, seeks_near=True, keep="first")
    assert_frame_equal(result.groups, again.groups)


def test_a_chain_of_small_steps_does_not_join_its_ends():
    rows = pl.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, 50.0, 100.0]})
    found = merged(rows, seeks_near=True, near=0.05, keep="first")
    spread = np.quantile(rows["x"], 0.75) - np.quantile(rows["x"], 0.25)
    step = 1.349 / spread
    assert 0.03 < step < 0.05
    # 0 takes 1 but not 2, which is two steps away; then 2 takes 3.
    assert found.groups.select("row", "kept").rows() == [(0, 0), (1, 0), (2, 2), (3, 2)]


def test_every_merged_row_is_near_the_kept_one_itself():
    rng = np.random.default_rng(2)
    rows = pl.DataFrame({"x": rng.random(500), "y": rng.random(500)})
    result = merged(rows, seeks_near=True, near=0.1)
    values = rows.to_numpy()
    lower, upper = np.quantile(values, (0.25, 0.75), axis=0)
    values = values / ((upper - lower) / 1.3489795003921634)
    row, centre = result.groups["row"].to_numpy(), result.groups["kept"].to_numpy()
    assert np.linalg.norm(values[row] - values[centre], axis=1).max() <= 0.1001
    assert result.n_near > 50


def test_text_and_numbers_must_both_be_near():
    texts = ["the red house by the river", "a black cat on the roof", "green fields and rain"] * 2
    rows = pl.DataFrame({
        "text": [f"{text} {i % 3}" for i, text in enumerate(texts)]
        + [f"other {i} x" * 3 for i in range(30)],
        "x": [1.0, 2.0, 3.0, 1.0, 2.0, 300.0, *range(30)],
    })  # fmt: skip
    result = merged(rows, seeks_near=True, near=1e-3, keep="first")
    assert result.groups["row"].to_list() == [0, 3, 1, 4]


def test_an_embedding_says_what_is_near():
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((60, 8))
    vectors[59] = 2 * vectors[0]
    rows = pl.DataFrame({"e": vectors.tolist(), "n": range(60)})
    result = merged(rows, seeks_near=True, embedding="e", near=1e-4, keep="first")
    assert result.groups.select("row", "kept").rows() == [(0, 0), (59, 0)]


def test_independent_tables_lose_rows_in_at_most_one_of_twenty():
    lost = []
    for seed in range(40):
        values = np.random.default_rng(seed).standard_normal((300, 6))
        rows = pl.DataFrame(values, schema=list("abcdef"))
        lost.append(merged(rows, seeks_near=True).n_near > 0)
    assert sum(lost) <= 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"by": ("inchikeys",)}, "did you mean 'inchikey'?"),
        ({"keep": "approved"}, "Nothing says which rows are approved"),
        ({"keep": "newest"}, "Nothing says which row is the newest"),
        ({"near": -1.0}, "wanted a distance of at least 0"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(options, sentence):
    with pytest.raises(CallError, match=sentence.replace("?", r"\?")):
        merged(**options)


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(),
        pl.DataFrame({"x": []}, schema={"x": pl.Float64}),
        pl.DataFrame({"x": [1.0]}),
        pl.DataFrame({"x": [None, None]}),
        pl.DataFrame({"x": [float("nan"), float("inf"), float("nan")]}),
        pl.DataFrame({"^.*$": [1, 1, 2], "*": [[1], [1], [2]]}),
        pl.DataFrame({"x": ["a"] * 50, "s": [{"a": 1}] * 50}),
    ],
    ids=range(7),
)
def test_any_table_is_merged_or_left_as_it_is(frame):
    result = merged(frame, seeks_near=True, fills=True)
    assert_frame_equal(frame.unique(keep="first", maintain_order=True), result.frame)
    assert len(result._repr_mimebundle_()[0]["text/html"]) < 100_000
