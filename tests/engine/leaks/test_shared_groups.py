from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leaks.shared_groups import find


def patients(seed=0, n_patients=80):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), 4)
    height = rng.normal(170, 10, n_patients)[patient] + rng.normal(0, 1, len(patient))
    weight = rng.normal(70, 10, n_patients)[patient] + rng.normal(0, 1, len(patient))
    return pl.DataFrame({"patient": patient, "height": height, "weight": weight})


def test_a_group_in_two_parts_is_a_grave_leak_with_its_rows():
    rows = pl.DataFrame({"scaffold": ["a", "b", "c", None], "x": [1.0, 2.0, 3.0, 4.0]})
    more = pl.DataFrame({"scaffold": ["c", None, "a", "d", "a"], "x": [5.0, 6.0, 7.0, 8.0, 9.0]})
    (leak,) = find(LeakCase.of_parts({"train": rows, "test": more}, groups=("scaffold",))).leaks
    assert (leak.severity, leak.n_rows, leak.statistic) == ("high", 3, 2.0)
    assert [str(pair) for pair in leak.examples] == ["train 2 – test 0", "train 0 – test 2"]


def test_groups_that_stay_in_one_part_are_clean():
    rows = patients()
    parts = {
        "train": rows.filter(pl.col("patient") < 60),
        "test": rows.filter(pl.col("patient") >= 60),
    }
    assert find(LeakCase.of_parts(parts, groups=("patient",))).verdict == "clean"
    assert find(LeakCase.of_parts(parts)).verdict == "not applicable"


def test_a_column_that_looks_like_a_group_is_named_as_a_possible_one(parted):
    (leak,) = find(parted(patients())).leaks
    assert (leak.column, leak.severity, "possible group" in leak.said) == (
        "patient",
        "medium",
        True,
    )


def test_an_age_is_no_group(parted, table):
    assert find(parted(table(2, 1_000))).verdict == "not applicable"
