"""What comparing costs, and whether intervals hold where a few errors are far larger; `-s`."""

from __future__ import annotations

import time

import numpy as np
import polars as pl

from qforge_jupyter.engine.comparing import compare
from qforge_jupyter.engine.comparing.measuring import Measuring
from qforge_jupyter.engine.comparing.sums import Draws, Errors

SAMPLES, ROWS = 300, 50


def test_a_million_rows_of_three_properties():
    rng, n = np.random.default_rng(0), 10**6
    names = ("gap", "energy", "modulus")
    theirs = pl.DataFrame({"id": np.arange(n), **{name: rng.normal(size=n) for name in names}})
    mine = theirs.with_columns(pl.col(name) + pl.Series(rng.normal(size=n)) for name in names)
    began = time.process_time()
    report = compare(mine, theirs, by="id")
    seconds = time.process_time() - began
    print(f"10⁶ rows, three properties: {seconds:.1f} CPU s")
    assert (n, n, n) == tuple(report[name].n for name in names)
    assert seconds < 30


def test_intervals_of_normal_and_of_lognormal_errors():
    """Of lognormal errors exp(z): MAE is exp(1/2), RMSE exp(1)."""
    truths = {"normal": ((2 / np.pi) ** 0.5, 1.0), "lognormal": (np.exp(0.5), np.exp(1.0))}
    for kind, truth in truths.items():
        rng, held = np.random.default_rng(4), {"mae": 0, "rmse": 0}
        for _ in range(SAMPLES):
            drawn = rng.normal(size=ROWS)
            errors = drawn if kind == "normal" else np.exp(drawn)
            found = Measuring(0.95, Draws(42)).measure(Errors(errors, np.zeros(ROWS)), tuple(held))
            for name, value in zip(held, truth, strict=True):
                held[name] += found[name].low <= value <= found[name].high
        said = ", ".join(f"{name} {100 * count / SAMPLES:.0f} %" for name, count in held.items())
        print(f"{kind} errors, {ROWS} rows, 95 % intervals hold the truth: {said}")
        assert held["mae"] > 0.9 * SAMPLES
