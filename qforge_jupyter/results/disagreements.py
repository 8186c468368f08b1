"""Where labelers disagree, with all their answers side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Grid, Text, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.tabular import Tabular

N_SHOWN = 20


@dataclass(frozen=True, repr=False, eq=False)
class Disagreements(Tabular, Result):
    """The cases that are open, or that were settled just now.

    Attributes
    ----------
    frame
        A line a case: the row's keys, ``question``, a column of answers for each
        labeler, and ``majority`` (null at a tie).
    n_settled
        How many were settled by this call.

    """

    kind: ClassVar[str] = "disagreements"

    dataset: str
    frame: pl.DataFrame = field(repr=False)
    n_settled: int = 0
    made: tuple[Change, ...] = field(default=(), repr=False)

    def document(self) -> Document:
        """Draw the open cases."""
        n = self.frame.height
        cases = "disagreement" if n == 1 else "disagreements"
        verdict = f"{n:,} {cases} open" if n else "no disagreement is open"
        if self.n_settled:
            verdict = f"{self.n_settled:,} settled, {verdict}"
        blocks: list[Block] = []
        if n:
            rows = tuple(self.frame.head(N_SHOWN).rows())
            shown = tuple(tuple(_cell(each) for each in row) for row in rows)
            blocks.append(Grid(tuple(self.frame.columns), shown, n_more=max(0, n - len(rows))))
            blocks.append(
                Text(
                    "Settle them with `by majority`, with --key and --answer, or with --settled "
                    "and this table with a column `take`."
                )
            )
        tone: Tone = "caution" if n else "good"
        return Document(f"Disagreements about {self.dataset}", verdict, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give counts; the cases name rows, and stay out of what is kept."""
        counts = self.frame.group_by("question", maintain_order=True).len().rows()
        return {
            "dataset": self.dataset,
            "n_open": self.frame.height,
            "n_settled": self.n_settled,
            "by_question": [list(each) for each in sorted(counts)],
        }

    def changes(self) -> tuple[Change, ...]:
        """Give the labels that settle."""
        return self.made


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
