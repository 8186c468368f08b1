"""Which of two versions of a dataset trains the better model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Headline, Text, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.run import Metric


@dataclass(frozen=True, repr=False, eq=False)
class TrialReport(Result):
    """The same model trained on two versions, tested on the rows that both share.

    Attributes
    ----------
    errors
        Mean error of candidate and reference: the absolute error of numbers,
        the share of wrong classes.
    difference
        Candidate minus reference, over the same rows, with its interval.
    rows
        The errors of every tested row, with its position in both versions.

    """

    kind: ClassVar[str] = "trial"

    candidate: str
    reference: str
    target: str
    model: str
    task: str
    n_folds: int
    n_differing: int
    n_rows: tuple[int, int]
    errors: tuple[float, float]
    difference: Interval
    rows: pl.DataFrame

    @property
    def verdict(self) -> Literal["better", "worse", "no difference"]:
        """Whether the candidate trains a better model than the reference."""
        if self.difference.high < 0:
            return "better"
        return "worse" if self.difference.low > 0 else "no difference"

    def document(self) -> Document:
        """Describe the trial, its errors and the verdict."""
        measure = "mean absolute error" if self.task == "regression" else "share of wrong classes"
        tones: dict[str, Tone] = {"better": "good", "worse": "bad", "no difference": "neutral"}
        facts = (
            ("model", self.model),
            ("predicts", self.target),
            ("tested rows", self.rows.height),
            ("folds", self.n_folds),
        )
        names = (self.candidate, self.reference)
        grid = Grid(
            ("version", "rows", measure),
            tuple(
                (name, n, float(f"{error:.4g}"))
                for name, n, error in zip(names, self.n_rows, self.errors, strict=True)
            ),
        )
        blocks: list[Block] = [Facts(facts), grid]
        if self.n_differing:
            rows = (
                "1 shared row has"
                if self.n_differing == 1
                else f"{self.n_differing:,} shared rows have"
            )
            said = f"{rows} another {self.target} in each version"
            blocks.append(
                Text(f"{said}; nobody knows which is right, so nothing is tested on such rows.")
            )
        gap = self.difference
        return Document(
            f"Trial of {self.candidate} against {self.reference}",
            f"{self.candidate} is {self._said()} to train on",
            tones[self.verdict],
            tuple(blocks),
            Headline(_short(gap.value), "difference of errors", _short(gap.low), _short(gap.high)),
        )

    def payload(self) -> dict[str, Any]:
        """Give errors, the difference and the verdict."""
        gap = self.difference
        return {
            "candidate": self.candidate,
            "reference": self.reference,
            "target": self.target,
            "model": self.model,
            "task": self.task,
            "n_folds": self.n_folds,
            "n_tested": self.rows.height,
            "n_differing": self.n_differing,
            "errors": list(self.errors),
            "difference": [gap.value, gap.low, gap.high],
            "verdict": self.verdict,
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Errors of both and their difference."""
        gap = self.difference
        return (
            Metric("error", self.errors[0], "candidate"),
            Metric("error", self.errors[1], "reference"),
            Metric(
                "difference",
                gap.value,
                low=gap.low,
                high=gap.high,
                confidence=gap.confidence,
                method=gap.method,
            ),
            Metric("n_tested", self.rows.height),
        )

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the errors of every tested row."""
        return {"errors": self.rows}

    def _said(self) -> str:
        same = f"no different from {self.reference}"
        return same if self.verdict == "no difference" else f"{self.verdict} than {self.reference}"


def _short(value: float) -> float:
    """Keep the three digits that an interval can bear."""
    return float(f"{value:.3g}")
