"""Split a table: every row gets its part and its folds, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column
from qforge_jupyter.engine.split_assignment import (
    NOTHING,
    LeftOut,
    Named,
    marks_of,
    write_assignment,
)
from qforge_jupyter.engine.split_columns import columns_of, needed
from qforge_jupyter.engine.split_memory import UNKNOWN, Memory, kept_units, n_divided
from qforge_jupyter.engine.split_plan import MOST_SEED, SplitPlan
from qforge_jupyter.engine.split_statistics import findings_of, statistics_of
from qforge_jupyter.engine.splitters import SPLITTERS, Codes, Request, Rows, Units, Words
from qforge_jupyter.engine.splitters._hashing import key_of
from qforge_jupyter.engine.strata import ColumnStrata, combined, strata_of
from qforge_jupyter.errors import CallError, DataError, blaming
from qforge_jupyter.frames import Table
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.split import Split

#: Shares where neither the call nor the settings say others.
USUAL = {"train": 0.70, "validation": 0.15, "test": 0.15}


@dataclass(frozen=True)
class SplitCase:
    """A table, how to split it, and what is decided already.

    Parameters
    ----------
    reasons
        Why a row is not to be placed, null where it is; None places all.

    """

    table: Table
    plan: SplitPlan
    seed: int = 42
    usual: Mapping[str, float] = field(default_factory=lambda: dict(USUAL))
    reasons: pl.Series | None = None
    memory: Memory | None = None
    progress: Progress = field(default=silent, repr=False)


def split(case: SplitCase) -> Split:
    """Assign every row of a table to a part, to folds, or to neither with a reason.

    Raises
    ------
    DataError
        The table cannot be split so.

    Examples
    --------
    >>> table = Table.of_frame("t", pl.DataFrame({"id": range(1000)}))
    >>> found = split(SplitCase(table, SplitPlan(parts={"train": 80, "test": 20})))
    >>> abs(found["train"].height - 800) <= 5
    True

    """
    return _Splitting(case).result()


class _Splitting:
    """The steps of one split, each done once."""

    def __init__(self, case: SplitCase) -> None:
        self.case, self.plan = case, case.plan
        if not 0 <= case.seed <= MOST_SEED:
            raise CallError(f"A seed lies between 0 and {MOST_SEED}, and {case.seed} came")
        self.shares = case.plan.shares(dict(case.usual))
        self.member = SPLITTERS.get(case.plan.strategy)
        columns_of(case.plan, case.table.schema)
        odd = next((name for name in case.plan.seal if name not in self.shares), None)
        if odd is not None:
            with blaming("seal"):
                raise CallError(
                    f"No part named {odd!r} to seal: there are {', '.join(self.shares) or 'none'}"
                )
        self.n_rows = len(self.marks[0])
        if not self.n_rows:
            raise DataError(f"{case.table.name} has no rows to split")
        self.n_moved = self.n_remembered = self.n_forgotten = self.n_divided = 0

    @cached_property
    def marks(self) -> tuple[Words, Words]:
        """Hash what names each row: its key, or all of it."""
        table = self.case.table
        return marks_of(table, list(self.plan.key or (table.version.keys if table.version else ())))

    @cached_property
    def taken(self) -> Codes:
        """Rows to be placed."""
        reasons = self.case.reasons
        if reasons is None:
            return np.arange(self.n_rows)
        found: Codes = np.flatnonzero(reasons.is_null().to_numpy())
        if not len(found):
            raise DataError(
                f"None of the {self.n_rows:,} rows of {self.case.table.name} is left to split: "
                "ask less in `only`, or score the table again"
            )
        return found

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The rows to be placed, with the columns that the plan reads."""
        names = needed(self.plan)
        if not names:
            return pl.DataFrame(height=len(self.taken))
        held = self.case.table.lazy.select(column(name) for name in names).collect()
        return held if len(self.taken) == self.n_rows else held[self.taken]

    @cached_property
    def columns(self) -> list[ColumnStrata]:
        """Strata of the columns to stratify by."""
        edges = self.case.memory.edges if self.case.memory else {}
        with blaming("stratify"):
            return [
                strata_of(self.frame[each.column], each, edges.get(each.column))
                for each in self.plan.stratifiers
            ]

    @cached_property
    def units(self) -> Units:
        """What stays together."""
        strata, n_strata = combined(self.columns, len(self.taken))
        marks = (self.marks[0][self.taken], self.marks[1][self.taken])
        rows = Rows(self.frame, marks, strata, n_strata, self.plan, self.case.progress)
        units: Units = self.member.units(rows)
        return units

    def result(self) -> Split:
        """Place the rows in parts, then in folds, and say how that came out."""
        part = np.full(len(self.taken), -1, dtype=np.int64)
        reasons: LeftOut = list(self.units.left_out)
        if self.shares:
            part, gone = self._parts()
            reasons += gone
        folds = self._folds(part) if self.plan.folds else {}
        named = Named(self.marks, self.taken, tuple(self.shares))
        assignment = write_assignment(named, self.case.reasons, part, folds, reasons)
        memory = self.case.memory
        made = Split(
            name="",
            table=self.case.table.name,
            source=self.case.table.lazy,
            n_rows=self.n_rows,
            strategy=self.plan.strategy,
            seed=self.case.seed,
            plan=self.plan.described(),
            shares=self.shares,
            assignment=assignment,
            n_folds=self.plan.folds or 0,
            n_repeats=self.plan.repeats if self.plan.folds else 0,
            sealed=tuple(self.plan.seal),
            n_units=self.units.n,
            unit=self.units.noun,
            n_moved=self.n_moved,
            n_remembered=self.n_remembered,
            n_forgotten=self.n_forgotten,
            n_divided=self.n_divided,
            remembered=memory.beside(assignment) if memory else pl.DataFrame(),
            edges={each.column: each.edges for each in self.columns if each.edges},
            notes=self.units.notes,
        )
        tables: dict[str, Any] = dict(
            statistics_of(made, self.frame, self.taken, self.units, self.columns)
        )
        made = replace(made, **tables)
        return replace(made, noticed=findings_of(made))

    def _parts(self) -> tuple[Codes, LeftOut]:
        """Give each row its part, and those that a gap leaves out."""
        shares = np.array(list(self.shares.values()))
        self._need_units(self.units, len(shares), "parts")
        kept = self._remembered("part", {name: code for code, name in enumerate(self.shares)})
        placed, part = self._placed(self.units, shares, "parts", kept)
        gone = []
        for mask, reason in placed.left_out:
            rows = np.flatnonzero((self.units.of_row >= 0) & mask[self.units.of_row])
            part[rows] = -1
            gone.append((rows, reason))
        return part, gone

    def _folds(self, part: Codes) -> dict[str, Codes]:
        """Give each row of the first part, or of all, its fold in every repeat."""
        k = self.plan.folds or 0
        units = self.units
        if self.shares:
            units, _ = units.among(part == 0)
        n_bins = k + 1 if self.member.IS_ORDERED else k
        self._need_units(units, n_bins, "folds" if n_bins == k else "folds and a first block")
        found = {}
        for repeat in range(1, self.plan.repeats + 1):
            kept = self._remembered(f"fold_{repeat}", None)
            if self.member.IS_ORDERED:
                kept = np.where(kept >= -1, kept + 1, -1)
            else:
                kept = np.maximum(kept, -1)
            kept[units.of_row < 0] = -1
            placed, bins = self._placed(
                units, np.full(n_bins, 1 / n_bins), f"repeat {repeat}", kept
            )
            inside = units.of_row >= 0
            if placed.usable_from is not None:
                bins = np.where(inside, bins - 1, NOTHING)
                found[f"from_{repeat}"] = np.where(
                    inside, placed.usable_from[units.of_row] - 1, NOTHING
                )
            else:
                bins = np.where(inside, bins, NOTHING)
            found[f"fold_{repeat}"] = bins
        return found

    def _placed(self, units: Units, shares: NDArray[np.float64], salt: str, kept: Codes) -> Any:
        """Place units; rows that had a bin keep it, whatever their unit gets."""
        inside = units.of_row >= 0
        request = Request(
            shares, key_of(self.case.seed, salt), kept_units(units, kept, len(shares))
        )
        placed = self.member.place(units, request)
        self.n_moved += placed.n_moved
        bins = np.where(inside, placed.bins[units.of_row], -1)
        bins = np.where(inside & (kept >= 0), kept, bins)
        self.n_divided = max(self.n_divided, n_divided(units, bins))
        return placed, bins

    def _remembered(self, name: str, codes: Mapping[str, int] | None) -> Codes:
        """Give what the memory says of each row; a large negative number where nothing."""
        memory = self.case.memory
        if memory is None or name not in memory.assignment.columns:
            return np.full(len(self.taken), UNKNOWN, dtype=np.int64)
        self.n_forgotten = max(self.n_forgotten, memory.n_lost(name, self.marks))
        found = memory.recall(name, (self.marks[0][self.taken], self.marks[1][self.taken]))
        if codes is not None:
            found = found.replace_strict(codes, return_dtype=pl.Int64, default=None)
        kept: Codes = found.cast(pl.Int64).fill_null(UNKNOWN).to_numpy().copy()
        self.n_remembered = max(self.n_remembered, int((kept > UNKNOWN).sum()))
        return kept

    def _need_units(self, units: Units, n_bins: int, what: str) -> None:
        if units.n < n_bins:
            noun = f"distinct {units.noun}" if units.noun == "row" else units.noun
            raise DataError(
                f"{units.n:,} {noun}{'s' * (units.n != 1)} cannot fill {n_bins} {what}: "
                "ask for fewer, or give more"
            )
        if self.plan.stratify and np.bincount(units.strata[units.of_row >= 0]).max() < n_bins:
            with blaming("stratify"):
                raise DataError(
                    f"Every stratum has fewer rows than there are {what} ({n_bins}): "
                    "cut numbers into bins, as in  gap in 10 bins, or take a coarser column"
                )
