"""What holds for any ratings."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.engine.agreement.coefficients import coefficients_of
from qforge_jupyter.engine.agreement.dawid_skene import dawid_skene
from qforge_jupyter.engine.agreement.majority import majority
from qforge_jupyter.engine.agreement.one_coin import one_coin
from qforge_jupyter.engine.agreement.ratings import read_ratings
from qforge_jupyter.results.interval import Interval
from tests.engine.agreement.conftest import as_long, long

LEVELS = ["nominal", "ordinal", "interval", "ratio"]
TABLES = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=60
).map(lambda rows: long(list({row[:2]: row for row in rows}.values())))


def values_of(frame, level):
    found = coefficients_of(read_ratings(frame, level=level))
    return {
        name: each.value if isinstance(each, Interval) else each.reason
        for name, each in found.items()
    }


def same(first, second):
    assert first.keys() == second.keys()
    for name, value in first.items():
        if isinstance(value, str):
            assert value == second[name]
        else:
            assert value == pytest.approx(second[name], abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(TABLES, st.sampled_from(LEVELS), st.randoms())
def test_the_order_and_the_names_of_items_and_labelers_change_nothing(frame, level, random):
    names = [f"n{i}" for i in range(13)]
    random.shuffle(names)
    renamed = frame.sample(fraction=1, shuffle=True, seed=random.randint(0, 99)).with_columns(
        item=pl.col("item").replace_strict(range(13), names, return_dtype=pl.String),
        labeler=pl.col("labeler").replace_strict(range(13), names, return_dtype=pl.String),
    )
    same(values_of(frame, level), values_of(renamed, level))


@settings(max_examples=60, deadline=None)
@given(TABLES, st.sampled_from(LEVELS))
def test_every_coefficient_is_a_number_up_to_1_or_says_why_not(frame, level):
    for value in values_of(frame, level).values():
        assert value if isinstance(value, str) else value <= 1 + 1e-12


@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_nominal_coefficients_do_not_know_what_labels_are_called(frame):
    named = frame.with_columns(value=pl.col("value").replace_strict([0, 1, 2, 3], list("zbxa")))
    same(values_of(frame, "nominal"), values_of(named, "nominal"))


@settings(max_examples=40, deadline=None)
@given(TABLES, st.integers(-5, 5), st.integers(1, 9))
def test_interval_alpha_does_not_know_zero_and_unit(frame, zero, unit):
    moved = frame.with_columns(value=zero + unit * pl.col("value"))
    same(values_of(frame, "interval"), values_of(moved, "interval"))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("n_labelers", [2, 3])
def test_perfect_agreement_is_1(level, n_labelers):
    numbers = np.repeat(np.arange(1.0, 9.0)[:, None] % 4 + 1, n_labelers, axis=1)
    assert set(values_of(as_long(numbers), level).values()) == {1.0}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("n_labelers", [2, 4])
def test_labelers_who_do_not_look_agree_by_chance_only(level, n_labelers):
    rng = np.random.default_rng(1)
    numbers = rng.choice(4, (20_000, n_labelers), p=[0.25] * 4).astype(float)
    corrected = {k: v for k, v in values_of(as_long(numbers), level).items() if "percent" not in k}
    assert all(abs(value) < 0.02 for value in corrected.values()), corrected


@settings(max_examples=60, deadline=None)
@given(TABLES, st.sampled_from([dawid_skene, one_coin]))
def test_the_log_likelihood_never_falls(frame, aggregate):
    found = aggregate(read_ratings(frame, level="nominal"), tolerance=0.0, max_iterations=60)
    rises = np.diff(found.log_likelihoods)
    assert (rises >= -1e-9).all()


@settings(max_examples=60, deadline=None)
@given(TABLES, st.sampled_from([majority, dawid_skene, one_coin]))
def test_probabilities_are_probabilities(frame, aggregate):
    found = aggregate(read_ratings(frame, level="nominal"))
    np.testing.assert_allclose(found.posteriors.sum(axis=1), 1)
    np.testing.assert_allclose(found.priors.sum(), 1)
    known = found.quality[np.isfinite(found.quality)]
    assert ((known >= 0) & (known <= 1 + 1e-12)).all()
    if found.confusion is not None:
        np.testing.assert_allclose(found.confusion.sum(axis=2), 1)
