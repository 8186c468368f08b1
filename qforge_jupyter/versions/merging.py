"""Three-way merge: two states that grew out of one, put together cell by cell.

What only one side changed is taken from that side. Where both changed the same
cell to different values, or one removed a row that the other changed, there is
a conflict: it is listed with all three values and never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import frame_of
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.versions.common_schema import with_one_schema
from qforge_jupyter.versions.comparing import Positions, compare_frames, match
from qforge_jupyter.versions.conflicts import (
    BOTH,
    BOTH_ADDED,
    GONE_HERE,
    GONE_THERE,
    State,
    conflicts_of,
    key_names,
)
from qforge_jupyter.versions.laying import pick

Side = Literal["ours", "theirs"]


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
    base, ours, theirs = with_one_schema(base, ours, theirs, keys)
    here = State(ours, compare_frames(base, ours, keys), base.height)
    there = State(theirs, compare_frames(base, theirs, keys), base.height)
    conflicts = conflicts_of(base, here, there, keys)
    takes = _takes(conflicts, keys, prefer, settled)
    frame = _put_together(here, there, keys, conflicts, takes)
    shown = conflicts.drop("__base", "__ours", "__theirs")
    return Merged(frame, shown, sum(take is None for take in takes))


def _takes(
    conflicts: pl.DataFrame,
    keys: Sequence[str],
    prefer: Side | None,
    settled: pl.DataFrame | None,
) -> list[str | None]:
    """Say for each conflict which side is taken; None for an open one."""
    if settled is None:
        return [prefer] * conflicts.height
    named = [*key_names(keys), "column"]
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
    here: State,
    there: State,
    keys: Sequence[str],
    conflicts: pl.DataFrame,
    takes: list[str | None],
) -> pl.DataFrame:
    """Lay the other side's changes over ours, conflicts as they were settled."""
    settled = conflicts.with_columns(take=pl.Series(takes, dtype=pl.String).fill_null("ours"))
    yours = settled.filter(pl.col("take") == "theirs")
    cells = {name: _overlay(here, there, name, settled, yours) for name in here.frame.columns}
    merged = frame_of(cells[name] for name in here.frame.columns)
    merged = merged.filter(pl.Series(_stays(here, there, settled, yours)))
    back = yours.filter(pl.col("what") == GONE_HERE)["__theirs"].to_numpy()
    new = _new_rows(here, there, keys)
    came = np.concatenate([back, new]).astype(np.int64)
    return pl.concat([merged, there.frame[came]]) if came.size else merged


def _overlay(
    here: State, there: State, name: str, settled: pl.DataFrame, yours: pl.DataFrame
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
    here: State, there: State, settled: pl.DataFrame, yours: pl.DataFrame
) -> NDArray[np.bool_]:
    """Say which of our rows stay: those that the other side did not remove."""
    stays = np.ones(here.frame.height, dtype=bool)
    gone = np.flatnonzero((there.place < 0) & (here.place >= 0))
    contested = settled.filter(pl.col("what") == GONE_THERE)["__base"].to_numpy()
    stays[here.place[np.setdiff1d(gone, contested)]] = False
    stays[yours.filter(pl.col("what") == GONE_THERE)["__ours"].to_numpy()] = False
    return stays


def _new_rows(here: State, there: State, keys: Sequence[str]) -> Positions:
    """Find the rows that only the other side added."""
    mine, yours = here.compared.matched.added, there.compared.matched.added
    found = match(here.frame[mine], there.frame[yours], keys)
    return yours[found.added]
