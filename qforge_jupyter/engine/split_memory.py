"""What earlier splits of the same name decided: their rows stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from qforge_jupyter.engine.splitters import Codes, Units, Words

#: Stands for a row of which nothing is remembered.
UNKNOWN = -9
_MARKS = ["mark_a", "mark_b"]


@dataclass(frozen=True)
class Memory:
    """What an earlier split of the same name decided: its rows stay where they are.

    Parameters
    ----------
    assignment
        As `Split.assignment`.
    edges
        Of the bins of each stratified column.
    older
        Rows that were placed before and were not in that split, or left out there;
        as `Split.remembered`.

    """

    assignment: pl.DataFrame
    edges: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    older: pl.DataFrame | None = None

    def recall(self, name: str, marks: tuple[Words, Words]) -> pl.Series:
        """Give what was decided of each row in a column, null where nothing was."""
        rows = pl.DataFrame(dict(zip(_MARKS, marks, strict=True)))
        known = _decided(self.assignment, name)
        if self.older is not None and name in self.older.columns:
            known = pl.concat([known, _decided(self.older, name)])
        known = known.unique(_MARKS, keep="first")
        found = rows.join(known, on=_MARKS, how="left", maintain_order="left")
        return found.get_column(name)

    def n_lost(self, name: str, marks: tuple[Words, Words]) -> int:
        """Count the rows of the last split that are in no row of the table."""
        rows = pl.DataFrame(dict(zip(_MARKS, marks, strict=True)))
        known = _decided(self.assignment, name).unique(_MARKS)
        return known.join(rows, on=_MARKS, how="anti").height

    def beside(self, assignment: pl.DataFrame) -> pl.DataFrame:
        """Give the rows that were placed before and are not placed by this assignment."""
        held = self.assignment.select(_MARKS + decisions_of(self.assignment))
        if self.older is not None:
            held = pl.concat([held, self.older.select(held.columns)])
        held = _placed(held).unique(_MARKS, keep="first", maintain_order=True)
        return held.join(_placed(assignment), on=_MARKS, how="anti", maintain_order="left")


def decisions_of(assignment: pl.DataFrame) -> list[str]:
    """Name the columns of an assignment that say where a row is."""
    return [name for name in assignment.columns if name == "part" or name.startswith("fold_")]


def kept_units(units: Units, kept: Codes, n_bins: int) -> Codes:
    """Give each unit the bin in which most of its remembered rows are, else -1."""
    known = (units.of_row >= 0) & (kept >= 0) & (kept < n_bins)
    if not known.any():
        return np.full(units.n, -1, dtype=np.int64)
    flat = units.of_row[known] * n_bins + kept[known]
    counts = np.bincount(flat, minlength=units.n * n_bins).reshape(units.n, n_bins)
    best: Codes = counts.argmax(axis=1)
    return np.where(counts.sum(axis=1) > 0, best, -1)


def n_divided(units: Units, bins: Codes) -> int:
    """Count the units whose rows stand in more than one bin."""
    known = (units.of_row >= 0) & (bins >= 0)
    least = np.full(units.n, np.iinfo(np.int64).max)
    most = np.full(units.n, -1, dtype=np.int64)
    np.minimum.at(least, units.of_row[known], bins[known])
    np.maximum.at(most, units.of_row[known], bins[known])
    return int(np.count_nonzero(most > least))


def _decided(assignment: pl.DataFrame, name: str) -> pl.DataFrame:
    return assignment.filter(pl.col(name).is_not_null()).select(*_MARKS, name)


def _placed(assignment: pl.DataFrame) -> pl.DataFrame:
    is_placed = pl.any_horizontal(pl.col(decisions_of(assignment)).is_not_null())
    return assignment.filter(is_placed)
