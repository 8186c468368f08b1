"""What a run of calculations returns: a row for each molecule, and its failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import polars as pl

from qforge_jupyter.documents.blocks import (
    Block,
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
from qforge_jupyter.results.failed_rows import (
    N_ROWS_SHOWN,
    RANGE_COLUMNS,
    failure_counts,
    failure_findings,
    failure_grid,
    range_rows,
)
from qforge_jupyter.results.run import Finding, LineageStep, Metric
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.results.tabular import Tabular

FailureKind = Literal[
    "parse",
    "embed",
    "unknown_element",
    "unsupported_element",
    "invalid_geometry",
    "isolated_atom",
    "disordered",
    "not_periodic",
    "invalid_electrons",
    "scf_not_converged",
    "timeout",
    "other",
]


@dataclass(frozen=True)
class Failure:
    """Why a molecule or a structure has no result: the kind, and one sentence."""

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
            Grid(RANGE_COLUMNS, range_rows(self.frame, self.properties)),
            *self._flags(),
        ]
        if self.is_interrupted:
            n_missing = self.n_asked - self.frame.height
            said = f"Interrupted: {n_missing} of {self.n_asked} molecules were not reached."
            blocks.insert(0, Text(said, "caution"))
        if self.failed.height:
            blocks.append(Section("Failures", (failure_grid(self.frame, "molecule"),)))
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
            "failures": dict(sorted(failure_counts(self.frame).items())),
            "ranges": [
                dict(zip(("property", "unit", "n", "min", "median", "max"), row, strict=True))
                for row in range_rows(self.frame, self.properties)
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
        return failure_findings(self.frame, "calculation_failed", self.method, "molecules")

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

    def _retries(self) -> Grid:
        rows = self.retried.select("name", "attempts", "settings")
        return Grid(
            ("molecule", "attempts", "settings that worked"),
            tuple(rows.head(N_ROWS_SHOWN).iter_rows()),
            n_more=max(0, rows.height - N_ROWS_SHOWN),
        )
