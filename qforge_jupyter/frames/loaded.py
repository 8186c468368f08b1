"""What loading a table gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Section, Text
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Finding, LineageStep, Metric
from qforge_jupyter.results.tabular import Tabular

N_SHOWN = 5
N_COLUMNS = 30


@dataclass(frozen=True, repr=False, eq=False)
class LoadedTable(Tabular, Result):
    """A table that was read, and what was noticed on the way.

    Attributes
    ----------
    frame
        The rows in memory (read on first use).
    lazy
        The rows as a Polars LazyFrame.

    """

    kind: ClassVar[str] = "table"

    table: Table
    #: The verb that made it.
    method: str = "load"

    @classmethod
    def of(cls, table: Table, method: str = "load") -> LoadedTable:
        """Wrap a table that was just opened or made."""
        return cls(table, method)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The rows in memory."""
        return self.table.frame

    @property
    def lazy(self) -> pl.LazyFrame:
        """The rows as a LazyFrame."""
        return self.table.lazy

    def document(self) -> Document:
        """Show the columns, the first rows and what was noticed."""
        frame = self.frame
        nulls = frame.null_count().row(0) if frame.width else ()
        columns = tuple(
            (name, str(dtype), n_null)
            for (name, dtype), n_null in zip(frame.schema.items(), nulls, strict=True)
        )
        names = tuple(frame.columns[:10])
        # Whole numbers may be years or ids, so they are shown as they are.
        first = tuple(
            tuple(
                value if isinstance(value, float) or value is None else str(value) for value in row
            )
            for row in frame.select(pl.nth(range(len(names)))).head(N_SHOWN).rows()
        )
        blocks: list[Block] = [
            Facts((("rows", frame.height), ("columns", frame.width))),
            Grid(names, first, "first rows", n_more=max(0, frame.height - N_SHOWN)),
            Section(
                "Columns",
                (
                    Grid(
                        ("column", "type", "missing"),
                        columns[:N_COLUMNS],
                        n_more=max(0, len(columns) - N_COLUMNS),
                    ),
                ),
                is_open=False,
            ),
        ]
        if self.table.findings:
            said = tuple(
                Text(f"{each.name}: {each.note}", "caution") for each in self.table.findings[:20]
            )
            blocks.append(Section("Noticed while reading", said))
        verdict = f"{frame.height:,} rows × {frame.width} columns"
        return Document(f"Table {self.table.name}", verdict, "neutral", tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give shape and types as JSON."""
        return {
            "name": self.table.name,
            "n_rows": self.frame.height,
            "schema": [[name, str(dtype)] for name, dtype in self.frame.schema.items()],
            "findings": [[each.name, each.note, each.n_rows] for each in self.table.findings],
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Shape and share of missing cells."""
        cells = self.frame.height * self.frame.width
        missing = sum(self.frame.null_count().row(0)) if self.frame.width else 0
        return (
            Metric("n_rows", float(self.frame.height)),
            Metric("n_columns", float(self.frame.width)),
            Metric("missing_share", missing / cells if cells else 0.0),
        )

    def findings(self) -> tuple[Finding, ...]:
        """What the reader noticed."""
        return self.table.findings

    def stands_on(self) -> tuple[tuple[str, str, str], ...]:
        """Say which stored version changes of these rows are changes of."""
        version = self.table.version
        return () if version is None else ((version.dataset, version.branch, version.commit),)

    def lineage(self) -> tuple[LineageStep, ...]:
        """Where the rows came from."""
        table = self.table
        about = {"folder": table.folder} if table.folder else {}
        step = LineageStep(table.name, table.fingerprint, table.origin, self.method, about)
        return (step,)
