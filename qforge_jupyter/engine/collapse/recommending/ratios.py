"""How much likelier a row is under the reference than under the candidate.

The ratio of the densities follows from the probability of a classifier that tells the sides
apart (Sugiyama, Suzuki and Kanamori, "Density ratio estimation in machine learning", 2012);
each row is judged by a model that has not seen it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.telling_apart import LEAST_ROWS, tell_apart
from qforge_jupyter.results.uncertainty import NotApplicable

Floats = NDArray[np.float64]
#: Folds are halves of so many buckets of each side.
BUCKETS = 32
#: Deviation of two empirical distributions that chance exceeds in 1 % of cases, one-sided. Half
#: of the rows judge the models of the other half and the other way round: both folds say almost
#: the same, as if there were half as many rows.
SMIRNOV = math.sqrt(-math.log(0.01) / 2) * math.sqrt(2)


@dataclass(frozen=True)
class Surplus:
    """Where one side has more rows than the other beyond chance.

    Parameters
    ----------
    least
        Share of the rows that is too many at least.
    edge
        Scores from here on are where they lie.
    own, other
        Shares of either side's rows there.

    """

    least: float
    edge: float
    own: float
    other: float


@dataclass(frozen=True)
class Ratios:
    """Density of the reference over that of the candidate, at the rows of either side."""

    own: Floats = field(repr=False)
    other: Floats = field(repr=False)

    def too_many(self) -> Surplus:
        """Say how many rows of the candidate the reference would not have."""
        return surplus(-self.own, -self.other)

    def missing(self) -> Surplus:
        """Say how many rows of the reference the candidate does not have."""
        return surplus(self.other, self.own)


def density_ratios(
    encoder: Encoder, own: NDArray[np.uint16], other: NDArray[np.uint16], seed: int
) -> Ratios | NotApplicable:
    """Judge every row of both sides.

    Parameters
    ----------
    encoder
        The code of the columns.
    own, other
        Cells of the candidate's and of the reference's rows, ``[n, d]`` and ``[m, d]``.

    """
    fewest = min(len(own), len(other))
    if fewest < LEAST_ROWS:
        return NotApplicable(f"{fewest} rows on one side, and it takes {LEAST_ROWS}", fewest)
    cells = np.concatenate([own, other])
    inputs = cells.astype(np.float32)
    inputs[cells == np.array([each.n_cells for each in encoder.columns])] = np.nan
    buckets = np.concatenate(
        [np.arange(len(own)) % BUCKETS, np.arange(len(other)) % BUCKETS + BUCKETS]
    )
    _, scores = tell_apart(
        inputs,
        np.arange(len(cells)) < len(own),
        buckets,
        (BUCKETS, BUCKETS),
        is_level=np.array([not each.is_number for each in encoder.columns]),
        seed=seed,
    )
    odds = (1 - scores) / np.maximum(scores, 1e-9) * (len(own) / len(other))
    return Ratios(odds[: len(own)], odds[len(own) :])


def surplus(own: Floats, other: Floats) -> Surplus:
    """Compare the shares of scores above an edge, at the edge where they differ most.

    Examples
    --------
    >>> chance = np.random.default_rng(0)
    >>> usual = chance.normal(size=2_000)
    >>> surplus(np.concatenate([usual[:800], np.full(200, 9.0)]), usual).own > 0.19
    True
    >>> surplus(chance.normal(size=1_000), usual).least
    0.0

    """
    at = np.unique(np.concatenate([own, other]))
    above = 1 - np.searchsorted(np.sort(own), at, "left") / len(own)
    usual = 1 - np.searchsorted(np.sort(other), at, "left") / len(other)
    best = int((above - usual).argmax())
    apart = float(above[best] - usual[best])
    least = max(0.0, apart - SMIRNOV * math.sqrt(1 / len(own) + 1 / len(other)))
    return Surplus(least, float(at[best]), float(above[best]), float(usual[best]))
