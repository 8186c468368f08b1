"""Where a 95 % interval covers less than it says, as measured in tests/truth."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.uncertainty.resampling import Floats

#: Coverage was measured from so many values on.
MEASURED_FROM = 50
#: Up to so many values heavy tails are warned of; coverage was measured up to 1,000.
HEAVY_UP_TO = 2_000
#: Skewness from which a small sample's mean wants bootstrap-t; 2 is the exponential's.
SKEWED = 1.0
SPREADS = ("std", "var", "correlation")


def shortfall(name: str, method: str, values: Floats, probability: float | None = None) -> str:
    """Say in a few words why an interval may cover too little; empty where it does not.

    Examples
    --------
    >>> shortfall("mean", "student", np.arange(100.0))
    ''
    >>> shortfall("mean", "bca", np.arange(6.0))
    'few values: coverage was measured from n = 50 on'

    """
    n = len(values)
    if n < MEASURED_FROM:
        return f"few values: coverage was measured from n = {MEASURED_FROM} on"
    if name in SPREADS and n < HEAVY_UP_TO and _moment(values, 4) > _heavy(n):
        shares = "91 % at n = 50, 93 % at 200"
        if name != "correlation":
            shares += ", 92 % at 1,000"
        if method != "student":
            shares = "82 to 92 % at n = 50, 89 to 93 % at 200"
        return f"heavy tails: a 95 % interval covers {shares}"
    is_best = method in ("student", "order statistics")
    return "" if is_best else _worse(name, values, probability)


def _worse(name: str, values: Floats, probability: float | None) -> str:
    """Say where percentile and BCa fall short of what another method reaches."""
    n = len(values)
    if name in ("mean", "sum") and n < 2 * MEASURED_FROM and _moment(values, 3) > SKEWED:
        return "skewed: a 95 % interval covers 93 % at n = 50: student covers 95 %"
    if name in ("std", "var") and n < 2 * MEASURED_FROM:
        return "a 95 % interval covers 93 % at n = 50: student covers 95 %"
    if probability is not None and n * min(probability, 1 - probability) < 20:
        return "an outer quantile: a 95 % interval covers 90 % at n = 50, order-statistics 95 %"
    return ""


def _heavy(n: int) -> float:
    """Give the kurtosis from which tails are heavy; a small sample shows less of it.

    The normal distribution's is 3, the exponential's 9.
    """
    return 3 + min(1.0, n / 200)


def _moment(values: Floats, order: int) -> float:
    """Give the largest standardised moment of the columns, in size."""
    centred = values - values.mean(axis=0)
    deviation = np.sqrt((centred**2).mean(axis=0))
    return float(np.max(np.abs(((centred / deviation) ** order).mean(axis=0))))
