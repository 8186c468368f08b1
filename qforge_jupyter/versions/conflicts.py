"""Where two sides of a merge exclude each other: cell by cell, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import free_name, written
from qforge_jupyter.versions.comparing import Compared, Positions, compare_frames, match
from qforge_jupyter.versions.laying import pick

#: Kinds of conflicts, as the list of them says.
BOTH, GONE_HERE, GONE_THERE = "changed on both sides", "removed in ours", "removed in theirs"
BOTH_ADDED = "added on both sides"
_WORDS = frozenset({"column", "what", "base", "ours", "theirs", "take"})


@dataclass(frozen=True)
class State:
    """One side of a merge, seen from the state both grew out of."""

    frame: pl.DataFrame
    compared: Compared
    n_base: int

    @cached_property
    def place(self) -> Positions:
        """Where each row of the base stands now; -1 for one that is gone."""
        places = np.full(self.n_base, -1, dtype=np.int64)
        places[self.compared.matched.before] = self.compared.matched.after
        return places

    def is_changed(self, name: str) -> NDArray[np.bool_]:
        """Whether the cell of each row of the base was changed here."""
        cells = np.zeros(self.n_base, dtype=bool)
        if name in self.compared.changed:
            cells[self.compared.matched.before] = self.compared.changed[name]
        return cells

    @cached_property
    def is_touched(self) -> NDArray[np.bool_]:
        """Whether any cell of each row of the base was changed here."""
        rows = np.zeros(self.n_base, dtype=bool)
        rows[self.compared.matched.before] = self.compared.is_changed
        return rows


def key_names(keys: Sequence[str]) -> list[str]:
    """Name the keys in a list of conflicts, apart from its own columns and from patterns.

    Examples
    --------
    >>> key_names(["id", "what"])
    ['id', 'key what']

    """
    is_free = [key not in _WORDS and key != "*" and not key.startswith("^") for key in keys]
    return [
        key if free else free_name(f"key {key}", keys)
        for key, free in zip(keys, is_free, strict=True)
    ]


def conflicts_of(
    base: pl.DataFrame, here: State, there: State, keys: Sequence[str]
) -> pl.DataFrame:
    """List conflicts with the positions of the rows in all three states."""
    found = [_listed(base, here, there, keys, np.empty(0, np.int64), None, BOTH)]
    if keys:
        for name in base.columns:
            rows = np.flatnonzero(here.is_changed(name) & there.is_changed(name))
            mine = here.frame.get_column(name)[here.place[rows]].alias("a")
            yours = there.frame.get_column(name)[there.place[rows]].alias("b")
            differs = pl.DataFrame([mine, yours]).select(pl.col("a").ne_missing(pl.col("b")))
            rows = rows[differs.to_series().to_numpy()]
            found.append(_listed(base, here, there, keys, rows, name, BOTH))
        gone_here = np.flatnonzero((here.place < 0) & there.is_touched)
        gone_there = np.flatnonzero((there.place < 0) & here.is_touched)
        found.append(_listed(base, here, there, keys, gone_here, None, GONE_HERE))
        found.append(_listed(base, here, there, keys, gone_there, None, GONE_THERE))
        found.append(_added_twice(here, there, keys))
    return pl.concat(found)


def _listed(  # noqa: PLR0913 — the three states, which rows, and what of them
    base: pl.DataFrame,
    here: State,
    there: State,
    keys: Sequence[str],
    rows: Positions,
    column: str | None,
    what: str,
) -> pl.DataFrame:
    def texts(frame: pl.DataFrame, places: Positions) -> pl.Series:
        if column is None:
            return pl.Series([None] * len(places), dtype=pl.String)
        return written(_taken(frame.get_column(column), places))

    return _named(base, keys, rows).with_columns(
        column=pl.Series([column] * rows.size, dtype=pl.String),
        what=pl.Series([what] * rows.size, dtype=pl.String),
        base=texts(base, rows),
        ours=texts(here.frame, here.place[rows]),
        theirs=texts(there.frame, there.place[rows]),
        __base=pl.Series(rows, dtype=pl.Int64),
        __ours=pl.Series(here.place[rows], dtype=pl.Int64),
        __theirs=pl.Series(there.place[rows], dtype=pl.Int64),
    )


def _named(frame: pl.DataFrame, keys: Sequence[str], rows: Positions) -> pl.DataFrame:
    found = pick(frame, keys)[rows]
    found.columns = key_names(keys)
    return found


def _added_twice(here: State, there: State, keys: Sequence[str]) -> pl.DataFrame:
    """List rows that both sides added under one key with different cells."""
    mine, yours = here.compared.matched.added, there.compared.matched.added
    same = match(pick(here.frame, keys)[mine], pick(there.frame, keys)[yours], keys)
    ours, theirs = mine[same.before], yours[same.after]
    pairs = compare_frames(here.frame[ours], there.frame[theirs], keys)
    order = pairs.matched
    at = np.flatnonzero(pairs.is_changed)
    rows_ours, rows_theirs = ours[order.before[at]], theirs[order.after[at]]
    nothing = pl.Series([None] * at.size, dtype=pl.String)
    return _named(here.frame, keys, rows_ours).with_columns(
        column=nothing,
        what=pl.Series([BOTH_ADDED] * at.size, dtype=pl.String),
        base=nothing,
        ours=nothing,
        theirs=nothing,
        __base=pl.Series([-1] * at.size, dtype=pl.Int64),
        __ours=pl.Series(rows_ours, dtype=pl.Int64),
        __theirs=pl.Series(rows_theirs, dtype=pl.Int64),
    )


def _taken(column: pl.Series, places: Positions) -> pl.Series:
    wanted = pl.Series(places, dtype=pl.Int64)
    return column.gather(pl.select(pl.when(wanted >= 0).then(wanted)).to_series())
