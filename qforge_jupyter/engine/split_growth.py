"""Which rows of a split that is not remembered could move when the table grows.

Where nothing has to be evened out, the keyed hash alone decides and no row ever
moves. A share is evened out where it misses what was asked by more than half a
percent (see `splitters._placing`). For independent rows the chance that this
happens at any size from n rows on is at most 2 exp(-2 n t²) a bin, where t is
the tolerance: Hoeffding's bound (J. Am. Stat. Assoc. 58, 13, 1963) holds for all larger
n at once, since the share over n rows is a reverse martingale (Doob).
"""

from __future__ import annotations

import math

from qforge_jupyter.engine.splitters._placing import OF_SMALLEST, TOLERANCE
from qforge_jupyter.results.split import Split

#: A chance that is none.
NEVER = 1e-6
_WHAT = {
    "random": "rows whose hash lies next to the border of two",
    "stratified": "rows whose hash lies next to the border of two",
    "time": "rows next to a border in time",
}


def growth_note(split: Split) -> str:
    """Say which rows could move when the table grows, and how to prevent it; empty if none.

    Examples
    --------
    >>> import polars as pl
    >>> shares = {"train": 0.8, "test": 0.2}
    >>> made = Split("", "t", pl.LazyFrame(), 9, "time", 1, {}, shares, pl.DataFrame())
    >>> growth_note(made)[:63]
    'When the table grows, rows next to a border in time can move to'

    """
    bins = [list(split.shares.values())] if split.shares else []
    bins += [[1 / split.n_folds] * split.n_folds] if split.n_folds else []
    if not bins or (_is_of_rows(split) and all(_never(split.n_units, each) for each in bins)):
        return ""
    which = _WHAT.get(split.strategy, f"whole {split.unit}s")
    where = "part or fold" if len(bins) > 1 else "part" if split.shares else "fold"
    return (
        f"When the table grows, {which} can move to another {where}: "
        "split it  as NAME  and none does"
    )


def _is_of_rows(split: Split) -> bool:
    return split.strategy == "random" and split.n_units == split.n_placed


def _never(n_rows: int, shares: list[float]) -> bool:
    tolerance = min(TOLERANCE, OF_SMALLEST * min(shares))
    return 2 * len(shares) * math.exp(-2 * n_rows * tolerance**2) < NEVER
