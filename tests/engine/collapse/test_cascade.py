"""What training on damaged data costs, where the cost is known."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.collapse.cascade.case import CascadeCase
from qforge_jupyter.engine.collapse.cascade.climbing import climb
from qforge_jupyter.engine.collapse.cascade.metrics import worth_of
from qforge_jupyter.engine.collapse.cascade.proxies import predict
from qforge_jupyter.engine.collapse.cascade.targets import Target
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.frames import Table


def rows_of(seed, n, flipped=0.0):
    """Rows whose class is the sign of a sum, seen with noise; a share of the classes turned."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(n, 4))
    z = x[:, 0] + x[:, 1] + chance.normal(size=n)
    is_yes = (z > 0) ^ (chance.random(n) < flipped)
    frame = pl.DataFrame(x, schema=["a", "b", "c", "d"])
    return frame.with_columns(z=z, buys=pl.Series(np.where(is_yes, "yes", "no")))


def cascade(candidate, reference, target="buys", **options: Any):
    ignore = ("z",) if target == "buys" else ("buys",)
    tables = Table.of_frame("synth", candidate), Table.of_frame("real", reference)
    return climb(CascadeCase(*tables, target, ignore=ignore, **options))


def test_the_cost_of_a_hold_out_is_zero_within_its_interval():
    gaps = [
        cascade(rows_of(seed, 400), rows_of(seed + 500, 600), models=("linear",)).gap
        for seed in range(40)
    ]
    assert sum(each.low <= 0 <= each.high for each in gaps) >= 35
    assert abs(np.mean([each.value for each in gaps])) < 0.01


def test_a_hold_out_is_never_said_to_cost():
    said = {
        cascade(rows_of(seed, 400), rows_of(seed + 500, 600), models=("linear",)).verdict
        for seed in range(40, 60)
    }
    assert "costs" not in said


@pytest.mark.parametrize("target", ["buys", "z"])
def test_a_large_fresh_sample_costs_nothing_that_matters(target):
    found = cascade(rows_of(0, 8_000), rows_of(1, 12_000), target, models=("linear",))
    assert found.verdict == "costs nothing that matters"


def test_turned_labels_cost_all_that_was_known():
    found = cascade(rows_of(0, 2_000, flipped=1.0), rows_of(1, 3_000))
    last = found.rungs[-1]
    assert found.verdict == "costs"
    # Whoever learns the opposite has an AUC of one minus that of whoever learns it right.
    assert last.candidate.value == pytest.approx(1 - last.reference.value, abs=0.03)
    assert found.gap.low < 2 * last.reference.value - 1 < found.gap.high


def test_a_clear_verdict_costs_less_than_the_full_fit():
    found = cascade(rows_of(0, 4_000, flipped=1.0), rows_of(1, 6_000))
    assert (found.verdict, found.rows_fitted < found.rows_full) == ("costs", True)
    assert found.rungs[-1].size < found.n_full / 4


def test_the_sentence_says_cost_metric_and_rows():
    found = cascade(rows_of(0, 2_000, flipped=1.0), rows_of(1, 3_000), models=("linear",))
    assert found.sentence.startswith("Training on synth instead of real will cost about 0.")
    assert " AUC at n = " in found.sentence
    assert f"at n = {found.n_full:,}" in found.sentence


@pytest.mark.parametrize(
    ("target", "metric", "shown"),
    [
        ("buys", "auto", "AUC"),
        ("buys", "accuracy", "accuracy"),
        ("z", "auto", "R²"),
        ("z", "mae", "MAE"),
    ],
)
def test_the_metric_follows_the_target(target, metric, shown):
    found = cascade(rows_of(0, 300), rows_of(1, 450), target, metric=metric, models=("linear",))
    assert found.metric == shown
    assert f"{shown} lost" in repr(found)


def test_without_a_target_columns_are_predicted_in_turn():
    tables = [
        Table.of_frame(name, rows_of(seed, 600)) for seed, name in enumerate(("synth", "real"))
    ]
    found = climb(CascadeCase(*tables, models=("linear",)))
    assert (len(found.targets), found.metric) == (4, "explained share")


def test_rows_that_models_are_judged_by_are_found_in_the_candidate():
    real = rows_of(0, 900)
    found = cascade(real, real, models=("linear",))
    assert "may have been made from them" in found.notes[0]
    assert cascade(rows_of(1, 900), real, models=("linear",)).notes == ()


def test_the_order_of_the_rows_changes_nothing():
    rows, real = rows_of(0, 300), rows_of(1, 450)
    turned = [frame.sample(fraction=1.0, shuffle=True, seed=3) for frame in (rows, real)]
    straight, other = (cascade(*pair, models=("linear",)).table for pair in ((rows, real), turned))
    assert straight["size"].to_list() == other["size"].to_list()
    assert np.allclose(straight["gap"], other["gap"])


@pytest.mark.parametrize("metric", ["auc", "accuracy", "r2", "explained", "mae"])
def test_what_rows_add_gives_the_error_of_a_metric(metric):
    chance = np.random.default_rng(0)

    def drawn(n):
        truth = chance.random(n) < 0.3
        scores = np.clip(0.3 + 0.3 * truth + 0.2 * chance.normal(size=n), 0.01, 0.99)
        if metric in ("r2", "mae"):
            return worth_of(metric, truth + chance.normal(size=n), scores)
        return worth_of(metric, truth.astype(float), np.column_stack([1 - scores, scores]))

    found = [drawn(400) for _ in range(300)]
    errors = [np.sqrt((each.added**2).sum()) / 400 for each in found]
    spread = np.std([each.value for each in found])
    assert np.mean(errors) == pytest.approx(spread, rel=0.15)
    assert abs(found[0].added.mean()) < 0.01


@pytest.mark.parametrize("proxy", ["linear", "trees", "network"])
def test_each_proxy_learns_and_repeats_itself(proxy):
    real, fresh = rows_of(0, 600), rows_of(1, 600)
    target = Target("buys", "auc", ("no", "yes"), np.arange(4))

    def features(frame):
        return frame.select("a", "b", "c", "d").to_numpy().astype(np.float32)

    first, second = (
        predict(proxy, target, features(real), target.values(real), features(fresh), seed=1)
        for _ in range(2)
    )
    assert np.array_equal(first, second)
    assert np.allclose(first.sum(axis=1), 1)
    assert worth_of("auc", target.values(fresh), first).value > 0.75


def test_a_candidate_of_one_class_predicts_that_class():
    single = rows_of(0, 600).with_columns(buys=pl.lit("yes"))
    found = cascade(single, rows_of(1, 900), models=("linear",))
    assert found.verdict == "costs"
    assert found.rungs[0].candidate.value == 0.5


FRESH, REAL = rows_of(0, 300), rows_of(1, 300)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (
            lambda: cascade(rows_of(0, 300), REAL, "bus"),
            CallError,
            "No column named 'bus' in synth",
        ),
        (
            lambda: cascade(rows_of(0, 10), REAL),
            DataError,
            "synth gives 10 rows with a known 'buys'",
        ),
        (
            lambda: cascade(rows_of(0, 300), rows_of(1, 30)),
            DataError,
            "at least 40 of the candidate",
        ),
        (
            lambda: cascade(FRESH, REAL.with_columns(buys=pl.lit("yes"))),
            DataError,
            "'buys' has one value only in real",
        ),
        (
            lambda: cascade(*[each.with_columns(buys=pl.lit("x")) for each in (REAL, REAL)]),
            DataError,
            r"cannot be predicted \(one value only\)",
        ),
        (
            lambda: cascade(REAL, REAL.with_columns(pl.col("z") * 1e307), "z"),
            DataError,
            "'z' holds numbers beyond 1e\\+100",
        ),
        (lambda: cascade(REAL, REAL, metric="r2"), CallError, "write auc or accuracy"),
        (lambda: cascade(REAL, REAL, metric="auk"), CallError, "did you mean 'auc'"),
        (lambda: cascade(REAL, REAL, tolerance=-1.0), CallError, "wanted a number above 0"),
        (lambda: cascade(REAL, REAL, models=("tree",)), CallError, "did you mean 'trees'"),
        (lambda: cascade(REAL, REAL, rows=5), CallError, "wanted at least 200"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_sentence(call, error, said):
    with pytest.raises(error, match=said):
        call()
