"""What accepting labels gives: the version that holds them, and what stayed out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Cell, Document, Facts, Grid, Text
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.commit import CommitReport
from qforge_jupyter.results.run import LineageStep, Metric

#: How an answer came to be accepted.
ACCEPTED = ("agreed", "settled", "majority", "dawid-skene")
HOWS = (*ACCEPTED, "open", "incomplete", "rejected", "nobody can tell")


@dataclass(frozen=True, repr=False, eq=False)
class Acceptance(Result):
    """Accepted labels as columns of a dataset's next version.

    Attributes
    ----------
    counts
        By question, how many items were decided how.
    commit
        The version that was made.

    """

    kind: ClassVar[str] = "acceptance"

    dataset: str
    by: str
    counts: tuple[tuple[str, dict[str, int]], ...]
    labelers: tuple[str, ...]
    sessions: tuple[str, ...]
    commit: CommitReport = field(repr=False)
    #: Fingerprint of the version that was labeled.
    base: str = ""
    #: Rows that repeat the content of another and got its labels.
    n_repeating: int = 0
    #: Items whose verdict, validated or rejected, is in the version.
    n_judged: int = 0

    @property
    def n_accepted(self) -> int:
        """How many answers are in the version."""
        return sum(each.get(how, 0) for _, each in self.counts for how in ACCEPTED)

    def document(self) -> Document:
        """Say what was accepted, question by question."""
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (name, *(each.get(how, 0) for how in HOWS)) for name, each in self.counts
        )
        facts = Facts((
            ("by", self.by),
            ("labelers", ", ".join(self.labelers)),
        ))  # fmt: skip
        blocks: list[Block] = [facts, Grid(("question", *HOWS), rows)]
        if self.n_repeating:
            repeat = (
                "1 row repeats" if self.n_repeating == 1 else f"{self.n_repeating:,} rows repeat"
            )
            blocks.append(Text(f"{repeat} the content of another row and got its labels."))
        if self.n_judged:
            verdicts = "verdict" if self.n_judged == 1 else "verdicts"
            blocks.append(Text(f"{self.n_judged:,} {verdicts} of validations written down."))
        n = self.n_accepted
        said = f"{n:,} answer{'s' if n != 1 else ''} accepted"
        verdict = said if self.commit.is_new else f"{said}, all of them were there: no commit"
        return Document(f"Labels of {self.dataset}", verdict, "good", tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give counts, and the version as `commit` tells it."""
        return {
            "dataset": self.dataset,
            "by": self.by,
            "labelers": list(self.labelers),
            "n_repeating": self.n_repeating,
            "n_judged": self.n_judged,
            "counts": {name: dict(each) for name, each in self.counts},
            "commit": self.commit.payload(),
        }

    def identity(self) -> dict[str, Any]:
        """Name the commit, which differs from run to run."""
        return self.commit.identity()

    def metrics(self) -> tuple[Metric, ...]:
        """Counts of answers."""
        return (Metric("n_accepted", float(self.n_accepted)), *self.commit.metrics())

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say that people made the version, and in which sessions."""
        about = {"sessions": list(self.sessions), "labelers": list(self.labelers), "by": self.by}
        return tuple(
            replace(
                step,
                method="accepted labels",
                parameters={**step.parameters, **about},
                inputs=(self.base,),
            )
            for step in self.commit.lineage()
        )

    def changes(self) -> tuple[Change, ...]:
        """Give the commit and its branch."""
        return self.commit.changes()

    def stands_on(self) -> tuple[tuple[str, str, str], ...]:
        """Say on which version this process works from now on."""
        return self.commit.stands_on()

    def stands_apart(self) -> pl.DataFrame | None:
        """Give the rows where others changed some meanwhile."""
        return self.commit.stands_apart()
