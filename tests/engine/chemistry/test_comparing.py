"""Calculated against measured."""

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.chemistry.comparing import compare
from qforge_jupyter.errors import CallError


def test_measures_are_those_computed_by_hand():
    # errors 1, -1, 2: MAE 4/3, RMSE sqrt 2, bias 2/3, R² = 1 - 6/2
    mine = pl.DataFrame({"k": [1, 2, 3], "x": [2.0, 1.0, 5.0]})
    theirs = pl.DataFrame({"k": [3, 2, 1], "y": [3.0, 2.0, 1.0]})
    (pair,) = compare(mine, theirs, on="k", pairs={"x": "y"}).pairs
    assert (pair.n, pair.mae, pair.bias) == (3, pytest.approx(4 / 3), pytest.approx(2 / 3))
    assert pair.rmse == pytest.approx(2**0.5)
    assert pair.r2 == pytest.approx(-2)
    assert pair.pearson_r == pytest.approx(np.corrcoef([2, 1, 5], [1, 2, 3])[0, 1])
    assert pair.worst["key"].to_list() == ["3", "1", "2"]


def test_missing_and_infinite_values_are_left_out_and_counted():
    mine = pl.DataFrame({"k": [1, 2, 3, 4], "x": [1.0, None, float("nan"), float("inf")]})
    theirs = pl.DataFrame({"k": [1, 2, 3, 4], "y": [1.0] * 4})
    (pair,) = compare(mine, theirs, on="k", pairs={"x": "y"}).pairs
    assert (pair.n, pair.n_without_partner) == (1, 3)
    assert pair.r2 is None


def test_nothing_in_common_gives_no_measure():
    mine, theirs = pl.DataFrame({"k": ["a"], "x": [1]}), pl.DataFrame({"k": ["b"], "x": [1]})
    report = compare(mine, theirs, on="k", pairs={"x": "x"})
    assert report.pairs[0].mae is None
    assert "0 values compared" in repr(report)


def test_repeated_keys_and_missing_columns_are_refused():
    twice, once = pl.DataFrame({"k": [1, 1], "x": [1, 2]}), pl.DataFrame({"k": [1], "x": [1]})
    with pytest.raises(CallError, match="repeats a key"):
        compare(twice, once, on="k", pairs={"x": "x"})
    with pytest.raises(CallError, match="No column named 'xx'"):
        compare(once, once, on="k", pairs={"xx": "x"})
    with pytest.raises(CallError, match="no numbers"):
        compare(once.cast({"x": pl.String}), once, on="k", pairs={"x": "x"})


def test_a_column_named_like_a_pattern_is_only_that_column():
    frame = pl.DataFrame({"^.*$": ["a", "b"], "x": [1.0, 2.0]})
    assert compare(frame, frame, on="^.*$", pairs={"x": "x"}).pairs[0].mae == 0
