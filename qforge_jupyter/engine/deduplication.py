"""Merge the records of the same thing, keeping the best of each (Q19).

Exact duplicates share their keys, or their whole content. Near duplicates are
sought among the records so kept. The kept record is the centre of its group:
every other one is near *it*, so that a chain of small steps never joins what
lies far apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.columns import is_present
from qforge_jupyter.engine.identifiers import identifier_columns
from qforge_jupyter.engine.merging import fill_from_duplicates
from qforge_jupyter.engine.near_rows import NearPairs, near_pairs
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames.cell_hash import struct_cells
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.deduplication import Deduplication
from qforge_jupyter.results.progress import Progress, silent

Places = NDArray[np.int64]
#: What decides which record is kept, one after the other.
CRITERIA = ("approved", "complete", "newest", "first")
#: How well a record may be approved; 0 is not at all.
APPROVED, CERTIFIED = 1, 2
_SAID = {
    "approved": "it is approved",
    "complete": "it is more complete",
    "newest": "it is newer",
    "first": "it comes first",
}
_ROW = "row"


@dataclass(frozen=True)
class DuplicateCase:
    """A table and what is known of its duplicates.

    Parameters
    ----------
    table
        The records.
    by
        Columns that name a record; whole rows are compared when there are none.
    columns
        What near duplicates are compared by; all but ids and keys when None.
    seeks_near
        Whether near duplicates are merged, too.
    near
        Up to which distance; calibrated when None.
    embedding
        A column of vectors that alone says what is near.
    approved
        For each row whether it is approved, or how well: 0, `APPROVED` or
        `CERTIFIED`; unknown when None.
    newest
        A column that grows with time.
    keep
        What decides first; then the rest of `CRITERIA` in order.
    fills
        Whether gaps of a kept record are filled from its duplicates.

    """

    table: Table
    by: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    seeks_near: bool = False
    near: float | None = None
    embedding: str | None = None
    approved: pl.Series | None = field(default=None, repr=False)
    newest: str | None = None
    keep: str | None = None
    fills: bool = False
    seed: int = 42
    progress: Progress = field(default=silent, repr=False)

    def __post_init__(self) -> None:
        for name in (*self.by, *(self.columns or ()), self.newest, self.embedding):
            if name is not None and name not in self.table.schema:
                raise CallError(f"No column named {name!r}{nearest(name, self.table.columns)}")
        if self.keep == "approved" and self.approved is None:
            raise CallError(
                "Nothing says which rows are approved, and the store knows no certificate or "
                "approval of them: add  --approved RULE  or  from CERTIFICATE"
            )
        if self.keep == "newest" and self.newest is None:
            raise CallError("Nothing says which row is the newest: add  --newest COLUMN")
        if self.near is not None and not self.near >= 0:
            raise CallError(f"`near` is {self.near:g}, wanted a distance of at least 0")


def deduplicate(case: DuplicateCase) -> Deduplication:
    """Merge duplicates and say of every merged record why.

    Examples
    --------
    >>> rows = pl.DataFrame({"key": ["a", "a", "b"], "gap": [None, 3.0, 4.0]})
    >>> merged = deduplicate(DuplicateCase(Table.of_frame("t", rows), by=("key",)))
    >>> merged.frame.rows()
    [('a', 3.0), ('b', 4.0)]
    >>> merged.groups.select("row", "kept", "why").rows()
    [(1, 1, 'kept'), (0, 1, 'equal key')]

    """
    frame = case.table.frame
    values = _values(case, frame)
    order = _order(values)
    kept, notes = _exact(case, frame, order)
    distance = np.zeros(frame.height)
    is_near = np.zeros(frame.height, dtype=np.bool_)
    pairs = NearPairs(*(np.empty(0, np.int64),) * 2, np.empty(0))
    if case.seeks_near:
        left = np.flatnonzero(kept == np.arange(frame.height))
        pairs = _near(case, frame, left)
        centre, how_far = stars(pairs, order)
        moved = centre[kept] != kept
        # A record that is merged takes those along that are equal to it.
        distance = np.where(moved, how_far[kept], 0.0)
        is_near, kept = moved, centre[kept]
    groups = _groups(case, kept, distance, is_near, order, pairs.view)
    groups = groups.with_columns(_because(values, groups))
    merged, conflicts, n_filled = fill_from_duplicates(frame, kept, order, fills=case.fills)
    keeps = kept == np.arange(frame.height)
    return Deduplication(
        name=case.table.name,
        frame=merged.filter(pl.Series(keeps)),
        groups=groups,
        conflicts=conflicts,
        n_rows=frame.height,
        n_exact=int((~keeps & ~is_near).sum()),
        n_near=int((~keeps & is_near).sum()),
        n_filled=n_filled,
        by=case.by,
        reach=pairs.reach if pairs.view else None,
        view=pairs.view,
        criteria=_criteria(case),
        notes=notes + pairs.notes,
        seed=case.seed,
    )


def _criteria(case: DuplicateCase) -> tuple[str, ...]:
    known = {
        "approved": case.approved is not None,
        "newest": case.newest is not None,
        "complete": True,
        "first": True,
    }
    rest = [each for each in CRITERIA if each != case.keep and known[each]]
    return (*((case.keep,) if case.keep else ()), *rest)


def _values(case: DuplicateCase, frame: pl.DataFrame) -> pl.DataFrame:
    """Give one column a criterion, in order; what is larger is kept before what is smaller."""
    filled = [is_present(exact(name), dtype) for name, dtype in frame.schema.items()]
    keys: dict[str, pl.Series] = {
        "complete": frame.select(pl.sum_horizontal(filled).alias("n"))["n"]
        if filled
        else pl.Series("n", [], dtype=pl.UInt32),
        "first": pl.Series(range(frame.height), dtype=pl.Int64) * -1,
    }
    if case.approved is not None:
        keys["approved"] = case.approved.cast(pl.Int8).fill_null(0)
    if case.newest is not None:
        keys["newest"] = frame.select(exact(case.newest).rank("dense").fill_null(0).alias("n"))["n"]
    return pl.DataFrame([keys[name].alias(name) for name in _criteria(case)])


def _order(values: pl.DataFrame) -> Places:
    """Rank the rows: 0 is kept before all others."""
    wanted = values.with_row_index(_ROW).sort(values.columns, descending=True, maintain_order=True)
    ranks = np.empty(values.height, dtype=np.int64)
    ranks[wanted[_ROW].to_numpy()] = np.arange(values.height)
    return ranks


def _because(values: pl.DataFrame, groups: pl.DataFrame) -> pl.Series:
    """Say of each merged record why the other one was kept: the first criterion that differs."""
    own, kept = values[groups["row"]], values[groups["kept"]]
    said = pl.lit("")
    for name in reversed(values.columns):
        is_certified = (
            pl.lit(kept[name] == CERTIFIED) if name == "approved" else pl.lit(value=False)
        )
        why = pl.when(is_certified).then(pl.lit("it is certified")).otherwise(pl.lit(_SAID[name]))
        said = pl.when(pl.lit(own[name] != kept[name])).then(why).otherwise(said)
    is_kept = pl.lit(groups["row"] == groups["kept"])
    return groups.select(pl.when(is_kept).then(pl.lit("")).otherwise(said).alias("because"))[
        "because"
    ]


def _exact(
    case: DuplicateCase, frame: pl.DataFrame, order: Places
) -> tuple[Places, tuple[str, ...]]:
    """Give for each row the one that is kept for it; a row without a key stands alone."""
    names = case.by or tuple(frame.columns)
    keys = frame.select(exact(name) for name in names)
    one, two = struct_cells(keys)
    rows = pl.DataFrame({"one": one, "two": two, "order": order}).with_row_index("row")
    notes: tuple[str, ...] = ()
    if case.by and frame.height:
        lacks = keys.select(pl.any_horizontal(pl.all().is_null()).alias("lacks"))["lacks"]
        if n_without := int(lacks.sum()):
            rows = rows.with_columns(
                pl.when(lacks).then(pl.col("row")).otherwise(None).alias("alone")
            )
            notes = (f"Without a key, so not merged by it: {n_without:,} rows.",)
    over = [name for name in ("one", "two", "alone") if name in rows.columns]
    kept = rows.select(pl.col("row").sort_by("order").first().over(over))["row"]
    return kept.cast(pl.Int64).to_numpy().copy(), notes


def _near(case: DuplicateCase, frame: pl.DataFrame, left: Places) -> NearPairs:
    rest = frame[left]
    columns: Sequence[str] = case.columns or ()
    if case.columns is None:
        taken = {*case.by, *identifier_columns(rest), case.newest, case.embedding}
        columns = [name for name in rest.columns if name not in taken]
    found = near_pairs(
        rest, columns, near=case.near, embedding=case.embedding, seed=case.seed,
        progress=case.progress,
    )  # fmt: skip
    return NearPairs(
        left[found.a], left[found.b], found.distances, found.view, found.reach, found.notes
    )


def stars(pairs: NearPairs, order: Places) -> tuple[Places, NDArray[np.float64]]:
    """Let the best record take those near it, then the best of the rest, and so on.

    Parameters
    ----------
    pairs
        Records that are near each other.
    order
        Rank of each record; 0 is the best.

    Returns
    -------
    tuple
        For each record the one that takes it, itself where none does, and how far that is.

    Examples
    --------
    >>> chain = NearPairs(np.array([0, 1]), np.array([1, 2]), np.array([0.1, 0.1]))
    >>> stars(chain, np.array([0, 1, 2]))[0].tolist()
    [0, 0, 2]

    """
    n_rows = len(order)
    centre, how_far = np.arange(n_rows), np.zeros(n_rows)
    beside: dict[int, list[tuple[int, float]]] = {}
    triples = zip(pairs.a.tolist(), pairs.b.tolist(), pairs.distances.tolist(), strict=True)
    for a, b, distance in triples:
        beside.setdefault(a, []).append((b, distance))
        beside.setdefault(b, []).append((a, distance))
    taken: set[int] = set()
    for row in sorted(beside, key=order.__getitem__):
        if row in taken:
            continue
        taken.add(row)
        for other, distance in beside[row]:
            if other not in taken:
                taken.add(other)
                centre[other], how_far[other] = row, distance
    return centre, how_far


def _groups(  # noqa: PLR0913 — one column each
    case: DuplicateCase,
    kept: Places,
    distance: NDArray[np.float64],
    is_near: NDArray[np.bool_],
    order: Places,
    view: str,
) -> pl.DataFrame:
    """List the rows of every group of two or more, the kept one first."""
    equal = f"equal {', '.join(case.by)}" if case.by else "equal content"
    rows = pl.DataFrame({
        "row": np.arange(len(kept)), "kept": kept, "distance": distance, "is_near": is_near,
        "order": order,
    })  # fmt: skip
    why = (
        pl.when(pl.col("row") == pl.col("kept"))
        .then(pl.lit("kept"))
        .when("is_near")
        .then(pl.lit(f"near by {view}"))
        .otherwise(pl.lit(equal))
    )
    return (
        rows.filter(pl.len().over("kept") > 1)
        .sort("kept", pl.col("row") != pl.col("kept"), "order")
        .with_columns((pl.col("kept").rank("dense") - 1).cast(pl.Int64).alias("group"))
        .select("row", "group", "kept", "distance", why.alias("why"))
    )
