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
    between
        Who committed since this process made or took out a version.
    replaced
        Whose version these rows stand in place of, where this process had taken none out.
    is_rollback
        Whether this brings a former version back: variables are still of the one before.

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
    author: str = ""
    between: tuple[str, ...] = ()
    replaced: str = ""
    is_rollback: bool = False
    source: str = ""
    source_fingerprint: str = ""
    folder: str = ""
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
        blocks += [Text(said, tone) for said, tone in self._warnings()]
        verdict = (
            f"{self.n_rows:,} rows on {self.branch}"
            if self.is_new
            else "nothing changed, no commit"
        )
        tone: Tone = "good" if self.is_new else "neutral"
        return Document(f"Commit of {self.dataset}", verdict, tone, tuple(blocks))

    def _warnings(self) -> tuple[tuple[str, Tone], ...]:
        """Say what stood there and what became of it."""
        said: list[tuple[str, Tone]] = []
        others = [name for name in self.between if name != self.author]
        if others:
            who = " and ".join(others[:3])
            rest = (
                "the changes of all are here" if self.is_new else "these rows add nothing to that"
            )
            said.append((f"{who} had committed meanwhile; {rest}.", "neutral"))
        elif self.between:
            own = "A later version of your own (a rollback, a merge or another kernel's)"
            rest = "both changes are in this one" if self.is_new else "these rows add nothing to it"
            said.append((f"{own} stood there; {rest}.", "neutral"))
        if self.replaced:
            lost = (
                f"No version of {self.dataset} was taken out in this kernel, so these rows stand "
                f"in place of all of {self.branch} as {self.replaced} had left it; "
                f"%qforge rollback {self._place} to HEAD~1 brings that back."
            )
            said.append((lost, "caution"))
        if self.is_rollback and self.is_new:
            go_on = f"%qforge checkout {self._place} into NAME"
            said.append((f"Variables hold what they held; to go on from here: {go_on}", "neutral"))
        return tuple(said)

    @property
    def _place(self) -> str:
        return self.dataset if self.branch == "main" else f"{self.dataset}@{self.branch}"

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
            parameters={
                "commit": self.commit,
                "branch": self.branch,
                "message": self.message,
                **({"folder": self.folder} if self.folder else {}),
            },
            inputs=(self.source_fingerprint,) if self.source_fingerprint else (),
        )
        return (step,) if self.is_new else ()

    def changes(self) -> tuple[Change, ...]:
        """Give the dataset, the commit and the branch that the store has to keep."""
        return self.made

    def stands_on(self) -> tuple[tuple[str, str, str], ...]:
        """Say on which version this process works from now on."""
        if self.is_rollback:  # its variables hold what they held
            return ()
        return ((self.dataset, self.branch, self.ground or self.commit),)

    def has_seen(self) -> str:
        """Name the version that was made, or was found unchanged."""
        return self.commit

    def stands_apart(self) -> pl.DataFrame | None:
        """Give the rows as they were committed, without what others had changed meanwhile."""
        return self.apart
