"""What the search for outliers found (Q4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import (
    Finding,
    FlaggedRows,
    Metric,
    Severity,
    document_outliers,
    flag_outliers,
)

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}
#: So many outliers become an anomaly each, the furthest first; the rest are counted.
ANOMALIES_AT_MOST = 1_000
#: So many columns have a metric of their own, those with the most outliers.
METRICS_AT_MOST = 1_000


@dataclass(frozen=True, eq=False, repr=False)
class OutlierReport(Result):
    """Outliers of a table, with the bounds that they lie beyond.

    Parameters
    ----------
    table
        Name of the table.
    method, unit
        How they were found, and what one unit of distance is.
    threshold
        The distance from which a value is an outlier.
    bands
        The distances at which the severities medium, high and critical start.
    by
        Columns that made the groups.
    n_rows
        Rows looked at.
    rows
        One line for each outlier, the furthest first: ``row``, ``column``,
        ``value``, ``low``, ``high``, ``distance`` (signed, in units),
        ``severity``, ``group``, ``entity``.
    counts
        One line for each column: ``column``, ``n`` (finite values),
        ``n_missing``, ``n_infinite``, ``n_outliers`` and one for each severity.
    fences
        The bounds of every column and group, with the reason where there are
        none; empty for a method that judges whole rows.
    notes
        What to know: columns left out, samples drawn, values filled in.

    """

    kind: ClassVar[str] = "outliers"

    table: str
    method: str
    unit: str
    threshold: float
    bands: tuple[float, float, float]
    by: tuple[str, ...]
    n_rows: int
    rows: pl.DataFrame
    counts: pl.DataFrame
    fences: pl.DataFrame = field(default_factory=pl.DataFrame)
    notes: tuple[str, ...] = ()
    seed: int | None = None
    explained: tuple[Finding, ...] = ()
    flagged: tuple[Finding, ...] = ()
    #: Rows whose outliers somebody explained, earlier or with this call.
    documented_rows: frozenset[int] = frozenset()

    def recorded(
        self,
        fingerprint: str,
        marks: Mapping[int, str],
        *,
        documented: Iterable[int],
        search: dict[str, Any],
    ) -> OutlierReport:
        """Give the report with its rows named by their content, for certificates.

        Parameters
        ----------
        fingerprint, marks
            Of the table and of its rows with outliers.
        documented
            Rows whose outliers are explained.
        search
            What tells this search from another by the same method.

        """
        by_row = self.rows.group_by("row").agg(
            pl.col("severity").replace_strict(_RANK, return_dtype=pl.Int8).max()
        )
        found = [
            FlaggedRows(self.method, severity, frozenset(marks[row] for row in rows["row"]))
            for severity in SEVERITIES
            if (rows := by_row.filter(pl.col("severity") == _RANK[severity])).height
        ] or [FlaggedRows(self.method, "low", frozenset())]
        flagged = flag_outliers(fingerprint, found, search)
        return replace(self, flagged=flagged, documented_rows=frozenset(documented))

    def documented(
        self, fingerprint: str, rows: Sequence[int], marks: Sequence[str], note: str
    ) -> OutlierReport:
        """Give the report with a note that explains the outliers of some rows."""
        return replace(self, explained=document_outliers(fingerprint, rows, marks, note))

    @property
    def n_outlier_rows(self) -> int:
        """Rows with at least one outlier."""
        return self.rows["row"].n_unique() if self.rows.height else 0

    @property
    def declined(self) -> pl.DataFrame:
        """Columns and groups without fences: column, group, n, reason."""
        if self.fences.is_empty():
            return pl.DataFrame(schema=dict.fromkeys(("column", "group", "reason"), pl.String))
        declined = self.fences.filter(pl.col("reason") != "")
        group = group_label(declined["group"]) if self.by else pl.lit("").alias("group")
        return declined.select("column", group, "reason")

    @property
    def anomalies(self) -> tuple[Finding, ...]:
        """One anomaly for each of the furthest outliers; the rest counted together.

        Together are those of a column and severity, the furthest first; in a
        table of very many columns those that then remain, of a severity.
        """
        single = [
            self._anomaly(line) for line in self.rows.head(ANOMALIES_AT_MOST).iter_rows(named=True)
        ]
        rest = self.rows.slice(ANOMALIES_AT_MOST)
        together = [
            self._counted(part, part["column"][0] if is_of_one else "")
            for is_of_one, part in _parts(rest)
            if part.height
        ]
        return (*single, *together)

    def findings(self) -> tuple[Finding, ...]:
        """Give the anomalies."""
        return self.anomalies + self.flagged + self.explained

    def metrics(self) -> tuple[Metric, ...]:
        """Give the outliers in all and in each column, of 1,000 columns at most."""
        share = self.n_outlier_rows / self.n_rows if self.n_rows else 0.0
        whole = (
            Metric("outlier_rows", self.n_outlier_rows, method=self.method),
            Metric("outlier_share", share, method=self.method),
        )
        each = self.counts.select("column", "n_outliers")
        if each.height > METRICS_AT_MOST:
            each = each.sort("n_outliers", descending=True, maintain_order=True)
        return whole + tuple(
            Metric("outliers", n, name, method=self.method)
            for name, n in each.head(METRICS_AT_MOST).iter_rows()
        )

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give every outlier, and the fences."""
        fences = {} if self.fences.is_empty() else {"fences": self.fences}
        return {"outliers": self.rows, **fences}

    def payload(self) -> dict[str, Any]:
        """Give the counts, the fences and the furthest outliers."""
        return {
            "table": self.table,
            "method": self.method,
            "unit": self.unit,
            "threshold": self.threshold,
            "bands": list(self.bands),
            "by": list(self.by),
            "n_rows": self.n_rows,
            "n_outlier_rows": self.n_outlier_rows,
            "counts": self.counts.to_dicts(),
            "declined": self.declined.head(200).to_dicts(),
            "rows": [_speakable(line) for line in self.rows.head(200).to_dicts()],
            "notes": list(self.notes),
            "seed": self.seed,
        }

    def document(self) -> Document:
        """Describe what lies out, how far, and what could not be judged."""
        from qforge_jupyter.results.outliers_page import page_of

        return page_of(self)

    def _anomaly(self, line: dict[str, Any]) -> Finding:
        return Finding(
            kind="anomaly",
            name=f"outlier in {line['column']}",
            n_rows=1,
            severity=line["severity"],
            column=line["column"],
            method=self.method,
            statistic=line["distance"] if isfinite(line["distance"]) else None,
            low=line["low"],
            high=line["high"],
            rows=(line["row"],),
            entities=(line["entity"],) if line["entity"] else (),
            action="documented" if line["row"] in self.documented_rows else "flagged",
            detail=_speakable({"value": line["value"], "group": line["group"]}),
        )

    def _counted(self, part: pl.DataFrame, column: str) -> Finding:
        first = part.row(0, named=True)
        entities = part["entity"].head(100).to_list() if first["entity"] else []
        return Finding(
            kind="anomaly",
            name=f"outliers in {column or 'other columns'}",
            n_rows=part["row"].n_unique(),
            severity=first["severity"],
            column=column,
            method=self.method,
            statistic=first["distance"] if isfinite(first["distance"]) else None,
            rows=tuple(part["row"].head(100).to_list()),
            entities=tuple(entities),
            note=f"counted together: only the {ANOMALIES_AT_MOST:,} furthest stand alone",
        )


def _parts(rest: pl.DataFrame) -> Iterator[tuple[bool, pl.DataFrame]]:
    """Divide by column and severity; what is too much for that by severity only."""
    groups = rest.select(group=pl.struct("column", "severity").rank("dense")).to_series()
    first = groups.unique(maintain_order=True).head(ANOMALIES_AT_MOST)
    is_first = groups.is_in(first.implode())
    for part in rest.filter(is_first).partition_by("column", "severity", maintain_order=True):
        yield True, part
    for part in rest.filter(~is_first).partition_by("severity", maintain_order=True):
        yield False, part


def group_keys(groups: pl.Series) -> pl.DataFrame:
    """Take the keys out of groups, as ``key0``, ``key1`` ... whatever they are called."""
    keys = groups.struct.unnest()
    keys.columns = [f"key{index}" for index in range(keys.width)]
    return keys


def group_label(groups: pl.Series) -> pl.Series:
    """Write the keys of groups as text, as in ``method=xtb, site=null``."""
    parts = [
        pl.concat_str(pl.lit(f"{name}="), pl.col(f"key{index}").cast(pl.String).fill_null("null"))
        for index, name in enumerate(groups.struct.fields)
    ]
    label = pl.concat_str(parts, separator=", ").alias("group")
    return group_keys(groups).select(label).to_series()


def _speakable(line: dict[str, Any]) -> dict[str, Any]:
    """Write infinities as text: JSON has none."""
    return {
        name: str(value) if isinstance(value, float) and abs(value) == float("inf") else value
        for name, value in line.items()
    }
