"""What merging two branches gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Section, Text, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.consequences import Consequences
from qforge_jupyter.results.run import LineageStep, Metric

N_SHOWN = 12
How = Literal["merged", "forwarded", "nothing to merge", "conflicts", "refused"]
_SAID: dict[How, str] = {
    "merged": "merged",
    "forwarded": "the branch had no changes of its own and was moved forward",
    "nothing to merge": "nothing to merge",
    "conflicts": "not merged",
    "refused": "not merged: refused",
}


@dataclass(frozen=True, repr=False, eq=False)
class MergeReport(Result):
    """What came of a merge, and the conflicts to look at.

    Attributes
    ----------
    conflicts
        Key columns, ``column`` (null for a whole row), ``what``, ``base``, ``ours``,
        ``theirs``. Add a column ``take`` with ``ours`` or ``theirs`` and give it to
        ``merge … --settled``.
    frame
        The merged rows, as they would be with every open conflict taken from ours.

    """

    kind: ClassVar[str] = "merge"

    dataset: str
    branch: str
    source: str
    how: How
    commit: str
    conflicts: pl.DataFrame
    frame: pl.DataFrame = field(repr=False)
    n_open: int = 0
    counts: tuple[int, int, int] = (0, 0, 0)
    fingerprint: str = ""
    consequences: Consequences = field(default_factory=Consequences)
    reason: str = ""
    parents: tuple[str, ...] = ()
    made: tuple[Change, ...] = field(default=(), repr=False)

    @property
    def is_done(self) -> bool:
        """Whether the branch holds both sides now."""
        return self.how in ("merged", "forwarded", "nothing to merge")

    def document(self) -> Document:
        """Draw what was merged and what stands in the way."""
        blocks: list[Block] = [
            Facts(
                (
                    ("from", self.source),
                    ("into", self.branch),
                    ("rows added", self.counts[0]),
                    ("rows removed", self.counts[1]),
                    ("rows changed", self.counts[2]),
                    (self._counted, self.conflicts.height),
                )
            )
        ]
        if self.reason:
            blocks.append(Text(self.reason, "bad"))
        blocks += self.consequences.blocks()
        if self.conflicts.height:
            blocks.append(Section(self._counted.capitalize(), (self._grid(), *self._hints())))
        tone: Tone = "good" if self.is_done else "bad"
        title = f"Merge of {self.source} into {self.dataset}@{self.branch}"
        n = self.n_open
        stand = f": {n:,} conflict{'s' if n > 1 else ''}" if self.how == "conflicts" else ""
        return Document(title, f"{_SAID[self.how]}{stand}", tone, tuple(blocks))

    @property
    def _counted(self) -> str:
        """Say whether the conflicts stand still."""
        return "conflicts" if self.how == "conflicts" else "conflicts settled"

    def _hints(self) -> tuple[Text, ...]:
        if self.how != "conflicts":
            return ()
        said = "Settle them all with --prefer ours or theirs, or one by one: add a column take "
        return (Text(f"{said}(ours, theirs) to the result's conflicts, and give it to --settled."),)

    def _grid(self) -> Grid:
        shown = self.conflicts.head(N_SHOWN)
        rows = tuple(
            tuple(None if one is None else str(one) for one in row) for row in shown.rows()
        )
        return Grid(tuple(shown.columns), rows, n_more=max(0, self.conflicts.height - N_SHOWN))

    def payload(self) -> dict[str, Any]:
        """Give the outcome as JSON, with at most 100 conflicts."""
        return {
            "dataset": self.dataset,
            "branch": self.branch,
            "source": self.source,
            "how": self.how,
            "n_added": self.counts[0],
            "n_removed": self.counts[1],
            "n_modified": self.counts[2],
            "n_conflicts": self.conflicts.height,
            "n_open": self.n_open,
            "conflicts": [
                [None if one is None else str(one)[:200] for one in row]
                for row in self.conflicts.head(100).rows()
            ],
            "consequences": self.consequences.payload(),
            "fingerprint": self.fingerprint,
        }

    def identity(self) -> dict[str, Any]:
        """Name the commit, which differs from run to run."""
        return {"commit": self.commit}

    def metrics(self) -> tuple[Metric, ...]:
        """Counts of rows and of conflicts."""
        names = ("n_added", "n_removed", "n_modified")
        counted = [Metric(name, float(n)) for name, n in zip(names, self.counts, strict=True)]
        return (*counted, Metric("n_conflicts", float(self.conflicts.height)))

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say out of which versions this one was made."""
        if self.how != "merged":
            return ()
        return (
            LineageStep(
                self.dataset,
                self.fingerprint,
                f"merge of {self.source} into {self.branch}",
                "merge",
                parameters={"commit": self.commit},
                inputs=self.parents,
            ),
        )

    def changes(self) -> tuple[Change, ...]:
        """Give the commit and the branch that the store has to keep."""
        return self.made if self.is_done else ()

    def stands_on(self) -> tuple[tuple[str, str, str], ...]:
        """Say on which version this process works from now on."""
        return ()
