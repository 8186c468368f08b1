"""Intervals are those of SciPy, the same for the same seed, and honest at the edges."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import scipy.stats
from sklearn.datasets import load_diabetes, load_wine

from qforge_jupyter.engine.uncertainty.intervals import bootstrap
from qforge_jupyter.engine.uncertainty.proportions import clopper_pearson, wilson
from qforge_jupyter.engine.uncertainty.resampling import draw_ranks, draw_sums, generator
from qforge_jupyter.engine.uncertainty.statistics import SIMPLE, named
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.results.progress import silent
from qforge_jupyter.results.uncertainty import NotApplicable

TARGET = load_diabetes().target
PROLINE = load_wine().data[:, 12]


def std(values, axis):
    return np.std(values, axis=axis, ddof=1)


def quantile_90(values, axis):
    return np.quantile(values, 0.9, axis=axis)


def trimmed(values, axis):
    return scipy.stats.trim_mean(values, 0.1, axis=axis)


SAME = {
    "mean": np.mean,
    "sum": np.sum,
    "std": std,
    "median": np.median,
    "quantile(0.9)": quantile_90,
    "iqr": scipy.stats.iqr,
    "mad": scipy.stats.median_abs_deviation,
    "trimmed-mean(0.1)": trimmed,
}


@pytest.mark.parametrize("method", ["bca", "percentile"])
@pytest.mark.parametrize("name", SAME)
def test_bounds_are_those_of_scipy(name, method):
    ours = bootstrap(PROLINE, name, method=method, n_resamples=9_000)
    theirs = scipy.stats.bootstrap(
        (PROLINE,), SAME[name], method=method, n_resamples=9_000, rng=np.random.default_rng(1)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert ours.low == pytest.approx(theirs.low, abs=0.06 * width)
    assert ours.high == pytest.approx(theirs.high, abs=0.06 * width)


@pytest.mark.parametrize("name", SAME)
def test_the_value_is_that_of_numpy(name):
    assert bootstrap(TARGET, name).value == pytest.approx(SAME[name](TARGET, axis=0))


@pytest.mark.parametrize("name", [*SAME, "var"])
def test_jackknife_values_are_those_of_leaving_each_value_out(name):
    values, statistic = PROLINE[:60], named(name)
    literal = [statistic.of(np.delete(values, index)) for index in range(60)]
    found = statistic.jackknife(values, generator(0))
    assert np.sort(found) == pytest.approx(np.sort(literal))


def test_a_correlation_is_that_of_scipy():
    pairs = load_diabetes(scaled=False).data[:, [2, 3]]
    ours = bootstrap(pairs, "correlation", n_resamples=5_000)
    theirs = scipy.stats.bootstrap(
        (pairs[:, 0], pairs[:, 1]),
        lambda x, y: scipy.stats.pearsonr(x, y).statistic,
        paired=True,
        vectorized=False,
        n_resamples=2_000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert ours.value == pytest.approx(np.corrcoef(pairs.T)[0, 1])
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.015)


@pytest.mark.parametrize("name", [*SIMPLE, "quantile(0.25)", "trimmed-mean(0.2)"])
def test_the_same_seed_gives_the_same_interval_and_another_seed_another(name):
    values = (TARGET > 150) if name == "proportion" else TARGET
    if name == "correlation":
        values = load_diabetes().data[:, [2, 3]]
    first = bootstrap(values, name, seed=7)
    assert bootstrap(values, name, seed=7) == first
    # What is drawn depends on the seed; order statistics are not drawn.
    is_drawn = first.method != "order statistics"
    assert is_drawn == (bootstrap(values, name, seed=8) != first)


def test_the_default_takes_the_method_that_covers_best():
    random = np.random.default_rng(3)
    few, usual, many = (random.normal(size=n) for n in (6, 60, 6_000))
    chosen = {
        (statistic, len(values)): bootstrap(values, statistic).method
        for values in (few, usual, many)
        for statistic in ("mean", "std", "median", "iqr")
    }
    assert {
        ("mean", 6): "bca", ("std", 6): "bca", ("median", 6): "order statistics", ("iqr", 6): "bca",
        ("mean", 60): "student", ("std", 60): "student",
        ("median", 60): "order statistics", ("iqr", 60): "bca",
        ("mean", 6_000): "bca", ("std", 6_000): "bca",
        ("median", 6_000): "order statistics", ("iqr", 6_000): "bca",
    } == chosen  # fmt: skip


def test_a_quantile_that_no_order_statistic_bounds_is_resampled_and_says_so():
    found = bootstrap(np.arange(20.0), "quantile(0.99)")
    assert ("bca", True) == (found.method, found.note.startswith("few values"))


@pytest.mark.parametrize(
    ("statistic", "values", "options", "said"),
    [
        ("mean", np.arange(49.0), {}, "few values"),
        ("mean", np.arange(50.0), {}, ""),
        ("std", np.random.default_rng(1).exponential(size=200), {}, "93 % at 200"),
        ("std", np.arange(60.0), {"method": "bca"}, "student covers"),
        ("quantile(0.9)", np.arange(60.0), {"method": "percentile"}, "an outer quantile"),
        ("mean", np.ones(5), {}, ""),
    ],
)
def test_an_interval_that_may_cover_too_little_says_so(statistic, values, options, said):
    note = bootstrap(values, statistic, **options).note
    assert (said in note) if said else note == ""


def test_a_function_of_ones_own_is_resampled_like_a_named_one():
    own = bootstrap(TARGET, lambda values, axis: np.mean(values, axis=axis), n_resamples=4_000)
    ours = bootstrap(TARGET, "mean", n_resamples=4_000)
    assert (own.low, own.high) == pytest.approx((ours.low, ours.high), rel=0.01)


def test_drawn_ranks_follow_the_ranks_of_drawn_samples():
    ordered, rng = np.sort(PROLINE), generator(3)
    literal = np.sort(rng.choice(ordered, (20_000, len(ordered))), axis=1)[:, [10, 11, 90]]
    drawn = draw_ranks(ordered, [10, 11, 90], 20_000, rng)
    for column in range(3):
        assert scipy.stats.ks_2samp(drawn[:, column], literal[:, column]).pvalue > 1e-3
    assert np.corrcoef(drawn.T) == pytest.approx(np.corrcoef(literal.T), abs=0.03)


@pytest.mark.parametrize("n", [300, 100_003])
@pytest.mark.parametrize("decimals", [0, 12])
def test_drawn_sums_have_the_mean_and_spread_that_theory_gives(n, decimals):
    values = np.round(np.random.default_rng(1).normal(0, 4, n), decimals)
    values -= values.mean()
    sums, squares = draw_sums(
        values, squares=True, n_resamples=2_000, rng=generator(5), progress=silent
    )
    assert sums.mean() == pytest.approx(0, abs=4 * values.std() * (n / 2_000) ** 0.5)
    assert sums.std() == pytest.approx(values.std() * n**0.5, rel=0.08)
    assert squares.mean() == pytest.approx((values**2).sum(), rel=0.01)


def test_missing_and_infinite_values_are_left_out_and_not_counted():
    dirty = pl.Series([1.0, 2.0, None, float("nan"), 3.0, float("inf"), 4.0])
    assert bootstrap(dirty) == bootstrap([1.0, 2.0, 3.0, 4.0])
    assert bootstrap(dirty).n == 4


def test_large_integers_do_not_wrap():
    assert bootstrap(pl.Series([2**63 - 1] * 3 + [1]), "sum").value == pytest.approx(3 * 2.0**63)


@pytest.mark.parametrize("name", ["mean", "median", "std", "mad", "iqr"])
def test_equal_values_give_an_interval_without_width(name):
    found = bootstrap([2.5] * 30, name)
    value = 2.5 if name in {"mean", "median"} else 0.0
    assert (found.value, found.low, found.high) == pytest.approx((value, value, value))


@pytest.mark.parametrize("values", [[], [1.0], [None, None], [float("nan"), 3.0]])
def test_fewer_than_two_values_decline_with_a_reason(values):
    found = bootstrap(pl.Series(values, dtype=pl.Float64))
    assert isinstance(found, NotApplicable)
    assert "wanted at least 2" in found.reason


def test_the_correlation_with_a_constant_declines():
    found = bootstrap(np.column_stack([TARGET, np.ones_like(TARGET)]), "correlation")
    assert isinstance(found, NotApplicable)


def test_a_group_has_the_interval_of_its_values_alone():
    kinds = load_wine().target
    table = bootstrap(PROLINE, "median", by=kinds)
    alone = bootstrap(PROLINE[kinds == 1], "median")
    row = table.filter(pl.col("group") == 1).row(0, named=True)
    assert (row["value"], row["low"], row["high"], row["n"]) == (
        alone.value,
        alone.low,
        alone.high,
        71,
    )


def test_a_group_of_one_declines_and_null_labels_are_a_group():
    table = bootstrap([1.0, 2.0, 3.0, 4.0], by=["a", None, None, None])
    assert table["group"].to_list() == ["a", None]
    assert table["reason"].to_list() == ["1 usable value, wanted at least 2", ""]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"statistic": "meen"}, "did you mean 'mean'"),
        ({"statistic": "max"}, "take a quantile"),
        ({"statistic": "quantile"}, "wants a number from 0 to 1"),
        ({"statistic": "quantile(x)"}, "wants a number from 0 to 1"),
        ({"method": "basic"}, "No method named .basic.: there are auto, bca"),
        ({"method": "studnt"}, "did you mean .student."),
        ({"method": "student", "statistic": "iqr"}, "take bca"),
        ({"method": "order-statistics"}, "knows median and quantile"),
        ({"confidence": 95}, "between 0 and 1"),
        ({"n_resamples": 3}, "at least 100"),
        ({"seed": -1}, "wanted 0 or more"),
    ],
)
def test_a_wrong_call_is_told_in_one_sentence(wrong, sentence):
    with pytest.raises(CallError, match=sentence):
        bootstrap([1.0, 2.0, 3.0], **wrong)


def test_words_are_no_numbers():
    with pytest.raises(DataError, match="not all numbers"):
        bootstrap(["a", "b"])


def test_a_proportion_wants_true_and_false():
    with pytest.raises(DataError, match="use the mean"):
        bootstrap([0.0, 0.5, 1.0], "proportion")


def test_progress_is_told_to_the_end():
    told = []
    bootstrap(TARGET, "mad", progress=lambda *step: told.append(step))
    assert told[-1] == (1000, 1000, "resamples")


def test_wilson_is_that_of_scipy():
    for successes, n in ((0, 10), (10, 10), (3, 17), (980, 1000)):
        theirs = scipy.stats.binomtest(successes, n).proportion_ci(method="wilson")
        ours = wilson(successes, n)
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_clopper_pearson_is_that_of_scipy():
    for successes, n in ((0, 10), (10, 10), (3, 17), (980, 1000)):
        theirs = scipy.stats.binomtest(successes, n).proportion_ci(method="exact")
        ours = clopper_pearson(successes, n)
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
