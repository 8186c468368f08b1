"""A version of a set of features: its values, how it came about, how they hang together."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change, NewFeatureSet
from qforge_jupyter.results.feature_arrays import wide
from qforge_jupyter.results.feature_problems import PROBLEM, problem_findings
from qforge_jupyter.results.features_page import features_document
from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric
from qforge_jupyter.results.tabular import Tabular

#: Features whose correlations go into the payload; the record has those of more, too.
MOST_TOLD = 60


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
        The features of every row, in the order of the table; a fingerprint is one
        column of arrays.
    marks
        What names each row by its content, so that any part of the table finds
        its features.
    correlation
        Pearson's r, rows and columns in the order of `numbers`; None where it
        cannot be told.
    problems
        ``row``, ``kind``, ``note``: what is wrong with molecules.
    molecules
        How features of molecules are defined; nothing without any.
    software
        What made them, with its version.
    keys
        Columns that name the rows; none where nothing does.

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
    problems: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PROBLEM))
    molecules: dict[str, Any] = field(default_factory=dict)
    software: dict[str, str] = field(default_factory=dict)
    keys: pl.DataFrame = field(default_factory=pl.DataFrame)
    #: Rows whose features were taken from a former version.
    n_reused: int = 0
    #: How the definition differs from the parent's, in sentences.
    redefined: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(self.frame.columns)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the features that are one number a row."""
        schema = self.frame.schema
        return tuple(name for name in self.names if not isinstance(schema[name], pl.Array))

    @property
    def definition_sha256(self) -> str:
        """Hash of what was asked and of what made it: with the name it decides the version."""
        said = json.dumps([self._definition(), self.software], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def keyed(self) -> pl.DataFrame:
        """The features behind the columns that name the rows, to join them by."""
        others = [each for each in self.frame.iter_columns() if each.name not in self.keys.columns]
        return pl.DataFrame([*self.keys.iter_columns(), *others])

    def numpy(self) -> NDArray[np.float32]:
        """Give rows by numbers as one array; arrays are written out, null is NaN."""
        return wide(self.frame, np.float32)

    def torch(self, device: str = "cpu") -> Any:
        """Give the same as a tensor of 32-bit floats."""
        from torch import from_numpy

        return from_numpy(self.numpy()).to(device)

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
        return features_document(self)

    def payload(self) -> dict[str, Any]:
        """Give names, formulas, the diff, and correlations unless they are very many."""
        return {
            "name": self.name,
            "version": self.version,
            "names": list(self.names),
            "formulas": self.formulas,
            "n_rows": self.frame.height,
            "correlation": _rounded(self.correlation) if len(self.numbers) <= MOST_TOLD else [],
            "redundant": [
                [each.first, each.second, round(each.r, 6), each.proposal]
                for each in self.redundant
            ],
            "parent": self.parent,
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": list(self.changed),
            "molecules": self.molecules,
            "definition_sha256": self.definition_sha256,
            "software": self.software,
            "redefined": list(self.redefined),
            "problems": dict(self.problems.group_by("kind").len().sort("kind").iter_rows()),
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
            Metric("n_rows_with_problems", self.problems["row"].n_unique()),
            Metric("n_reused", self.n_reused),
            Metric("strongest_correlation", max(strongest, default=math.nan)),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Name each redundant pair with the proposal, and rows that lack features by kind."""
        made = ", ".join(f"{name} {said}" for name, said in self.software.items())
        return problem_findings(self.problems, made) + tuple(
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
        """Keep the values by row mark, and what is wrong with which rows."""
        problems = {"problems": self.problems} if self.problems.height else {}
        return {"features": self.values, **problems}

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say of what the features were made, and how."""
        step = LineageStep(
            f"{self.name}@{self.version}",
            self.fingerprint,
            f"features of {self.table}",
            "features",
            parameters=self._definition(),
            inputs=(self.source,),
            input_names=(self.table,),
            software=self.software,
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
            self._made_of,
            self.names,
            {
                "method": "pearson",
                "min_rows": self.min_rows,
                "r": _rounded(self.correlation),
            },
            "features",
            parameters={
                **self._definition(),
                "software": self.software,
                "definition_sha256": self.definition_sha256,
                "fingerprint": self.fingerprint,
                "source": self.source,
                "table": self.table,
                "parent": self.parent,
            },
            depends_on=tuple(filter(None, (self.parent,))),
            git_commit=self.git_commit,
        )
        return (new,)

    @property
    def _made_of(self) -> str:
        if self.molecules:
            return "molecules"
        return "computed" if self.formulas else "columns"

    def _definition(self) -> dict[str, Any]:
        said = {"columns": list(self.columns_taken), "compute": self.formulas}
        return said | ({"molecules": self.molecules} if self.molecules else {})


def _rounded(r: tuple[tuple[float | None, ...], ...]) -> list[list[float | None]]:
    """Leave the digits that every machine computes alike."""
    return [[None if each is None else round(each, 6) + 0.0 for each in row] for row in r]
