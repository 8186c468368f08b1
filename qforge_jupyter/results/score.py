"""What scoring a table gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import polars as pl

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.card_body import write_body
from qforge_jupyter.results.failures import failing_rows
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.run import Finding, Metric

#: What stands in the way of a row for the dataset's sake.
LINEAGE_REASON = "lineage not approved"
#: The band of rows of which nothing could be asked.
UNSCORED = "unscored"
#: A row whose validity reaches this can be relied on.
HIGH_CONFIDENCE = 0.90


@dataclass(frozen=True)
class DimensionScore:
    """One dimension of the whole table; ``declined`` says why it has no score."""

    name: str
    weight: float
    score: Interval | None
    n_asked: int = 0
    n_passed: int = 0
    declined: str = ""
    estimates: tuple[tuple[str, Interval], ...] = ()


@dataclass(frozen=True)
class CheckResult:
    """How one check came out over all rows; the three counts add up to them."""

    name: str
    dimension: str
    columns: tuple[str, ...]
    expected: str
    n_passed: int
    n_failed: int
    n_not_evaluable: int
    failing: np.ndarray = field(repr=False, compare=False)


@dataclass(frozen=True)
class BandCount:
    """Rows in one band of the overall score, and what put them there."""

    name: str
    low: float
    n_rows: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, repr=False, eq=False)
class ScoreReport(Result):
    """Quality of a table, row by row and as a whole.

    Attributes
    ----------
    rows
        One line per row: ``row``, the dimensions' scores (0 to 1, null where
        the row could not be asked), ``overall``, ``band``, ``is_outlier``,
        ``ml_ready``, ``refusals``, ``n_failed`` and ``is_high_confidence``
        (validity of at least .90; null where validity could not be asked).
    bad
        Every failing check of every row: ``row``, ``record``, ``check``,
        ``dimension``, ``observed``, ``expected``.

    """

    kind: ClassVar[str] = "score"

    name: str
    n_rows: int
    overall: Interval | None
    dimensions: tuple[DimensionScore, ...]
    checks: tuple[CheckResult, ...]
    bands: tuple[BandCount, ...]
    refusals: tuple[tuple[str, int], ...]
    outliers: tuple[tuple[str, int], ...]
    card: dict[str, Any]
    rows: pl.DataFrame
    worst: pl.DataFrame
    source: pl.LazyFrame
    is_lineage_approved: bool = False
    fingerprint: str = ""
    #: In which order the rows stood, which the fingerprint does not know.
    order: str = ""
    #: What a required dimension did not get; then nothing can be certified.
    missing: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()

    @property
    def is_certifiable(self) -> bool:
        """Whether every dimension that counts could be measured."""
        return not self.missing and self.n_rows > 0

    @property
    def scores(self) -> dict[str, float]:
        """The table's score in every dimension that has one, and ``overall``."""
        scores = {part.name: part.score.value for part in self.dimensions if part.score}
        return {**scores, "overall": self.overall.value} if self.overall else scores

    @property
    def n_ready(self) -> int:
        """Rows that may be trained on."""
        return int(self.rows["ml_ready"].sum())

    @property
    def n_high_confidence(self) -> int:
        """Rows with a validity of at least .90."""
        return int(self.rows["is_high_confidence"].sum())

    @property
    def high_confidence(self) -> float | None:
        """Share of the rows with a validity that are of high confidence."""
        share: Any = self.rows["is_high_confidence"].mean()
        return share  # type: ignore[no-any-return]

    @property
    def n_ready_once_approved(self) -> int:
        """Rows that nothing but the approval of their lineage keeps back."""
        return int(self.rows["refusals"].is_in(["", LINEAGE_REASON]).sum())

    @cached_property
    def bad(self) -> pl.DataFrame:
        """Every failing check of every row, in row order."""
        return failing_rows(self.checks, self.source, keys=self.keys)

    @property
    def body(self) -> str:
        """The scorecard as the body of a cell, to paste and edit."""
        return write_body(self.card)

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns by which people know a record; none when the whole row is the key."""
        keys = tuple(self.card["unique_by"])
        return () if keys == ("*",) else keys[:3]

    def should_exclude(self, row: int) -> tuple[bool, str]:
        """Say whether to leave a row out of training, and why.

        Parameters
        ----------
        row
            Position in the scored table, counted from 0.

        Raises
        ------
        CallError
            There is no such row.

        """
        if not 0 <= row < self.n_rows:
            raise CallError(
                f"Row {row} was asked for and {self.name} has rows 0 to {self.n_rows - 1}"
            )
        reasons = self.rows["refusals"][row]
        return bool(reasons), reasons

    def document(self) -> Document:
        """Describe the report as a page."""
        from qforge_jupyter.results.score_page import page_of

        return page_of(self)

    def payload(self) -> dict[str, Any]:
        """Give the report's numbers without its rows."""
        from qforge_jupyter.results.score_page import payload_of

        return payload_of(self)

    def identity(self) -> dict[str, Any]:
        """Which content was scored."""
        return {"fingerprint": self.fingerprint}

    def metrics(self) -> tuple[Metric, ...]:
        """Scores, counts and bands as numbers."""
        scored = [
            ("score", part.score, part.name) for part in self.dimensions if part.score is not None
        ]
        scored += [("score", self.overall, "overall")] if self.overall else []
        intervals = tuple(
            Metric(name, each.value, subject, each.low, each.high, each.confidence, each.method)
            for name, each, subject in scored
        )
        estimates = tuple(
            Metric(
                f"accuracy.{name}",
                each.value,
                "accuracy",
                each.low,
                each.high,
                each.confidence,
                each.method,
            )
            for part in self.dimensions
            for name, each in part.estimates
        )
        counts = {
            "n_rows": self.n_rows,
            "n_ready": self.n_ready,
            "n_ready_once_approved": self.n_ready_once_approved,
            "n_high_confidence": self.n_high_confidence,
            "n_outliers": int(self.rows["is_outlier"].sum()),
            **{f"band.{band.name}": band.n_rows for band in self.bands},
        }
        return intervals + estimates + tuple(Metric(k, float(v)) for k, v in counts.items())

    def findings(self) -> tuple[Finding, ...]:
        """One finding for each check that some rows fail, and the reader's notes."""
        failed = tuple(
            Finding(
                kind="failed check",
                name=check.name,
                n_rows=check.n_failed,
                severity=_severity(check.n_failed / max(1, self.n_rows)),
                column=", ".join(check.columns)[:500],
                method=check.dimension,
                rows=tuple(int(row) for row in check.failing[:100]),
                detail={"expected": check.expected},
            )
            for check in self.checks
            if check.n_failed
        )
        return failed + self.notes

    def frames(self) -> dict[str, pl.DataFrame]:
        """Scores per row, and which check failed where."""
        scores = self.rows.with_columns(order=pl.lit(self.order))
        return {"scores": scores, "failures": self._failures()}

    def _failures(self) -> pl.DataFrame:
        sizes = [len(check.failing) for check in self.checks]
        return pl.DataFrame(
            {
                "row": np.concatenate(
                    [c.failing for c in self.checks] or [np.array([], np.uint32)]
                ),
                "check": np.repeat(np.arange(len(sizes), dtype=np.uint16), sizes),
            }
        )


def _severity(share: float) -> Any:
    if share >= 0.20:
        return "critical"
    if share >= 0.05:
        return "high"
    return "medium" if share >= 0.01 else "low"
