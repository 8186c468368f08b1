"""What a run of predictions returns: a row for each structure, and its failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

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
from qforge_jupyter.results.calibration import Calibration
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.failed_rows import (
    N_ROWS_SHOWN,
    RANGE_COLUMNS,
    failure_counts,
    failure_findings,
    failure_grid,
    range_rows,
)
from qforge_jupyter.results.kept_predictions import NewPredictions
from qforge_jupyter.results.run import Finding, LineageStep, Metric
from qforge_jupyter.results.tabular import Tabular


@dataclass(frozen=True, repr=False, eq=False)
class PredictionReport(Tabular, Result):
    """One row for each structure, in the order of the input.

    Parameters
    ----------
    model, version
        Which predicted.
    notice
        What every output of the model says; empty for most.
    parameters_used
        With which it was loaded.
    frame
        A row for each structure that was reached: ``name``, ``formula``,
        ``n_atoms``, ``structure_hash``, ``model``, ``notice``, the properties,
        ``failure_kind``, ``failure_message``; with a calibration intervals and
        the flag of the domain too.
    properties
        Name, unit and meaning of each predicted number.
    new
        Answers that the store keeps from now on.
    n_asked
        Structures that came in; more than rows when the run was interrupted.
    n_known
        Structures whose answer was kept earlier. It is in `metrics`, not in the page.
    seconds
        Wall time. It is in `metrics`, not in the page.

    """

    kind: ClassVar[str] = "prediction"

    model: str
    version: str
    notice: str
    parameters_used: dict[str, str]
    frame: pl.DataFrame
    properties: tuple[tuple[str, str, str], ...]
    new: NewPredictions | None
    n_asked: int
    n_known: int
    seconds: float
    made_for: str = ""
    is_interrupted: bool = False
    software: dict[str, str] = field(default_factory=dict)
    step: LineageStep | None = None
    #: How uncertain the numbers are; None where nothing was given to measure it on.
    calibration: Calibration | None = None

    @property
    def failed(self) -> pl.DataFrame:
        """The rows without a prediction."""
        return self.frame.filter(pl.col("failure_kind").is_not_null())

    @property
    def n_predicted(self) -> int:
        """Structures with a prediction."""
        return self.frame.height - self.failed.height

    def document(self) -> Document:
        """Describe the run; how long it took and what was known is left to `metrics`."""
        n_failed = self.failed.height
        n_missing = self.n_asked - self.frame.height
        blocks: list[Block] = []
        if self.is_interrupted:
            said = f"Interrupted: {n_missing} of {self.n_asked} structures were not reached."
            blocks.append(Text(said, "caution"))
        shares = (
            Share("predicted", self.n_predicted, "good"),
            Share("failed", n_failed, "bad"),
            Share("not reached", n_missing, "neutral"),
        )
        blocks += [
            Facts(self._facts()),
            Shares(tuple(share for share in shares if share.count)),
            Grid(RANGE_COLUMNS, range_rows(self.frame, self.properties)),
            self._rows_shown(),
        ]
        if self.calibration:
            units = {name: unit for name, unit, _ in self.properties}
            blocks.append(self.calibration.section(units))
        if n_failed:
            blocks.append(Section("Failures", (failure_grid(self.frame, "structure"),)))
        verdict, tone = self._verdict()
        return Document(f"Predictions of {self.model}", verdict, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give counts, failures and ranges; rows are in `frames`."""
        names = ("property", "unit", "n", "min", "median", "max")
        return {
            "model": self.model,
            "version": self.version,
            "notice": self.notice,
            "parameters": self.parameters_used,
            "n_asked": self.n_asked,
            "n_predicted": self.n_predicted,
            "n_failed": self.failed.height,
            "is_interrupted": self.is_interrupted,
            "calibration": self.calibration.payload() if self.calibration else None,
            "failures": dict(sorted(failure_counts(self.frame).items())),
            "ranges": [
                dict(zip(names, row, strict=True))
                for row in range_rows(self.frame, self.properties)
            ],
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Count structures, failures and what was known, and say how long it took."""
        rate = self.frame.height / self.seconds if self.seconds > 0 else 0.0
        return (
            Metric("n", self.frame.height),
            Metric("n_failed", self.failed.height),
            Metric("n_known", self.n_known),
            Metric("seconds", self.seconds, subject="system", unit="s"),
            Metric("rate", rate, subject="system", unit="1/s"),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Name each kind of failure with its rows."""
        return failure_findings(self.frame, "prediction_failed", self.model, "structures")

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the rows."""
        return {"predictions": self.frame}

    def parameters(self) -> dict[str, Any]:
        """Name model, version and notice for the tracker."""
        said = {"model": self.model, "model.version": self.version}
        return {**said, **({"notice": self.notice} if self.notice else {})}

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say which model gave the table, with what parameters and software."""
        return (self.step,) if self.step else ()

    def changes(self) -> tuple[Change, ...]:
        """Keep the answers that are new."""
        return (self.new,) if self.new and self.new.items else ()

    def changes_if_stopped(self) -> tuple[Change, ...]:
        """Keep what was predicted before the user stopped the run."""
        return self.changes()

    def _facts(self) -> tuple[tuple[str, str | int], ...]:
        told = ", ".join(f"{key} {value}" for key, value in self.parameters_used.items())
        facts: list[tuple[str, str | int]] = [("model", f"{self.model} {self.version}")]
        facts += [("parameters", told)] if told else []
        facts += [("made for", self.made_for)] if self.made_for else []
        return (*facts, ("structures", self.n_asked))

    def _verdict(self) -> tuple[str, Tone]:
        said = f"{self.n_predicted} of {self.n_asked} structures predicted"
        if self.notice:
            return f"{said}. {self.notice}", "caution"
        if self.n_predicted == self.n_asked:
            return said, "good"
        return said, "caution" if self.n_predicted else "bad"

    def _rows_shown(self) -> Grid:
        numbers = [
            (name, unit)
            for name, unit, _ in self.properties
            if not self.frame[name].dtype.is_nested()
        ]
        rows = self.frame.filter(pl.col("failure_kind").is_null())
        shown = rows.select("name", "formula", *(name for name, _ in numbers)).head(N_ROWS_SHOWN)
        heads = [f"{name} ({unit})" if unit else name for name, unit in numbers]
        cells = tuple(tuple(map(_rounded, row)) for row in shown.iter_rows())
        n_more = max(0, rows.height - N_ROWS_SHOWN)
        return Grid(("structure", "formula", *heads), cells, n_more=n_more)


def _rounded(value: Any) -> Any:
    """Round to what another machine computes too."""
    return round(value, 4) + 0.0 if isinstance(value, float) else value
