"""Estimates of both sides as one measure, and whether they differ for sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.diversity.covering import Covering
from qforge_jupyter.engine.collapse.estimates import Estimate, spread_of
from qforge_jupyter.engine.collapse.near_copies import NearCopies
from qforge_jupyter.results.diversity import DiversityMeasure, Unit
from qforge_jupyter.results.interval import Interval

#: Standard errors by which a difference has to be beyond what is tolerated: several measures
#: are looked at, so it is more than for one.
REACH = 3.0
#: Share by which coverage may fall short.
TOLERATED = 0.02


def beside(  # noqa: PLR0913 — what a measure says of itself
    name: str,
    question: str,
    estimates: Sequence[Estimate],
    *,
    worse: Literal["low", "high"] = "low",
    unit: Unit = "share",
    least: float = 0.0,
) -> DiversityMeasure:
    """Put the candidate's estimate beside the reference's, if there is one.

    Parameters
    ----------
    estimates
        The candidate's, then the reference's.
    least
        The difference that is tolerated: of shares the share, of kinds a part of the reference's.

    """
    intervals = [_interval(each, unit) for each in estimates]
    if len(estimates) < 2:
        return alone(name, question, intervals[0], unit)
    own, other = estimates
    apart = (other.value - own.value) * (1 if worse == "low" else -1)
    error = float(np.hypot(own.error, other.error))
    tolerated = least if unit == "share" else least * other.value
    return DiversityMeasure(
        name,
        question,
        intervals[0],
        intervals[1],
        worse,
        None if unit == "share" else _ratio(own, other),
        bool(apart - REACH * error > tolerated),
        unit,
    )


def alone(name: str, question: str, interval: Interval, unit: Unit) -> DiversityMeasure:
    """Give a measure that there is no yardstick for."""
    return DiversityMeasure(name, question, interval, unit=unit)


def paired(
    name: str, question: str, found: Covering, fresh: Covering, buckets: NDArray[np.int64]
) -> DiversityMeasure:
    """Compare two coverages of the same places, place by place."""
    apart = fresh.covered.astype(float) - found.covered
    value = float(apart.mean())
    # The places are the same, the rows that cover them are not: theirs is the other error.
    own = [
        float(np.sqrt(max(each.coverage.error**2 - _places(each, buckets) ** 2, 0.0)))
        for each in (found, fresh)
    ]
    error = float(np.sqrt(spread_of(apart - value, buckets)[0] ** 2 + sum(e**2 for e in own)))
    return DiversityMeasure(
        name,
        question,
        found.coverage.interval(0, 1),
        fresh.coverage.interval(0, 1),
        is_worse=value - REACH * max(error, 1 / len(apart)) > TOLERATED,
    )


def _places(found: Covering, buckets: NDArray[np.int64]) -> float:
    return spread_of(found.covered.astype(np.float64) - found.coverage.value, buckets)[0]


def of_near(name: str, question: str, found: NearCopies) -> DiversityMeasure:
    """Give the share of near copies beside the natural one."""
    low = max(0.0, found.share - 2 * found.error)
    own = Interval(found.share, low, min(1.0, found.share + 2 * found.error), method="bucket")
    return DiversityMeasure(
        name,
        question,
        own,
        Interval(found.natural, found.natural, found.natural, note="natural"),
        "high",
        None,
        found.least > 0.01,
    )


def _interval(each: Estimate, unit: str) -> Interval:
    return each.interval(0, 1) if unit == "share" else each.positive()


def _ratio(own: Estimate, other: Estimate) -> Interval:
    value = own.value / max(other.value, 1e-12)
    parts = [each.error / max(each.value, 1e-12) for each in (own, other)]
    return Estimate(value, value * float(np.hypot(parts[0], parts[1])), own.freedom).positive()
