"""The page of a diversity report: bars of the candidate beside those of the reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Block,
    Cell,
    Document,
    Facts,
    Grid,
    Headline,
    Section,
    Text,
    Tone,
)

if TYPE_CHECKING:
    from qforge_jupyter.results.diversity import Diversity, DiversityMeasure
    from qforge_jupyter.results.interval import Interval


def page_of(report: Diversity) -> Document:
    """Describe the report."""
    blocks: list[Block] = [Facts(tuple(_facts(report)))]
    blocks += [Text(_sentence(each), "bad") for each in report.worse]
    for unit, caption in (
        ("kinds", "Different kinds of rows (Vendi scores): more is more diverse"),
        ("share", "Shares of the rows"),
        ("times", "As a multiple of what fresh rows would give"),
    ):
        bars = tuple(
            bar
            for each in report.measures
            if each.unit == unit
            for bar in _bars(each, report, _whole(report, unit))
        )
        if bars:
            blocks.append(Bars(bars, caption))
    rows = tuple((each.name, each.question) for each in report.measures)
    blocks.append(Section("What is measured", (Grid(("measure", "says"), rows),), is_open=False))
    if report.left_out:
        grid = Grid(("column", "why"), tuple(report.left_out.items()))
        blocks.append(Section("Not compared", (grid,), is_open=False))
    blocks += [Text(note) for note in report.notes]
    against = f" against {report.reference_name}" if report.reference_name else ""
    word, tone = _word(report)
    return Document(
        f"How diverse is {report.candidate_name}{against}?",
        word,
        tone,
        tuple(blocks),
        Headline(_rounded(report.n_effective), f"effective rows of {report.n_candidate:,}"),
    )


def _word(report: Diversity) -> tuple[str, Tone]:
    if not report.reference_name:
        return "measured alone: add  against TABLE  of real data for a yardstick", "neutral"
    if report.worse:
        return f"less diverse than {report.reference_name}", "bad"
    return f"no less diverse than {report.reference_name}, as far as can be seen", "good"


def _facts(report: Diversity) -> Iterator[tuple[str, Cell]]:
    yield "rows", report.n_candidate
    yield "effective rows", _rounded(report.n_effective)
    if report.n_effective_reference is not None:
        yield "rows of the reference", report.n_reference
        yield "effective rows of the reference", _rounded(report.n_effective_reference)
        yield "rows of each where sizes have to be equal", report.size


def _sentence(each: DiversityMeasure) -> str:
    shown = [
        f"{_shown(value, each)} ({_shown(value, each, value.low)} to "
        f"{_shown(value, each, value.high)})"
        for value in (each.candidate, each.reference)
        if value
    ]
    return f"{each.name[:1].upper() + each.name[1:]}: {' against '.join(shown)}."


def _shown(interval: Interval, each: DiversityMeasure, value: float | None = None) -> str:
    held = interval.value if value is None else value
    return f"{held:.1%}" if each.unit == "share" else f"{held:.3g}"


def _whole(report: Diversity, unit: str) -> float:
    if unit == "share":
        return 1.0
    held = [
        side.high
        for each in report.measures
        if each.unit == unit
        for side in (each.candidate, each.reference)
        if side
    ]
    return max((*held, 1.0))


def _bars(each: DiversityMeasure, report: Diversity, whole: float) -> Iterator[Bar]:
    tone: Tone = "neutral" if each.reference is None else "bad" if each.is_worse else "good"
    sides = [(report.candidate_name, each.candidate, tone)]
    if each.reference is not None:
        sides.append((report.reference_name, each.reference, "neutral"))
    for index, (name, side, judged) in enumerate(sides):
        label = each.name if index == 0 else f"… of {name}"
        value, low, high = (_rounded(held) for held in (side.value, side.low, side.high))
        note = side.note
        if index == 0 and each.ratio:
            note = f"{each.ratio.value:.2f} times that of {report.reference_name}"
        yield Bar(label, value, low, high, judged, note, whole)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
