"""The page of a verdict: the word first, eight bars, copies, the columns that differ most."""

from __future__ import annotations

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
    Overlay,
    Section,
    Text,
    Tone,
)

if TYPE_CHECKING:
    from qforge_jupyter.results.collapse import DimensionScore, Verdict
    from qforge_jupyter.results.signatures import Likeness

SHOWN_STATISTICS = 12
TONES: dict[str, Tone] = {"fit": "good", "collapsed": "bad", "not enough data to say": "caution"}
NEXT = (
    "What is next, if this verdict is called verdict:  %qforge localize verdict into culprits  "
    "for the rows to look at,  %qforge recommend verdict into plan  for fixes with their gains."
)
#: Scores from which on a dimension is good, fair, or calls for caution.
GOOD, FAIR, CAUTION = 95.0, 80.0, 50.0


def page_of(verdict: Verdict) -> Document:
    """Describe the verdict."""
    blocks: list[Block] = [Facts(_facts(verdict))]
    blocks += [Text(_sentence(reason), "bad") for reason in verdict.because]
    if verdict.is_interrupted:
        blocks.append(Text(stopped_after(verdict), "caution"))
    if verdict.looks_like:
        blocks.append(Text(likeness_of(verdict.looks_like)))
    if verdict.n_needed:
        blocks.append(Text(needed_by(verdict), "caution"))
        blocks += [Text(_sentence(question)) for question in verdict.unsettled]
    blocks.append(_bars(verdict))
    blocks.append(_copies(verdict))
    if verdict.pictures:
        blocks.append(Section("The columns that differ most", tuple(_pictures(verdict))))
    blocks.append(_statistics(verdict))
    if verdict.left_out:
        rows = tuple(verdict.left_out.items())
        blocks.append(Section("Not compared", (Grid(("column", "why"), rows),), is_open=False))
    blocks += [Text(note) for note in verdict.notes]
    blocks.append(Text(NEXT))
    return Document(
        f"{verdict.candidate_name} against {verdict.reference_name}: fit to train on?",
        word_of(verdict),
        TONES[verdict.verdict],
        tuple(blocks),
        Headline(round(verdict.score, 1), "of 100", round(verdict.low, 1), round(verdict.high, 1)),
    )


def word_of(verdict: Verdict) -> str:
    """Say the verdict with its rate of false alarms."""
    rate = f"{verdict.false_alarms:.3g}"
    if verdict.verdict == "fit":
        return f"fit to train on (of sound data a share of {rate} would not be called so)"
    if verdict.verdict == "collapsed":
        return f"collapsed (of sound data at most a share of {rate} is called so)"
    return verdict.verdict


def likeness_of(modes: tuple[Likeness, ...]) -> str:
    """Say in one line which known damage a check looks like."""
    first = modes[0]
    called = f"“{first.mode}”, as it is remembered here," if first.is_remembered else first.mode
    said = f"Looks like: {called} ({first.n_near} of the {first.n_voters} nearest known cases)"
    others = [each for each in modes[1:] if each.is_remembered]
    if others:
        said += f", and like “{others[0].mode}”, which is remembered here"
    return f"{said}; %qforge match shows them."


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]


def needed_by(verdict: Verdict) -> str:
    """Say how many rows it would take."""
    return (
        f"Nothing was proven, but damage could have gone unseen: about "
        f"{verdict.n_needed:,} rows on each side would be enough to say."
    )


def stopped_after(verdict: Verdict) -> str:
    """Say what a verdict rests on that was interrupted."""
    return (
        f"Interrupted after {verdict.n_draws:,} of {verdict.n_draws_asked:,} draws from the null: "
        f"the verdict rests on these, and no p-value can be below 1 in {verdict.n_draws + 1:,}."
    )


def _facts(verdict: Verdict) -> tuple[tuple[str, Cell], ...]:
    return (
        ("rows of the candidate", verdict.n_candidate),
        ("rows of the reference", verdict.n_reference),
        ("columns compared", verdict.n_columns),
        ("p-value, all statistics together", float(f"{verdict.p_value:.2g}")),
        ("false alarms allowed", verdict.false_alarms),
    )


def _bars(verdict: Verdict) -> Bars:
    return Bars(
        tuple(_bar(each) for each in verdict.dimensions),
        "Eight dimensions, 0 to 100: a fresh sample of the reference gets 100, what is at the edge "
        "of tolerance 80; between the bounds lies what the data cannot rule out. Grey behind a "
        "bar: down to there the bounds of 19 of 20 sound candidates reach",
    )


def _bar(dimension: DimensionScore) -> Bar:
    if dimension.score is None:
        return Bar(dimension.name, None, note=dimension.declined, whole=100.0)
    note = ""
    if dimension.score < 100:
        note = f"{dimension.worst}{f': {dimension.at}' if dimension.at else ''}"
    low, high = (
        None if each is None else round(each, 1) for each in (dimension.low, dimension.high)
    )
    score, tone = round(dimension.score, 1), tone_of(dimension.score)
    usual = None if dimension.by_chance is None else (round(dimension.by_chance, 1), 100.0)
    return Bar(dimension.name, score, low, high, tone, note, 100.0, usual)


def tone_of(score: float) -> Tone:
    """Give the colour of a score."""
    if score >= GOOD:
        return "good"
    if score >= FAIR:
        return "fair"
    return "caution" if score >= CAUTION else "bad"


def _copies(verdict: Verdict) -> Section:
    copying = verdict.copying
    rows: list[tuple[Cell, ...]] = [
        (name, round(share, 4), round(natural, 4)) for name, share, natural, _ in copying.lines
    ]
    tones: list[Tone] = [
        "bad" if least > copying.tolerated else "good" for *_, least in copying.lines
    ]
    if not copying.is_identifiable:
        tones = ["neutral"] * len(rows)
        note = "So many rows of the reference are alike by nature that copies cannot be told."
    else:
        note = "Copies never raise the score; it says nothing about privacy either."
    grid = Grid(("", "share of rows", "natural"), tuple(rows), tones=tuple(tones))
    return Section("Copies", (grid, Text(note)))


def _pictures(verdict: Verdict) -> list[Block]:
    return [
        Overlay(
            each.labels,
            each.candidate,
            each.reference,
            verdict.candidate_name,
            verdict.reference_name,
            each.title,
        )
        for each in verdict.pictures
    ]


def _statistics(verdict: Verdict) -> Section:
    shown = verdict.statistics.sort(["excess", "p_value", "name"], descending=[True, False, False])
    wanted = ["dimension", "name", "at", "value", "expected", "low", "tolerance", "p_value"]
    rows = tuple(
        tuple(float(f"{cell:.3g}") if isinstance(cell, float) else cell for cell in line)
        for line in shown.select(wanted).head(SHOWN_STATISTICS).rows()
    )
    grid = Grid(
        ("dimension", "statistic", "where", "value", "by chance", "at least", "tolerated", "p"),
        rows,
        n_more=shown.height - len(rows),
    )
    return Section("What the scores rest on", (grid,), is_open=verdict.verdict == "collapsed")
