"""Three-way merge: two states that grew out of one, put together cell by cell.

What only one side changed is taken from that side. Where both changed the same
cell to different values, or one removed a row that the other changed, there is
a conflict: it is listed with all three values and never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import CallError, QualityError, nearest
from qforge_jupyter.versions.comparing import Compared, Positions, compare_frames, match
from qforge_jupyter.versions.laying import pick

Side = Literal["ours", "theirs"]
#: Kinds of conflicts, as the list of them says.
BOTH, GONE_HERE, GONE_THERE = "changed on both sides", "removed in ours", "removed in theirs"
BOTH_ADDED = "added on both sides"


@dataclass(frozen=True)
class Merged:
    """What came of a merge.

    Parameters
    ----------
    frame
        The merged rows; where there are conflicts, as the chosen side has them.
    conflicts
        Key columns, ``column`` (null for a whole row), ``what``, ``base``, ``ours``,
        ``theirs`` as text.
    n_open
        Conflicts that nobody settled.

    """

    frame: pl.DataFrame
    conflicts: pl.DataFrame
    n_open: int


@dataclass(frozen=True)
class _Side:
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


def merge_frames(  # noqa: PLR0913 — three states, and how conflicts are settled
    base: pl.DataFrame,
    ours: pl.DataFrame,
    theirs: pl.DataFrame,
    keys: Sequence[str],
    *,
    prefer: Side | None = None,
    settled: pl.DataFrame | None = None,
) -> Merged:
    """Merge two tables that grew out of a third.

    Parameters
    ----------
    base, ours, theirs
        The three states.
    keys
        Columns whose values name a row; rows are known by content without.
    prefer
        Which side wins every conflict that is not settled.
    settled
        A list of conflicts with a column ``take`` that says ``ours`` or ``theirs``.

    Raises
    ------
    QualityError
        The columns themselves were changed in ways that exclude each other.

    Examples
    --------
    >>> base = pl.DataFrame({"id": [1, 2], "tier": ["a", "b"], "note": ["", ""]})
    >>> ours = base.with_columns(tier=pl.Series(["c", "b"]))
    >>> theirs = base.with_columns(note=pl.Series(["seen", ""]))
    >>> merge_frames(base, ours, theirs, ["id"]).frame.row(0)
    (1, 'c', 'seen')

    """
    base, ours, theirs = _with_one_schema(base, ours, theirs, keys)
    here = _Side(ours, compare_frames(base, ours, keys), base.height)
    there = _Side(theirs, compare_frames(base, theirs, keys), base.height)
    conflicts = _conflicts(base, here, there, keys)
    takes = _takes(conflicts, keys, prefer, settled)
    frame = _put_together(here, there, keys, conflicts, takes)
    shown = conflicts.drop("__base", "__ours", "__theirs")
    return Merged(frame, shown, sum(take is None for take in takes))


def _with_one_schema(
    base: pl.DataFrame, ours: pl.DataFrame, theirs: pl.DataFrame, keys: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Give all three the columns of the merged table."""
    kinds: dict[str, pl.DataType] = {}
    for name in dict.fromkeys((*ours.columns, *theirs.columns)):
        kind = _merged_kind(name, base.schema, ours.schema, theirs.schema)
        if kind is not None:
            kinds[name] = kind
            continue
        kept = ours if name in ours.schema else theirs
        named = list(dict.fromkeys((*keys, name)))
        if keys and compare_frames(pick(base, named), pick(kept, named), keys).changed:
            raise QualityError(
                f"The column {name[:60]!r} was dropped on one branch and cells of it were changed "
                "on the other: drop it there too, or keep it, then merge"
            )
    return _shaped(base, kinds), _shaped(ours, kinds), _shaped(theirs, kinds)


def _merged_kind(
    name: str, base: pl.Schema, ours: pl.Schema, theirs: pl.Schema
) -> pl.DataType | None:
    before, here, there = base.get(name), ours.get(name), theirs.get(name)
    if here == there:
        return here
    if before == there:
        return here
    if before == here:
        return there
    raise QualityError(
        f"The column {name[:60]!r} is {here or 'gone'} in ours and {there or 'gone'} in theirs, "
        "which exclude each other: bring it to one type on one branch, then merge"
    )


def _shaped(frame: pl.DataFrame, kinds: dict[str, pl.DataType]) -> pl.DataFrame:
    made = []
    for name, kind in kinds.items():
        if name not in frame.schema:
            made.append(pl.Series(name, [None] * frame.height, dtype=kind))
            continue
        try:
            made.append(frame.get_column(name).cast(kind))
        except pl.exceptions.PolarsError:
            raise QualityError(
                f"The column {name[:60]!r} was given the type {kind} on one branch, and values of "
                "the other branch do not fit it: cast it there first"
            ) from None
    return pl.DataFrame(made)


def _conflicts(base: pl.DataFrame, here: _Side, there: _Side, keys: Sequence[str]) -> pl.DataFrame:
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
    here: _Side,
    there: _Side,
    keys: Sequence[str],
    rows: Positions,
    column: str | None,
    what: str,
) -> pl.DataFrame:
    def texts(frame: pl.DataFrame, places: Positions) -> pl.Series:
        if column is None:
            return pl.Series([None] * len(places), dtype=pl.String)
        return _written(_taken(frame.get_column(column), places))

    return pick(base, keys)[rows].with_columns(
        column=pl.Series([column] * rows.size, dtype=pl.String),
        what=pl.Series([what] * rows.size, dtype=pl.String),
        base=texts(base, rows),
        ours=texts(here.frame, here.place[rows]),
        theirs=texts(there.frame, there.place[rows]),
        __base=pl.Series(rows, dtype=pl.Int64),
        __ours=pl.Series(here.place[rows], dtype=pl.Int64),
        __theirs=pl.Series(there.place[rows], dtype=pl.Int64),
    )


def _added_twice(here: _Side, there: _Side, keys: Sequence[str]) -> pl.DataFrame:
    """List rows that both sides added under one key with different cells."""
    mine, yours = here.compared.matched.added, there.compared.matched.added
    same = match(pick(here.frame, keys)[mine], pick(there.frame, keys)[yours], keys)
    ours, theirs = mine[same.before], yours[same.after]
    pairs = compare_frames(here.frame[ours], there.frame[theirs], keys)
    order = pairs.matched
    at = np.flatnonzero(pairs.is_changed)
    rows_ours, rows_theirs = ours[order.before[at]], theirs[order.after[at]]
    nothing = pl.Series([None] * at.size, dtype=pl.String)
    return pick(here.frame, keys)[rows_ours].with_columns(
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


def _written(column: pl.Series) -> pl.Series:
    """Write cells as text that a person can compare."""
    if column.dtype.is_nested() or column.dtype == pl.Binary:
        return pl.Series([None if one is None else str(one) for one in column], dtype=pl.String)
    return column.cast(pl.String)


def _takes(
    conflicts: pl.DataFrame,
    keys: Sequence[str],
    prefer: Side | None,
    settled: pl.DataFrame | None,
) -> list[str | None]:
    """Say for each conflict which side is taken; None for an open one."""
    if settled is None:
        return [prefer] * conflicts.height
    named = [*keys, "column"]
    if missing := [name for name in (*named, "take") if name not in settled.columns]:
        raise CallError(
            f"What settles conflicts needs a column {missing[0]!r}: take the merge's `conflicts` "
            'and add a column `take` with "ours" or "theirs"'
        )
    sides = ("ours", "theirs")
    if wrong := sorted(set(settled["take"].drop_nulls().cast(pl.String)) - {*sides}):
        raise CallError(
            f"`take` says ours or theirs, and {wrong[0]!r} came{nearest(wrong[0], sides)}"
        )
    said = pick(settled, [*named, "take"]).unique(subset=named, keep="last")
    joined = pick(conflicts, named).join(
        said, on=named, how="left", nulls_equal=True, maintain_order="left"
    )
    return [take or prefer for take in joined["take"]]


def _put_together(
    here: _Side,
    there: _Side,
    keys: Sequence[str],
    conflicts: pl.DataFrame,
    takes: list[str | None],
) -> pl.DataFrame:
    """Lay the other side's changes over ours, conflicts as they were settled."""
    settled = conflicts.with_columns(take=pl.Series(takes, dtype=pl.String).fill_null("ours"))
    yours = settled.filter(pl.col("take") == "theirs")
    cells = {name: _overlay(here, there, name, settled, yours) for name in here.frame.columns}
    merged = pl.DataFrame([cells[name] for name in here.frame.columns])
    merged = merged.filter(pl.Series(_stays(here, there, settled, yours)))
    back = yours.filter(pl.col("what") == GONE_HERE)["__theirs"].to_numpy()
    new = _new_rows(here, there, keys)
    came = np.concatenate([back, new]).astype(np.int64)
    return pl.concat([merged, there.frame[came]]) if came.size else merged


def _overlay(
    here: _Side, there: _Side, name: str, settled: pl.DataFrame, yours: pl.DataFrame
) -> pl.Series:
    rows = np.flatnonzero(there.is_changed(name) & (here.place >= 0))
    contested = settled.filter((pl.col("what") == BOTH) & (pl.col("column") == name))
    rows = np.setdiff1d(rows, contested["__base"].to_numpy())
    won = yours.filter((pl.col("what") == BOTH) & (pl.col("column") == name))["__base"].to_numpy()
    rows = np.concatenate([rows, won])
    twice = yours.filter(pl.col("what") == BOTH_ADDED)
    ours = np.concatenate([here.place[rows], twice["__ours"].to_numpy()])
    theirs = np.concatenate([there.place[rows], twice["__theirs"].to_numpy()])
    column = here.frame.get_column(name)
    if not ours.size:
        return column
    places = np.arange(len(column))
    places[ours] = len(column) + theirs
    return pl.concat([column, there.frame.get_column(name)])[places]


def _stays(
    here: _Side, there: _Side, settled: pl.DataFrame, yours: pl.DataFrame
) -> NDArray[np.bool_]:
    """Say which of our rows stay: those that the other side did not remove."""
    stays = np.ones(here.frame.height, dtype=bool)
    gone = np.flatnonzero((there.place < 0) & (here.place >= 0))
    contested = settled.filter(pl.col("what") == GONE_THERE)["__base"].to_numpy()
    stays[here.place[np.setdiff1d(gone, contested)]] = False
    stays[yours.filter(pl.col("what") == GONE_THERE)["__ours"].to_numpy()] = False
    return stays


def _new_rows(here: _Side, there: _Side, keys: Sequence[str]) -> Positions:
    """Find the rows that only the other side added."""
    mine, yours = here.compared.matched.added, there.compared.matched.added
    found = match(here.frame[mine], there.frame[yours], keys)
    return yours[found.added]
