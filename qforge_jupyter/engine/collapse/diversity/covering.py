"""How much of the reference the candidate covers, and how densely.

Naeem et al., "Reliable fidelity and diversity metrics", ICML 2020. Around each row of the
reference lies a ball that reaches to its k-th nearest other row. Coverage is the share of balls
with a row of the candidate in them, density how many rows of the candidate lie in a ball, as a
share of how many fresh ones would.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.estimates import Estimate, spread_of

Floats = NDArray[np.float64]
#: The neighbor that a ball reaches to.
NEIGHBOR = 5
#: Rows of the reference whose distances to all others are held at once.
BLOCK = 512


@dataclass(frozen=True)
class Covering:
    """Coverage and density of sampled rows.

    Parameters
    ----------
    coverage, density
        As above.
    expected
        Coverage by fresh rows of a continuous distribution; the density of those is 1.
    covered
        Which balls are covered, ``[m]``.

    """

    coverage: Estimate
    density: Estimate
    expected: float
    covered: NDArray[np.bool_] = field(repr=False)


def expected_coverage(n: int, m: int, k: int = NEIGHBOR) -> float:
    """Give the exact expected coverage of ``m`` balls by ``n`` fresh rows.

    A ball is not covered where the k nearest of all other rows are all the reference's own.

    Examples
    --------
    >>> round(expected_coverage(10_000, 10_000), 4), round(1 - 2**-5, 4)
    (0.9688, 0.9688)

    """
    steps = np.arange(min(k, m - 1))
    return float(1 - np.prod((m - 1 - steps) / (m - 1 + n - steps)))


def cover(
    rows: NDArray[np.float32],
    buckets: NDArray[np.int64],
    around: NDArray[np.float32],
    around_buckets: NDArray[np.int64],
    k: int = NEIGHBOR,
) -> Covering:
    """Count the rows in balls around other rows.

    Parameters
    ----------
    rows, buckets
        The rows that are to cover, ``[n, q]``, and their buckets.
    around, around_buckets
        The rows around which the balls lie, ``[m, q]``.

    Returns
    -------
    Covering
        Errors are those of both samples: of the balls, and by leaving out each bucket of rows.

    Examples
    --------
    >>> chance = np.random.default_rng(0)
    >>> real, fresh = chance.normal(size=(2, 500, 3)).astype(np.float32)
    >>> found = cover(fresh, np.arange(500) % 20, real, np.arange(500) % 20)
    >>> abs(found.coverage.value - found.expected) < 0.03
    True

    """
    counts = _counts(rows, buckets, around, k)
    inside, n, m = counts.sum(axis=1), len(rows), len(around)
    covered = inside > 0
    coverage, density = float(covered.mean()), float(inside.mean()) / k
    without = inside[:, None] - counts
    left = np.maximum(n - np.bincount(buckets, minlength=counts.shape[1]), 1)
    # Fewer rows cover less by themselves, which is no error.
    less = np.array([expected_coverage(int(each), m, k) for each in left])
    expected = expected_coverage(n, m, k)
    errors = [
        np.hypot(
            spread_of(covered - coverage, around_buckets)[0],
            _left_out((without > 0).mean(axis=0) * expected / less),
        ),
        np.hypot(
            spread_of(inside / k - density, around_buckets)[0],
            _left_out(without.mean(axis=0) / k * n / left),
        ),
    ]
    freedom = float(len(np.unique(around_buckets)) - 1)
    least = 1 / max(m, 1)
    return Covering(
        Estimate(coverage, max(float(errors[0]), least), freedom),
        Estimate(density, max(float(errors[1]), least), freedom),
        expected,
        covered,
    )


def _counts(
    rows: NDArray[np.float32],
    buckets: NDArray[np.int64],
    around: NDArray[np.float32],
    k: int,
) -> Floats:
    """Count the rows of each bucket in each ball, ``[m, K]``."""
    from scipy.spatial.distance import cdist

    dealt = np.zeros((len(rows), int(buckets.max(initial=0)) + 1), dtype=np.float32)
    dealt[np.arange(len(rows)), buckets] = 1
    found = []
    for start in range(0, len(around), BLOCK):
        part = around[start : start + BLOCK]
        own = cdist(part, around, "sqeuclidean")
        own[np.arange(len(part)), start + np.arange(len(part))] = -1.0
        reach = np.partition(own, min(k, len(around) - 1), axis=1)[:, min(k, len(around) - 1)]
        near = cdist(part, rows, "sqeuclidean") <= reach[:, None] * (1 + 1e-9)
        found.append(near.astype(np.float32) @ dealt)
    return np.concatenate(found).astype(np.float64)


def _left_out(values: Floats) -> float:
    """Give the jackknife's standard error of a statistic without each bucket."""
    k = len(values)
    return float(np.sqrt((k - 1) / k * ((values - values.mean()) ** 2).sum()))
