"""The page of an outlier report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Block,
    Document,
    Facts,
    Grid,
    Histogram,
    Section,
    Text,
)
from qforge_jupyter.results.outliers import SEVERITIES

if TYPE_CHECKING:
    from qforge_jupyter.documents.blocks import Cell, Tone
    from qforge_jupyter.results.outliers import OutlierReport

SHOWN_ROWS = 20
SHOWN_COLUMNS = 40
HISTOGRAM_BINS = 20


def page_of(report: OutlierReport) -> Document:
    """Describe what lies out, how far, and what could not be judged."""
    found, tone = report.n_outlier_rows, _tone(report)
    judged = f"{report.method}, threshold {report.threshold:g}"
    facts: tuple[tuple[str, Cell], ...] = (
        ("rows", report.n_rows),
        ("rows with an outlier", found),
        ("outliers", report.rows.height),
        ("rows documented", len(report.documented_rows)),
        ("unit of distance", report.unit),
    )
    if report.by:
        facts = (*facts, ("within", ", ".join(report.by)))
    blocks: list[Block] = [Facts(facts), *(Text(note) for note in report.notes)]
    if report.rows.height:
        blocks += [_bars(report), _histogram(report), _furthest(report)]
    if report.declined.height:
        blocks.append(_declined(report))
    return Document(
        title=f"Outliers of {report.table}",
        verdict=f"{found:,} of {report.n_rows:,} rows hold an outlier ({judged})",
        tone=tone,
        blocks=tuple(blocks),
    )


def _tone(report: OutlierReport) -> Tone:
    worst = set(report.rows["severity"].unique())
    if not worst:
        return "good"
    return "bad" if "critical" in worst else "caution"


def _bars(report: OutlierReport) -> Bars:
    shown = report.counts.filter(pl.col("n_outliers") > 0).sort(
        "n_outliers", descending=True, maintain_order=True
    )
    bars = []
    for line in shown.head(SHOWN_COLUMNS).iter_rows(named=True):
        judged = line["n"] + line["n_infinite"]
        kinds = ", ".join(f"{line[name]:,} {name}" for name in SEVERITIES if line[name])
        bars.append(Bar(line["column"], line["n_outliers"] / judged, note=kinds))
    more = shown.height - len(bars)
    caption = "Share of the values that lie out" + (f" ({more} more columns)" if more else "")
    return Bars(tuple(bars), caption)


def _histogram(report: OutlierReport) -> Histogram:
    distances = report.rows["distance"].abs()
    far = 2 * report.bands[2]
    width = (far - report.threshold) / HISTOGRAM_BINS
    bins = ((distances.clip(upper_bound=far) - report.threshold) / width).floor()
    counts = bins.clip(0, HISTOGRAM_BINS - 1).cast(pl.Int64).value_counts()
    by_bin = dict(counts.iter_rows())
    return Histogram(
        tuple(by_bin.get(index, 0) for index in range(HISTOGRAM_BINS)),
        report.threshold,
        far,
        f"Distance of the outliers in units; the last bin holds all beyond {far:g}",
        tuple(zip(SEVERITIES[1:], report.bands, strict=True)),
    )


def _furthest(report: OutlierReport) -> Section:
    names = ("row", "entity", "column", "group", "value", "low", "high", "distance", "severity")
    empty = {name for name in ("entity", "group") if (report.rows[name] == "").all()}
    shown = tuple(name for name in names if name not in empty)
    cells = report.rows.head(SHOWN_ROWS).select(shown).rows()
    return Section(
        "Furthest out", (Grid(shown, tuple(cells), n_more=report.rows.height - len(cells)),)
    )


def _declined(report: OutlierReport) -> Section:
    rows = report.declined.head(SHOWN_COLUMNS).rows()
    grid = Grid(
        ("column", "group", "reason"), tuple(rows), n_more=report.declined.height - len(rows)
    )
    return Section("Not judged", (grid,), is_open=False)
