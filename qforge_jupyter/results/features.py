"""A version of a set of features: its values, how it came about, how they hang together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Heat, Section, Text, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change, NewFeatureSet
from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric
from qforge_jupyter.results.tabular import Tabular

N_SHOWN = 30


@dataclass(frozen=True)
class Redundancy:
    """Two features that say nearly the same, and what to do about it.

    ``cluster`` holds all that hang together where these are three or more.
    """

    first: str
    second: str
    r: float
    drop: str
    keep: str
    why: str
    cluster: tuple[str, ...] = ()

    @property
    def proposal(self) -> str:
        """What to do."""
        if self.cluster:
            return f"take principal components of {', '.join(self.cluster[:6])}"
        return f"drop {self.drop}, because {self.why}"


@dataclass(frozen=True, repr=False, eq=False)
class FeatureSet(Tabular, Result):
    """A version of a set of features.

    Attributes
    ----------
    frame
        The features of every row, in the order of the table.
    marks
        What names each row by its content, so that any part of the table finds
        its features.
    correlation
        Pearson's r, rows and columns in the order of `names`; None where it
        cannot be told.

    """

    kind: ClassVar[str] = "feature set"

    name: str
    version: str
    table: str
    frame: pl.DataFrame
    marks: pl.Series
    columns_taken: tuple[str, ...]
    formulas: dict[str, str]
    correlation: tuple[tuple[float | None, ...], ...]
    min_rows: int
    redundant: tuple[Redundancy, ...] = ()
    parent: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    #: The same was registered before: nothing new is written.
    is_known: bool = False
    fingerprint: str = ""
    source: str = ""
    id: str = ""
    git_commit: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(self.frame.columns)

    @property
    def values(self) -> pl.DataFrame:
        """The features with the mark of each row in front."""
        return self.frame.select(self.marks.alias(self._mark), pl.all())

    @property
    def _mark(self) -> str:
        name = "mark"
        while name in self.frame.columns:
            name += "_"
        return name

    def of_rows(self, marks: pl.Series) -> pl.DataFrame:
        """Give the features of rows by their marks; null for rows that are not among them."""
        known = self.values.unique(self._mark, keep="first", maintain_order=True)
        wanted = pl.DataFrame({self._mark: marks})
        found = wanted.join(known, on=self._mark, how="left", maintain_order="left")
        return found.drop(self._mark)

    def document(self) -> Document:
        """Show names, correlations, what is redundant, and what changed."""
        facts: list[tuple[str, Any]] = [
            ("version", self.version),
            ("features", len(self.names)),
            ("rows", self.frame.height),
        ]
        if self.parent:
            facts.append(("parent", self.parent))
        blocks: list[Block] = [Facts(tuple(facts))]
        if self.parent:
            blocks += self._difference()
        if self.redundant:
            rows = tuple(
                (each.first, each.second, round(each.r, 3), each.proposal)
                for each in self.redundant[:N_SHOWN]
            )
            caption = "pairs with |r| above 0.95"
            n_more = len(self.redundant) - len(rows)
            columns = ("feature", "and", "r", "proposal")
            blocks.append(Grid(columns, rows, caption, n_more=n_more))
        if len(self.names) > 1:
            blocks.append(Heat(self.names, self.correlation, "Pearson's r of every pair"))
        blocks.append(Section("Features", (self._grid(),), is_open=False))
        tone: Tone = "caution" if self.redundant else "good"
        n = len(self.redundant)
        said = f"{n} redundant {'pair' if n == 1 else 'pairs'}" if n else "no redundant pair"
        verdict = f"{self.version} is registered already" if self.is_known else said
        return Document(f"Features {self.name} {self.version}", verdict, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give names, formulas, correlations and the diff."""
        return {
            "name": self.name,
            "version": self.version,
            "names": list(self.names),
            "formulas": self.formulas,
            "n_rows": self.frame.height,
            "correlation": [list(row) for row in self.correlation],
            "redundant": [
                [each.first, each.second, each.r, each.proposal] for each in self.redundant
            ],
            "parent": self.parent,
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": list(self.changed),
        }

    def identity(self) -> dict[str, Any]:
        """Which content it is."""
        return {"fingerprint": self.fingerprint}

    def metrics(self) -> tuple[Metric, ...]:
        """Count features and redundant pairs."""
        strongest = [abs(each.r) for each in self.redundant]
        return (
            Metric("n_features", len(self.names)),
            Metric("n_rows", self.frame.height),
            Metric("n_redundant", len(self.redundant)),
            Metric("strongest_correlation", max(strongest, default=math.nan)),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Name each redundant pair with the proposal."""
        return tuple(
            Finding(
                "redundant features",
                f"{each.first} and {each.second}",
                self.frame.height,
                "low",
                column=each.drop,
                method="pearson",
                statistic=each.r,
                note=each.proposal,
            )
            for each in self.redundant
        )

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the values by row mark."""
        return {"features": self.values}

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say of what the features were made, and how."""
        step = LineageStep(
            f"{self.name}@{self.version}",
            self.fingerprint,
            f"features of {self.table}",
            "features",
            parameters={"columns": list(self.columns_taken), "compute": self.formulas},
            inputs=(self.source,),
            input_names=(self.table,),
        )
        return (step,)

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember that a version was registered."""
        if self.is_known:
            return ()
        after = {"names": list(self.names), "parent": self.parent}
        entity = f"feature set/{self.name}@{self.version}"
        return (Event(actor, "register features", entity, None, after),)

    def changes(self) -> tuple[Change, ...]:
        """Register the version, unless the same is there."""
        if self.is_known:
            return ()
        new = NewFeatureSet(
            self.id,
            self.name,
            self.version,
            "computed" if self.formulas else "columns",
            self.names,
            {
                "method": "pearson",
                "min_rows": self.min_rows,
                "r": [list(r) for r in self.correlation],
            },
            "features",
            parameters={
                "columns": list(self.columns_taken),
                "compute": self.formulas,
                "fingerprint": self.fingerprint,
                "source": self.source,
                "table": self.table,
                "parent": self.parent,
            },
            depends_on=tuple(filter(None, (self.parent,))),
            git_commit=self.git_commit,
        )
        return (new,)

    def _difference(self) -> list[Block]:
        kinds = (("added", self.added), ("removed", self.removed), ("computed anew", self.changed))
        said = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds if names)
        return [Text(f"Against {self.parent}: {said or 'the same features of other rows'}.")]

    def _grid(self) -> Grid:
        rows = tuple(
            (name, self.formulas.get(name, "a column"), self.frame[name].null_count())
            for name in self.names[:100]
        )
        return Grid(("feature", "made by", "missing"), rows, n_more=len(self.names) - len(rows))
