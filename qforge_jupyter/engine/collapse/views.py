"""The two sides as a statistic sees them, under many dealings of the buckets at once.

Every array has a leading axis over the dealings; index 0 of the first view is what really
came, all others are draws from the null hypothesis that both sides are one distribution.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.encoding import Compared, Encoder
from qforge_jupyter.engine.collapse.moments import Sums
from qforge_jupyter.engine.collapse.neighborhood import Neighborhood
from qforge_jupyter.engine.collapse.telling_apart import Ranked

Floats = NDArray[np.float64]
#: Added to the diagonal of second moments, which are of features with variance 1.
RIDGE = 1e-3


@dataclass(frozen=True)
class Side:
    """Means over the rows of one side, ``[b, ...]``."""

    n: Floats = field(repr=False)
    cells: Floats = field(repr=False)
    m: Floats = field(repr=False)
    features: Floats = field(repr=False)
    products: Floats = field(repr=False)
    leaf_counts: Floats = field(repr=False)
    leaf_features: Floats = field(repr=False)
    waves: Floats = field(repr=False)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the features, ``[b, p, p]``."""
        mean = self.features
        return self.products - mean[:, :, None] * mean[:, None, :]

    @cached_property
    def deviations(self) -> Floats:
        """Standard deviations of the features, ``[b, p]``."""
        return np.sqrt(np.maximum(np.diagonal(self.covariance, axis1=1, axis2=2), 1e-12))

    @cached_property
    def leaves(self) -> Floats:
        """Share of the rows in each leaf, ``[b, T, L]``."""
        return self.leaf_counts / np.maximum(self.m, 1)[:, None, None]


@dataclass(frozen=True)
class View:
    """Both sides under some dealings.

    Parameters
    ----------
    encoder
        The code of the columns.
    kept
        Features that are related to each other.
    candidate, reference
        The sides.
    dealt
        Which buckets count as candidate, ``[b, K]``.
    is_real
        Which dealing is what came, ``[b]``.
    neighborhood, ranked
        What the nearest rows and a classifier say; None where there are too few rows.
    target
        The column that is to be predicted, or nothing.

    """

    encoder: Encoder
    kept: NDArray[np.int64]
    candidate: Side
    reference: Side
    dealt: Floats = field(repr=False)
    is_real: NDArray[np.bool_] = field(repr=False)
    neighborhood: Neighborhood | None = None
    ranked: Ranked | None = None
    target: str = ""

    @property
    def columns(self) -> tuple[Compared, ...]:
        """The compared columns."""
        return self.encoder.columns

    @property
    def names(self) -> list[tuple[str, str]]:
        """Column and meaning of each related feature."""
        every = self.encoder.feature_names
        return [every[index] for index in self.kept]

    def cells_of(self, index: int) -> tuple[Floats, Floats]:
        """Shares of one column's cells among values that are there, candidate and reference."""
        start, end = self.encoder.offsets[index : index + 2]
        both = (side.cells[:, start : end - 1] for side in (self.candidate, self.reference))
        candidate, reference = (
            each / np.maximum(each.sum(1, keepdims=True), 1e-300) for each in both
        )
        return candidate, reference

    def pooled(self, index: int) -> Floats:
        """Shares of one column's cells in both sides together, whatever the dealing."""
        start, end = self.encoder.offsets[index : index + 2]
        both = (
            (side.n[0] * side.cells[0, start : end - 1])
            for side in (self.candidate, self.reference)
        )
        found: Floats = sum(both)
        return found / max(float(found.sum()), 1e-300)

    def nulls_of(self, index: int) -> tuple[Floats, Floats]:
        """Shares of nulls in one column, candidate and reference, ``[b]``."""
        at = self.encoder.offsets[index + 1] - 1
        return self.candidate.cells[:, at], self.reference.cells[:, at]

    @cached_property
    def correlations(self) -> tuple[Floats, Floats]:
        """Correlations of the features; a feature that is constant on a side has none there."""
        return _correlations(self.candidate), _correlations(self.reference)


def _correlations(side: Side) -> Floats:
    scale = side.deviations[:, :, None] * side.deviations[:, None, :]
    found = np.where(scale > 1e-8, side.covariance / np.maximum(scale, 1e-8), 0.0)
    return np.clip(found, -1, 1)


def dealings(n_own: int, n_buckets: int, draws: int, seed: int) -> Floats:
    """Say which buckets count as candidate: first what came, then at random, ``[1 + draws, K]``."""
    chance = np.random.default_rng([seed, 0xDEA1])
    dealt = np.zeros((draws + 1, n_buckets))
    dealt[0, :n_own] = 1
    drawn = chance.random((draws, n_buckets)).argsort(axis=1)[:, :n_own]
    np.put_along_axis(dealt[1:], drawn, 1.0, axis=1)
    return dealt


def sides(sums: Sums, dealt: Floats) -> tuple[Side, Side]:
    """Add up the buckets of each side."""
    return _side(sums, dealt), _side(sums, 1 - dealt)


def _side(sums: Sums, dealt: Floats) -> Side:
    def added(values: Floats) -> Floats:
        flat = values.reshape(len(values), -1)
        return (dealt @ flat).reshape(len(dealt), *values.shape[1:])

    n, m = added(sums.n), added(sums.m)
    by_n, by_m = 1 / np.maximum(n, 1), 1 / np.maximum(m, 1)
    return Side(
        n,
        added(sums.cells) * by_n[:, None],
        m,
        added(sums.features) * by_m[:, None],
        added(sums.products) * by_m[:, None, None],
        added(sums.leaves),
        added(sums.leaf_features),
        added(sums.waves) * by_m[:, None],
    )


def chunks(dealt: Floats, sums: Sums) -> Iterator[Floats]:
    """Give as many dealings at a time as fit into about 200 MB."""
    width = sum(
        each[0].size for each in (sums.cells, sums.products, sums.leaves, sums.leaf_features)
    )
    size = max(1, min(len(dealt), int(2e8 / (8 * 4 * max(width, 1)))))
    for start in range(0, len(dealt), size):
        yield dealt[start : start + size]
