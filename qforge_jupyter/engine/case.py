"""What a dimension is asked about, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from qforge_jupyter.columns import free_name
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.frames import Table
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.progress import Progress, silent


@dataclass(frozen=True)
class Case:
    """A table under a scorecard; new inputs of dimensions go in here."""

    table: Table
    card: Scorecard
    is_lineage_approved: bool = False
    seed: int = 42
    device: str = "cpu"
    progress: Progress = field(default=silent, repr=False)

    @property
    def schema(self) -> pl.Schema:
        """Names and types of the table's columns."""
        return self.table.schema

    @property
    def first_mark(self) -> str:
        """Name of the Boolean column that marks the first row of each key."""
        return free_name("is_first", self.schema)


@dataclass(frozen=True)
class Check:
    """One thing asked of every row.

    ``expression`` is Boolean; null means that the row cannot answer.
    """

    name: str
    dimension: str
    columns: tuple[str, ...]
    expected: str
    expression: pl.Expr = field(repr=False)


@dataclass(frozen=True)
class Measure:
    """What a dimension has to say: checks to count, or estimates."""

    checks: tuple[Check, ...] = ()
    estimates: tuple[tuple[str, Interval], ...] = ()
