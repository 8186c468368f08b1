"""Accuracy: how far values are from the truth, as value ± σ; no weight."""

from __future__ import annotations

import math

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.engine.case import Case, Measure
from qforge_jupyter.errors import CallError, RuleError, blaming, nearest
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.uncertainty import NotApplicable

#: Two-sided 95 % point of the normal distribution.
Z95 = 1.959963984540054
UNKNOWN = Interval(math.nan, math.nan, math.nan)


def measure(case: Case) -> Measure | NotApplicable:
    """Estimate each field's error.

    ``energy: ± sigma`` takes the standard errors in a column (or one number)
    and gives the inverse-variance weighted mean with its propagated σ;
    ``energy: energy_measured`` compares with a reference column and gives the
    mean absolute deviation with a 95 % normal interval.
    """
    if not case.card.accuracy:
        return NotApplicable("nothing says how the error of a field is known")
    estimates = [
        (field, _estimate(case, field, text)) for field, text in case.card.accuracy.items()
    ]
    known = tuple((field, each) for field, each in estimates if math.isfinite(each.high))
    return Measure(estimates=known) if known else NotApplicable("no value has a known error")


def _estimate(case: Case, field: str, text: str) -> Interval:
    how = text.strip()
    sigma = how.removeprefix("±").removeprefix("+-").strip()
    has_sigma = sigma != how
    with blaming("accuracy", field):
        _check(case, (field, sigma), free=sigma if has_sigma and _is_number(sigma) else "")
    return _weighted(case, field, sigma) if has_sigma else _deviation(case, field, sigma)


def _check(case: Case, names: tuple[str, str], free: str) -> None:
    for name in names:
        if name == free:
            continue
        if name not in case.schema:
            raise CallError(
                f"`accuracy` names {name!r}, which is no column of {case.table.name}"
                f"{nearest(name, case.schema.names())}"
            )
        if not case.schema[name].is_numeric():
            raise RuleError(f"`accuracy` needs numbers and {name!r} is {case.schema[name]}")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and float(text) > 0
    except ValueError:
        return False


def _weighted(case: Case, field: str, sigma: str) -> Interval:
    value = column(field).cast(pl.Float64)
    error = pl.lit(float(sigma)) if _is_number(sigma) else column(sigma).cast(pl.Float64)
    usable = value.is_finite() & error.is_finite() & (error > 0)
    weight = pl.when(usable).then(error.pow(-2))
    total, weighted, n = (
        case.table.lazy.select(
            weight.sum().alias("w"), (weight * value).sum().alias("wx"), usable.sum()
        )
        .collect()
        .row(0)
    )
    if not n or not total:
        return UNKNOWN
    mean, spread = weighted / total, Z95 / math.sqrt(total)
    return Interval(mean, mean - spread, mean + spread, 0.95, "weighted mean", int(n))


def _deviation(case: Case, field: str, reference: str) -> Interval:
    gap = (column(field).cast(pl.Float64) - column(reference).cast(pl.Float64)).abs()
    gap = gap.filter(gap.is_finite())
    mean, spread, n = (
        case.table.lazy.select(gap.mean().alias("m"), gap.std().alias("s"), gap.len())
        .collect()
        .row(0)
    )
    if n < 2:
        return UNKNOWN
    half = Z95 * spread / math.sqrt(n)
    return Interval(
        mean, max(0.0, mean - half), mean + half, 0.95, "mean absolute deviation", int(n)
    )
