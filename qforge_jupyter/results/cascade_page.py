"""The page of a cascade: what it costs, both learning curves, the gap at each rung."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qforge_jupyter.documents.blocks import (
    Block,
    Cell,
    Curve,
    Curves,
    Document,
    Facts,
    Grid,
    Headline,
    Section,
    Text,
    Tone,
)

if TYPE_CHECKING:
    from qforge_jupyter.results.cascade import Cascade, Generation
    from qforge_jupyter.results.interval import Interval

TONES: dict[str, Tone] = {
    "costs": "bad",
    "costs nothing that matters": "good",
    "not clear": "caution",
}


def page_of(report: Cascade) -> Document:
    """Describe the cascade."""
    labels = tuple(f"{each.size:,}" for each in report.rungs)
    blocks: list[Block] = [
        Text(report.sentence, TONES[report.verdict]),
        Facts(_facts(report)),
        Curves(
            labels,
            (
                _curve(report.reference_name, [each.reference for each in report.rungs]),
                _curve(report.candidate_name, [each.candidate for each in report.rungs]),
            ),
            f"{report.metric} on {report.n_judged:,} held-out real rows, by rows trained on",
        ),
        Curves(
            labels,
            (_curve("gap", [each.gap for each in report.rungs]),),
            f"What {report.candidate_name} costs, by rows trained on",
            (("no cost", 0.0), ("tolerated", report.tolerance)),
        ),
        _rungs(report),
    ]
    if report.generations:
        blocks.append(_generations(report.generations))
    blocks += [Text(note, "caution") for note in report.notes]
    gap = report.gap
    return Document(
        f"What would training on {report.candidate_name} cost?",
        report.verdict,
        TONES[report.verdict],
        tuple(blocks),
        Headline(
            _rounded(gap.value), f"{report.metric} lost", _rounded(gap.low), _rounded(gap.high)
        ),
    )


def _facts(report: Cascade) -> tuple[tuple[str, Cell], ...]:
    share = report.rows_fitted / max(report.rows_full, 1)
    predicted = report.target or ", ".join(report.targets)
    return (
        ("predicted", predicted),
        ("tolerated", _rounded(report.tolerance)),
        ("real rows that models were judged by", report.n_judged),
        ("rows fitted", report.rows_fitted),
        ("as a share of one full fit", f"{share:.0%}"),
    )


def _curve(label: str, intervals: list[Interval]) -> Curve:
    return Curve(
        label,
        tuple(each.value for each in intervals),
        tuple(each.low for each in intervals),
        tuple(each.high for each in intervals),
    )


def _rungs(report: Cascade) -> Section:
    rows = tuple(
        (
            each.size,
            each.repeats,
            each.proxy,
            _rounded(each.reference.value),
            _rounded(each.candidate.value),
            _rounded(each.gap.value),
            f"{_rounded(each.gap.low)} to {_rounded(each.gap.high)}",
        )
        for each in report.rungs
    )
    names = (
        "rows",
        "models",
        "proxy",
        report.reference_name,
        report.candidate_name,
        "gap",
        "interval",
    )
    return Section("The rungs", (Grid(names, rows),), is_open=False)


def _generations(found: tuple[Generation, ...]) -> Section:
    curves = []
    labels = tuple(str(n) for n in sorted({each.number for each in found}))
    for workflow in dict.fromkeys(each.workflow for each in found):
        own = [each for each in found if each.workflow == workflow]
        curves.append(
            Curve(
                workflow,
                tuple(each.score for each in own),
                tuple(each.low for each in own),
                tuple(each.high for each in own),
            )
        )
    rows = tuple((each.number, each.workflow, round(each.score, 1), each.verdict) for each in found)
    return Section(
        "Generations of generators that learn from generators",
        (
            Curves(labels, tuple(curves), "Score of a check against real data, by generation"),
            Grid(("generation", "workflow", "score", "verdict"), rows),
        ),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
