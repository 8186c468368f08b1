"""100,000 items, 3 labelers, 5 labels: agreement and labels against the reference programs."""

from __future__ import annotations

import time

import krippendorff
import numpy as np
import polars as pl
import pytest
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from qforge_jupyter.engine.agreement.bootstrap import Resampling
from qforge_jupyter.engine.agreement.coefficients import coefficients_of
from qforge_jupyter.engine.agreement.dawid_skene import dawid_skene
from qforge_jupyter.engine.agreement.ratings import read_ratings

N_ITEMS = 100_000
RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 5, N_ITEMS)
IS_RIGHT = RNG.random((N_ITEMS, 3)) < [0.9, 0.7, 0.5]
VALUES = np.where(IS_RIGHT, TRUTH[:, None], RNG.integers(0, 5, (N_ITEMS, 3)))
NUMBERS = pl.DataFrame({
    "item": np.repeat(np.arange(N_ITEMS), 3),
    "labeler": np.tile(np.arange(3), N_ITEMS),
    "value": VALUES.ravel(),
}).sample(fraction=1, shuffle=True, seed=1)  # fmt: skip
NAMES = NUMBERS.select(
    pl.format("item {}", name).alias(name) for name in ("item", "labeler", "value")
)


def cpu_seconds(work):
    work()  # imports
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(frame, level="nominal"):
    return coefficients_of(read_ratings(frame, level=level))


@pytest.mark.parametrize(
    ("frame", "level"),
    [(NUMBERS, "nominal"), (NUMBERS, "ordinal"), (NAMES, "nominal")],
    ids=["numbers", "ordinal", "text"],
)
def test_all_coefficients_of_a_long_table(frame, level):
    ours = cpu_seconds(lambda: measure(frame, level))

    def by_others():
        krippendorff.alpha(reliability_data=VALUES.T, level_of_measurement=level)
        fleiss_kappa(aggregate_raters(VALUES)[0])

    theirs = cpu_seconds(by_others)
    print(f"{level}: {ours:.3f} CPU s for all, alpha and Fleiss elsewhere {theirs:.3f}")
    assert ours < 0.2
    assert ours < theirs


def test_a_thousand_resamples_cost_little_more():
    ratings = read_ratings(NUMBERS, level="nominal")
    point = cpu_seconds(lambda: coefficients_of(ratings))
    with_ends = cpu_seconds(lambda: coefficients_of(ratings, Resampling()))
    print(f"coefficients {point:.3f} CPU s, with 1,000 resamples {with_ends:.3f}")
    assert with_ends < point + 0.2


@pytest.mark.filterwarnings("ignore")
def test_dawid_skene_against_crowd_kit():
    from crowdkit.aggregation import DawidSkene

    ratings = read_ratings(NUMBERS, level="nominal")
    steps = {"tolerance": -np.inf, "max_iterations": 3}
    three = cpu_seconds(lambda: dawid_skene(ratings, **steps))
    crowd = NUMBERS.rename({"item": "task", "labeler": "worker", "value": "label"}).to_pandas()
    start = time.process_time()
    DawidSkene(n_iter=3, tol=-np.inf).fit(crowd)
    theirs = time.process_time() - start
    whole = cpu_seconds(lambda: dawid_skene(ratings))
    print(f"3 iterations {three:.2f} CPU s, crowd-kit {theirs:.2f}; to convergence {whole:.2f}")
    assert three < 0.5 * theirs
    assert whole < 4
