"""How far two result sets lie apart: statistics, groups, rows, verdict, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import polars as pl

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Finding, Metric

Judgement = Literal["within", "beyond", "not enough data to say", "not judged"]
UNSURE: Judgement = "not enough data to say"
#: Groups whose numbers the store and the tracker get as metrics.
N_GROUP_METRICS = 50
#: Statistics that are shares of the reference and have no unit, or are none at all.
WITHOUT_UNIT = ("r2", "pearson_r", "mape", "median_ape", "share_within", "coverage")


@dataclass(frozen=True)
class Estimate:
    """A statistic, with an interval where there is a basis for one, and else the reason."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    note: str = ""


@dataclass(frozen=True)
class Counts:
    """What became of the rows of both sides: each is in one of these counts.

    ``repeated`` have a key that stands more than once on their side,
    ``keyless`` none at all.
    """

    left: int
    right: int
    paired: int
    only_left: int
    only_right: int
    repeated_left: int = 0
    repeated_right: int = 0
    keyless_left: int = 0
    keyless_right: int = 0


@dataclass(frozen=True, eq=False)
class Compared:
    """One property of the subject against one column of the reference.

    Parameters
    ----------
    name, reference
        The columns.
    unit
        Of both.
    n
        Pairs of finite numbers.
    missing
        Pairs of rows in which a number is null, NaN or infinite: in the subject
        only, in the reference only, in both.
    measures
        ``mae``, ``rmse``, ``bias`` (predicted less reference), ``r2``,
        ``pearson_r``, ``mape`` and ``median_ape`` (shares of the reference),
        ``median_ae``, ``max_error``; with a tolerance ``share_within``; with
        intervals of the predictions ``coverage``.
    tolerance, judged_by
        What was allowed, and of which statistic.
    verdict
        Whether the interval of that statistic lies within.
    n_zero
        References of zero, of which no share is taken.
    residuals
        Counts of errors in equal bins, with the two ends.
    by_size
        Between which references, how many pairs, their MAE and their bias.
    points
        What the parity plot shows: references, and what was predicted.

    """

    name: str
    reference: str
    unit: str
    n: int
    missing: tuple[int, int, int]
    measures: Mapping[str, Estimate]
    tolerance: str = ""
    judged_by: str = ""
    verdict: Judgement = "not judged"
    n_zero: int = 0
    note: str = ""
    residuals: tuple[tuple[int, ...], float, float] = ((), 0.0, 0.0)
    by_size: tuple[tuple[str, Estimate, Estimate], ...] = ()
    points: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
    tolerance_value: float | None = None

    def __getattr__(self, name: str) -> Any:
        """Give the value of a statistic, as in ``compared.mae``."""
        measures = self.__dict__.get("measures", {})
        if name not in measures:
            raise AttributeError(name)
        return measures[name].value

    def label(self) -> str:
        """Name the property, with what it was compared with where that is called otherwise."""
        return self.name if self.name == self.reference else f"{self.name} against {self.reference}"


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
            "properties": [_payload(each) for each in self.compared],
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
    return [_rounded(line) for line in frame.head(n).to_dicts()]


def _rounded(found: dict[str, Any]) -> dict[str, Any]:
    """Round to what another machine computes too; `measures` has every digit."""
    return {
        name: float(f"{each:.4g}") if isinstance(each, float) else each
        for name, each in found.items()
    }


def _payload(each: Compared) -> dict[str, Any]:
    return {
        "property": each.name,
        "reference": each.reference,
        "unit": each.unit,
        "n": each.n,
        "missing": list(each.missing),
        "n_zero": each.n_zero,
        "tolerance": each.tolerance,
        "judged_by": each.judged_by,
        "verdict": each.verdict,
        "note": each.note,
        "measures": {name: _rounded(asdict(found)) for name, found in each.measures.items()},
    }
