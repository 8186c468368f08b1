"""Near copies: rows that lie much nearer to one row than rows lie to each other.

A memorised row with a little noise on it is no exact copy, but the nearest row of the
reference is then far nearer than the next ones. So each row is asked by the ratio of its
distances to the nearest and to the fifth nearest row: it knows no unit and does not depend on
how dense the place is. What is natural is what the rows of the reference give among themselves.

Rows with an exact twin say nothing here, they are counted as copies; and however often a row
stands in a table, it is one neighbor. So a table of few values, in which many rows are equal by
nature, can be set against one in which they are not. Where a little noise was added to such a
table, the twins that are natural there are near ones: as many count as natural as the candidate
has fewer exact twins than the reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.estimates import Estimate, share_of
from qforge_jupyter.engine.collapse.keys import Words, contents, smallest
from qforge_jupyter.results.collapse import Copying

Floats = NDArray[np.float64]
#: Rows that are asked at most.
MOST = 4_000
#: From so many rows on, each is looked for in the cells of the space that are nearest to it.
CELLED_ROWS, CELLS, LOOKED_INTO = 20_000, 128, 8
#: A cell has so many rows, where there are more than the cells would hold.
IN_CELL = 2_000
#: The neighbor that says how far rows lie from each other.
FIFTH = 5
#: Natural shares at whose ratio a row counts as near; all are tried.
NATURAL = (0.002, 0.01, 0.03, 0.1, 0.2, 0.4)
#: The one that is shown where nothing goes beyond what is natural.
USUAL = 1
#: Part of the largest bound that another one needs to be taken for it.
ENOUGH = 0.8
#: Standard deviations by which a bound lies inside a share, for all of them together.
REACH = 3.3
#: Rows below which nothing can be said.
LEAST_ROWS = 30


@dataclass(frozen=True)
class Placed:
    """Rows of one side in a space in which distances mean something.

    Parameters
    ----------
    metric
        ``[n, q]``.
    keys
        A random number for each row that its content decides.
    buckets
        Of each row.

    """

    metric: NDArray[np.float32] = field(repr=False)
    keys: Words = field(repr=False)
    buckets: NDArray[np.int64] = field(repr=False)

    def sample(self, n: int) -> Placed:
        """Take the rows with the smallest keys."""
        at = smallest(self.keys, n)
        return Placed(self.metric[at], self.keys[at], self.buckets[at])


@dataclass(frozen=True)
class NearCopies:
    """Rows that nearly are other rows.

    Parameters
    ----------
    share, natural
        Of the rows, and what it would be if those without an exact twin were as near as those of
        the reference are among themselves, and exact twins that are lacking were near ones, at
        the ratio where they differ most.
    least
        A lower bound of what goes beyond the natural share.
    ratio
        From this ratio of distances on, downwards, rows count as near.
    error
        Standard error of the share.
    told
        Share of the rows that have no exact twin.

    """

    share: float
    natural: float
    least: float
    ratio: float = 0.0
    error: float = 1.0
    told: float = 1.0

    @property
    def room(self) -> float:
        """Share of the rows that could be near beyond what is natural."""
        return max(self.told - self.natural, 1e-9)


def near_copies(candidate: Placed, reference: Placed, part: float = 1.0) -> NearCopies:
    """Count rows of the candidate that nearly are rows of the reference.

    A sample is asked, of all rows of the reference; exact copies do not count. Where the rows
    of the reference are a ``part`` of all, so are the copies that are found among them, and
    what goes beyond the natural share is taken up accordingly.

    Examples
    --------
    >>> chance = np.random.default_rng(0)
    >>> def placed(metric):
    ...     n = len(metric)
    ...     keys = chance.integers(2**63, size=n).astype(np.uint64)
    ...     return Placed(metric.astype(np.float32), keys, np.arange(n) % 32)
    >>> real, fresh = chance.normal(size=(2, 1_000, 4))
    >>> near_copies(placed(fresh), placed(real)).least
    0.0
    >>> shaken = real[:300] + chance.normal(scale=0.01, size=(300, 4))
    >>> found = near_copies(placed(np.concatenate([shaken, fresh[:700]])), placed(real))
    >>> round(found.share - found.natural, 1), found.least > 0.2
    (0.3, True)

    """
    own, other = (each.sample(MOST) for each in (candidate, reference))
    return _beyond(
        (nearest(own, reference, is_within=False), own.buckets),
        (nearest(other, reference, is_within=True), other.buckets),
        part,
    )


def near_repeats(candidate: Placed, reference: Placed, part: float = 1.0) -> NearCopies:
    """Count rows of the candidate that nearly are other rows of it, at equal sizes."""
    size = min(len(candidate.keys), len(reference.keys))
    held = [each.sample(size) for each in (candidate, reference)]
    parts = [
        (nearest(few, rows, is_within=True), few.buckets)
        for few, rows in ((each.sample(MOST), each) for each in held)
    ]
    return _beyond(parts[0], parts[1], part)


def with_near(
    copying: Copying, candidate: Placed, reference: Placed, parts: tuple[float, float]
) -> Copying:
    """Add near copies and near repeats to what is copied exactly.

    ``parts`` are the shares of all rows of either side that are given.
    """
    near = near_copies(candidate, reference, parts[1])
    alike = near_repeats(candidate, reference, parts[0])
    return replace(
        copying,
        share_near=near.share,
        natural_near=near.natural,
        least_near=near.least,
        share_alike=alike.share,
        natural_alike=alike.natural,
        least_alike=alike.least,
    )


@dataclass(frozen=True)
class Nearest:
    """The nearest row of each that was asked, and how much nearer it is than the fifth.

    Parameters
    ----------
    ratios
        Distance to the nearest over that to the fifth; 1 where that says nothing, ``[n]``.
    places
        Which row is the nearest, ``[n]``.
    is_told
        Whether there is no exact twin, and the ratio says something, ``[n]``.

    """

    ratios: Floats = field(repr=False)
    places: NDArray[np.int64] = field(repr=False)
    is_told: NDArray[np.bool_] = field(repr=False)


def nearest(asked: Placed, rows: Placed, *, is_within: bool) -> Nearest:
    """Find the nearest row of each; the row itself does not count where it is among them."""
    k, n = FIFTH + int(is_within), len(asked.keys)
    words, which, times = np.unique(_words(rows), return_index=True, return_counts=True)
    if len(words) < max(k, LEAST_ROWS) or not n:
        return Nearest(np.ones(n), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool))
    base, queries = rows.metric[which], np.ascontiguousarray(asked.metric)
    found = _search(base, queries, k)
    # The search loses the last digits of small distances, which matter here.
    distances = np.stack(
        [np.linalg.norm(queries - base[found[:, i]], axis=1) for i in range(k)], axis=1
    )
    order = distances.argsort(axis=1, kind="stable")
    distances, found = (np.take_along_axis(each, order, axis=1) for each in (distances, found))
    first, fifth = distances[:, int(is_within)], distances[:, -1]
    own = _words(asked)
    at = np.minimum(np.searchsorted(words, own), len(words) - 1)
    n_same = np.where(words[at] == own, times[at], 0)
    is_told = (n_same == int(is_within)) & (first > 0)
    ratios = np.where(is_told, first / np.where(fifth > 0, fifth, 1), 1.0)
    return Nearest(ratios, which[found[:, int(is_within)]], is_told)


def _words(placed: Placed) -> Words:
    """Hash the place of each row; equal ones are one."""
    return contents(pl.from_numpy(placed.metric))


def _search(base: NDArray[np.float32], queries: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Find the nearest rows, ``[n, k]``; among many, nearly always.

    The nearest of a near copy lies so near that it is in the same cell; that a fifth neighbor
    beyond the cells is missed happens to both sides alike.
    """
    import faiss

    found: NDArray[np.int64]
    if len(base) < CELLED_ROWS:
        _, found = faiss.knn(queries, base, k)
        return found
    cells = max(CELLS, len(base) // IN_CELL)
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(base.shape[1]), base.shape[1], cells)
    index.train(base)
    index.add(base)
    index.nprobe = LOOKED_INTO
    _, found = index.search(queries, k)
    lacking = np.flatnonzero((found < 0).any(axis=1))
    if len(lacking):
        _, found[lacking] = faiss.knn(queries[lacking], base, k)
    return found


def _beyond(
    own: tuple[Nearest, NDArray[np.int64]], other: tuple[Nearest, NDArray[np.int64]], part: float
) -> NearCopies:
    """Find the ratio below which the candidate's share is surest to be more than natural."""
    sides = [(side.ratios[side.is_told], buckets[side.is_told]) for side, buckets in (own, other)]
    if min(len(ratios) for ratios, _ in sides) < LEAST_ROWS:
        return NearCopies(0.0, 0.0, 0.0)
    told = share_of(own[0].is_told, own[1])
    lacking, doubt = _lacking(told, share_of(other[0].is_told, other[1]))
    tried = []
    for level in NATURAL:
        ratio = min(float(np.quantile(sides[1][0], level)), 1 - 1e-9)
        shares = [share_of(ratios < ratio, buckets) for ratios, buckets in sides]
        natural = lacking + (told.value - lacking) * shares[1].value
        apart = told.value * shares[0].value - natural
        error = told.value * float(np.hypot(shares[0].error, shares[1].error))
        room = max(1 - shares[1].value, 1e-9) * part
        least = max(0.0, apart - REACH * float(np.hypot(error, doubt))) / room
        share = float(np.clip(natural + apart / part, 0, told.value))
        tried.append(
            NearCopies(
                share, min(natural, told.value), min(least, told.value), ratio,
                told.value * shares[0].error / part, told.value,
            )
        )  # fmt: skip
    most = max(each.least for each in tried)
    if not most:
        return tried[USUAL]
    # Of bounds that hardly differ, the one with the least natural share is easiest to read.
    return next(each for each in tried if each.least >= ENOUGH * most)


def _lacking(own: Estimate, other: Estimate) -> tuple[float, float]:
    """Share of exact twins that the candidate has fewer than is natural, and its error."""
    lacking = own.value - other.value
    return (lacking, float(np.hypot(own.error, other.error))) if lacking > 0 else (0.0, 0.0)
