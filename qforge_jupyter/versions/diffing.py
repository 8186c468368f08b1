"""From two tables to the report of what differs between them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.diff import DiffReport
from qforge_jupyter.versions.comparing import Compared, check_keys, compare_frames


def diff_tables(name: str, before: Table, after: Table, keys: Sequence[str]) -> DiffReport:
    """Compare two tables; the keys of stored versions were proved when they were committed."""
    unproved = (each.frame for each in (before, after) if not _has_keys(each, keys))
    for frame in unproved:
        check_keys(frame, keys)
    return _diff(name, before.frame, after.frame, keys)


def _has_keys(table: Table, keys: Sequence[str]) -> bool:
    return table.version is not None and table.version.keys == tuple(keys)


def diff_frames(
    name: str, before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[str]
) -> DiffReport:
    """Compare two states of a table, exactly, by row and by cell.

    Parameters
    ----------
    name
        What the report is called.
    before, after
        The two states.
    keys
        Columns whose values name a row; rows are known by content without.

    Raises
    ------
    DataError
        The keys do not name every row once, in either state.

    Examples
    --------
    >>> old = pl.DataFrame({"id": [1, 2], "tier": ["a", "b"]})
    >>> new = pl.DataFrame({"id": [2, 3], "tier": ["c", "b"]})
    >>> found = diff_frames("tiers", old, new, ["id"])
    >>> found.cells.row(0)
    (2, 'tier', 'b', 'c')

    """
    for frame in (before, after):
        check_keys(frame, keys)
    return _diff(name, before, after, keys)


def _diff(name: str, before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[str]) -> DiffReport:
    found = compare_frames(before, after, keys, by_common=True)
    return DiffReport(
        name,
        before,
        after,
        tuple(keys),
        (found.matched.before, found.matched.after),
        found.matched.removed,
        found.matched.added,
        found.changed,
        _columns(found, before.schema, after.schema),
    )


def _columns(found: Compared, before: pl.Schema, after: pl.Schema) -> tuple[tuple[str, str], ...]:
    return (
        *((name, f"added, {after[name]}") for name in found.columns_added),
        *((name, f"dropped, was {before[name]}") for name in found.columns_removed),
        *((name, f"{before[name]}, now {after[name]}") for name in found.columns_retyped),
    )
