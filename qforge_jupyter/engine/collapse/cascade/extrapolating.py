"""From the gaps of small rungs to that of all rows: as an interval, never as a number.

No curve beat the last rung in trials, so the interval is the hull of two: the last rung's, and
that of a straight line through the last three over the logarithm of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qforge_jupyter.engine.collapse.estimates import Estimate
from qforge_jupyter.results.cascade import Word
from qforge_jupyter.results.interval import Interval

#: Rungs that the line goes through.
LAST = 3


def extrapolate(
    sizes: Sequence[int], gaps: Sequence[Estimate], n: int, confidence: float = 0.95
) -> Interval | None:
    """Bound the gap at ``n`` rows; None where one small rung is all there is.

    Examples
    --------
    >>> gaps = [Estimate(0.10, 0.01, 20), Estimate(0.12, 0.01, 20)]
    >>> found = extrapolate([100, 200], gaps, 400)
    >>> found.low < 0.12 < 0.14 < found.high
    True
    >>> extrapolate([100], gaps[:1], 400) is None
    True

    """
    last = gaps[-1].interval(confidence=confidence)
    if sizes[-1] >= n:
        return Interval(last.value, last.low, last.high, confidence, "last rung")
    if len(gaps) < 2:
        return None
    x = np.log2(np.array(sizes[-LAST:], dtype=float) / n)
    y = np.array([each.value for each in gaps[-LAST:]])
    precision = 1 / np.array([max(each.error, 1e-9) for each in gaps[-LAST:]]) ** 2
    design = np.column_stack([np.ones(len(x)), x])
    inverse = np.linalg.inv(design.T @ (design * precision[:, None]))
    at_n = float((inverse @ (design.T @ (precision * y)))[0])
    line = Estimate(at_n, float(np.sqrt(inverse[0, 0])), gaps[-1].freedom)
    bounds = line.interval(confidence=confidence)
    return Interval(
        last.value,
        min(last.low, bounds.low),
        max(last.high, bounds.high),
        confidence,
        "hull of last rung and line",
    )


def decide(expected: Interval | None, tolerance: float) -> Word:
    """Say what an interval of the gap means.

    Examples
    --------
    >>> decide(Interval(0.1, 0.05, 0.15), 0.02), decide(Interval(0, -0.01, 0.01), 0.02)
    ('costs', 'costs nothing that matters')

    """
    if expected is None:
        return "not clear"
    if expected.low > tolerance:
        return "costs"
    return "costs nothing that matters" if expected.high < tolerance else "not clear"
