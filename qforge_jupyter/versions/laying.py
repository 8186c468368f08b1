"""Laying a version's files over each other: from objects to rows.

A version is a base and what changed since, each an immutable Parquet file. A
row keeps one number for life, its place in the history of the dataset:

base
    Rows 0 … n-1, every column.
delta
    ``__row`` and columns: with every column it may bring new rows, with some of
    them it changes cells of rows that exist.
tombstones
    ``__row`` of rows that are gone.

A forgotten row is left out by its number: its cells are null in the base and
it has no line in a delta, but it keeps its number, so that all others keep theirs.

What comes later covers what came before, cell by cell. A column that was added
or given another type is covered for every living row, so cells of its former
type are never looked at.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import frame_of
from qforge_jupyter.errors import StoreError
from qforge_jupyter.store.commits import KeptCommit, KeptObject
from qforge_jupyter.store.objects import Objects

#: The column in which deltas and tombstones name rows.
ROW = "__row"
#: Types that NumPy has, too.
_PLAIN = (
    *(pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64),
    *(pl.Float32, pl.Float64),
)
#: Columns that are patched at once.
N_PATCHING = 4
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Layer:
    """One file of a version, read and found whole."""

    role: str
    frame: pl.DataFrame

    @cached_property
    def schema(self) -> pl.Schema:
        """Columns that it holds."""
        return self.frame.schema

    @cached_property
    def rows(self) -> Rows:
        """Numbers of the rows that it speaks of."""
        if self.role == "base":
            return np.arange(self.frame.height, dtype=np.int64)
        return self.frame[ROW].cast(pl.Int64).to_numpy()


@dataclass(frozen=True)
class Laid:
    """A version whose layers are in memory.

    Parameters
    ----------
    layers
        From the base up.
    schema
        Columns of the version, in order.
    forgotten
        Numbers of rows that are left out.

    """

    layers: tuple[Layer, ...]
    schema: pl.Schema
    forgotten: tuple[int, ...] = ()

    @cached_property
    def next_row(self) -> int:
        """The number that the next new row gets."""
        return max(
            (int(layer.rows.max()) + 1 for layer in self.layers if layer.rows.size), default=0
        )

    @cached_property
    def rows(self) -> Rows:
        """Numbers of the living rows, in order."""
        alive = np.zeros(self.next_row, dtype=bool)
        for layer in self.layers:
            if layer.role == "base":
                alive[: layer.frame.height] = True
            else:
                alive[layer.rows] = layer.role != "tombstones"
        gone = np.asarray(self.forgotten, dtype=np.int64)
        alive[gone[gone < self.next_row]] = False
        return np.flatnonzero(alive)

    def frame(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Give the living rows, in the order in which they came into being."""
        return self.at(None, columns)

    def at(self, rows: Rows | None, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Give these rows, in the order given.

        Parameters
        ----------
        rows
            Numbers of living rows; every one of them when None.
        columns
            Those wanted; all when None.

        """
        wanted = self.schema.names() if columns is None else list(columns)
        sources: dict[tuple[int, ...], list[str]] = {}
        for name in wanted:
            sources.setdefault(self._holding(name), []).append(name)
        made: dict[str, pl.Series] = {}
        for holding, names in sources.items():
            frame = self._laid([self.layers[place] for place in holding], names, rows)
            made |= {name: frame[name] for name in names}
        return frame_of(made[name] for name in wanted)

    def _holding(self, name: str) -> tuple[int, ...]:
        """Places of the layers that hold cells of a column in its present type."""
        kind = self.schema[name]
        return tuple(
            place for place, layer in enumerate(self.layers) if layer.schema.get(name) == kind
        )

    def _laid(self, layers: list[Layer], names: list[str], rows: Rows | None) -> pl.DataFrame:
        frames = [pick(layer.frame, names) for layer in layers]
        is_plain = len(layers) == 1 and layers[0].role == "base"
        if is_plain and rows is None and self.rows.size == frames[0].height:
            return frames[0]
        if rows is None and len(frames) > 1 and self.rows.size == frames[0].height == self.next_row:
            return _over(layers, frames, self.next_row)
        place = np.full(self.next_row, -1, dtype=np.int64)
        start = 0
        for layer in layers:
            place[layer.rows] = np.arange(start, start + layer.frame.height)
            start += layer.frame.height
        taken = place[self.rows if rows is None else rows]
        if len(frames) > 1:
            # One piece above the base: rows are not looked for in a hundred.
            frames = [frames[0], pl.concat(frames[1:])]
        stacked = pl.concat(frames) if len(frames) > 1 else frames[0]
        if taken.size and taken.min() < 0:
            wanted = pl.Series(taken).replace(-1, None)
            return frame_of(stacked.get_column(name).gather(wanted) for name in names)
        return stacked[taken]


def _over(layers: list[Layer], frames: list[pl.DataFrame], n_rows: int) -> pl.DataFrame:
    """Lay cells over a frame that holds every row: only where there are any."""
    rows = [layer.rows for layer in layers[1:]]
    order = cache(lambda: _last_place(rows, n_rows))

    def laid(below: pl.Series) -> pl.Series:
        cells = [frame.get_column(below.name) for frame in frames[1:]]
        if _is_plain(below, cells):
            return _patched(below, rows, cells)
        return pl.concat([below, *cells]).gather(order())

    with ThreadPoolExecutor(N_PATCHING) as pool:
        return frame_of(pool.map(laid, frames[0].get_columns()))


def _is_plain(below: pl.Series, cells: list[pl.Series]) -> bool:
    return below.dtype in _PLAIN and not any(each.null_count() for each in (below, *cells))


def _patched(below: pl.Series, rows: list[Rows], cells: list[pl.Series]) -> pl.Series:
    """Put cells in the place of others, what comes later over what came before."""
    made = np.array(below.to_numpy())
    for places, each in zip(rows, cells, strict=True):
        made[places] = each.to_numpy()
    return pl.Series(below.name, made, dtype=below.dtype)


def _last_place(rows: list[Rows], n_rows: int) -> pl.Series:
    """Say where in the stacked layers the last cell of each row is."""
    order = np.arange(n_rows, dtype=np.uint32)
    start = n_rows
    for places in rows:
        order[places] = np.arange(start, start + places.size, dtype=np.uint32)
        start += places.size
    return pl.Series(order)


def pick(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Take columns by their exact names, whatever they look like."""
    return frame_of(frame.get_column(name) for name in names)


#: Layers that were read already, by role and hash: versions of one dataset share most of them.
Known = MutableMapping[tuple[str, str], Layer]


def read_layers(
    objects: Objects, files: Sequence[KeptObject], known: Known | None = None
) -> tuple[Layer, ...]:
    """Read files of a version; each is hashed on the way.

    Raises
    ------
    StoreError
        One is missing or damaged.

    """
    known = {} if known is None else known
    new = [file for file in files if (file.role, file.sha256) not in known]
    frames = objects.read_frames([file.sha256 for file in new])
    for file, frame in zip(new, frames, strict=True):
        known[file.role, file.sha256] = Layer(file.role, frame)
    return tuple(known[file.role, file.sha256] for file in files)


def lay(objects: Objects, commit: KeptCommit, known: Known | None = None) -> Laid:
    """Read a version.

    Parameters
    ----------
    objects
        Where its files are kept.
    commit
        The version.
    known
        Layers that are not read again; those that are read now are put there.

    Raises
    ------
    StoreError
        A file is missing or damaged, or the version does not hold what it says.

    """
    layers = read_layers(objects, commit.objects, known)
    schema = schema_of(commit, layers)
    laid = Laid(layers, schema, commit.forgotten)
    if laid.rows.size != (n_rows := commit.n_rows - commit.n_forgotten):
        raise StoreError(
            f"The version {commit.short} says that it has {n_rows:,} rows and its files "
            f"hold {laid.rows.size:,}: `%qforge verify` names what is damaged"
        )
    return laid


def schema_of(commit: KeptCommit, layers: Sequence[Layer]) -> pl.Schema:
    """Find the types of a version's columns in the files that hold them."""
    found: dict[str, pl.DataType] = {}
    for name, written in commit.columns:
        kinds = [
            kind
            for layer in layers
            if (kind := layer.schema.get(name)) is not None and str(kind) == written
        ]
        if not kinds:
            raise StoreError(
                f"The version {commit.short} has a column {name[:60]!r} that no file of it holds: "
                "`%qforge verify` names what is damaged"
            )
        found[name] = kinds[-1]
    return pl.Schema(found)
