"""How far two result sets lie apart: statistics, groups, rows, verdict, what to do next."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.compared import (
    UNSURE,
    WITHOUT_UNIT,
    Compared,
    Counts,
    Judgement,
    payload_of,
    rounded,
)
from qforge_jupyter.results.run import Finding, Metric

#: Groups whose numbers the store and the tracker get as metrics.
N_GROUP_METRICS = 50


@dataclass(frozen=True, repr=False, eq=False)
class ComparisonReport(Result):
    """Two result sets compared, property by property.

    Parameters
    ----------
    left, right
        What the subject and the reference are called.
    keys
        On which they were joined.
    counts
        What became of the rows.
    compared
        Each property.
    rows
        A row for each pair of numbers: keys, ``group``, ``property``,
        ``predicted``, ``reference``, ``error``, ``percent_error``, ``within``.
    groups
        A row for each group and property, worst first.
    apart
        Keys of every row without a pair, and why.
    next
        What to simulate next, with the reason for each; None where nobody asked.
    confidence
        Of every interval.

    """

    kind: ClassVar[str] = "comparison"

    left: str
    right: str
    keys: tuple[str, ...]
    counts: Counts
    compared: tuple[Compared, ...]
    rows: pl.DataFrame
    groups: pl.DataFrame | None
    apart: pl.DataFrame
    confidence: float
    next: pl.DataFrame | None = None
    next_said: str = ""
    grouped_by: tuple[str, ...] = ()
    resampled: str = "rows"
    level: float | None = None
    notices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Compared:
        """Give what was found of one property."""
        for each in self.compared:
            if each.name == name:
                return each
        raise KeyError(name)

    @property
    def verdict(self) -> Judgement:
        """The whole verdict: the worst of all properties with a tolerance."""
        said = {one.verdict for one in self.compared}
        order: tuple[Judgement, ...] = ("beyond", UNSURE, "within")
        for each in order:
            if each in said:
                return each
        return "not judged"

    @property
    def measures(self) -> pl.DataFrame:
        """Every statistic of every property: value, ends of its interval, n, unit, note."""
        return pl.DataFrame(
            [
                {
                    "property": each.name,
                    "measure": name,
                    **asdict(found),
                    "unit": "" if name in WITHOUT_UNIT else each.unit,
                }
                for each in self.compared
                for name, found in each.measures.items()
            ],
            schema=_MEASURES,
        )

    @property
    def bad(self) -> pl.DataFrame:
        """The rows beyond their tolerance, or all where there is none; largest errors first."""
        is_judged = any(each.tolerance for each in self.compared)
        rows = self.rows.filter(~pl.col("within")) if is_judged else self.rows
        return rows.sort(pl.col("error").abs(), descending=True, maintain_order=True)

    def worst(self, name: str, n: int = 10) -> pl.DataFrame:
        """Give the rows with the largest errors of a property."""
        rows = self.rows.filter(pl.col("property") == name)
        return rows.sort(pl.col("error").abs(), descending=True, maintain_order=True).head(n)

    def document(self) -> Document:
        """Describe verdict, statistics, groups, rows and what to do next."""
        from qforge_jupyter.results.comparison_page import page_of

        return page_of(self)

    def payload(self) -> dict[str, Any]:
        """Give counts, statistics, verdicts and groups; rows are in `frames`."""
        return {
            "left": self.left,
            "right": self.right,
            "keys": list(self.keys),
            "confidence": self.confidence,
            "resampled": self.resampled,
            "counts": asdict(self.counts),
            "verdict": self.verdict,
            "notices": list(self.notices),
            "notes": list(self.notes),
            "properties": [payload_of(each) for each in self.compared],
            "groups": [] if self.groups is None else _lines(self.groups, N_GROUP_METRICS),
            "n_groups": 0 if self.groups is None else self.groups.height,
            "next": None if self.next is None else _lines(self.next, 25),
            "next_chosen_by": self.next_said,
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Name each statistic with its property as the subject, and those of the worst groups."""
        found = [Metric("n", self.counts.paired)]
        for each in self.compared:
            found.append(Metric("n", each.n, subject=each.name))
            method = f"against {each.reference}"
            for name, estimate in each.measures.items():
                if estimate.value is None:
                    continue
                unit = "" if name in WITHOUT_UNIT else each.unit
                has_ends = estimate.low is not None
                found.append(
                    Metric(
                        name, estimate.value, each.name, estimate.low, estimate.high,
                        self.confidence if has_ends else None, method, unit,
                    )
                )  # fmt: skip
        if self.groups is not None:
            some = self.groups.head(N_GROUP_METRICS).select("property", "group", "mae")
            found += [
                Metric("mae", mae, subject=f"{name} in {group}", unit=self[name].unit)
                for name, group, mae in some.iter_rows()
                if mae is not None
            ]
        return tuple(found)

    def findings(self) -> tuple[Finding, ...]:
        """Name rows that were not compared, and rows beyond their tolerance."""
        counts = self.counts
        said: tuple[tuple[str, str, int], ...] = (
            ("only_in_one", self.left, counts.only_left),
            ("only_in_one", self.right, counts.only_right),
            ("repeated_key", self.left, counts.repeated_left),
            ("repeated_key", self.right, counts.repeated_right),
            ("missing_key", self.left, counts.keyless_left),
            ("missing_key", self.right, counts.keyless_right),
        )
        found = [
            Finding(kind, name, n, "low" if kind == "only_in_one" else "medium")
            for kind, name, n in said
            if n
        ]
        for each in self.compared:
            if sum(each.missing):
                found.append(
                    Finding("missing_value", each.name, sum(each.missing), "low", each.name)
                )
            share = each.measures.get("share_within")
            if share and share.value is not None and share.value < 1:
                n_beyond = share.n - round(share.value * share.n)
                severity: Any = "high" if each.verdict == "beyond" else "low"
                note = f"tolerance {each.tolerance}"
                found.append(
                    Finding("beyond_tolerance", each.name, n_beyond, severity, each.name, note=note)
                )
        return tuple(found)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the compared rows, those without a pair, groups, statistics, what is next."""
        found = {"rows": self.rows, "apart": self.apart, "measures": self.measures}
        if self.groups is not None:
            found["groups"] = self.groups
        if self.next is not None:
            found["next"] = self.next
        return found


_MEASURES: dict[str, Any] = {
    "property": pl.String,
    "measure": pl.String,
    **dict.fromkeys(("value", "low", "high"), pl.Float64),
    "n": pl.Int64,
    "note": pl.String,
    "unit": pl.String,
}


def _lines(frame: pl.DataFrame, n: int) -> list[dict[str, Any]]:
    return [rounded(line) for line in frame.head(n).to_dicts()]
