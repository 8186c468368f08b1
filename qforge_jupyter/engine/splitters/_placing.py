"""Place units into bins: by their hash, and against it only where shares would be missed.

A unit goes where its number in [0, 1) falls among the cumulated shares: that
knows neither the order of rows nor which others there are. Where a bin misses
its share, over all or in one stratum, by more than half a percent of the rows
(a twentieth of the smallest share, if that is less; or one row), the fewest
units nearest the boundary are moved.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.splitters import Codes, Placement, Request, Units
from qforge_jupyter.engine.splitters._balancing import balance
from qforge_jupyter.engine.splitters._hashing import uniform

#: Part of the rows by which a bin may miss its share before anything is moved.
TOLERANCE = 0.005
#: ... and at most this part of the smallest share.
OF_SMALLEST = 0.05
Numbers = NDArray[np.float64]


def place(units: Units, request: Request) -> Placement:
    """Place units so that every bin has its share, in every stratum alike."""
    u = uniform(units.hashes, request.key)
    wanted = np.searchsorted(np.cumsum(request.shares)[:-1], u, side="right").astype(np.int64)
    start = np.where(request.kept >= 0, request.kept, wanted)
    if not units.n:
        return Placement(start)
    inside = units.of_row >= 0
    of_row, strata = units.of_row[inside], units.strata[inside]
    weights = np.bincount(of_row, minlength=units.n).astype(np.float64)
    stratum = np.zeros(units.n, dtype=np.int64)
    stratum[of_row] = strata
    if np.array_equal(stratum[of_row], strata):
        table = _Table(u, stratum, weights, start, request, units.n_strata)
        bins = table.settled()
        if table.is_off and weights.max() > 1:
            bins = balance(units, request.shares, bins, request.kept, u)
    else:
        bins = balance(units, request.shares, start, request.kept, u)
    bins = _filled(bins, weights, request)
    return Placement(bins, int(np.count_nonzero(bins != start)))


class _Table:
    """Weights by stratum and bin, and how far each is from what it should be."""

    def __init__(  # noqa: PLR0913 - one array a fact
        self,
        u: Numbers,
        stratum: Codes,
        weights: Numbers,
        bins: Codes,
        request: Request,
        n_strata: int,
    ) -> None:
        self.u, self.stratum, self.weights, self.bins = u, stratum, weights, bins.copy()
        self.is_free = request.kept < 0
        n_bins = len(request.shares)
        self.middles = np.cumsum(request.shares) - request.shares / 2
        counts = np.bincount(stratum * n_bins + bins, weights, n_strata * n_bins)
        counts = counts.reshape(n_strata, n_bins)
        sizes = counts.sum(axis=1)
        self.off = counts - sizes[:, None] * request.shares
        rate = min(TOLERANCE, OF_SMALLEST * float(request.shares.min()))
        self.allowed = np.maximum(rate * sizes, 1.0)
        self.allowed_in_all = max(rate * sizes.sum(), 1.0)

    @property
    def is_off(self) -> bool:
        """Whether a share is still missed."""
        return bool(
            (np.abs(self.off) > self.allowed[:, None] + 1e-9).any()
            or (np.abs(self.off.sum(axis=0)) > self.allowed_in_all + 1e-9).any()
        )

    def settled(self) -> Codes:
        """Move what has to be moved and give the bins."""
        free = np.flatnonzero(self.is_free)
        free = free[np.argsort(self.stratum[free], kind="stable")]
        starts = np.searchsorted(self.stratum[free], np.arange(len(self.off) + 1))
        n_rounds = 4 * self.off.shape[1]
        for each in np.flatnonzero((np.abs(self.off) > self.allowed[:, None]).any(axis=1)).tolist():
            mine = free[starts[each] : starts[each + 1]]
            for _ in range(n_rounds):
                off = self.off[each]
                if np.abs(off).max() <= self.allowed[each] or not self._shift(mine, each):
                    break
        for _ in range(n_rounds):
            if np.abs(self.off.sum(axis=0)).max() <= self.allowed_in_all or not self._even_out():
                break
        return self.bins

    def _shift(self, mine: Codes, stratum: int) -> bool:
        """Move units of one stratum from its fullest to its emptiest bin."""
        off, allowed = self.off[stratum], self.allowed[stratum]
        source, target = int(off.argmax()), int(off.argmin())
        least = max(off[source] - allowed, -off[target] - allowed)
        amount = min(least, off[source], -off[target])
        found = mine[self.bins[mine] == source]
        found = found[np.argsort(self._distance(found, target), kind="stable")]
        return self._move(found, target, amount)

    def _even_out(self) -> bool:
        """Move units between the bins that miss their share of all rows the most."""
        off = self.off.sum(axis=0)
        source, target = int(off.argmax()), int(off.argmin())
        least = max(off[source], -off[target]) - self.allowed_in_all
        amount = min(max(least, 0.0), off[source], -off[target])
        surplus = self.off[:, source] - self.off[:, target]
        found = np.flatnonzero(self.is_free & (self.bins == source))
        order = np.lexsort((self._distance(found, target), -surplus[self.stratum[found]]))
        found = found[order]
        _, first = np.unique(self.stratum[found], return_index=True)
        return self._move(found[np.sort(first)], target, amount)

    def _distance(self, units: Codes, target: int) -> Numbers:
        distance: Numbers = np.abs(self.u[units] - self.middles[target])
        return distance

    def _move(self, found: Codes, target: int, amount: float) -> bool:
        """Move the first of these units that together weigh the amount."""
        total = np.cumsum(self.weights[found])
        n_moved = int(np.searchsorted(total, amount - 1e-9)) + 1
        if n_moved <= len(found) and total[n_moved - 1] > 2 * amount + 1:
            n_moved -= 1  # the last one would do more harm than good
        moved = found[:n_moved]
        if not len(moved):
            return False
        np.subtract.at(self.off, (self.stratum[moved], self.bins[moved]), self.weights[moved])
        self.bins[moved] = target
        np.add.at(self.off, (self.stratum[moved], self.bins[moved]), self.weights[moved])
        return True


def _filled(bins: Codes, weights: Numbers, request: Request) -> Codes:
    """Give an empty bin the smallest unit of a bin that has several."""
    bins = bins.copy()
    for empty in np.flatnonzero(np.bincount(bins, minlength=len(request.shares)) == 0):
        counts = np.bincount(bins, minlength=len(request.shares))
        spare = np.flatnonzero((request.kept < 0) & (counts[bins] > 1))
        if len(spare):
            rank = np.lexsort((request.shares[bins[spare]] * -1, weights[spare]))
            bins[spare[rank[0]]] = empty
    return bins
