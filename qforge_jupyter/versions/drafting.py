"""What a new version consists of: its files, its counts, its fingerprint.

The first version is a base. A later one adds files for what changed: the new
rows in full, of changed rows the columns that changed, the numbers of the rows
that are gone. When all that weighs more than the base, a new base is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.cell_hash import MASK, logical_type
from qforge_jupyter.frames.fingerprint import FingerprintState, finish, fold, merge
from qforge_jupyter.frames.table import BATCH_ROWS
from qforge_jupyter.results.run import Artifact
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.versions.compacting import compact
from qforge_jupyter.versions.comparing import Compared, Matched, check_keys, compare, match
from qforge_jupyter.versions.laying import ROW, Laid, Rows, lay, pick

#: Deltas may weigh so many bases together before a new base is written.
HEAVIEST = 1.1
#: A version consists of so many files at most.
MOST_FILES = 400


@dataclass(frozen=True)
class Draft:
    """A version that has no parents, author or message yet.

    Parameters
    ----------
    files
        Role and file, in the order in which they are laid.
    state
        From which the fingerprint is made, and the next version's.
    compared
        What differs from the version before; None for the first.
    next_row
        The number that the next new row gets.
    forgotten
        Numbers of rows that its files hold nothing of.

    """

    files: tuple[tuple[str, Artifact], ...]
    schema: pl.Schema
    state: FingerprintState
    n_added: int
    n_removed: int
    n_modified: int
    next_row: int
    compared: Compared | None = field(default=None, repr=False)
    forgotten: tuple[int, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Of the whole content."""
        return finish(self.state)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Names and types, in order."""
        return tuple((name, str(kind)) for name, kind in self.schema.items())


def check_table(frame: pl.DataFrame, keys: tuple[str, ...]) -> None:
    """Refuse a table that cannot be a version.

    Raises
    ------
    DataError
        It is empty, has a column that cannot be kept, or its keys name no rows.

    """
    if not frame.width or not frame.height:
        what = "no columns" if not frame.width else "no rows"
        raise DataError(f"The table has {what}, so there is nothing to keep: load its data first")
    if ROW in frame.columns:
        raise DataError(f"A column is called {ROW!r}, a name that versions need: rename it")
    for name, kind in frame.schema.items():
        if kind == pl.Object:
            raise DataError(
                f"The column {name[:60]!r} holds Python objects, which cannot be kept: "
                "cast it to a type of Polars"
            )
    check_keys(frame, keys)


def first(objects: Objects, frame: pl.DataFrame, keys: tuple[str, ...]) -> Draft:
    """Draft the first version of a dataset.

    Raises
    ------
    DataError
        The table cannot be a version.

    """
    check_table(frame, keys)
    base = objects.put_frame(frame, name="base.parquet", compression="lz4")
    return Draft((("base", base),), frame.schema, state_of(frame), frame.height, 0, 0, frame.height)


def following(  # noqa: PLR0913 — two versions, and how their rows are found
    objects: Objects,
    head: KeptCommit,
    frame: pl.DataFrame,
    keys: tuple[str, ...],
    *,
    is_forced: bool = False,
    is_aligned: bool = False,
) -> Draft | None:
    """Draft the version that follows another; None where nothing changed.

    Parameters
    ----------
    objects
        Where files are kept.
    head
        The version before.
    frame
        The table as it is now.
    keys
        Columns whose values name a row.
    is_forced
        Draft it although nothing changed: a merge is a version all the same.
    is_aligned
        The rows are those of the version before, at the same places; cells and columns differ.

    Raises
    ------
    DataError
        The table cannot be a version, or its keys have another type.

    """
    check_table(frame, keys)
    laid = lay(objects, head)
    compared = _aligned(laid, frame) if is_aligned else _compare(laid, frame, keys)
    is_reordered = list(laid.schema) != frame.columns
    if compared.is_empty and not is_reordered and not is_forced:
        return None
    matched = compared.matched
    rows = laid.rows[matched.before]
    added = frame[matched.added]
    removed = laid.rows[matched.removed]
    state = _next_state(laid, head, frame, compared, rows)
    kept = [
        (file.role, Artifact(file.sha256, _TYPE, file.sha256, file.n_bytes))
        for file in head.objects
    ]
    draft_files = [*compact(objects, laid, kept), *_changes(objects, frame, compared, rows)]
    next_row = int(head.detail["next_row"])
    if added.height:
        draft_files.append(
            ("delta", _put_rows(objects, added, np.arange(next_row, next_row + added.height)))
        )
    if removed.size:
        gone = pl.DataFrame({ROW: pl.Series(removed, dtype=pl.UInt32)})
        draft_files.append(("tombstones", objects.put_frame(gone, name="tombstones.parquet")))
    counts = (added.height, int(removed.size), compared.n_modified)
    draft = Draft(
        tuple(draft_files),
        frame.schema,
        state,
        *counts,
        next_row + added.height,
        compared,
        head.forgotten,
    )
    return _rebased(objects, draft, frame) if _is_heavy(draft) else draft


_TYPE = "application/vnd.apache.parquet"


def state_of(frame: pl.DataFrame) -> FingerprintState:
    """Fold a table in memory, batch by batch."""
    state = fold(frame.clear())
    for batch in frame.iter_slices(BATCH_ROWS):
        state = merge(state, fold(batch))
    return state


def _compare(laid: Laid, frame: pl.DataFrame, keys: tuple[str, ...]) -> Compared:
    if not keys and laid.schema != frame.schema:
        # Content under another schema is other content: every row is another one.
        if set(laid.schema) == set(frame.columns):
            frame = frame.select(pl.nth([frame.columns.index(name) for name in laid.schema]))
        if laid.schema != frame.schema:
            raise DataError(
                "Columns were added, dropped or retyped, and rows without keys cannot be found "
                "again: make the dataset anew under another name with `by` and its key columns"
            )
    matched = match(laid.frame(keys or None), frame, keys)
    if not keys:
        return Compared(matched, {}, (), (), ())
    rows = laid.rows[matched.before]
    is_all = not matched.removed.size and np.array_equal(rows, laid.rows)
    return compare(
        laid.schema,
        frame,
        matched,
        lambda name: laid.at(None if is_all else rows, [name]).to_series(),
        skip=[key for key in keys if laid.schema[key] == frame.schema[key]],
    )


def _aligned(laid: Laid, frame: pl.DataFrame) -> Compared:
    """Compare rows that stand where they stood."""
    if laid.rows.size != frame.height:
        raise DataError(
            f"{frame.height:,} rows came for the {laid.rows.size:,} of the version, and each is "
            "known by its place: take the whole version"
        )
    every, none = np.arange(frame.height), np.empty(0, dtype=np.int64)
    matched = Matched(every, every, none, none)
    return compare(laid.schema, frame, matched, lambda name: laid.at(None, [name]).to_series())


def _changes(
    objects: Objects, frame: pl.DataFrame, compared: Compared, rows: Rows
) -> list[tuple[str, Artifact]]:
    """Write the cells that changed: whole new columns, and cells of old ones."""
    files = []
    matched = compared.matched
    whole = [*compared.columns_added, *compared.columns_retyped]
    if whole:
        files.append(("delta", _put_rows(objects, pick(frame, whole)[matched.after], rows)))
    if compared.changed:
        touched = np.flatnonzero(compared.is_changed)
        cells = pick(frame, list(compared.changed))[matched.after[touched]]
        files.append(("delta", _put_rows(objects, cells, rows[touched])))
    return files


def _put_rows(objects: Objects, cells: pl.DataFrame, rows: NDArray[np.int64]) -> Artifact:
    named = cells.insert_column(0, pl.Series(ROW, rows, dtype=pl.UInt32))
    return objects.put_frame(named.sort(ROW), name="delta.parquet")


def _next_state(
    laid: Laid, head: KeptCommit, frame: pl.DataFrame, compared: Compared, rows: Rows
) -> FingerprintState:
    """Take the rows that went out of the fingerprint and put those that came into it."""
    types = tuple(sorted((name, logical_type(kind)) for name, kind in frame.schema.items()))
    n_moved = compared.matched.added.size + compared.matched.removed.size + compared.n_modified
    before = None if head.n_forgotten else read_state(head)
    if before is None or before.columns != types or n_moved > frame.height // 2:
        return state_of(frame)
    matched = compared.matched
    touched = np.flatnonzero(compared.is_changed)
    gone = laid.at(np.concatenate([rows[touched], laid.rows[matched.removed]]))
    came = frame[np.concatenate([matched.after[touched], matched.added])]
    out, into = state_of(gone), state_of(came)
    sums = tuple(
        (old - less + more) & MASK
        for old, less, more in zip(before.sums, out.sums, into.sums, strict=True)
    )
    return FingerprintState(frame.height, (sums[0], sums[1]), types)


def write_state(state: FingerprintState) -> dict[str, object]:
    """Write a fingerprint's state as JSON."""
    return {
        "n_rows": state.n_rows,
        "sums": [f"{one:016x}" for one in state.sums],
        "columns": [list(column) for column in state.columns],
    }


def read_state(commit: KeptCommit) -> FingerprintState | None:
    """Read the state of a version's fingerprint, if it was kept."""
    kept = commit.detail.get("state")
    if not kept:
        return None
    first_sum, second_sum = (int(one, 16) for one in kept["sums"])
    columns = tuple((name, kind) for name, kind in kept["columns"])
    return FingerprintState(kept["n_rows"], (first_sum, second_sum), columns)


def _is_heavy(draft: Draft) -> bool:
    sizes = [file.n_bytes for role, file in draft.files if role != "base"]
    base = sum(file.n_bytes for role, file in draft.files if role == "base")
    return sum(sizes) > HEAVIEST * base + 1_000_000 or len(draft.files) > MOST_FILES


def _rebased(objects: Objects, draft: Draft, frame: pl.DataFrame) -> Draft:
    """Write everything anew as one base: rows get new numbers."""
    base = objects.put_frame(frame, name="base.parquet", compression="lz4")
    return Draft(
        (("base", base),),
        draft.schema,
        draft.state,
        draft.n_added,
        draft.n_removed,
        draft.n_modified,
        frame.height,
        draft.compared,
    )
