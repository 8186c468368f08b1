"""Diversity of tables whose diversity is known."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.collapse.diversity.covering import cover, expected_coverage
from qforge_jupyter.engine.collapse.diversity.measuring import DiversityCase, measure_diversity
from qforge_jupyter.engine.collapse.diversity.repeats import effective_share, effective_size
from qforge_jupyter.engine.collapse.diversity.vendi import vendi_of_order_1, vendi_of_order_2
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.frames import Table


def rows_of(seed, n, columns=4):
    chance = np.random.default_rng(seed)
    values = chance.normal(size=(n, columns))
    values[:, 1] += values[:, 0]
    frame = pl.DataFrame(values, schema=[f"x{i}" for i in range(columns)])
    return frame.with_columns(
        plan=pl.when(pl.col("x0") > 0.5).then(pl.lit("a")).otherwise(pl.lit("b"))
    )


def report(candidate, reference=None, **options: Any):
    against = None if reference is None else Table.of_frame("real", reference)
    return measure_diversity(DiversityCase(Table.of_frame("synth", candidate), against, **options))


@pytest.mark.parametrize("k", [1, 3, 10])
def test_far_apart_clusters_of_equal_rows_are_so_many_kinds(k):
    metric = np.repeat(np.eye(k, dtype=np.float32) * 100, 600 // k, axis=0)
    buckets = np.arange(len(metric)) % 30
    assert vendi_of_order_1(metric, buckets, 1.0).value == pytest.approx(k)
    # Without the pair of a row with itself: (n - 1) / (n / k - 1).
    n = len(metric)
    assert vendi_of_order_2(metric, buckets, 1.0).value == pytest.approx((n - 1) / (n / k - 1))


def test_vendi_of_order_2_does_not_drift_with_the_rows_and_its_interval_covers():
    chance = np.random.default_rng(0)

    def estimates(n, times):
        for _ in range(times):
            metric = chance.normal(size=(n, 3)).astype(np.float32)
            yield vendi_of_order_2(metric, np.arange(n) % 32, 1.0)

    # The mean of exp(-|x-y|²) for standard normals in 3 dimensions is 5^(-3/2).
    truth = 5**1.5
    held = [each.positive() for each in estimates(300, 100)]
    assert 88 <= sum(each.low <= truth <= each.high for each in held) <= 100
    assert np.mean([1 / each.value for each in estimates(60, 300)]) == pytest.approx(
        1 / truth, rel=0.02
    )


@pytest.mark.parametrize("r", [1, 2, 5])
def test_rows_repeated_r_times_are_worth_one_rth(r):
    words = np.repeat(np.arange(60, dtype=np.uint64), r)
    assert effective_size(words) == pytest.approx(60)
    assert effective_share(words, np.arange(len(words)) % 8, len(words)).value == pytest.approx(
        1 / r
    )


def test_at_a_smaller_size_fewer_rows_meet_their_repetition():
    words = np.repeat(np.arange(1_000, dtype=np.uint64), 2)
    chance = np.random.default_rng(0)
    drawn = [effective_size(chance.choice(words, 200, replace=False)) / 200 for _ in range(200)]
    expected = effective_share(words, np.arange(2_000) % 8, 200).value
    assert np.mean(drawn) == pytest.approx(expected, abs=0.005)


def test_weights_make_rows_worth_less():
    frame = rows_of(0, 400).with_columns(w=pl.Series([9.0] * 40 + [1.0] * 360))
    found = report(frame, weights="w").n_effective
    assert found == pytest.approx((9 * 40 + 360) ** 2 / (81 * 40 + 360))


def test_a_hold_out_covers_what_theory_says():
    chance = np.random.default_rng(0)
    buckets = np.arange(200) % 20
    pairs = (chance.normal(size=(2, 200, 3)).astype(np.float32) for _ in range(60))
    found = [cover(rows, buckets, around, buckets) for rows, around in pairs]
    values = [each.coverage.value for each in found]
    expected = expected_coverage(200, 200)
    assert np.mean(values) == pytest.approx(expected, abs=3 * np.std(values) / np.sqrt(60))
    held = [each.coverage.interval() for each in found]
    assert sum(each.low <= expected <= each.high for each in held) >= 52
    assert np.mean([each.density.value for each in found]) == pytest.approx(1.0, abs=0.02)


def test_a_fresh_sample_is_not_called_less_diverse():
    worse = [report(rows_of(seed, 500), rows_of(seed + 100, 500)).worse for seed in range(6)]
    assert worse == [()] * 6


@pytest.mark.parametrize(
    ("damage", "measure"),
    [
        (lambda rows: pl.concat([rows.head(400)] * 2), "effective share"),
        (lambda rows: rows.with_columns(pl.col(pl.Float64) * 0.5), "Vendi score of order 2"),
        (lambda rows: rows.filter(pl.col("plan") == "b"), "coverage"),
    ],
)
def test_each_damage_is_seen_by_its_measure(damage, measure):
    found = report(damage(rows_of(1, 1_000)), rows_of(2, 1_000))
    assert measure in [each.name for each in found.worse]


def test_memorised_rows_are_counted_exact_and_shaken():
    real, fresh = rows_of(3, 1_500), rows_of(4, 1_500)
    exact = report(pl.concat([real.head(300), fresh.head(1_200)]), real)
    assert exact.measure("memorised rows").candidate.value == 0.2
    chance = np.random.default_rng(5)
    noise = {
        name: real[name][:300] + chance.normal(scale=0.02, size=300) for name in real.columns[:4]
    }
    shaken = pl.concat([real.head(300).with_columns(**noise), fresh.head(1_200)])
    near = report(shaken, real)
    assert near.measure("memorised rows").candidate.value == 0
    measure = near.measure("nearly memorised rows")
    assert measure.is_worse
    assert measure.candidate.value - measure.reference.value == pytest.approx(0.2, abs=0.04)


def test_the_order_of_the_rows_changes_nothing():
    rows, real = rows_of(6, 400), rows_of(7, 500)
    turned = [frame.sample(fraction=1.0, shuffle=True, seed=1) for frame in (rows, real)]
    assert report(*turned).table.equals(report(rows, real).table)


def test_alone_it_has_no_yardstick_and_judges_nothing():
    found = report(rows_of(8, 300))
    assert {each.reference for each in found.measures} == {None}
    assert "measured alone" in repr(found)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: report(rows_of(0, 0)), DataError, "synth has no rows"),
        (lambda: report(rows_of(0, 30), weights="plan"), DataError, "are not numbers"),
        (lambda: report(rows_of(0, 30), ignore=("x9",)), CallError, "No column named 'x9'"),
        (lambda: report(pl.DataFrame({"v": [[1]] * 5})), DataError, "No column of synth can be"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_sentence(call, error, said):
    with pytest.raises(error, match=said):
        call()


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_few_rows_give_what_can_be_said(n):
    assert report(rows_of(0, n), rows_of(1, n)).n_candidate == n
