"""A table of 100,000 × 64: near duplicates against scikit-learn's brute force on the same data."""

from __future__ import annotations

import time

import numpy as np
import polars as pl
from sklearn.neighbors import NearestNeighbors

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leak_checking import check_leaks
from qforge_jupyter.engine.near import neighbors

N, N_TRAIN, WIDTH = 100_000, 80_000, 64


def cpu_seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def rows():
    return np.random.default_rng(0).standard_normal((N, WIDTH)).astype(np.float32)


def test_neighbours_cost_about_what_brute_force_by_scikit_learn_does():
    points = rows()
    reference, queries = points[:20_000], points[20_000:24_000]

    def theirs():
        model = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(reference)
        model.kneighbors(queries)

    neighbors(reference[:100], queries[:100])  # imports
    mine, brute = cpu_seconds(lambda: neighbors(reference, queries)), cpu_seconds(theirs)
    print(f"neighbours: {mine:.2f} CPU s, {mine / brute:.2f} of scikit-learn's brute force")
    # Distances are computed twice, the second time in double precision.
    assert mine < 2.5 * brute


def test_all_checks_of_a_hundred_thousand_rows():
    frame = pl.DataFrame(rows(), schema=[f"c{i}" for i in range(WIDTH)])
    parts = {"train": frame.head(N_TRAIN), "test": frame.slice(N_TRAIN)}
    seconds = cpu_seconds(lambda: check_leaks(LeakCase.of_parts(parts, target="c0")))
    print(f"all leak checks of {N:,} x {WIDTH}: {seconds:.1f} CPU s")
    assert seconds < 60
