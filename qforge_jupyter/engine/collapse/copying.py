"""Copies: rows of the reference that were memorised, and rows that the candidate repeats.

Kept apart from the eight dimensions, since copies make a candidate look better, not worse.
Some repetition is natural where there are few different rows; what counts is what goes beyond.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.keys import Words
from qforge_jupyter.frames.cell_hash import mix
from qforge_jupyter.results.collapse import Copying

Floats = NDArray[np.float64]
#: Shares of rows beyond what is natural from which on copies matter.
TOLERATED = 0.05
#: Standard deviations by which a bound lies inside a share.
REACH = 3.0
#: Where so many of the reference's rows repeat each other, copies cannot be told.
MOST_NATURAL = 0.75
#: Equal rows that a row is one of, on average: two where rows are drawn with replacement.
MOST_TIMES = 3.0
#: Rows of a side that are held to be asked.
MOST_MARKS = 1 << 23


@dataclass(frozen=True)
class Marks:
    """Contents and buckets of rows of one side.

    Parameters
    ----------
    words, buckets
        Of the rows that are asked, ``[m]``.
    n_buckets
        Buckets of the side.
    n_rows
        Rows of the side; where they are too many to be held, only those are asked whose
        content falls into one ``2 ** halvings``-th of all: the same contents on both sides.
    halvings
        How often the contents were halved.

    """

    words: Words = field(repr=False)
    buckets: NDArray[np.uint8] = field(repr=False)
    n_buckets: int
    n_rows: int
    halvings: int = 0

    def halved(self, times: int) -> Marks:
        """Ask the rows only that are left after so many halvings."""
        if times <= self.halvings:
            return self
        at = np.flatnonzero(_is_left(self.words, times))
        return Marks(self.words[at], self.buckets[at], self.n_buckets, self.n_rows, times)

    def ordered(self) -> tuple[Marks, NDArray[np.int64]]:
        """Put the rows in the order of their contents, and say how often each content occurs.

        The last byte of a content gives way to the bucket: so both are sorted at once.
        """
        packed = (self.words & ~np.uint64(255)) | self.buckets.astype(np.uint64)
        packed.sort()
        words = packed >> np.uint64(8)
        bounds = np.flatnonzero(np.diff(words, prepend=words[:1] + np.uint64(1)))
        sizes = np.diff(np.append(bounds, len(words)))
        buckets = packed.astype(np.uint8)
        return replace(self, words=words, buckets=buckets), np.repeat(sizes, sizes)

    def by_bucket(self, values: Floats) -> tuple[Floats, Floats]:
        """Sum values, and count rows, bucket by bucket."""
        sums = np.bincount(self.buckets, weights=values, minlength=self.n_buckets).astype(float)
        return sums, np.bincount(self.buckets, minlength=self.n_buckets).astype(float)


class MarksSeen:
    """Gathers marks batch by batch; of ``most`` rows, beyond which a share of them is left."""

    def __init__(self, n_buckets: int, most: int | None = None) -> None:
        self._most = MOST_MARKS if most is None else most
        nothing = np.zeros(0, dtype=np.uint64)
        self._held = [Marks(nothing, nothing.astype(np.uint8), n_buckets, 0)]
        self._n_held = 0

    def add(self, words: Words, buckets: NDArray[np.uint8]) -> None:
        """Take the contents and buckets of the next rows."""
        first = self._held[0]
        new = Marks(words, buckets, first.n_buckets, len(words)).halved(first.halvings)
        self._held.append(new)
        self._n_held += len(new.words)
        if self._n_held > self._most:
            self._held = [self.marks().halved(first.halvings + 1)]
            self._n_held = len(self._held[0].words)

    def marks(self) -> Marks:
        """Give what was gathered."""
        first = self._held[0]
        return Marks(
            np.concatenate([each.words for each in self._held]),
            np.concatenate([each.buckets for each in self._held]),
            first.n_buckets,
            sum(each.n_rows for each in self._held),
            first.halvings,
        )


def _is_left(words: Words, halvings: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = mix(words, plus=2) >> np.uint64(64 - halvings) == 0
    return found


def find_copies(candidate: Marks, reference: Marks) -> Copying:
    """Count exact copies; no row is without a part in it, however many there are.

    Where both sides cannot be held, rows are asked by a share of all contents, the same on
    both sides, so twins are asked together.

    Returns
    -------
    Copying
        Of the candidate's rows, the share found in the reference and the share found again in
        the candidate, what of both is natural, and lower bounds of what goes beyond.

    """
    times = max(candidate.halvings, reference.halvings)
    candidate, reference = candidate.halved(times), reference.halved(times)
    candidate, own = candidate.ordered()
    reference, other = reference.ordered()
    is_copied = _is_among(candidate.words, reference.words).astype(float)
    # A fresh row finds a twin among n others as often as a row of the reference among the rest.
    copied = _beyond(candidate, is_copied, reference, (other > 1).astype(float))
    size = min(candidate.n_rows, reference.n_rows)
    thinned = [_thinned(own, size, candidate.n_rows), _thinned(other, size, reference.n_rows)]
    repeated = _beyond(candidate, thinned[0], reference, thinned[1])
    return Copying(
        share_copied=_mean(is_copied),
        natural_copied=_mean(other > 1),
        least_copied=copied,
        share_repeated=_mean(own > 1),
        natural_repeated=_mean(thinned[1]),
        least_repeated=repeated,
        tolerated=TOLERATED,
        is_identifiable=_mean(other > 1) <= MOST_NATURAL,
    )


def are_light(copies: Copying, candidate: Marks) -> bool:
    """Say whether rows are repeated no more than drawing with replacement does.

    Such copies are what they are called, and nothing else: a row that was drawn twice is one
    observation, so its copies belong to one draw from the null. Rows that stand there many
    times are a distribution that has shrunk, and are judged one by one.
    """
    bounds = (copies.least_copied, copies.least_repeated)
    if not copies.is_identifiable or max(bounds) <= copies.tolerated:
        return False
    _, times = candidate.ordered()
    return float(times.mean()) <= MOST_TIMES


def _is_among(words: Words, held: Words) -> NDArray[np.bool_]:
    """Say which words are among others; both are sorted."""
    if not len(held):
        return np.zeros(len(words), dtype=np.bool_)
    places = np.minimum(np.searchsorted(held, words), len(held) - 1)
    found: NDArray[np.bool_] = held[places] == words
    return found


def _mean(values: NDArray[np.bool_] | Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def _thinned(times: NDArray[np.int64], size: int, n_rows: int) -> Floats:
    """Chance that a row has a twin in a sample of that size which it is part of."""
    if size >= n_rows or n_rows < 2:
        return (times > 1).astype(float)
    share = (size - 1) / (n_rows - 1)
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
