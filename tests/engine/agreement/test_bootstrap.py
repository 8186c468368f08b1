"""Intervals over items: the same for the same seed, and true as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from qforge_jupyter.engine.agreement.bootstrap import Resampling
from qforge_jupyter.engine.agreement.coefficients import coefficients_of
from qforge_jupyter.engine.agreement.ratings import read_ratings
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.uncertainty import NotApplicable
from tests.engine.agreement.conftest import as_long, long

ALPHA = "Krippendorff's alpha, nominal"


def noisy(rng, n_items):
    truth = rng.integers(0, 3, n_items)
    is_right = rng.random((n_items, 3)) < 0.8
    return np.where(is_right, truth[:, None], rng.integers(0, 3, (n_items, 3))).astype(float)


def measured(numbers, method="bca", n_resamples=1000, seed=42):
    ratings = read_ratings(as_long(numbers), level="nominal")
    return coefficients_of(ratings, Resampling(method, 0.95, n_resamples, seed))


def test_the_same_seed_gives_the_same_interval_and_another_another():
    numbers = noisy(np.random.default_rng(0), 200)
    first, again, other = (measured(numbers, seed=seed)[ALPHA] for seed in (1, 1, 2))
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)


def test_the_order_of_items_changes_no_interval():
    numbers = noisy(np.random.default_rng(0), 200)
    assert measured(numbers)[ALPHA] == measured(numbers[::-1])[ALPHA]


def test_patterns_are_drawn_as_items_are():
    numbers = noisy(np.random.default_rng(0), 150)
    found = measured(numbers, method="percentile", n_resamples=4_000)[ALPHA]
    rng = np.random.default_rng(9)
    one_by_one = [
        measured(numbers[rng.integers(0, 150, 150)], method="none")[ALPHA].value for _ in range(600)
    ]
    # The percentile interval is widened for a small sample: by one part in 150 here.
    low, high = np.quantile(one_by_one, [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=0.02)
    assert found.high == pytest.approx(high, abs=0.02)


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_intervals_hold_the_truth_in_95_of_100_samples(method):
    rng = np.random.default_rng(11)
    truth = measured(noisy(rng, 400_000), method="none")
    hits = dict.fromkeys(truth, 0)
    for seed in range(300):
        found = measured(noisy(rng, 60), method=method, n_resamples=400, seed=seed)
        for name, each in found.items():
            hits[name] += each.low <= truth[name].value <= each.high
    # Three standard errors of a share of .95 over 300 samples are .038.
    assert all(0.912 <= hit / 300 <= 0.988 for hit in hits.values()), hits


def test_perfect_agreement_has_an_interval_of_no_width():
    found = measured(np.repeat(np.arange(40.0)[:, None] % 3, 3, axis=1))
    assert {(each.low, each.high) for each in found.values()} == {(1.0, 1.0)}


def test_no_interval_is_found_where_none_is_wanted():
    found = measured(noisy(np.random.default_rng(0), 50), method="none")[ALPHA]
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(1, "a", "x"), (2, "b", "x")], "no item was rated by two labelers"),
        ([(1, "a", "x"), (2, "a", "y")], "only one labeler rated, wanted at least two"),
        ([(1, "a", "x"), (1, "b", "x"), (2, "a", "x")], "are all of one category"),
        ([(1, "a", "x"), (1, "b", "x"), (2, "a", "y")], "are all of one category"),
    ],
)
def test_what_cannot_be_computed_says_why(rows, reason):
    found = coefficients_of(read_ratings(long(rows)), Resampling())[ALPHA]
    assert isinstance(found, NotApplicable)
    assert reason in found.reason


@pytest.mark.parametrize("other", [1, 2])
def test_a_ratio_scale_has_nothing_below_zero(other):
    rows = [(1, "a", -1), (1, "b", other), (2, "a", other), (2, "b", other)]
    found = coefficients_of(read_ratings(long(rows), level="ratio"))
    assert "below zero" in found["Krippendorff's alpha, ratio"].reason


def test_a_single_item_has_coefficients_without_intervals():
    rows = [(1, "a", "x"), (1, "b", "x"), (1, "c", "y")]
    found = coefficients_of(read_ratings(long(rows)), Resampling())["percent agreement"]
    assert found.value == pytest.approx(1 / 3)
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"method": "bcaa"}, "did you mean 'bca'?"),
        ({"confidence": 1.5}, "wanted one between 0 and 1"),
        ({"n_resamples": 5}, "wanted at least 100"),
    ],
)
def test_a_choice_that_makes_no_interval_is_refused(wanted, said):
    with pytest.raises(CallError, match=said.replace("?", r"\?")):
        Resampling(**wanted)
