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

from qforge_jupyter.engine.collapse.along import Along
from qforge_jupyter.engine.collapse.encoding import Compared, Encoder
from qforge_jupyter.engine.collapse.foretelling import Foretold
from qforge_jupyter.engine.collapse.layout import Layout
from qforge_jupyter.engine.collapse.moments import Sums
from qforge_jupyter.engine.collapse.neighborhood import Neighborhood
from qforge_jupyter.engine.collapse.telling_apart import Ranked

Floats = NDArray[np.float64]
#: Added to the diagonal of second moments, which are of features with variance 1.
RIDGE = 1e-3
#: Dealings at a time, after which the work can be stopped and its progress is told.
AT_A_TIME = 100
#: Variance of a level that one row in a hundred has: what is rarer is damped.
RAREST = 0.01


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
    along
        Spectra along a declared order of the rows.
    foretold
        How well the other columns foretell the target.

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
    along: Along | None = None
    foretold: Foretold | None = None

    @property
    def columns(self) -> tuple[Compared, ...]:
        """The compared columns."""
        return self.encoder.columns

    @property
    def names(self) -> list[tuple[str, str]]:
        """Column and meaning of each related feature."""
        every = self.encoder.feature_names
        return [every[index] for index in self.kept]

    @cached_property
    def layout(self) -> Layout:
        """How the columns' cells lie side by side."""
        return self.encoder.layout

    @cached_property
    def shares(self) -> tuple[Floats, Floats]:
        """Shares of each column's cells among the values that are there, ``[b, C]``."""
        return self._shares(self.candidate.cells), self._shares(self.reference.cells)

    def _shares(self, cells: Floats) -> Floats:
        held = np.where(self.layout.is_null, 0.0, cells)
        found: Floats = held / self.layout.spread(np.maximum(self.layout.sums(held), 1e-300))
        return found

    @cached_property
    def apart(self) -> Floats:
        """Candidate's shares less the reference's, ``[b, C]``."""
        return self.shares[0] - self.shares[1]

    @property
    def n_smaller(self) -> float:
        """Rows of the smaller side, as a dealing gives them on average."""
        rows = float(self.candidate.n[0] + self.reference.n[0])
        own = float(self.dealt[0].mean())
        return rows * min(own, 1 - own)

    @cached_property
    def pooled(self) -> Floats:
        """Shares of cells in both sides together, whatever the dealing, ``[C]``."""
        both = (self.candidate, self.reference)
        own, other = (side.n[0] * side.cells[0] for side in both)
        found: Floats = self._shares((own + other)[None])[0]
        return found

    @cached_property
    def titles(self) -> list[str]:
        """What the columns are called."""
        return [each.chosen.title for each in self.columns]

    @cached_property
    def pooled_features(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the features in both sides together, ``[p]``."""
        both = (self.candidate, self.reference)
        n = sum(float(side.m[0]) for side in both)
        first = np.sum([side.m[0] * side.features[0] for side in both], axis=0) / n
        squares = [side.m[0] * np.diagonal(side.products[0]) for side in both]
        variance = np.sum(squares, axis=0) / n - first**2
        return first, np.sqrt(np.maximum(variance, RAREST))

    @cached_property
    def correlations(self) -> tuple[Floats, Floats]:
        """Correlations of the features; a feature that is constant on a side has none there."""
        return _correlations(self.candidate), _correlations(self.reference)


def _correlations(side: Side) -> Floats:
    """Correlations, damped between features that hardly vary, whose chance is wild."""
    scale = side.deviations[:, :, None] * side.deviations[:, None, :]
    found = side.covariance / (scale + RAREST)
    diagonal = np.arange(found.shape[1])
    found[:, diagonal, diagonal] = 1.0
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
    """Give as many dealings at a time as fit into about 200 MB, and at most 100."""
    width = sum(
        each[0].size for each in (sums.cells, sums.products, sums.leaves, sums.leaf_features)
    )
    size = max(1, min(AT_A_TIME, int(2e8 / (8 * 4 * max(width, 1)))))
    for start in range(0, len(dealt), size):
        yield dealt[start : start + size]
