"""What merging duplicates gives: the kept records, and the reason for each merged one (Q19)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Cell, Document, Facts, Grid, Section, Text
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric
from qforge_jupyter.results.tabular import Tabular

SHOWN_ROWS = 20


@dataclass(frozen=True, repr=False, eq=False)
class Deduplication(Tabular, Result):
    """The kept records of a table; it can be used like the table itself.

    Attributes
    ----------
    frame
        The kept records, in the order of the table.
    groups
        ``row``, ``group``, ``kept`` (its row), ``distance``, ``why`` (what makes it
        a duplicate) and ``because`` (why the other was kept) of every record
        that has a duplicate; rows are counted from 0 in the table.
    conflicts
        ``kept``, ``other``, ``column``, ``kept_value``, ``other_value`` where
        duplicates disagree.

    """

    kind: ClassVar[str] = "deduplication"

    name: str
    frame: pl.DataFrame
    groups: pl.DataFrame
    conflicts: pl.DataFrame
    n_rows: int
    n_exact: int
    n_near: int
    n_filled: int = 0
    by: tuple[str, ...] = ()
    reach: float | None = None
    view: str = ""
    criteria: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int = 42
    steps: tuple[LineageStep, ...] = field(default=(), repr=False)

    @property
    def n_groups(self) -> int:
        """Things that had more than one record."""
        return self.groups["group"].n_unique()

    def document(self) -> Document:
        """Describe what was merged, why, and where the records disagree."""
        n_merged = self.n_exact + self.n_near
        facts: tuple[tuple[str, Cell], ...] = (
            ("rows", self.n_rows),
            ("kept", self.frame.height),
            ("equal", self.n_exact),
            ("near", self.n_near),
            ("groups", self.n_groups),
            ("disagreements", self.conflicts.height),
            ("gaps filled", self.n_filled),
        )
        blocks: list[Block] = [Facts(facts), Text(self._order)]
        if self.reach is not None:
            blocks.append(Text(f"Near: up to about {self.reach:.4g} by {self.view}."))
        blocks += [Text(note) for note in self.notes]
        if n_merged:
            blocks.append(self._grid(self.groups, "groups of duplicates"))
        if self.conflicts.height:
            grid = self._grid(self.conflicts, "where duplicates disagree; nothing was settled")
            blocks.append(Section("Disagreements", (grid,)))
        verdict = f"{n_merged:,} of {self.n_rows:,} rows merged into others"
        tone = "caution" if self.conflicts.height else "good"
        return Document(f"Duplicates of {self.name}", verdict, tone, tuple(blocks))  # type: ignore[arg-type]  # a tone

    @property
    def _order(self) -> str:
        """Say what decides which record of a group stays."""
        return f"Which record of a group is kept: {', then '.join(self.criteria)}."

    @staticmethod
    def _grid(rows: pl.DataFrame, caption: str) -> Grid:
        shown = rows.head(SHOWN_ROWS)
        names = tuple(name.replace("_", " ") for name in rows.columns)
        return Grid(names, tuple(shown.rows()), caption, rows.height - shown.height)

    def payload(self) -> dict[str, Any]:
        """Give the counts and the first groups; no cells of the data."""
        return {
            "name": self.name,
            "n_rows": self.n_rows,
            "n_kept": self.frame.height,
            "n_exact": self.n_exact,
            "n_near": self.n_near,
            "n_groups": self.n_groups,
            "n_filled": self.n_filled,
            "n_conflicts": self.conflicts.height,
            "by": list(self.by),
            "view": self.view,
            "reach": self.reach,
            "criteria": list(self.criteria),
            "groups": self.groups.head(200).to_dicts(),
            "notes": list(self.notes),
            "seed": self.seed,
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Count what was merged, how, and what disagrees."""
        return (
            Metric("n_rows", float(self.n_rows)),
            Metric("n_kept", float(self.frame.height)),
            Metric("duplicates_exact", float(self.n_exact)),
            Metric("duplicates_near", float(self.n_near)),
            Metric("conflicts", float(self.conflicts.height)),
            Metric("cells_filled", float(self.n_filled)),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Name the merged rows, and the columns in which duplicates disagree."""
        merged = self.groups.filter(pl.col("row") != pl.col("kept"))
        found = []
        for why, rows in merged.group_by("why", maintain_order=True):
            at = tuple(rows["row"].head(100).to_list())
            name = f"duplicates: {why[0]}"
            found.append(Finding("duplicate", name, rows.height, rows=at, action="excluded"))
        counts = self.conflicts.group_by("column", maintain_order=True).agg(
            pl.len().alias("n"), pl.col("kept").head(100)
        )
        for name, n, at in counts.iter_rows():
            said = f"duplicates disagree in {name}"
            found.append(Finding("conflict", said, n, column=name, rows=tuple(at)))
        return tuple(found)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give the groups and the disagreements."""
        return {"groups": self.groups, "conflicts": self.conflicts}

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say from which table the records came."""
        return self.steps

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember how many records were merged."""
        after = {"n_kept": self.frame.height, "n_exact": self.n_exact, "n_near": self.n_near}
        return (Event(actor, "deduplicate", f"table/{self.name}", {"n_rows": self.n_rows}, after),)
