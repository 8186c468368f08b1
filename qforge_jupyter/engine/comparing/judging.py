"""Whether errors are within a tolerance: decided on an interval, never on the number alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.comparing.question import Question, Tolerance
from qforge_jupyter.engine.comparing.sums import Errors
from qforge_jupyter.engine.uncertainty.proportions import wilson
from qforge_jupyter.engine.uncertainty.student import FEWEST
from qforge_jupyter.results.compared import UNSURE, Estimate, Judgement

#: How each statistic is called in a sentence.
CALLED = {
    "mae": "mean absolute error",
    "mape": "mean absolute percent error",
    "rmse": "root mean square error",
    "bias": "size of the mean error",
}


def are_within(errors: Errors, tolerance: Tolerance) -> NDArray[np.bool_]:
    """Say of each pair whether its error is allowed; what is at the bound is.

    Examples
    --------
    >>> pairs = Errors(np.array([1.1, 2.0]), np.array([1.0, 1.0]))
    >>> are_within(pairs, Tolerance(0.1, is_relative=True)).tolist()
    [True, False]

    """
    sizes = np.abs(errors.reference)
    allowed = tolerance.value * sizes if tolerance.is_relative else np.float64(tolerance.value)
    # 1.1 - 1.0 is not 0.1 in doubles: rounding of the two numbers is no error of theirs.
    rounding = 4 * np.finfo(np.float64).eps * np.maximum(sizes, np.abs(errors.predicted))
    found: NDArray[np.bool_] = np.abs(errors.error) <= allowed + rounding
    return found


def share_of(
    hits: NDArray[np.bool_], confidence: float, groups: NDArray[np.int64] | None = None
) -> Estimate:
    """Estimate a share of rows with Wilson's interval; none of fewer than ten rows.

    Where whole groups are drawn, rows count as many as the spread between groups says that
    they are worth (the effective size of L. Kish, Survey Sampling, 1965), and where all rows
    or none hit, which has no spread, each group counts as one.

    Examples
    --------
    >>> hits, groups = np.arange(1_000) >= 100, np.repeat(np.arange(10), 100)
    >>> alone, drawn = share_of(hits, 0.95), share_of(hits, 0.95, groups)
    >>> [round(each, 2) for each in (alone.low, alone.high, drawn.low, drawn.high)]
    [0.88, 0.92, 0.6, 0.98]

    """
    n, n_hits = len(hits), int(hits.sum())
    if not n:
        return Estimate(note="nothing to compare")
    if n < FEWEST:
        return Estimate(n_hits / n, n=n, note=f"no interval of {n} rows, wanted {FEWEST}")
    size = n if groups is None else _worth(hits, groups)
    if size < FEWEST:
        return Estimate(n_hits / n, n=n, note=f"no interval of {size} groups, wanted {FEWEST}")
    found = wilson(round(n_hits / n * size), size, confidence)
    low, high = min(found.low, n_hits / n), max(found.high, n_hits / n)
    return Estimate(n_hits / n, low, high, n)


def _worth(hits: NDArray[np.bool_], groups: NDArray[np.int64]) -> int:
    """How many independent rows those of groups are worth, at least one a group."""
    share, n = float(hits.mean()), len(hits)
    sizes = np.bincount(groups)
    sizes, sums = sizes[sizes > 0], np.bincount(groups, weights=hits)[sizes > 0]
    n_groups = len(sizes)
    if share in {0.0, 1.0} or n_groups < 2:
        return n_groups
    off = sums - share * sizes
    variance = float((off**2).sum()) * n_groups / (n_groups - 1) / n**2
    return max(n_groups, min(n, int(share * (1 - share) / variance))) if variance else n


def judge(
    measures: dict[str, Estimate], tolerance: Tolerance, asked: Question
) -> tuple[Judgement, str]:
    """Give the verdict on one property, and in words what it was decided on.

    ``within`` where the whole interval of the statistic is allowed, ``beyond``
    where all of it is not, and otherwise there is not enough data to say.

    Examples
    --------
    >>> judge({"mae": Estimate(0.3, 0.2, 0.4, 50)}, Tolerance(0.5, "eV"), Question())
    ('within', 'mean absolute error')

    """
    if asked.share is not None:
        found = measures["share_within"]
        said = f"share of rows within, at least {100 * asked.share:g} %"
        return _between(found, asked.share, is_least=True), said
    name = "mape" if tolerance.is_relative else asked.judge
    found = measures[name]
    if name == "bias" and found.low is not None and found.high is not None:
        ends = sorted((abs(found.low), abs(found.high)))
        is_around_zero = found.low <= 0 <= found.high
        found = Estimate(found.value, 0.0 if is_around_zero else ends[0], ends[1], found.n)
    return _between(found, tolerance.value, is_least=False), CALLED[name]


def _between(found: Estimate, bound: float, *, is_least: bool) -> Judgement:
    if found.low is None or found.high is None:
        return UNSURE
    if is_least:
        if found.low >= bound:
            return "within"
        return "beyond" if found.high < bound else UNSURE
    if found.high <= bound:
        return "within"
    return "beyond" if found.low > bound else UNSURE
