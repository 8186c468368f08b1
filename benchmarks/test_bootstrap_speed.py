"""10⁶ values, 1,000 resamples: time and memory, against the blocked loop one writes by hand."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest

from qforge_jupyter.engine.uncertainty.intervals import bootstrap

VALUES = np.random.default_rng(1).standard_normal(1_000_000)


def cpu_seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def by_hand(statistic, n_resamples):
    rng = np.random.default_rng(1)
    n = len(VALUES)
    return [statistic(VALUES[rng.integers(0, n, n)]) for _ in range(n_resamples)]


@pytest.mark.parametrize(
    ("name", "statistic", "ratio"),
    [("mean", np.mean, 0.8), ("std", np.std, 0.8), ("median", np.median, 0.05)],
)
def test_a_million_values_a_thousand_times(name, statistic, ratio):
    ours = cpu_seconds(lambda: bootstrap(VALUES, name))
    # The hand-written loop is linear in the resamples: a twentieth of it is timed.
    theirs = 20 * cpu_seconds(lambda: by_hand(statistic, 50))
    print(f"{name}: {ours:.2f} CPU s, by hand {theirs:.2f}, ratio {ours / theirs:.3f}")
    assert ours < ratio * theirs


@pytest.mark.parametrize("name", ["mean", "std", "median", "iqr", "mad"])
def test_memory_stays_below_200_mb(name):
    tracemalloc.start()
    bootstrap(VALUES, name, n_resamples=100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{name}: peak {peak / 1e6:.0f} MB beside the data")
    assert peak < 200e6
