from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leaks.index_leakage import find


def test_shuffled_rows_are_clean(parted):
    assert find(parted(target="y")).verdict == "clean"


def test_rows_sorted_by_the_target_are_found(parted, table):
    leaks = find(parted(table().sort("y"), target="y")).leaks
    assert {leak.said.split(" (")[0] for leak in leaks} == {
        "the position of a row of train tells the target",
        "the position of a row of test tells the target",
    }


def test_ids_given_by_class_are_a_grave_leak(parted, table):
    rows = (
        table()
        .sort("y")
        .with_columns(id=pl.int_range(400))
        .sample(fraction=1.0, shuffle=True, seed=1)
    )
    (leak,) = find(parted(rows, target="y")).leaks
    assert (leak.column, leak.severity) == ("id", "high")


def test_ids_that_grow_with_a_number_are_found(parted, table):
    rows = table().with_columns(id=pl.col("x1").rank().cast(pl.Int64))
    rows = rows.drop("y").with_columns(y=pl.col("x1") * 2)
    assert [leak.column for leak in find(parted(rows, target="y")).leaks] == ["id"]


def test_parts_cut_from_a_table_without_shuffling_are_told(table):
    part = pl.Series(["train"] * 300 + ["test"] * 100)
    leaks = find(LeakCase.of_rows(table(), part)).leaks
    assert [(leak.severity, leak.column) for leak in leaks] == [("low", "")]


def test_parts_cut_by_time_are_meant_to_be(table):
    part = pl.Series(["train"] * 300 + ["test"] * 100)
    rows = table().with_columns(day=pl.int_range(400))
    assert find(LeakCase.of_rows(rows, part, time="day")).verdict == "not applicable"


def test_one_of_twenty_tables_at_most_raises_an_alarm(parted):
    alarms = [find(parted(seed=seed, target="y")).verdict == "leak" for seed in range(40)]
    assert np.sum(alarms) <= 2
