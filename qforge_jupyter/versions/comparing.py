"""Two states of a table, row by row and cell by cell.

Rows are known by their keys, or by their whole content where there are no
keys: then a changed row is one row gone and another come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.cell_hash import struct_cells
from qforge_jupyter.versions.laying import pick

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Matched:
    """Which row of one state is which of the other.

    Parameters
    ----------
    before, after
        Positions of the rows that both have, pair by pair.
    removed
        Positions of the rows that only the state before has.
    added
        Positions of the rows that only the state after has.

    """

    before: Positions
    after: Positions
    removed: Positions
    added: Positions

    @property
    def is_in_order(self) -> bool:
        """Whether both states have the same rows at the same places."""
        return not (self.removed.size or self.added.size) and bool(
            np.array_equal(self.before, self.after)
        )


@dataclass(frozen=True)
class Compared:
    """What differs between two states.

    Parameters
    ----------
    matched
        Rows of both.
    changed
        By column that both have in one type: whether the cell of each matched pair
        differs. Columns without a difference are left out.
    columns_added, columns_removed, columns_retyped
        Names of columns that differ as such.

    """

    matched: Matched
    changed: dict[str, NDArray[np.bool_]]
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    columns_retyped: tuple[str, ...]

    @cached_property
    def is_changed(self) -> NDArray[np.bool_]:
        """Whether any cell of each matched pair differs."""
        some = np.zeros(self.matched.before.size, dtype=bool)
        for cells in self.changed.values():
            some |= cells
        return some

    @property
    def n_modified(self) -> int:
        """Count of the matched pairs that differ in a cell."""
        return int(self.is_changed.sum())

    @property
    def is_empty(self) -> bool:
        """Whether both states are the same."""
        return not (
            self.matched.removed.size
            or self.matched.added.size
            or self.changed
            or self.columns_added
            or self.columns_removed
            or self.columns_retyped
        )


def match(before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[str]) -> Matched:
    """Find which row is which, by key or by content.

    Parameters
    ----------
    before, after
        With at least the key columns; with every column where there are no keys.
    keys
        Columns whose values name a row, each value once.

    Examples
    --------
    >>> old, new = pl.DataFrame({"id": [1, 2]}), pl.DataFrame({"id": [3, 1]})
    >>> found = match(old, new, ["id"])
    >>> found.removed.tolist(), found.added.tolist()
    ([1], [0])

    """
    names = _identities(before, after, keys)
    if names[0].height == names[1].height and names[0].equals(names[1]):
        every, none = np.arange(before.height), np.empty(0, dtype=np.int64)
        return Matched(every, every, none, none)
    old, new = (
        frame.with_row_index(place).with_columns(pl.col(place).cast(pl.Int64))
        for frame, place in zip(names, ("__before", "__after"), strict=True)
    )
    pairs = new.join(
        old, on=names[0].columns, how="left", nulls_equal=True, maintain_order="left"
    ).select("__before", "__after")
    is_known = pairs["__before"].is_not_null()
    both = pairs.filter(is_known)
    kept = np.zeros(before.height, dtype=bool)
    kept[both["__before"].to_numpy()] = True
    return Matched(
        both["__before"].to_numpy(),
        both["__after"].to_numpy(),
        np.flatnonzero(~kept),
        pairs.filter(~is_known)["__after"].to_numpy(),
    )


def _identities(
    before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give what names each row, as columns that can be joined."""
    if not keys:
        return _contents(before), _contents(after)
    old, new = (pick(frame, keys) for frame in (before, after))
    common = [_common(name, old[name].dtype, new[name].dtype) for name in keys]
    casts = [pl.nth(place).cast(kind).alias(f"k{place}") for place, kind in enumerate(common)]
    return old.select(casts), new.select(casts)


def _common(name: str, before: pl.DataType, after: pl.DataType) -> pl.DataType | type[pl.DataType]:
    """Give the type in which the keys of both states can be compared."""
    if before == after:
        return before
    texts = (pl.String, pl.Categorical, pl.Enum)
    if isinstance(before, texts) and isinstance(after, texts):
        return pl.String
    if before.is_integer() and after.is_integer():
        return pl.Int128
    raise DataError(
        f"The key {name[:60]!r} is {before} in the one version and {after} in the other, so rows "
        f"cannot be found again: cast it to {before} first"
    )


def _contents(frame: pl.DataFrame) -> pl.DataFrame:
    """Name rows by their content; equal rows are counted apart."""
    first, second = struct_cells(frame)
    made = pl.DataFrame({"k0": first, "k1": second})
    once = made.n_unique() == made.height
    nth = pl.lit(0) if once else pl.int_range(pl.len()).over("k0", "k1")
    return made.with_columns(k2=nth.cast(pl.UInt32))


def compare(
    before: pl.Schema,
    after: pl.DataFrame,
    matched: Matched,
    cells: Callable[[str], pl.Series],
    *,
    skip: Sequence[str] = (),
) -> Compared:
    """Compare matched rows cell by cell, a column at a time.

    Parameters
    ----------
    before
        Columns of the former state.
    after
        The later state.
    matched
        As `match` gives it.
    cells
        Gives a column of the former state, by name, for its matched rows in order.
    skip
        Columns that are known to be equal, as the keys are.

    """
    changed: dict[str, NDArray[np.bool_]] = {}
    retyped = []
    every = np.array_equal(matched.after, np.arange(after.height))
    for name, kind in after.schema.items():
        if name in before and before[name] != kind:
            retyped.append(name)
        elif name in before and name not in skip:
            new = after.get_column(name)
            differs = _differs(cells(name), new if every else new[matched.after])
            if differs.any():
                changed[name] = differs
    return Compared(
        matched,
        changed,
        tuple(name for name in after.columns if name not in before),
        tuple(name for name in before if name not in after.schema),
        tuple(retyped),
    )


def _differs(old: pl.Series, new: pl.Series) -> NDArray[np.bool_]:
    """Say which cells differ: null is null, NaN is NaN, and 0.0 is -0.0."""
    # Under names of their own: a name that looks like a pattern would be read as one.
    both = pl.DataFrame([old.alias("a"), new.alias("b")])
    return both.select(pl.col("a").ne_missing(pl.col("b"))).to_series().to_numpy()


def compare_frames(
    before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[str], *, by_common: bool = False
) -> Compared:
    """Compare two tables in memory.

    Parameters
    ----------
    before, after, keys
        The two states, and the columns whose values name a row.
    by_common
        Whether rows without keys may be known by the columns that both have, where one
        state has more.

    Examples
    --------
    >>> old = pl.DataFrame({"id": [1, 2], "gap": [0.5, None]})
    >>> new = pl.DataFrame({"id": [2, 1], "gap": [0.7, 0.5]})
    >>> compare_frames(old, new, ["id"]).n_modified
    1

    """
    both = [name for name in before.columns if name in after.schema]
    differ = len(both) < max(before.width, after.width)
    if not keys and differ and not (by_common and both):
        raise DataError(
            "Rows without keys are known by their content, and the columns differ: "
            "say which columns name a row with `by`"
        )
    if not keys and differ:
        matched = match(pick(before, both), pick(after, both), keys)
        return compare(before.schema, after, matched, before.get_column, skip=both)
    matched = match(before, after, keys)
    if not keys:
        return Compared(matched, {}, (), (), ())
    is_same = np.array_equal(matched.before, np.arange(before.height))

    def cells(name: str) -> pl.Series:
        column = before.get_column(name)
        return column if is_same else column[matched.before]

    return compare(before.schema, after, matched, cells, skip=keys)


def check_keys(frame: pl.DataFrame, keys: Sequence[str]) -> None:
    """Refuse keys that do not name every row, and each row once.

    Raises
    ------
    DataError
        A key column is missing, holds nulls, or a key stands in two rows.

    """
    from qforge_jupyter.errors import nearest

    for name in keys:
        if name not in frame.columns:
            raise DataError(f"There is no key column {name[:60]!r}{nearest(name, frame.columns)}")
        if n_null := frame.get_column(name).null_count():
            raise DataError(
                f"The key {name[:60]!r} is null in {n_null:,} row{'s' * (n_null != 1)}, "
                "and a row needs a name: fill it, drop these rows, or choose another key"
            )
    if not keys:
        return
    n_doubled = frame.height - pick(frame, keys).n_unique()
    if n_doubled:
        shown = " and ".join(repr(name[:60]) for name in keys)
        raise DataError(
            f"The key {shown} is repeated in {n_doubled:,} row{'s' * (n_doubled != 1)}, "
            "and it has to name one row: add a column to `by`, or `%qforge deduplicate` first"
        )
