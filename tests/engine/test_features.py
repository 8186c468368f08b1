"""Features of real tables, and correlations held to scipy's."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn.datasets import load_wine

from qforge_jupyter.engine.features import compute_features, correlate, redundancies
from qforge_jupyter.errors import CallError, DataError, RuleError

WINE = pl.DataFrame(load_wine(as_frame=True).data.to_dict("list"))


def holed(frame: pl.DataFrame) -> pl.DataFrame:
    """Take a tenth of the cells away, others in every column."""
    dice = np.random.default_rng(3)
    return frame.select(
        pl.when(pl.Series(dice.random(frame.height) > 0.1)).then(pl.col(name)).alias(name)
        for name in frame.columns
    )


def test_correlations_are_scipys_over_the_rows_that_have_both():
    frame = holed(WINE)
    r = correlate(frame, 10)
    for i, first in enumerate(frame.columns):
        for j, second in enumerate(frame.columns[:i]):
            both = frame.select(first, second).drop_nulls()
            expected = stats.pearsonr(both[first], both[second]).statistic
            assert expected == pytest.approx(r[i, j], abs=1e-10)


def test_numbers_far_from_zero_lose_no_digits():
    far = WINE.with_columns(pl.col("alcohol") + 1e9, pl.col("ash") * 1e150)
    near = correlate(WINE, 10)
    assert np.allclose(near, correlate(far, 10), atol=1e-5)


def test_fewer_rows_than_asked_give_none():
    assert np.isnan(correlate(WINE.head(9), 10)).all()


def test_a_constant_has_no_correlation():
    r = correlate(WINE.select("ash", one=pl.lit(0.1)), 10)
    assert math.isnan(r[0, 1])


def test_infinity_and_nan_are_missing():
    frame = pl.DataFrame({"a": [1.0, 2.0, 3.0, math.inf], "b": [2.0, 4.0, 6.0, 1.0]})
    assert correlate(frame, 3)[0, 1] == pytest.approx(1.0)


def test_of_two_alike_the_one_with_fewer_values_is_dropped():
    frame = WINE.select("ash", "proline").with_columns(twin=pl.col("ash") * 2 + 1)
    frame = frame.with_columns(pl.when(pl.col("proline") > 400).then("ash").alias("ash"))
    (found,) = redundancies(frame.columns, frame, correlate(frame, 10))
    assert ("ash", "twin", "it has fewer values") == (found.drop, found.keep, found.why)


def test_three_alike_are_proposed_for_principal_components():
    frame = WINE.select("ash", b=pl.col("ash") * -2, c=pl.col("ash") + 3)
    found = redundancies(frame.columns, frame, correlate(frame, 10))
    assert 3 == len(found)
    assert "take principal components of ash, b, c" == found[0].proposal


def test_a_constant_beside_redundant_features_is_no_matter():
    frame = WINE.select("ash", b=pl.col("ash") * -2, one=pl.lit(1.0))
    assert 1 == len(redundancies(frame.columns, frame, correlate(frame, 10)))


def test_formulas_are_computed_and_columns_taken_as_floats():
    frame = pl.DataFrame({"n": [1, 2], "^a$": [True, False]})
    made = compute_features(frame.lazy(), frame.schema, ["^a$"], {"twice": "2 * n"})
    assert {"^a$": [1.0, 0.0], "twice": [2.0, 4.0]} == made.to_dict(as_series=False)


@pytest.mark.parametrize(
    ("columns", "formulas", "kind", "said"),
    [
        (["gpa"], {}, CallError, "did you mean 'gap'"),
        (["kind"], {}, DataError, "features are numbers"),
        ([], {}, CallError, "at least one feature"),
        (["gap"], {"gap": "gap * 2"}, CallError, "named twice"),
        ([], {"x": "kind"}, RuleError, "a number was wanted"),
        ([], {"x": "1 + 1"}, RuleError, "reads no column"),
        ([], {"x": "__import__('os')"}, RuleError, "."),
    ],
)
def test_what_is_no_feature_is_said_in_a_sentence(columns, formulas, kind, said):
    frame = pl.DataFrame({"gap": [1.0], "kind": ["a"]})
    with pytest.raises(kind, match=said) as told:
        compute_features(frame.lazy(), frame.schema, columns, formulas)
    assert "\n" not in str(told.value)
