"""The page and the JSON content of a score report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Block,
    Document,
    Facts,
    Grid,
    Headline,
    Section,
    Share,
    Shares,
    Text,
    Tone,
)
from qforge_jupyter.documents.numbers import show_percent
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.score import HIGH_CONFIDENCE, UNSCORED

if TYPE_CHECKING:
    from qforge_jupyter.results.score import DimensionScore, ScoreReport

TONES: dict[str, Tone] = {
    "gold": "best",
    "silver": "good",
    "bronze": "fair",
    "rejected": "bad",
    "excellent": "best",
    "good": "good",
    "acceptable": "fair",
    "caution": "caution",
    "exclude": "bad",
}
N_CHECKS = 40
#: Checks that travel with an output; the store keeps them all as findings.
N_IN_PAYLOAD = 400


def page_of(report: ScoreReport) -> Document:
    """Describe a score report: verdict, dimensions, bands, checks, worst rows."""
    blocks: list[Block] = [
        Facts(_facts(report)),
        Bars(tuple(_bar(part) for part in report.dimensions), "Dimensions, with 95 % intervals"),
    ]
    if report.n_rows:
        blocks.append(Shares(_shares(report), "Rows by overall score"))
    if report.refusals:
        total = report.n_rows
        refusals = tuple((why, n, show_percent(n, total)) for why, n in report.refusals)
        blocks.append(Grid(("why rows are not ML-ready", "rows", "share"), refusals))
    blocks.append(Section("Checks", (_checks(report),), is_open=bool(report.worst.height)))
    if report.worst.height:
        blocks.append(Section("Rows with the lowest scores", (_worst(report),)))
    blocks.extend(_asides(report))
    blocks.append(Text("report.body holds this scorecard as a cell's body, to edit."))
    verdict, tone = _verdict(report)
    return Document(
        f"Quality of {report.name}", verdict, tone, headline=_headline(report), blocks=tuple(blocks)
    )


def _headline(report: ScoreReport) -> Headline | None:
    overall = report.overall
    if overall is None:
        return None
    return Headline(round(overall.value, 3), "overall quality", overall.low, overall.high)


def _verdict(report: ScoreReport) -> tuple[str, Tone]:
    if report.missing:
        return f"not certifiable: {report.missing[0]}", "bad"
    n_ready, total = report.n_ready, report.n_rows
    if report.is_lineage_approved:
        tone: Tone = "good" if n_ready == total else "fair" if n_ready else "bad"
        return f"{n_ready:,} of {total:,} rows are ML-ready", tone
    n_ready = report.n_ready_once_approved
    tone = "fair" if n_ready else "bad"
    return f"{n_ready:,} of {total:,} rows are ML-ready once their lineage is approved", tone


def _facts(report: ScoreReport) -> tuple[tuple[str, Any], ...]:
    facts: list[tuple[str, Any]] = [
        ("rows", report.n_rows),
        ("checks", len(report.checks)),
        ("rows failing a check", int((report.rows["n_failed"] > 0).sum())),
        (f"rows of validity ≥ {HIGH_CONFIDENCE:.2f}", report.n_high_confidence),
        ("rows with outliers", int(report.rows["is_outlier"].sum())),
    ]
    return tuple(facts)


def _bar(part: DimensionScore) -> Bar:
    if part.score is None:
        note = part.declined or "; ".join(f"{name} {_estimate(v)}" for name, v in part.estimates)
        return Bar(part.name, None, note=note)
    score = part.score
    tone: Tone = "good" if score.value >= 0.9 else "caution" if score.value >= 0.7 else "bad"
    note = f"weight {part.weight:.2f}; {part.n_passed:,} of {part.n_asked:,} answers"
    return Bar(part.name, score.value, score.low, score.high, tone, note)


def _estimate(interval: Interval) -> str:
    half = (interval.high - interval.low) / 2
    return f"{interval.value:.4g} ± {half:.2g} ({interval.method}, 95 %)"


def _shares(report: ScoreReport) -> tuple[Share, ...]:
    lowest = min((band.low for band in report.bands if band.low), default=None)
    shares = []
    for band in report.bands:
        if band.low:
            bound = f" ≥ {band.low:.2f}"
        elif band.name == UNSCORED:
            bound = ""
        else:
            bound = " all" if lowest is None else f" < {lowest:.2f}"
        why = "; ".join(f"{reason} ({n:,})" for reason, n in band.reasons[:2])
        tone = TONES.get(band.name, "neutral")
        shares.append(Share(f"{band.name}{bound}", band.n_rows, tone, why))
    return tuple(shares)


def _checks(report: ScoreReport) -> Grid:
    order = sorted(report.checks, key=lambda check: -check.n_failed)
    rows = tuple(
        (c.name, c.dimension, c.expected, c.n_passed, c.n_failed, c.n_not_evaluable)
        for c in order[:N_CHECKS]
    )
    columns = ("check", "dimension", "expected", "passed", "failed", "not evaluable")
    tones: tuple[Tone, ...] = tuple(
        "bad" if check.n_failed else "good" if check.n_passed else "neutral"
        for check in order[:N_CHECKS]
    )
    return Grid(columns, rows, n_more=max(0, len(order) - N_CHECKS), tones=tones)


def _worst(report: ScoreReport) -> Grid:
    named = ("record",) if report.keys else ()
    columns = ("row", *named, "check", "dimension", "observed", "expected")
    rows = tuple(report.worst.head(30).select(columns).iter_rows())
    n_more = sum(check.n_failed for check in report.checks) - len(rows)
    return Grid(
        columns,
        rows,
        "report.bad lists every failing check of every row",
        n_more=n_more,
    )


def _asides(report: ScoreReport) -> list[Block]:
    asides: list[Block] = []
    odd = tuple((name, n) for name, n in report.outliers if n)
    if odd:
        method = report.card["outliers"]["method"]
        grid = Grid(("column", "outliers"), odd, f"method {method}")
        asides.append(Section("Outliers", (grid,), is_open=False))
    if report.notes:
        notes = tuple(Text(f"{note.name}: {note.note}", "caution") for note in report.notes[:20])
        asides.append(Section("Noticed while reading", notes))
    return asides


def _number(value: float | None) -> float | None:
    return None if value is None or value != value else round(value, 10)  # noqa: PLR0124 - NaN


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    if interval is None:
        return None
    return {
        "value": _number(interval.value),
        "low": _number(interval.low),
        "high": _number(interval.high),
        "confidence": interval.confidence,
        "method": interval.method,
        "n": interval.n,
    }


def payload_of(report: ScoreReport) -> dict[str, Any]:
    """Give the report's numbers as JSON, without its rows."""
    return {
        "name": report.name,
        "n_rows": report.n_rows,
        "n_ready": report.n_ready,
        "n_ready_once_approved": report.n_ready_once_approved,
        "n_high_confidence": report.n_high_confidence,
        "high_confidence": _number(report.high_confidence),
        "is_certifiable": report.is_certifiable,
        "missing": list(report.missing),
        "overall": _interval(report.overall),
        "dimensions": [
            {
                "name": part.name,
                "weight": _number(part.weight),
                "score": _interval(part.score),
                "n_asked": part.n_asked,
                "n_passed": part.n_passed,
                "declined": part.declined,
                "estimates": [[name, _interval(each)] for name, each in part.estimates],
            }
            for part in report.dimensions
        ],
        "checks": [
            {
                "name": check.name,
                "dimension": check.dimension,
                "columns": list(check.columns),
                "expected": check.expected,
                "n_passed": check.n_passed,
                "n_failed": check.n_failed,
                "n_not_evaluable": check.n_not_evaluable,
            }
            for check in report.checks[:N_IN_PAYLOAD]
        ],
        "n_checks": len(report.checks),
        "bands": [
            {
                "name": band.name,
                "low": band.low,
                "n_rows": band.n_rows,
                "reasons": [list(reason) for reason in band.reasons],
            }
            for band in report.bands
        ],
        "refusals": [list(pair) for pair in report.refusals],
        "outliers": [list(pair) for pair in report.outliers],
        "card": report.card,
    }
