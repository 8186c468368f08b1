"""What differs between two states of a dataset, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import frame_of, free_name, written
from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Section, Tone
from qforge_jupyter.documents.standalone import pictures_of
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.consequences import Consequences
from qforge_jupyter.results.run import Metric
from qforge_jupyter.results.sky_change import SkyChange

N_SHOWN = 10
#: Cells of one column that are written as text at a time.
CHUNK = 100_000


@dataclass(frozen=True, repr=False, eq=False)
class DiffReport(Result):
    """Two states of a table, row by row and cell by cell.

    Attributes
    ----------
    added, removed
        Rows that only the later, or only the former state has.
    cells
        Key columns, ``column``, ``before``, ``after`` as text: one line a changed cell.
    consequences
        What the changes do to scores, labels, classes and splits.
    sky
        What they do to a dataset of cut-outs; None of any other table.

    """

    kind: ClassVar[str] = "diff"

    name: str
    before: pl.DataFrame = field(repr=False)
    after: pl.DataFrame = field(repr=False)
    keys: tuple[str, ...]
    #: Positions of the rows that both have, pair by pair; of those only one has.
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]]
    gone: NDArray[np.int64]
    came: NDArray[np.int64]
    #: By column, whether the cell of each pair differs.
    changed: dict[str, NDArray[np.bool_]]
    columns: tuple[tuple[str, str], ...] = ()
    consequences: Consequences = field(default_factory=Consequences)
    sky: SkyChange | None = None

    @cached_property
    def added(self) -> pl.DataFrame:
        """Rows that only the later state has."""
        return self.after[self.came]

    @cached_property
    def removed(self) -> pl.DataFrame:
        """Rows that only the former state has."""
        return self.before[self.gone]

    @cached_property
    def modified(self) -> NDArray[np.int64]:
        """Pairs of which any cell differs."""
        some = np.zeros(self.pairs[0].size, dtype=bool)
        for cells in self.changed.values():
            some |= cells
        return np.flatnonzero(some)

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.gone.size or self.came.size or self.changed or self.columns)

    def of(self, column: str) -> pl.DataFrame:
        """Give the changed cells of one column with their types: keys, ``before``, ``after``."""
        at = np.flatnonzero(self.changed.get(column, np.empty(0, dtype=bool)))
        return self._cells(column, at)

    def _cells(self, column: str, at: NDArray[np.int64]) -> pl.DataFrame:
        old, new = self.pairs[0][at], self.pairs[1][at]
        named = [self.after.get_column(key)[new] for key in self.keys]
        return frame_of(
            [
                *named,
                self.before.get_column(column)[old].alias(self._sides[0]),
                self.after.get_column(column)[new].alias(self._sides[1]),
            ]
        )

    @property
    def _sides(self) -> tuple[str, str]:
        """What the cells of the two states are called beside the keys."""
        return free_name("before", self.keys), free_name("after", self.keys)

    @property
    def _word(self) -> str:
        return free_name("column", self.keys)

    def stream(self, size: int = CHUNK) -> Iterator[pl.DataFrame]:
        """Give the changed cells as text, at most ``size`` at a time, column after column."""
        for column, cells in self.changed.items():
            at = np.flatnonzero(cells)
            for start in range(0, at.size, size):
                frame = self._cells(column, at[start : start + size])
                yield frame.select(
                    pl.nth(range(len(self.keys))),
                    pl.lit(column).alias(self._word),
                    *(written(frame[side]) for side in self._sides),
                )

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Every changed cell as text."""
        found = list(self.stream())
        if found:
            return pl.concat(found)
        named = [self.after.get_column(key).clear() for key in self.keys]
        empty = [pl.Series(name, [], dtype=pl.String) for name in (self._word, *self._sides)]
        return frame_of([*named, *empty])

    def document(self) -> Document:
        """Draw rows, cells and consequences."""
        blocks: list[Block] = [
            Facts(
                (
                    ("rows added", int(self.came.size)),
                    ("rows removed", int(self.gone.size)),
                    ("rows changed", int(self.modified.size)),
                    ("cells changed", self._n_cells),
                )
            )
        ]
        if self.columns:
            blocks.append(Grid(("column", "what happened to it"), self.columns[: N_SHOWN * 2]))
        blocks += self.consequences.blocks()
        blocks += self.sky.blocks() if self.sky else []
        if self.changed:
            blocks.append(Section("Changed cells", (self._changed_grid(),)))
        for title, frame in (("Added rows", self.added), ("Removed rows", self.removed)):
            if frame.height:
                blocks.append(Section(title, (_rows(frame),), is_open=False))
        verdict, tone = self._verdict()
        return Document(f"Diff of {self.name}", verdict, tone, tuple(blocks))

    def _verdict(self) -> tuple[str, Tone]:
        if self.is_empty:
            return "the same content", "neutral"
        if self.consequences.worse:
            return self.consequences.worse, "caution"
        if self.sky and self.sky.worse:
            return self.sky.worse, "caution"
        n_rows = int(self.came.size + self.gone.size + self.modified.size)
        return ("1 row differs" if n_rows == 1 else f"{n_rows:,} rows differ"), "neutral"

    @property
    def _n_cells(self) -> int:
        return sum(int(cells.sum()) for cells in self.changed.values())

    def _changed_grid(self) -> Grid:
        shown = pl.concat(
            [self._first(column, 1 + N_SHOWN // len(self.changed)) for column in self.changed]
        ).head(N_SHOWN)
        columns = (*self.keys, "column", "before", "after")
        rows = tuple(tuple(_cell(one) for one in row) for row in shown.rows())
        return Grid(columns, rows, n_more=max(0, self._n_cells - shown.height))

    def _first(self, column: str, n: int) -> pl.DataFrame:
        frame = self._cells(column, np.flatnonzero(self.changed[column])[:n])
        texts = [written(frame[side]) for side in self._sides]
        named = [written(frame.get_column(key)).alias(key) for key in self.keys]
        return frame_of([*named, pl.Series(self._word, [column] * frame.height), *texts])

    def payload(self) -> dict[str, Any]:
        """Give counts and consequences as JSON."""
        return {
            "name": self.name,
            "n_added": int(self.came.size),
            "n_removed": int(self.gone.size),
            "n_modified": int(self.modified.size),
            "n_cells": self._n_cells,
            "cells": {name: int(cells.sum()) for name, cells in list(self.changed.items())[:200]},
            "columns": [list(each) for each in self.columns[:200]],
            "consequences": self.consequences.payload(),
            **({"sky": self.sky.payload()} if self.sky else {}),
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Counts of rows and cells."""
        return (
            Metric("n_added", float(self.came.size)),
            Metric("n_removed", float(self.gone.size)),
            Metric("n_modified", float(self.modified.size)),
            Metric("n_cells", float(self._n_cells)),
            *(self.sky.metrics() if self.sky else ()),
        )

    def attachments(self) -> dict[str, tuple[bytes, str]]:
        """Give distributions and cut-outs of a sky dataset."""
        return pictures_of(self.sky.distributions, self.sky.samples) if self.sky else {}


def _rows(frame: pl.DataFrame) -> Grid:
    names = tuple(frame.columns[:8])
    shown = frame.select(pl.nth(range(len(names)))).head(N_SHOWN).rows()
    rows = tuple(tuple(_cell(one) for one in row) for row in shown)
    return Grid(names, rows, n_more=max(0, frame.height - N_SHOWN))


def _cell(value: object) -> str | float | None:
    return value if isinstance(value, float) or value is None else str(value)
