from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_diabetes

from qforge_jupyter.engine.leaks.target_proxies import find


def numbers():
    data = load_diabetes()
    return pl.DataFrame(data.data, schema=list(data.feature_names)).with_columns(
        y=pl.Series(data.target)
    )


@pytest.mark.parametrize(
    "transform",
    [lambda y: y, lambda y: -3 * y + 7, np.log, np.exp, lambda y: y**3],
    ids=["copy", "scaled", "log", "exp", "cube"],
)
def test_a_copy_or_a_monotone_transform_of_a_number_is_found(parted, transform):
    rows = numbers()
    y = rows["y"].to_numpy() / 100
    (leak,) = find(parted(rows.with_columns(proxy=pl.Series(transform(y))), target="y")).leaks
    assert (leak.column, leak.severity) == ("proxy", "high")


def test_real_features_are_no_proxies(parted):
    assert find(parted(numbers(), target="y")).verdict == "clean"


def test_a_column_that_names_the_class_is_found(parted, table):
    rows = table().with_columns(code=pl.when(pl.col("y") == "yes").then(3.0).otherwise(1.0))
    (leak,) = find(parted(rows, target="y")).leaks
    assert (leak.column, leak.statistic, leak.severity) == ("code", 1.0, "high")


def test_a_feature_that_is_missing_just_for_one_class_is_found(parted, table):
    rows = table().with_columns(pl.when(pl.col("y") == "yes").then("x5").alias("x5"))
    assert [leak.column for leak in find(parted(rows, target="y")).leaks] == ["x5"]


def test_a_feature_that_is_missing_where_the_target_has_a_value_is_found(parted, table):
    is_labeled = pl.int_range(pl.len()) % 3 == 0
    rows = table(n=600).with_columns(
        y=pl.when(is_labeled).then("y"), x4=pl.when(~is_labeled).then("x4")
    )
    leaks = find(parted(rows, target="y")).leaks
    assert [leak.said for leak in leaks] == ["x4 is missing exactly where y has a value"]


def test_a_text_in_which_the_label_is_written_is_found(parted, table):
    rows = table().with_columns(
        y=pl.Series(np.random.default_rng(1).choice(["Benign", "malign"], 400))
    )
    rows = rows.with_columns(
        report=pl.concat_str(pl.lit("Seen: "), "y", pl.lit(" tissue, "), "text")
    )
    (leak,) = find(parted(rows, target="y")).leaks
    assert (leak.column, leak.severity) == ("report", "high")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (pl.lit(1.0), "does not vary"),
        (pl.lit(None, pl.Float64), "wanted at least 40"),
        (pl.col("id").cast(pl.String), "400 classes"),
    ],
)
def test_a_target_that_cannot_be_judged_is_declined(parted, table, target, reason):
    rows = table().with_columns(target.alias("t"))
    outcome = find(parted(rows, target="t"))
    assert outcome.verdict == "not applicable"
    assert reason in outcome.said or "classes" in outcome.said


def test_many_columns_take_a_sample_of_the_rows(parted):
    rng = np.random.default_rng(0)
    rows = pl.DataFrame(rng.random((200, 3_000)), schema=[f"c{i}" for i in range(3_000)])
    rows = rows.with_columns(y=pl.col("c77") * 2)
    assert [leak.column for leak in find(parted(rows, target="y")).leaks] == ["c77"]
