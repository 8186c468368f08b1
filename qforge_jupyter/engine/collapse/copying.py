"""Copies: rows of the reference that were memorised, and rows that the candidate repeats.

Kept apart from the eight dimensions, since copies make a candidate look better, not worse.
Some repetition is natural where there are few different rows; what counts is what goes beyond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.keys import Words, multiplicities
from qforge_jupyter.results.collapse import Copying

Floats = NDArray[np.float64]
#: Shares of rows beyond what is natural from which on copies matter.
TOLERATED = 0.05
#: Standard deviations by which a bound lies inside a share.
REACH = 3.0
#: Where so many of the reference's rows repeat each other, copies cannot be told.
MOST_NATURAL = 0.75


@dataclass(frozen=True)
class Marks:
    """Contents and buckets of all rows of one side."""

    words: Words
    buckets: NDArray[np.int64]
    n_buckets: int

    def by_bucket(self, values: Floats) -> tuple[Floats, Floats]:
        """Sum values, and count rows, bucket by bucket."""
        sums = np.bincount(self.buckets, weights=values, minlength=self.n_buckets).astype(float)
        return sums, np.bincount(self.buckets, minlength=self.n_buckets).astype(float)


def find_copies(candidate: Marks, reference: Marks) -> Copying:
    """Count exact copies on all rows of both sides.

    Returns
    -------
    Copying
        Of the candidate's rows, the share found in the reference and the share found again in
        the candidate, what of both is natural, and lower bounds of what goes beyond.

    """
    own, _ = multiplicities(candidate.words)
    other, _ = multiplicities(reference.words)
    is_copied = np.isin(candidate.words, np.unique(reference.words)).astype(float)
    # A fresh row finds a twin among n others as often as a row of the reference among the rest.
    copied = _beyond(candidate, is_copied, reference, (other > 1).astype(float))
    size = min(len(own), len(other))
    repeated = _beyond(candidate, _thinned(own, size), reference, _thinned(other, size))
    return Copying(
        share_copied=float(is_copied.mean()),
        natural_copied=float((other > 1).mean()),
        least_copied=copied,
        share_repeated=float((own > 1).mean()),
        natural_repeated=float(_thinned(other, size).mean()),
        least_repeated=repeated,
        tolerated=TOLERATED,
        is_identifiable=float((other > 1).mean()) <= MOST_NATURAL,
    )


def _thinned(times: NDArray[np.int64], size: int) -> Floats:
    """Chance that a row has a twin in a sample of that size which it is part of."""
    if size >= len(times) or len(times) < 2:
        return (times > 1).astype(float)
    share = (size - 1) / (len(times) - 1)
    found: Floats = (1 - (1 - share) ** (times - 1)).astype(np.float64)
    return found


def _beyond(candidate: Marks, own: Floats, reference: Marks, other: Floats) -> float:
    """Give a lower bound of the difference of two shares, from their spread between buckets."""
    shares = [_share(candidate, own), _share(reference, other)]
    apart = shares[0][0] - shares[1][0]
    spread = float(np.hypot(shares[0][1], shares[1][1]))
    return max(0.0, apart - REACH * spread)


def _share(marks: Marks, values: Floats) -> tuple[float, float]:
    """Share, and its standard error by the spread of the buckets (a ratio estimator)."""
    sums, n = marks.by_bucket(values)
    share = float(sums.sum() / max(n.sum(), 1))
    filled = n > 0
    k = int(filled.sum())
    if k < 2:
        return share, 0.5
    off = sums[filled] - share * n[filled]
    error = float(np.sqrt((off**2).sum() * k / (k - 1)) / n.sum())
    # No spread at all is no certainty: one row more or less in all.
    return share, max(error, 1 / max(float(n.sum()), 1.0))
