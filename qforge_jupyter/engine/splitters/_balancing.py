"""Balance the classes over bins when a unit holds rows of several classes.

Minimised is the sum over bins and classes of the square of rows - wanted rows,
the rows of a class weighed alike or by how rare it is. It starts from the hash.
Then the units nearest a boundary, and the smallest, are laid out anew, the
largest first, each into the bin that it improves the most (the greedy step of
scikit-learn's StratifiedGroupKFold), and pairs are exchanged while that helps.
Few units are also laid out anew all together. Of these outcomes the one is
taken in which the share of no class is far off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.splitters import Codes, Units

Numbers = NDArray[np.float64]
#: So many units are all laid out anew.
MOST_LAID_OUT = 3_000
#: Of more of them, at least and at most so many.
LEAST_LOOSE, MOST_LOOSE = 300, 20_000
#: So many of the smallest are laid out last, to even out what the others left.
N_SMALL = 1_000
#: Units of a bin that may be exchanged.
N_SWAPPED = 100
N_SWEEPS = 40
MOST_CLASSES = 64
POWERS = (0.0, 0.5, 1.0)
GAIN = 1e-9


def balance(units: Units, shares: Numbers, start: Codes, kept: Codes, u: Numbers) -> Codes:
    """Give each unit a bin so that all bins hold the classes alike.

    Parameters
    ----------
    units
        With the stratum of each of their rows.
    shares
        Wanted share of each bin.
    start
        Bin that the hash gives each unit.
    kept
        Bin of the units that do not move, else -1.
    u
        Where the units stand in [0, 1): decides among equals.

    """
    counts = class_counts(units)
    total = np.maximum(counts.sum(axis=0), 1.0)
    free = np.flatnonzero(kept < 0)
    near = np.abs(u[free][:, None] - np.cumsum(shares)[None, :-1]).min(axis=1)
    by_nearness = np.argsort(near, kind="stable")
    small = np.lexsort((u[free], counts[free].sum(axis=1)))[:N_SMALL]
    n_loose = _needed(counts, shares, start)
    found = []
    # Rows as they are, as a share of the root of their class, and of their class.
    for power in POWERS:
        layout = _Layout(counts / total**power, shares, start, free, u)
        if n_loose:
            layout.lay_out(free[np.union1d(by_nearness[:n_loose], small)])
        else:
            found.append(_Layout(counts / total**power, shares, start, free, u))
            layout.lay_out(free)
        found.append(layout)
    for layout in found:
        layout.exchange()
    return min(found, key=lambda layout: round(_worst(counts, layout.bins, shares), 12)).bins


def _needed(counts: Numbers, shares: Numbers, start: Codes) -> int:
    """Say how many units to lay out anew: twelve times those that are in a wrong bin.

    Measured: with four times as many, ten classes are ten times less even.
    """
    if len(counts) <= MOST_LAID_OUT:
        return 0
    off = _sums(counts, start, len(shares)) - np.outer(shares, counts.sum(axis=0))
    n_wrong = np.abs(off).sum() / 2 / counts.sum(axis=1).mean()
    return int(np.clip(12 * n_wrong, LEAST_LOOSE, MOST_LOOSE))


def class_counts(units: Units) -> Numbers:
    """Count the rows of each class in each unit; many rare classes are taken as one."""
    inside = units.of_row >= 0
    of_row, strata = units.of_row[inside], units.strata[inside]
    n_classes = units.n_strata
    if n_classes > MOST_CLASSES:
        sizes = np.bincount(strata, minlength=n_classes)
        common = np.argsort(-sizes, kind="stable")[: MOST_CLASSES - 1]
        code = np.full(n_classes, MOST_CLASSES - 1, dtype=np.int64)
        code[common] = np.arange(len(common))
        strata, n_classes = code[strata], MOST_CLASSES
    flat = np.bincount(of_row * n_classes + strata, minlength=units.n * n_classes)
    return flat.reshape(units.n, n_classes).astype(np.float64)


def _worst(counts: Numbers, bins: Codes, shares: Numbers) -> float:
    """Give the largest difference between a class's share in a bin and in all."""
    held = _sums(counts, bins, len(shares))
    sizes = held.sum(axis=1, keepdims=True)
    total = held.sum(axis=0)
    off = np.abs(held / np.maximum(sizes, 1) - total / max(total.sum(), 1))
    size_off = np.abs(sizes[:, 0] / max(total.sum(), 1) - shares)
    return float(off.max() + max(0.0, size_off.max() - 0.005))


def _sums(counts: Numbers, bins: Codes, n_bins: int) -> Numbers:
    held = np.zeros((n_bins, counts.shape[1]))
    for column in range(counts.shape[1]):
        held[:, column] = np.bincount(bins, counts[:, column], n_bins)
    return held


class _Layout:
    """Bins of all units, and by how much each bin is off in each class."""

    def __init__(
        self, scaled: Numbers, shares: Numbers, start: Codes, free: Codes, u: Numbers
    ) -> None:
        self.scaled, self.free, self.u = scaled, free, u
        self.bins = start.copy()
        self.least_gain = GAIN * float(np.max(scaled, initial=0.0)) ** 2
        self.off = _sums(scaled, start, len(shares)) - np.outer(shares, scaled.sum(axis=0))

    def lay_out(self, loose: Codes) -> None:
        """Take units out and put each, the largest first, where it is missed the most."""
        np.subtract.at(self.off, self.bins[loose], self.scaled[loose])
        spread, size = self.scaled[loose].std(axis=1), self.scaled[loose].sum(axis=1)
        order = loose[np.lexsort((self.u[loose], -size, -np.round(spread, 9)))]
        off, scaled, bins = self.off, self.scaled, self.bins
        for unit in order.tolist():
            content = scaled[unit]
            best = int((off @ content).argmin())
            off[best] += content
            bins[unit] = best

    def exchange(self) -> None:
        """Move single units and exchange pairs between two bins while it helps."""
        n_bins = len(self.off)
        if n_bins > 40:
            return
        size = self.scaled[self.free].sum(axis=1)
        order = self.free[np.lexsort((self.u[self.free], size))]
        stuck: set[tuple[int, int]] = set()
        for _ in range(N_SWEEPS):
            if not self._sweep(order, stuck):
                break

    def _sweep(self, order: Codes, stuck: set[tuple[int, int]]) -> bool:
        """Try every pair of bins once; those that changed are tried again."""
        improved = False
        n_bins = len(self.off)
        members = [order[self.bins[order] == each][:N_SWAPPED] for each in range(n_bins)]
        for first in range(n_bins):
            for second in range(first + 1, n_bins):
                if (first, second) in stuck:
                    continue
                if self._improve(members, first, second):
                    improved = True
                    stuck -= {pair for pair in stuck if {first, second} & set(pair)}
                else:
                    stuck.add((first, second))
        return improved

    def _improve(self, members: list[Codes], first: int, second: int) -> bool:
        """Make the best move or exchange between two bins, if one helps.

        With d = x - y carried from the first bin to the second, the sum of
        squares falls by 2 d·(off first - off second) - 2 d·d.
        """
        here, there = members[first], members[second]
        nothing = np.zeros((1, self.scaled.shape[1]))
        x = np.vstack([nothing, self.scaled[here]])
        y = np.vstack([nothing, self.scaled[there]])
        pull = self.off[first] - self.off[second]
        gain = 2 * (x @ pull - (x * x).sum(axis=1))[:, None] + 4 * (x @ y.T)
        gain -= 2 * (y @ pull + (y * y).sum(axis=1))[None, :]
        i, j = np.unravel_index(int(gain.argmax()), gain.shape)
        if gain[i, j] <= self.least_gain:
            return False
        difference = x[i] - y[j]
        self.off[first] -= difference
        self.off[second] += difference
        if i:
            self.bins[here[i - 1]] = second
        if j:
            self.bins[there[j - 1]] = first
        moved_here = here[i - 1 : i] if i else here[:0]
        moved_there = there[j - 1 : j] if j else there[:0]
        members[first] = np.concatenate([np.delete(here, i - 1) if i else here, moved_there])
        members[second] = np.concatenate([np.delete(there, j - 1) if j else there, moved_here])
        return True
