"""What committing a dataset gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Text, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.run import LineageStep, Metric

N_COLUMNS = 20


@dataclass(frozen=True, repr=False, eq=False)
class CommitReport(Result):
    """A version that was made, or the one at which nothing had changed.

    Attributes
    ----------
    commit
        Id of the version: SHA-256 over its content and its history.
    is_new
        Whether anything had changed since the version before.

    """

    kind: ClassVar[str] = "commit"

    dataset: str
    branch: str
    commit: str
    message: str
    n_rows: int
    n_added: int
    n_removed: int
    n_modified: int
    fingerprint: str
    keys: tuple[str, ...]
    cells: tuple[tuple[str, int], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    is_new: bool = True
    is_rebased: bool = False
    source: str = ""
    source_fingerprint: str = ""
    made: tuple[Change, ...] = field(default=(), repr=False)
    #: The version that the rows were taken from, and the rows, where others' changes were kept.
    ground: str = ""
    apart: pl.DataFrame | None = field(default=None, repr=False)

    def document(self) -> Document:
        """Say what this version holds and what changed since the one before."""
        blocks: list[Block] = [
            Facts(
                (
                    ("rows", self.n_rows),
                    ("added", self.n_added),
                    ("removed", self.n_removed),
                    ("changed", self.n_modified),
                    ("a row is known by", ", ".join(self.keys) or "its whole content"),
                )
            )
        ]
        if self.message:
            blocks.append(Text(self.message))
        if self.columns:
            blocks.append(Grid(("column", "what happened to it"), self.columns[:N_COLUMNS]))
        if self.cells:
            n_more = max(0, len(self.cells) - N_COLUMNS)
            cells = self.cells[:N_COLUMNS]
            blocks.append(Grid(("column", "cells changed"), cells, n_more=n_more))
        if self.is_rebased:
            blocks.append(
                Text("Somebody else had committed meanwhile; both changes are in this version.")
            )
        verdict = (
            f"{self.n_rows:,} rows on {self.branch}"
            if self.is_new
            else "nothing changed, no commit"
        )
        tone: Tone = "good" if self.is_new else "neutral"
        return Document(f"Commit of {self.dataset}", verdict, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give counts and fingerprint as JSON."""
        return {
            "dataset": self.dataset,
            "branch": self.branch,
            "is_new": self.is_new,
            "message": self.message,
            "n_rows": self.n_rows,
            "n_added": self.n_added,
            "n_removed": self.n_removed,
            "n_modified": self.n_modified,
            "fingerprint": self.fingerprint,
            "keys": list(self.keys),
            "cells": [list(each) for each in self.cells],
            "columns": [list(each) for each in self.columns],
        }

    def identity(self) -> dict[str, Any]:
        """Name the commit, which differs from run to run."""
        return {"commit": self.commit}

    def metrics(self) -> tuple[Metric, ...]:
        """Counts of rows."""
        names = ("n_rows", "n_added", "n_removed", "n_modified")
        return tuple(Metric(name, float(getattr(self, name))) for name in names)

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say from which table the version was made."""
        step = LineageStep(
            self.dataset,
            self.fingerprint,
            self.source,
            "commit",
            parameters={"commit": self.commit, "branch": self.branch, "message": self.message},
            inputs=(self.source_fingerprint,) if self.source_fingerprint else (),
        )
        return (step,) if self.is_new else ()

    def changes(self) -> tuple[Change, ...]:
        """Give the dataset, the commit and the branch that the store has to keep."""
        return self.made

    def stands_on(self) -> tuple[tuple[str, str, str], ...]:
        """Say on which version this process works from now on."""
        return ((self.dataset, self.branch, self.ground or self.commit),)

    def stands_apart(self) -> pl.DataFrame | None:
        """Give the rows as they were committed, without what others had changed meanwhile."""
        return self.apart
