"""Items by what they were rated: each distinct pattern of answers once, with its items.

Most coefficients know an item only by how many labelers gave it each category.
Of 100,000 items with 3 ratings in 5 categories at most 35 are different, so
everything, resamples too, is computed on patterns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.agreement.ratings import Floats, Ints, Ratings
from qforge_jupyter.errors import DataError

#: Cells of the count array at most: 400 MB.
CELLS_AT_MOST = 50_000_000
#: Categories at most, since each two of them may have a weight.
CATEGORIES_AT_MOST = 1_000


@dataclass(frozen=True)
class Patterns:
    """Distinct patterns of answers.

    Parameters
    ----------
    counts
        One row a pattern, one column a category: how many labelers gave it.
    n_items
        How many items have the pattern.
    points
        Where the categories lie on their scale.

    """

    counts: Floats
    n_items: Ints
    points: Floats = field(repr=False)

    @cached_property
    def n_ratings(self) -> Floats:
        """Ratings of each pattern."""
        return np.asarray(self.counts.sum(axis=1))

    @cached_property
    def is_pairable(self) -> NDArray[np.bool_]:
        """Whether a pattern has two ratings to compare."""
        return self.n_ratings >= 2

    @cached_property
    def shares(self) -> Floats:
        """Share of each category among the ratings of a pattern."""
        return np.asarray(self.counts / self.n_ratings[:, None])

    @property
    def weights(self) -> Floats:
        """The items themselves as one line of weights."""
        return self.n_items[None, :].astype(np.float64)

    @property
    def n_pairable(self) -> int:
        """Items with two ratings or more."""
        return int(self.n_items[self.is_pairable].sum())

    @property
    def n_used(self) -> int:
        """Categories that were used."""
        return int(self.counts.any(axis=0).sum())

    def per_pair(self, sums: Floats) -> Floats:
        """Divide what pairs of ratings add up to by their number; 0 where there are none."""
        pairs = self.n_ratings * (self.n_ratings - 1)
        return np.divide(sums, pairs, out=np.zeros_like(sums), where=self.is_pairable)


def patterns_of(ratings: Ratings, where: NDArray[np.bool_] | None = None) -> Patterns:
    """Count the answers of each item and keep each distinct pattern once.

    Patterns are told apart by a 64-bit sum over their answers: two of a million
    different ones are confused with a probability of 3 in 10⁸.

    Parameters
    ----------
    ratings
        The ratings.
    where
        Which ratings count; all by default.

    Raises
    ------
    DataError
        There are so many different values that the counts need too much memory.

    Examples
    --------
    >>> import polars as pl
    >>> from qforge_jupyter.engine.agreement.ratings import read_ratings
    >>> frame = pl.DataFrame({"item": [1, 1, 2, 2], "labeler": [1, 2] * 2, "value": list("abba")})
    >>> found = patterns_of(read_ratings(frame))
    >>> found.counts.tolist(), found.n_items.tolist()
    ([[1.0, 1.0]], [2])

    """
    found = countable(ratings, where)
    if found is None:
        raise DataError(
            f"There are {ratings.n_categories:,} different values for {ratings.n_items:,} items, "
            "too many to count: round them, put them into classes, or take --level interval"
        )
    return found


def countable(ratings: Ratings, where: NDArray[np.bool_] | None = None) -> Patterns | None:
    """Give the same, or nothing where there are too many different values to count."""
    items, categories = ratings.items, ratings.categories
    if where is not None:
        items, categories = items[where], categories[where]
    n_categories = ratings.n_categories
    if n_categories > CATEGORIES_AT_MOST:
        return None
    marks = np.random.default_rng(0).integers(0, 2**64, n_categories, dtype=np.uint64)
    starts = np.flatnonzero(np.diff(items, prepend=-1))
    sums = np.add.reduceat(marks[categories], starts) if len(starts) else marks[:0]
    _, first, n_items = np.unique(sums, return_index=True, return_counts=True)
    if len(first) * n_categories > CELLS_AT_MOST:
        return None
    lengths = np.diff(starts, append=len(items))[first]
    places = np.repeat(starts[first] - np.cumsum(lengths) + lengths, lengths)
    places += np.arange(lengths.sum())
    cells = np.repeat(np.arange(len(first)), lengths) * n_categories + categories[places]
    counts = np.bincount(cells, minlength=len(first) * n_categories)
    return Patterns(
        counts.reshape(len(first), n_categories).astype(np.float64),
        n_items.astype(np.int64),
        ratings.scale.points,
    )
