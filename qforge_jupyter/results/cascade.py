"""What training on a candidate instead of real data would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

import polars as pl

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.run import Finding, Metric

Word = Literal["costs", "costs nothing that matters", "not clear"]


@dataclass(frozen=True)
class Rung:
    """Models of one size.

    Parameters
    ----------
    size, repeats
        Rows that a model was trained on, and on how many separate sets of rows.
    proxy
        The model that was best on real data; it speaks for the rung.
    candidate, reference
        The metric after training on either, on the same held-out real rows.
    gap
        What the candidate costs; above 0 is worse.
    gaps
        The same of each proxy.

    """

    size: int
    repeats: int
    proxy: str
    candidate: Interval
    reference: Interval
    gap: Interval
    gaps: Mapping[str, Interval] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Generation:
    """One generation of training on what was sampled.

    Parameters
    ----------
    number
        0 is the candidate.
    workflow
        ``replace``: the next learns from this one alone; ``accumulate``: from all so far.
    score, low, high, verdict
        Of a check against the reference.

    """

    number: int
    workflow: Literal["replace", "accumulate"]
    score: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True, eq=False, repr=False)
class Cascade(Result):
    """What training on a candidate instead of real data would cost.

    Parameters
    ----------
    candidate_name, reference_name
        The two tables.
    target, targets
        The column that is predicted, or "", and those that really were.
    metric
        As it is written: AUC, accuracy, R², MAE or explained share.
    verdict, tolerance
        Whether it costs more than the tolerance.
    rungs
        From the smallest on.
    expected
        The cost at all rows: the last rung's value, with the interval that extrapolation leaves;
        None where one small rung is all there is.
    n_full, n_judged
        Rows that both sides could be trained on, and real rows that models were judged by.
    rows_fitted, rows_full
        Rows that all models learned from, and those that one full fit of each would take.
    generations
        What becomes of it when generators learn from what generators made.

    """

    kind: ClassVar[str] = "cascade"

    candidate_name: str
    reference_name: str
    target: str
    targets: tuple[str, ...]
    metric: str
    verdict: Word
    tolerance: float
    rungs: tuple[Rung, ...]
    expected: Interval | None
    n_full: int
    n_judged: int
    rows_fitted: int
    rows_full: int
    generations: tuple[Generation, ...] = ()
    notes: tuple[str, ...] = ()
    #: Whether it was stopped; the notes say what it rests on.
    is_interrupted: bool = False

    @property
    def gap(self) -> Interval:
        """The cost at the last rung."""
        return self.rungs[-1].gap

    @property
    def sentence(self) -> str:
        """What training on it would cost, in one sentence."""
        last = self.rungs[-1]
        reach = (last.gap.high - last.gap.low) / 2
        said = (
            f"Training on {self.candidate_name} instead of {self.reference_name} will cost about "
            f"{_plain(last.gap.value)} ± {_plain(reach)} {self.metric} at n = {last.size:,}"
        )
        if self.expected is None or last.size >= self.n_full:
            return f"{said}."
        low, high = _plain(self.expected.low), _plain(self.expected.high)
        return f"{said}; between {low} and {high} at n = {self.n_full:,}."

    def document(self) -> Document:
        """Draw both learning curves and the gap at each rung."""
        from qforge_jupyter.results.cascade_page import page_of

        return page_of(self)

    def payload(self) -> dict[str, Any]:
        """Give the typed JSON content."""
        return {
            "candidate": self.candidate_name,
            "reference": self.reference_name,
            "target": self.target,
            "targets": list(self.targets),
            "metric": self.metric,
            "verdict": self.verdict,
            "sentence": self.sentence,
            "tolerance": self.tolerance,
            "rungs": [asdict(each) for each in self.rungs],
            "expected": asdict(self.expected) if self.expected else None,
            "n_full": self.n_full,
            "n_judged": self.n_judged,
            "rows_fitted": self.rows_fitted,
            "rows_full": self.rows_full,
            "generations": [asdict(each) for each in self.generations],
            "notes": list(self.notes),
            "is_interrupted": self.is_interrupted,
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Name the cost and its bounds, and what finding it took."""
        return (
            Metric("gap", self.gap.value),
            Metric("gap_low", self.gap.low),
            Metric("gap_high", self.gap.high),
            Metric("rows_fitted", float(self.rows_fitted)),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Say what it costs where it does."""
        if self.verdict != "costs":
            return ()
        return (Finding("cost of training", self.sentence, self.n_full, "high"),)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the rungs, and the generations where there are some."""
        found = {"rungs": self.table}
        if self.generations:
            found["generations"] = pl.DataFrame([asdict(each) for each in self.generations])
        return found

    @property
    def table(self) -> pl.DataFrame:
        """The rungs, one a row."""
        return pl.DataFrame([
            {
                "size": each.size,
                "repeats": each.repeats,
                "proxy": each.proxy,
                "candidate": each.candidate.value,
                "reference": each.reference.value,
                "gap": each.gap.value,
                "low": each.gap.low,
                "high": each.gap.high,
            }
            for each in self.rungs
        ])  # fmt: skip


def _plain(value: float) -> str:
    """Write a cost with as many digits as it has."""
    shown = f"{value:.2f}" if abs(value) < 10 else f"{value:.4g}"
    if shown in ("0.00", "-0.00") and value:
        shown = f"{value:.1g}" if abs(value) >= 5e-4 else "0.000"
    return shown
