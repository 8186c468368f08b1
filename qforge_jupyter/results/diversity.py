"""How diverse a table is, alone or beside real data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

import polars as pl

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.run import Finding, Metric

#: What a measure counts in.
Unit = Literal["share", "kinds", "times"]


@dataclass(frozen=True)
class DiversityMeasure:
    """One measure of the candidate, and of the reference by the same yardstick.

    Parameters
    ----------
    name, question
        What it is called, and what it says.
    candidate, reference
        Values with intervals; the reference's is None where there is none.
    worse
        ``low`` where less means less diverse, ``high`` where more does.
    ratio
        The candidate's value as a multiple of the reference's, with its interval; of shares that
        may be 0, None.
    is_worse
        Whether the candidate is less diverse for sure: by more than both errors together.
    unit
        ``share`` of the rows, ``kinds`` of rows, or ``times`` what fresh rows would give.

    """

    name: str
    question: str
    candidate: Interval
    reference: Interval | None = None
    worse: Literal["low", "high"] = "low"
    ratio: Interval | None = None
    is_worse: bool = False
    unit: Unit = "share"


@dataclass(frozen=True, eq=False, repr=False)
class Diversity(Result):
    """How many different rows a table really holds.

    Parameters
    ----------
    candidate_name, reference_name, n_candidate, n_reference
        The tables; the reference's are "" and 0 where there is none.
    measures
        Each with its interval, the candidate's beside the reference's.
    n_effective
        Rows that the candidate is worth when equal rows count once, by their weights if it has.
    n_effective_reference
        The same of the reference.
    size
        Rows of each side where sizes have to be equal.
    left_out
        Columns that were not compared, and why.

    """

    kind: ClassVar[str] = "diversity"

    candidate_name: str
    reference_name: str
    n_candidate: int
    n_reference: int
    measures: tuple[DiversityMeasure, ...]
    n_effective: float
    n_effective_reference: float | None
    size: int
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def measure(self, name: str) -> DiversityMeasure:
        """Give the measure of a name."""
        from qforge_jupyter.errors import CallError, nearest

        for each in self.measures:
            if each.name == name:
                return each
        names = [each.name for each in self.measures]
        raise CallError(f"No measure named {name[:60]!r}{nearest(name, names)}")

    @property
    def worse(self) -> tuple[DiversityMeasure, ...]:
        """The measures by which the candidate is less diverse for sure."""
        return tuple(each for each in self.measures if each.is_worse)

    def document(self) -> Document:
        """Draw each measure as a bar, the candidate's beside the reference's."""
        from qforge_jupyter.results.diversity_page import page_of

        return page_of(self)

    def payload(self) -> dict[str, Any]:
        """Give the typed JSON content."""
        return {
            "candidate": {"name": self.candidate_name, "n_rows": self.n_candidate},
            "reference": {"name": self.reference_name, "n_rows": self.n_reference},
            "n_effective": self.n_effective,
            "n_effective_reference": self.n_effective_reference,
            "size": self.size,
            "measures": [asdict(each) for each in self.measures],
            "left_out": dict(self.left_out),
            "notes": list(self.notes),
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Name the effective size and each measure of the candidate."""
        own = [
            Metric(each.name.replace(" ", "_").replace("-", "_"), each.candidate.value)
            for each in self.measures
        ]
        return (Metric("n_effective", self.n_effective), *own)

    def findings(self) -> tuple[Finding, ...]:
        """Name the measures by which the candidate is less diverse."""
        return tuple(
            Finding("diversity", f"{each.name}: {each.question}", self.n_candidate, "medium")
            for each in self.worse
        )

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the measures as a table."""
        return {"measures": self.table}

    @property
    def table(self) -> pl.DataFrame:
        """The measures, one a row."""
        return pl.DataFrame([
            {
                "measure": each.name,
                "unit": each.unit,
                "candidate": each.candidate.value,
                "low": each.candidate.low,
                "high": each.candidate.high,
                "reference": each.reference.value if each.reference else None,
                "reference_low": each.reference.low if each.reference else None,
                "reference_high": each.reference.high if each.reference else None,
                "ratio": each.ratio.value if each.ratio else None,
                "is_worse": each.is_worse,
            }
            for each in self.measures
        ])  # fmt: skip
