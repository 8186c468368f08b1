from __future__ import annotations

import polars as pl

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leaks.exact_duplicates import find

TRAIN = pl.DataFrame({
    "id": [f"m{i}" for i in range(30)],
    "gap": [float(i) for i in range(30)],
    "kind": ["a", None, "b"] * 10,
    "y": [i % 2 for i in range(30)],
})  # fmt: skip
TEST = pl.DataFrame({
    "id": [f"t{i}" for i in range(30)],
    "gap": [float(100 + i) for i in range(28)] + [4.0, 7.0],
    "kind": ["a"] * 28 + [None, None],
    "y": [0] * 30,
})  # fmt: skip


def pairs(leak):
    return [(pair.row_a, pair.row_b) for pair in leak.examples]


def test_a_row_that_stands_in_both_parts_is_found_whatever_its_id():
    (leak,) = find(LeakCase.of_parts({"train": TRAIN, "test": TEST}, columns=("gap", "kind"))).leaks
    assert (pairs(leak), leak.n_rows, leak.severity) == ([(4, 28), (7, 29)], 2, "high")


def test_ids_are_no_content():
    (leak,) = find(LeakCase.of_parts({"train": TRAIN, "test": TEST}, target="y")).leaks[:1]
    assert leak.n_rows == 1


def test_equal_features_with_another_target_are_told_apart():
    outcome = find(LeakCase.of_parts({"train": TRAIN, "test": TEST}, target="y"))
    found = {leak.said.rpartition("train ")[2]: pairs(leak) for leak in outcome.leaks}
    assert found == {"again": [(4, 28)], "again with another target": [(7, 29)]}


def test_rows_without_any_value_are_no_duplicates():
    empty = TRAIN.with_columns(pl.lit(None).cast(pl.Float64).alias("gap"), kind=pl.lit(None))
    case = LeakCase.of_parts({"train": TRAIN, "test": empty}, columns=("gap", "kind"))
    assert find(case).verdict == "clean"


def test_minus_zero_and_nan_are_equal_to_themselves():
    train = pl.DataFrame({"x": [0.0, float("nan"), 1.0, 2.0], "z": [1, 2, 3, 4]})
    test = pl.DataFrame({"x": [-0.0, float("nan"), 8.0, 9.0], "z": [1, 2, 5, 6]})
    (leak,) = find(LeakCase.of_parts({"train": train, "test": test}, columns=("x", "z"))).leaks
    assert pairs(leak) == [(0, 0), (1, 1)]


def test_data_that_repeats_by_nature_is_no_grave_leak():
    train = pl.DataFrame({"a": [0, 1] * 50, "b": [0, 0, 1, 1] * 25})
    case = LeakCase.of_parts({"train": train, "test": train.head(30)}, columns=("a", "b"))
    assert [leak.severity for leak in find(case).leaks] == ["low"]


def test_three_parts_are_each_compared_with_all_before():
    third = pl.concat([TRAIN.head(1), TEST.head(1)])
    parts = {"train": TRAIN, "validation": TEST.head(20), "test": third}
    (leak,) = find(LeakCase.of_parts(parts, columns=("gap", "kind"))).leaks
    assert leak.parts == ("train", "validation", "test")
    assert [str(pair) for pair in leak.examples] == ["train 0 – test 0", "validation 0 – test 1"]


def test_constant_columns_are_declined():
    rows = pl.DataFrame({"x": [1.0] * 9, "y": list("abcdefghi")})
    outcome = find(LeakCase.of_parts({"a": rows, "b": rows}, columns=("x",)))
    assert (outcome.verdict, "no feature varies" in outcome.said) == ("not applicable", True)
