"""What forgetting rows gives: counts and ids of tombstones, never a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Section, Text
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.run import Event, LineageStep, Metric


@dataclass(frozen=True, repr=False, eq=False)
class ForgetReport(Result):
    """Rows that are gone from every version, and what they were taken out of.

    Attributes
    ----------
    datasets
        Names of the datasets that held the rows; the first is the one that was asked for.
    tombstones
        One id a row: a keyed hash, from which the row cannot be read.
    left
        What could not be erased from here: what it is, and which.
    is_done
        False where this only says what would go.
    rewritten
        A step of lineage for each export that was written anew.

    """

    kind: ClassVar[str] = "forgotten"

    datasets: tuple[str, ...]
    reason: str
    tombstones: tuple[str, ...]
    n_versions: int
    n_objects: int
    n_artifacts: int
    n_runs: int
    left: tuple[tuple[str, str], ...] = ()
    is_done: bool = True
    rewritten: tuple[LineageStep, ...] = ()
    made: tuple[Change, ...] = field(default=(), repr=False)

    @property
    def n_rows(self) -> int:
        """How many rows are forgotten."""
        return len(self.tombstones)

    def document(self) -> Document:
        """Draw the counts, and what is left to do by hand."""
        blocks: list[Block] = [
            Facts(
                (
                    ("rows", self.n_rows),
                    ("versions", self.n_versions),
                    ("files of versions", self.n_objects),
                    ("files of runs", self.n_artifacts),
                    ("records of runs", self.n_runs),
                    *((("exports written anew", n),) if (n := len(self.rewritten)) else ()),
                    ("reason", self.reason),
                )
            )
        ]
        if others := ", ".join(self.datasets[1:]):
            blocks.append(
                Text(f"The same files belonged to {others}: erased there, too.", "caution")
            )
        if self.left:
            advice = Text(
                "Out of reach or of use now: delete it there, or make it again.", "caution"
            )
            blocks.append(Section("Left to do", (advice, Grid(("what", "which"), self.left))))
        noun = "row" if self.n_rows == 1 else "rows"
        verdict = f"{self.n_rows:,} {noun} {'forgotten' if self.is_done else 'would be forgotten'}"
        title = f"Forgetting in {self.datasets[0]}"
        return Document(title, verdict, "good" if self.is_done else "neutral", tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give counts and names as JSON."""
        return {
            "datasets": list(self.datasets),
            "reason": self.reason,
            "n_rows": self.n_rows,
            "n_versions": self.n_versions,
            "n_objects": self.n_objects,
            "n_artifacts": self.n_artifacts,
            "n_runs": self.n_runs,
            "n_exports": len(self.rewritten),
            "left": [what for what, _ in self.left],
            "is_done": self.is_done,
        }

    def identity(self) -> dict[str, Any]:
        """Name the tombstones, which differ from workspace to workspace."""
        return {"tombstones": list(self.tombstones[:200])}

    def metrics(self) -> tuple[Metric, ...]:
        """Counts of what was forgotten."""
        names = ("n_rows", "n_versions", "n_objects", "n_artifacts", "n_runs")
        return tuple(Metric(name, float(getattr(self, name))) for name in names)

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember who had what forgotten, and why."""
        if not self.is_done:
            return ()
        after = {**self.payload(), "tombstones": list(self.tombstones)}
        return (Event(actor, "forget rows", f"dataset/{self.datasets[0]}", after=after),)

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say which exports there are now in place of former ones."""
        return self.rewritten

    def changes(self) -> tuple[Change, ...]:
        """Give what the store has to change."""
        return self.made
