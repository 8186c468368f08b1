"""Ways to split, one file each; the file's name is the strategy's name.

A member gives ``units(rows)``: which rows stay together, what their keyed hash
starts from and which classes they have; and ``place(units, request)``: which
bin each unit goes into. Folds are bins of equal shares, so that every member
folds through the same two functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.registry import Family
from qforge_jupyter.results.progress import Progress, silent

SPLITTERS = Family("splitter", "qforge_jupyter.engine.splitters")

Words = NDArray[np.uint64]
Codes = NDArray[np.int64]
Edges = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Rows:
    """The rows to split: the columns that the plan reads, and what names each row.

    Parameters
    ----------
    marks
        Two 64-bit hashes of each row's key, or of its content.
    strata
        Stratum of each row; zeros where nothing is stratified.

    """

    frame: pl.DataFrame
    marks: tuple[Words, Words]
    strata: Codes
    n_strata: int
    plan: SplitPlan
    progress: Progress = field(default=silent, repr=False)


@dataclass(frozen=True)
class Units:
    """What is never divided, with the rows that belong to it.

    Parameters
    ----------
    of_row
        Unit of each row; -1 where the row cannot be placed.
    hashes
        What the content decides of each unit, before it is keyed by the seed.
    strata
        Stratum of each row.
    left_out
        Rows that cannot be placed, with the reason.
    times
        Where the units have an order: the moment of each.
    gap
        Time, in the unit of ``times``, that is left out before a bin.

    """

    of_row: Codes
    hashes: Words
    strata: Codes
    n_strata: int
    left_out: tuple[tuple[Codes, str], ...] = ()
    notes: tuple[str, ...] = ()
    times: NDArray[Any] | None = None
    gap: float = 0.0
    noun: str = "row"

    @property
    def n(self) -> int:
        """Count of units."""
        return len(self.hashes)

    def noting(self, note: str) -> Units:
        """Give the same units with something more to say of them."""
        return replace(self, notes=(*self.notes, note))

    def among(self, rows: NDArray[np.bool_]) -> tuple[Units, Codes]:
        """Keep the units of some rows; say which they were."""
        inside = np.where(rows, self.of_row, -1)
        used = np.unique(inside[inside >= 0])
        position = np.full(self.n + 1, -1, dtype=np.int64)
        position[used] = np.arange(len(used))
        times = None if self.times is None else self.times[used]
        fewer = Units(
            position[inside], self.hashes[used], self.strata, self.n_strata,
            times=times, gap=self.gap, noun=self.noun,
        )  # fmt: skip
        return fewer, used


@dataclass(frozen=True)
class Request:
    """Shares of the bins, the key of the hash, and the units whose bin is decided.

    Parameters
    ----------
    kept
        Bin of each unit that has one already, -1 for those to be placed.

    """

    shares: NDArray[np.float64]
    key: int
    kept: Codes


@dataclass(frozen=True)
class Placement:
    """Bin of each unit, and how many of them the hash alone would have placed elsewhere.

    Parameters
    ----------
    left_out
        Units that are left out for the sake of a gap, with the reason.
    usable_from
        For bins in order of time: the first bin for which a unit may be
        trained on.

    """

    bins: Codes
    n_moved: int = 0
    left_out: tuple[tuple[NDArray[np.bool_], str], ...] = ()
    usable_from: Codes | None = None
