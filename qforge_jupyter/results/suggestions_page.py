"""The page of suggestions: what to look at, where it lies, how good the model is, when to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from qforge_jupyter.documents.blocks import (
    Block,
    Cell,
    Document,
    Facts,
    Grid,
    Headline,
    Histogram,
    Line,
    Scatter,
    Section,
    Text,
    Tone,
)

if TYPE_CHECKING:
    from qforge_jupyter.results.suggestions import Suggestions

SHOWN_ROWS, SHOWN_PAIRS = 15, 12
#: A share of wrong labels above these is no longer good, and bad.
SOME, MANY = 0.02, 0.1


def page_of(report: Suggestions) -> Document:
    """Describe the suggestions."""
    blocks: list[Block] = [Facts(_facts(report))]
    if report.stopping and report.find == "next":
        blocks.append(_stopping(report))
    if report.rows.height:
        blocks.append(_list(report))
    if report.labelers.height:
        blocks.append(_labelers(report))
    if report.find == "errors" and report.confusion.height:
        blocks.append(_pairs(report))
    if report.rows.height and report.map.height:
        blocks.append(Section("Where they lie", (_map(report),)))
    if sum(report.confidences[0]):
        blocks.append(Section("Probability of the given label", (_confidences(report),), False))
    if report.curve.height:
        blocks.append(Section("What labels brought so far", (_curve(report),)))
    blocks += [Text(note) for note in report.notes]
    blocks.append(Text(_use(report)))
    verdict, tone = _verdict(report)
    return Document(_title(report), verdict, tone, tuple(blocks), _headline(report))


def _title(report: Suggestions) -> str:
    what = "Labels to look at again" if report.find == "errors" else "What to label next"
    return f"{what}: {report.target} of {report.name}"


def _verdict(report: Suggestions) -> tuple[str, Tone]:
    if report.find == "next":
        n = f"{report.rows.height:,} of {report.n_candidates:,} rows by {report.strategy}"
        if report.should_stop:
            return f"{n}; the model is stable, so few of them will change it", "good"
        return n, "neutral"
    if not report.n_suspected:
        return "no label is suspected", "good"
    share = report.share_wrong.value if report.share_wrong else 0.0
    tone: Tone = "bad" if share > MANY else "caution" if share > SOME else "fair"
    labels = "label is" if report.n_suspected == 1 else "labels are"
    return f"{report.n_suspected:,} of {report.n_labeled:,} {labels} suspected", tone


def _headline(report: Suggestions) -> Headline | None:
    share = report.share_wrong
    if share is not None:
        return Headline(
            round(share.value, 3), "share of labels expected wrong", share.low, share.high
        )
    found = report.accuracy
    if found is None:
        return None
    return Headline(round(found.value, 3), "accuracy out of sample", found.low, found.high)


def _facts(report: Suggestions) -> tuple[tuple[str, Cell], ...]:
    facts: list[tuple[str, Cell]] = [
        ("rows", report.n_rows),
        ("labeled", report.n_labeled),
        ("classes", len(report.classes)),
        ("learned from", report.learned_from),
    ]
    if report.find == "errors" and report.accuracy is not None:
        found = report.accuracy
        shown = f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
        facts.append((f"agrees with the labels, {report.n_folds} folds", shown))
    return tuple(facts)


def _stopping(report: Suggestions) -> Text:
    tone: Tone = "good" if report.should_stop else "neutral"
    start = {True: "Enough is labeled", False: "Go on", None: "Whether to stop cannot be said"}
    return Text(f"{start[report.should_stop]}: {report.stopping}.", tone)


def _list(report: Suggestions) -> Section:
    wanted = ["given", "proposed", "probability", "score"]
    if report.find == "errors":
        wanted = ["given", "proposed", "probability", "self_confidence", "loss"]
    if report.labelers.height:
        wanted = ["given", "proposed", "n_labels", "agreement", "self_confidence", "asked_next"]
    held = report.rows.select(pl.nth(range(len(report.keys))) if report.keys else "row")
    own = report.rows.select(report.own(name) for name in (*wanted, "reason"))
    own.columns = [*wanted, "reason"]
    reasons = own["reason"].unique()
    shown = [name for name in wanted if own[name].null_count() < own.height]
    n_keys = held.width
    held = pl.DataFrame([*held, *(own[name].alias(f"{n_keys}{name}") for name in shown)])
    rows = tuple(tuple(_cell(each) for each in line) for line in held.head(SHOWN_ROWS).rows())
    names = tuple(held.columns[:n_keys]) + tuple(name.replace("_", " ") for name in shown)
    title = "The least probable labels first" if report.find == "errors" else "The first in line"
    if report.labelers.height:
        title = "Rows to label once more, the least certain consensus first, and by whom"
    caption = f"Why: {reasons[0]}" if len(reasons) == 1 and report.find == "next" else ""
    return Section(title, (Grid(names, rows, caption, n_more=report.rows.height - len(rows)),))


def _labelers(report: Suggestions) -> Section:
    rows = tuple(report.labelers.head(SHOWN_ROWS).rows())
    names = ("labeler", "labels", "agrees with the consensus", "quality", "weakest at")
    more = report.labelers.height - len(rows)
    caption = "Quality: how probable it is that a label of theirs is right, weighed by CROWDLAB"
    return Section("Who labels how well", (Grid(names, rows, caption, n_more=more),))


def _pairs(report: Suggestions) -> Section:
    rows = tuple(report.confusion.head(SHOWN_PAIRS).rows())
    grid = Grid(("given", "proposed", "labels"), rows, n_more=report.confusion.height - len(rows))
    return Section("Which labels are taken for which", (grid,))


def _map(report: Suggestions) -> Scatter:
    placed = report.map
    chosen = placed.filter("is_chosen")
    label = "suspected" if report.find == "errors" else "suggested"
    return Scatter(
        tuple(placed["x"].to_list()),
        tuple(placed["y"].to_list()),
        "first main axis",
        "second main axis",
        "Rows on the two axes along which they differ most",
        marked=tuple(zip(chosen["x"].to_list(), chosen["y"].to_list(), strict=True)),
        marked_label=label,
    )


def _confidences(report: Suggestions) -> Histogram:
    every, suspected = report.confidences
    return Histogram(
        every,
        0.0,
        1.0,
        f"Out of sample; {sum(suspected):,} of {sum(every):,} labels are suspected",
    )


def _curve(report: Suggestions) -> Line:
    curve = report.curve
    return Line(
        tuple(f"{n:,}" for n in curve["n_labels"]),
        tuple(curve["accuracy"].to_list()),
        tuple(curve["low"].to_list()),
        tuple(curve["high"].to_list()),
        "Accuracy on labels that no model saw, by how many labels it learned from",
    )


def _use(report: Suggestions) -> str:
    work = "corrects them" if report.find == "errors" else "labels them"
    return (
        f"The report's rows holds all {report.rows.height:,};  %qforge label {report.name} from "
        f"REPORT  {work}, and its queue is a table of keys, scores and reasons."
    )


def _cell(value: object) -> Cell:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
