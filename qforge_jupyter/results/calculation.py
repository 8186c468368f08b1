"""What a run of calculations returns: a row for each molecule, and its failures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import polars as pl

from qforge_jupyter.documents.blocks import (
    Block,
    Cell,
    Document,
    Facts,
    Grid,
    Section,
    Share,
    Shares,
    Text,
    Tone,
)
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Finding, LineageStep, Metric
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.results.tabular import Tabular

FailureKind = Literal[
    "parse",
    "embed",
    "unsupported_element",
    "invalid_geometry",
    "invalid_electrons",
    "scf_not_converged",
    "timeout",
    "other",
]
N_ROWS_SHOWN = 20


@dataclass(frozen=True)
class Failure:
    """Why a molecule has no result: the kind, and one sentence."""

    kind: FailureKind
    message: str


@dataclass(frozen=True, repr=False, eq=False)
class CalculationReport(Tabular, Result):
    """One row for each molecule, in the order of the input.

    Parameters
    ----------
    method
        The model, as in ``GFN2-xTB``.
    settings
        What was set for the first attempt.
    frame
        A row for each molecule that was reached: what it is, its properties,
        ``attempts``, ``settings`` (those that led to the result),
        ``failure_kind``, ``failure_message``.
    attempts
        A row for each attempt at each molecule.
    properties
        Name, unit and meaning of each calculated number.
    n_asked
        Molecules that came in; more than rows when the run was interrupted.
    seconds
        Wall time of the whole run. It is in `metrics`, not in the page.
    software
        Packages that did the work, with their versions.

    """

    kind: ClassVar[str] = "calculation"

    method: str
    settings: dict[str, Any]
    frame: pl.DataFrame
    attempts: pl.DataFrame
    properties: tuple[tuple[str, str, str], ...]
    n_asked: int
    seconds: float
    is_interrupted: bool = False
    software: dict[str, str] = field(default_factory=dict)
    #: How the results score under the method's ready card.
    assessment: ScoreReport | None = None
    step: LineageStep | None = None

    @property
    def failed(self) -> pl.DataFrame:
        """The rows without a result."""
        return self.frame.filter(pl.col("failure_kind").is_not_null())

    @property
    def retried(self) -> pl.DataFrame:
        """The rows with a result that took more than one attempt."""
        return self.frame.filter(pl.col("failure_kind").is_null(), pl.col("attempts") > 1)

    @property
    def n_finished(self) -> int:
        """Molecules with a result."""
        return self.frame.height - self.failed.height

    def document(self) -> Document:
        """Describe the run; how long it took is left to `metrics`."""
        verdict, tone = self._verdict()
        blocks: list[Block] = [
            Facts(
                (
                    ("method", self.method),
                    ("molecules", self.n_asked),
                    ("calculated", self.n_finished),
                    ("after a retry", self.retried.height),
                    ("failed", self.failed.height),
                )
            ),
            self._shares(),
            self._ranges(),
            *self._flags(),
        ]
        if self.is_interrupted:
            n_missing = self.n_asked - self.frame.height
            said = f"Interrupted: {n_missing} of {self.n_asked} molecules were not reached."
            blocks.insert(0, Text(said, "caution"))
        if self.failed.height:
            blocks.append(Section("Failures", (self._failures(),)))
        if self.retried.height:
            blocks.append(Section("Retries that helped", (self._retries(),), is_open=False))
        return Document(f"Calculations with {self.method}", verdict, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give counts, failures and ranges; rows are in `frames`."""
        return {
            "method": self.method,
            "settings": self.settings,
            "n_asked": self.n_asked,
            "n_finished": self.n_finished,
            "n_failed": self.failed.height,
            "n_retried": self.retried.height,
            "is_interrupted": self.is_interrupted,
            "failures": dict(sorted(self._counts().items())),
            "ranges": [
                dict(zip(("property", "unit", "n", "min", "median", "max"), row, strict=True))
                for row in self._range_rows()
            ],
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Count molecules and failures, and say how long they took."""
        rate = self.frame.height / self.seconds if self.seconds > 0 else 0.0
        return (
            Metric("n", self.frame.height),
            Metric("n_failed", self.failed.height),
            Metric("n_retried", self.retried.height),
            Metric("seconds", self.seconds, subject="system", unit="s"),
            Metric("rate", rate, subject="system", unit="1/s"),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Name each kind of failure with its rows."""
        numbered = self.frame.with_row_index("row").filter(pl.col("failure_kind").is_not_null())
        found = []
        for kind, n in sorted(self._counts().items()):
            rows = numbered.filter(pl.col("failure_kind") == kind)["row"].head(100).to_list()
            found.append(
                Finding(
                    "calculation_failed",
                    kind,
                    n,
                    severity="medium",
                    method=self.method,
                    rows=tuple(rows),
                    note=f"{n} molecules have no result: {kind}",
                )
            )
        return tuple(found)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the results, and every attempt."""
        return {"calculations": self.frame, "attempts": self.attempts}

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say which method computed the table, with what settings and software."""
        return (self.step,) if self.step else ()

    def _verdict(self) -> tuple[str, Tone]:
        said = f"{self.n_finished} of {self.n_asked} molecules calculated"
        if self.n_finished == self.n_asked:
            return said, "good"
        return said, "caution" if self.n_finished else "bad"

    def _flags(self) -> list[Block]:
        if self.assessment is None or not self.assessment.refusals:
            return []
        flags = tuple((why, n) for why, n in self.assessment.refusals)
        return [Grid(("flagged because", "molecules"), flags, "column `flags` says which")]

    def _counts(self) -> Counter[str]:
        return Counter(self.failed["failure_kind"].to_list())

    def _shares(self) -> Shares:
        n_retried = self.retried.height
        n_missing = self.n_asked - self.frame.height
        shares = (
            Share("at once", self.n_finished - n_retried, "good"),
            Share("after a retry", n_retried, "fair"),
            Share("failed", self.failed.height, "bad"),
            Share("not reached", n_missing, "neutral"),
        )
        return Shares(tuple(share for share in shares if share.count))

    def _range_rows(self) -> list[tuple[Cell, ...]]:
        rows: list[tuple[Cell, ...]] = []
        for name, unit, _ in self.properties:
            column = self.frame[name]
            if column.dtype.is_nested():
                continue
            values = column.drop_nulls().cast(pl.Float64)
            spread = (values.min(), values.median(), values.max())
            rows.append((name, unit, len(values), *map(_rounded, spread)))
        return rows

    def _ranges(self) -> Grid:
        columns = ("property", "unit", "values", "least", "median", "greatest")
        return Grid(columns, tuple(self._range_rows()))

    def _failures(self) -> Grid:
        columns = ("name", "failure_kind", "failure_message")
        rows = self.failed.select(columns)
        return Grid(
            ("molecule", "kind", "reason"),
            tuple(rows.head(N_ROWS_SHOWN).iter_rows()),
            n_more=max(0, rows.height - N_ROWS_SHOWN),
        )

    def _retries(self) -> Grid:
        rows = self.retried.select("name", "attempts", "settings")
        return Grid(
            ("molecule", "attempts", "settings that worked"),
            tuple(rows.head(N_ROWS_SHOWN).iter_rows()),
            n_more=max(0, rows.height - N_ROWS_SHOWN),
        )


def _rounded(value: Any) -> float | None:
    """Round to what another machine computes too."""
    return None if value is None else round(float(value), 4) + 0.0
