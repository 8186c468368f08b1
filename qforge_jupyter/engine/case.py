"""What a dimension is asked about, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from qforge_jupyter.columns import free_name
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.similar_examples import Similar, similar_examples
from qforge_jupyter.frames import Table
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.uncertainty import NotApplicable


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

    @cached_property
    def similar(self) -> Similar | NotApplicable:
        """What the examples nearest to each say; worked out once for all dimensions."""
        return similar_examples(self.table, self.card.examples, seed=self.seed, device=self.device)

    def answer_name(self, wanted: str) -> str:
        """Name a column of answers as no column of the table is called."""
        return free_name(f"answer: {wanted}", self.schema)

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
    """What a dimension has to say: checks to count, or estimates.

    ``answers`` are columns that the checks read beside the table's own: what takes a look at
    all rows to know, one value a row.
    """

    checks: tuple[Check, ...] = ()
    estimates: tuple[tuple[str, Interval], ...] = ()
    answers: tuple[pl.Series, ...] = field(default=(), repr=False)
