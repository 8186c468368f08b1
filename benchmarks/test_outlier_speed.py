"""A million rows of twelve columns: against hand-written Polars and SciPy in the same run."""

from __future__ import annotations

import time

import numpy as np
import polars as pl
import pytest
import scipy.stats

from qforge_jupyter.engine.fences import column_fences, outlier_expressions
from qforge_jupyter.engine.outliers import find_outliers
from qforge_jupyter.frames.table import Table

N, COLUMNS = 1_000_000, [f"c{index}" for index in range(12)]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((N, 12))
    values[rng.random((N, 12)) < 0.005] *= 20
    rows = pl.DataFrame(values, schema=COLUMNS)
    missing = rng.random(N) < 0.02
    return rows.with_columns(pl.when(~pl.lit(pl.Series(missing))).then(pl.all()))


def cpu_seconds(work):
    def once():
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(3))


def polars_by_hand(frame):
    quartiles = [
        pl.col(name).quantile(share, "linear").alias(f"{name}:{share}")
        for name in COLUMNS
        for share in (0.25, 0.75)
    ]
    at = frame.lazy().select(quartiles).collect().row(0, named=True)
    flags = []
    for name in COLUMNS:
        low, high = at[f"{name}:0.25"], at[f"{name}:0.75"]
        reach = 1.5 * (high - low)
        flags.append((pl.col(name) < low - reach) | (pl.col(name) > high + reach))
    return frame.lazy().select(flags).collect()


def scipy_by_hand(frame):
    for name in COLUMNS:
        values = frame[name].to_numpy()
        first, third = np.nanquantile(values, [0.25, 0.75])
        reach = 1.5 * scipy.stats.iqr(values, nan_policy="omit")
        (values < first - reach) | (values > third + reach)


def test_iqr_flags_cost_less_than_polars_or_scipy_by_hand(frame):
    def ours():
        fences = column_fences(frame.lazy(), COLUMNS)
        return frame.lazy().select(outlier_expressions(fences)).collect()

    mine, polars, scipy_ = (
        cpu_seconds(ours),
        cpu_seconds(lambda: polars_by_hand(frame)),
        cpu_seconds(lambda: scipy_by_hand(frame)),
    )
    print(f"flags: {mine:.2f} CPU s; Polars by hand {polars:.2f}, SciPy by hand {scipy_:.2f}")
    assert mine < 0.8 * polars
    assert mine < 0.8 * scipy_


@pytest.mark.parametrize(("method", "most"), [("iqr", 0.8), ("z", 0.3), ("mad", 0.9)])
def test_fences_of_a_million_rows(frame, method, most):
    polars = cpu_seconds(lambda: polars_by_hand(frame))
    seconds = cpu_seconds(lambda: column_fences(frame.lazy(), COLUMNS, method))
    print(f"{method} fences: {seconds:.2f} CPU s, {seconds / polars:.2f} of Polars by hand")
    assert seconds < most * polars


def test_a_whole_report_costs_little_more_than_the_flags(frame):
    table = Table.of_frame("t", frame)
    seconds = cpu_seconds(lambda: find_outliers(table).document())
    polars = cpu_seconds(lambda: polars_by_hand(frame))
    print(f"report: {seconds:.2f} CPU s, {seconds / polars:.2f} of Polars by hand")
    assert seconds < polars
