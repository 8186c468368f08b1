"""Error statistics: as computed by hand, as scikit-learn and SciPy give them, and how sure."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    r2_score,
    root_mean_squared_error,
)

from qforge_jupyter.engine.comparing import compare
from qforge_jupyter.engine.comparing.measuring import UNSTEADY, Measuring
from qforge_jupyter.engine.comparing.sums import MOST_BAGS, Draws, Errors

NUMBERS = st.lists(
    st.tuples(*(2 * [st.integers(-(10**6), 10**6).map(lambda number: number / 1000)])),
    min_size=2,
    max_size=40,
)


def measured(predicted, reference, groups=None):
    pairs = Errors(np.array(predicted, dtype=float), np.array(reference, dtype=float))
    return Measuring(0.95, Draws(42)).measure(pairs, groups=groups)


def test_statistics_are_those_computed_by_hand():
    """Errors 1, -1, 2 of references 1, 2, 4: R² = 1 - 6 / (14/3) = -2/7."""
    found = measured([2, 1, 6], [1, 2, 4])
    assert 4 / 3 == pytest.approx(found["mae"].value)
    assert 2**0.5 == pytest.approx(found["rmse"].value)
    assert 2 / 3 == pytest.approx(found["bias"].value)
    assert -2 / 7 == pytest.approx(found["r2"].value)
    assert 2 / 3 == pytest.approx(found["mape"].value)
    assert 0.5 == pytest.approx(found["median_ape"].value)
    assert (1, 2) == (found["median_ae"].value, found["max_error"].value)


@given(NUMBERS)
def test_statistics_are_those_of_scikit_learn_and_scipy(pairs):
    y, x = map(np.array, zip(*pairs, strict=True))
    found = measured(y, x)
    assert pytest.approx(mean_absolute_error(x, y)) == found["mae"].value
    assert pytest.approx(root_mean_squared_error(x, y)) == found["rmse"].value
    if (x != 0).all():
        assert pytest.approx(mean_absolute_percentage_error(x, y)) == found["mape"].value
    if np.ptp(x) > 1e-3 * np.abs(x).max() and np.ptp(y) > 1e-3 * np.abs(y).max():
        assert pytest.approx(r2_score(x, y), rel=1e-5) == found["r2"].value
        assert pytest.approx(pearsonr(x, y).statistic, abs=1e-6) == found["pearson_r"].value


@given(NUMBERS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_statistic(pairs, random):
    shuffled = list(pairs)
    random.shuffle(shuffled)
    first, second = (measured(*zip(*each, strict=True)) for each in (pairs, shuffled))
    for name in ("mae", "rmse", "bias", "median_ae", "max_error"):
        assert first[name].value == pytest.approx(second[name].value)


def test_no_interval_without_ten_rows():
    few, enough = (measured(np.arange(n) ** 2, np.arange(n) + 0.5) for n in (9, 10))
    assert (None, "no interval of 9 rows, wanted 10") == (few["mae"].low, few["mae"].note)
    for name in ("mae", "rmse", "bias", "r2", "pearson_r"):
        assert enough[name].low <= enough[name].value <= enough[name].high


def test_a_constant_reference_has_no_r2_and_a_zero_one_no_percent():
    found = measured(np.arange(12), np.zeros(12))
    assert (None, "the reference is constant") == (found["r2"].value, found["r2"].note)
    assert (None, "every reference is zero") == (found["mape"].value, found["mape"].note)
    assert 5.5 == found["mae"].value


def test_references_of_zero_have_no_percent_and_the_others_keep_theirs():
    """Errors of 100 % and 50 %; the third reference is zero."""
    found = measured([2, 3, 7], [1, 2, 0])
    assert (0.75, 2) == (found["mape"].value, found["mape"].n)


@given(st.lists(st.tuples(*(2 * [st.floats(allow_nan=True, allow_infinity=True)])), max_size=60))
def test_any_doubles_make_a_page(pairs):
    ids = list(range(len(pairs)))
    mine, theirs = (
        pl.DataFrame({"id": ids, "gap": pl.Series([each[at] for each in pairs], dtype=pl.Float64)})
        for at in (0, 1)
    )
    report = compare(mine, theirs, by="id", tolerance={"gap": 1}, next_=3)
    assert repr(report)
    assert report._repr_mimebundle_()
    assert len(pairs) == report["gap"].n + sum(report["gap"].missing)


def test_equal_errors_have_an_interval_of_no_width():
    found = measured(np.arange(20) + 0.5, np.arange(20))
    assert (0.5, 0.5) == (found["mae"].low, found["mae"].high)
    assert (0.5, 0.5) == (found["rmse"].low, found["rmse"].high)


def test_numbers_far_from_zero_keep_their_r2():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    y = x + 0.3 * rng.normal(size=200)
    near, far = measured(y, x), measured(y + 1e8, x + 1e8)
    assert near["r2"].value == pytest.approx(far["r2"].value, abs=1e-6)
    assert near["r2"].low == pytest.approx(far["r2"].low, abs=1e-6)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """In 300 samples of 60; three standard errors of a share of 95 % are 3.8 %.

    Errors are normal with mean 0.2 and deviation 0.5; E|e| is that of the folded normal.
    """
    from scipy.stats import foldnorm

    rng = np.random.default_rng(7)
    truth = {
        "mae": foldnorm(0.4, scale=0.5).mean(),
        "rmse": (0.2**2 + 0.5**2) ** 0.5,
        "bias": 0.2,
        "r2": 1 - (0.2**2 + 0.5**2),
    }
    held = dict.fromkeys(truth, 0)
    for _ in range(300):
        x = rng.normal(size=60)
        found = measured(x + rng.normal(0.2, 0.5, size=60), x)
        for name, value in truth.items():
            held[name] += found[name].low <= value <= found[name].high
    assert {name: 0.91 <= n / 300 <= 0.99 for name, n in held.items()} == dict.fromkeys(truth, True)


def test_where_two_rows_of_thousands_differ_means_have_no_interval_instead_of_a_boundless_one():
    """Both are missing from e⁻² of the resamples, 13.5 %: more than the 2.5 beyond an end."""
    reference = np.random.default_rng(0).normal(size=4_000)
    found = measured(np.where(np.arange(4_000) < 2, reference + 9, reference), reference)
    for name in ("mae", "bias", "rmse", "mape"):
        assert (None, None, UNSTEADY) == (found[name].low, found[name].high, found[name].note)
    some = measured(np.where(np.arange(4_000) < 40, reference + 9, reference), reference)["mae"]
    assert 0.05 < some.low < 0.09 < some.high < 0.15


def test_many_rows_are_drawn_in_pieces_and_their_intervals_are_as_wide():
    """The standard error of the mean of n absolute errors is their deviation by √n."""
    rng = np.random.default_rng(3)
    n = 20 * MOST_BAGS
    errors = rng.normal(size=n)
    found = measured(errors, np.zeros(n))["mae"]
    width = 2 * 1.96 * np.abs(errors).std() / n**0.5
    assert width == pytest.approx(found.high - found.low, rel=0.1)


def test_rows_of_one_group_count_less_where_groups_are_drawn():
    """Twenty groups with an error of their own each: the interval is that of twenty numbers."""
    rng = np.random.default_rng(1)
    errors = np.repeat(np.abs(rng.normal(size=20)), 50)
    groups = np.repeat(np.arange(20), 50)
    rows = measured(errors, np.zeros(1000))["mae"]
    drawn = measured(errors, np.zeros(1000), groups=groups)["mae"]
    alone = measured(errors[::50], np.zeros(20))["mae"]
    assert (alone.low, alone.high) == pytest.approx((drawn.low, drawn.high))
    assert 4 < (drawn.high - drawn.low) / (rows.high - rows.low)


def test_the_same_data_and_seed_give_the_same_report():
    rng = np.random.default_rng(0)
    x = rng.normal(size=3 * MOST_BAGS)
    mine = pl.DataFrame({"id": np.arange(len(x)), "gap": x + rng.normal(size=len(x))})
    theirs = pl.DataFrame({"id": np.arange(len(x)), "gap": x})
    first, second, other = (compare(mine, theirs, by="id", seed=seed) for seed in (1, 1, 2))
    assert first.payload() == second.payload()
    assert repr(first) == repr(second)
    assert first["gap"].measures["mae"] != other["gap"].measures["mae"]
