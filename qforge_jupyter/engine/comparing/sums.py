"""Sums of errors over bags of rows, of which every statistic and its interval is made.

A bag is a row, a group that is drawn as a whole, or, of many rows, one of
`MOST_BAGS` pieces into which chance deals them: drawing bags then says the same
of the error of a mean as drawing rows, since pieces dealt by chance are alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.uncertainty.resampling import Floats, generator

#: Rows that are bags themselves; of more, so many pieces are made.
MOST_BAGS = 4_096
#: Pieces of many rows where there are many such intervals, as of groups.
FEW_BAGS = 256
#: Resamples of every interval.
N_RESAMPLES = 1_000
#: Resamples drawn at once times bags.
_BLOCK = 1 << 22
#: Numbers of bags whose resamples are kept.
_KEPT = 4
#: Columns of `Sums`, in their order.
COLUMNS = (
    "n", "absolute", "error", "square", "x", "xx", "y", "yy", "xy", "percent", "n_percent",
)  # fmt: skip
#: Ratios of two columns that are statistics, with those that their error needs beside them.
RATIOS = {
    "mae": ("absolute", "n"),
    "bias": ("error", "n"),
    "mse": ("square", "n"),
    "mape": ("percent", "n_percent"),
}


@dataclass(frozen=True)
class Errors:
    """Pairs of finite numbers: what was predicted, and the reference."""

    predicted: Floats
    reference: Floats

    @property
    def error(self) -> Floats:
        """Predicted less reference."""
        return self.predicted - self.reference

    @property
    def percent(self) -> Floats:
        """Absolute error as a share of the reference's size; NaN where that is zero."""
        with np.errstate(all="ignore"):
            shares = np.abs(self.error) / np.abs(self.reference)
        return np.where(self.reference == 0, np.nan, shares)

    def __len__(self) -> int:
        return len(self.reference)


@dataclass(frozen=True)
class Draws:
    """Resamples of bags: how often each stands in each; the last ones are kept."""

    seed: int
    held: dict[int, Floats] = field(default_factory=dict, repr=False)

    def counts(self, n_bags: int) -> Floats:
        """Give the counts of so many bags: a line for each resample."""
        if n_bags not in self.held:
            if len(self.held) >= _KEPT:
                self.held.clear()
            self.held[n_bags] = draw_counts(n_bags, self.seed)
        return self.held[n_bags]


def bags_of(
    errors: Errors, groups: NDArray[np.int64] | None, seed: int, most: int = MOST_BAGS
) -> Floats:
    """Sum what statistics need over bags: a line for each bag, a column for each sum.

    Parameters
    ----------
    errors
        The pairs.
    groups
        The number of each row's group, where groups are drawn as wholes.
    seed
        Of the pieces.
    most
        Pieces into which more rows than that are dealt.

    Notes
    -----
    References and predictions are summed from their common centre, so that
    R² and the correlation lose no digits where numbers are far from zero.

    """
    error, shares = errors.error, errors.percent
    centre = float(errors.reference.mean()) if len(errors) else 0.0
    x, y = errors.reference - centre, errors.predicted - centre
    has_share = np.isfinite(shares)
    values = (
        np.ones(len(error)), np.abs(error), error, error**2, x, x**2, y, y**2, x * y,
        np.where(has_share, shares, 0.0), has_share.astype(np.float64),
    )  # fmt: skip
    if groups is None and len(errors) <= most:
        return np.stack(values, axis=1)
    if groups is None:
        groups = generator(seed).permutation(np.arange(len(errors)) % most)
    n_bags = int(groups.max()) + 1
    if n_bags > most:  # whole groups are dealt into pieces, as rows are
        groups = generator(seed).permutation(np.arange(n_bags) % most)[groups]
        n_bags = most
    sums = [np.bincount(groups, weights=each, minlength=n_bags) for each in values]
    return np.stack(sums, axis=1)


def draw_counts(n_bags: int, seed: int, n_resamples: int = N_RESAMPLES) -> Floats:
    """Draw how often each bag stands in each resample."""
    rng, counts = generator(seed), np.empty((n_resamples, n_bags))
    at_once = max(1, _BLOCK // n_bags)
    for start in range(0, n_resamples, at_once):
        size = min(at_once, n_resamples - start)
        drawn = rng.integers(0, n_bags, (size, n_bags))
        drawn += np.arange(size)[:, np.newaxis] * n_bags
        found = np.bincount(drawn.ravel(), minlength=size * n_bags)
        counts[start : start + size] = found.reshape(size, n_bags)
    return counts


def totals_of(sums: Floats) -> dict[str, Floats]:
    """Name the columns of one line of sums, or of many."""
    return {name: sums[..., at] for at, name in enumerate(COLUMNS)}


def r2_of(sums: Floats) -> Floats:
    """Compute R² = 1 - Σe²/Σ(x - x̄)² of each line of sums; NaN where x is constant."""
    total = totals_of(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = total["xx"] - total["x"] ** 2 / total["n"]
        found = 1 - total["square"] / spread
    return np.where(_is_spread(spread, total["xx"]), found, np.nan)


def correlation_of(sums: Floats) -> Floats:
    """Compute Pearson's correlation of each line of sums; NaN where a side is constant."""
    total = totals_of(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread_x = total["xx"] - total["x"] ** 2 / total["n"]
        spread_y = total["yy"] - total["y"] ** 2 / total["n"]
        both = total["xy"] - total["x"] * total["y"] / total["n"]
        found = np.clip(both / np.sqrt(spread_x * spread_y), -1, 1)
    is_spread = _is_spread(spread_x, total["xx"]) & _is_spread(spread_y, total["yy"])
    return np.where(is_spread, found, np.nan)


def _is_spread(spread: Floats, whole: Floats) -> NDArray[np.bool_]:
    """Whether anything but rounding is left of a spread."""
    found: NDArray[np.bool_] = np.asarray(spread > 1e-13 * np.abs(whole))
    return found
