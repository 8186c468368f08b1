"""The page of an agreement report."""

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
    Headline,
    Heat,
    Histogram,
    Line,
    Section,
    Text,
)
from qforge_jupyter.results.agreement import RELIABLE, TENTATIVE, tone_of

if TYPE_CHECKING:
    from qforge_jupyter.documents.blocks import Cell
    from qforge_jupyter.results.agreement import AgreementReport, Fit

SHOWN_QUESTIONS = 12
SHOWN_LINES = 20
_WORDS = {
    "good": "Labelers agree: conclusions can be drawn",
    "fair": "Labelers agree somewhat: only tentative conclusions can be drawn",
    "caution": "Labelers agree too little to draw conclusions",
    "bad": "Labelers disagree more than by chance",
    "neutral": "Whether labelers agree cannot be said",
}


def page_of(report: AgreementReport) -> Document:
    """Describe how far labelers agree, and where they do not."""
    names = report.questions["question"].to_list()
    tone = tone_of(report.alpha)
    blocks: list[Block] = [_facts(report), *(Text(note) for note in _notes(report))]
    if len(names) == 1:
        blocks += _question(report, names[0])
    else:
        blocks.append(_overview(report))
        for name in names[:SHOWN_QUESTIONS]:
            blocks.append(Section(name, tuple(_question(report, name)), is_open=name == names[0]))
    return Document(
        f"Agreement on {report.table}", _verdict(report), tone, tuple(blocks), _headline(report)
    )


def _verdict(report: AgreementReport) -> str:
    said = _WORDS[tone_of(report.alpha)]
    n_questions = report.questions.height
    if n_questions > 1 and report.alpha is not None:
        n_firm = report.questions.filter(pl.col("alpha") >= RELIABLE).height
        said = f"α is {RELIABLE:.2f} or more on {n_firm} of {n_questions} questions"
    if report.n_open:
        said += f"; {report.n_open:,} label{' stays' if report.n_open == 1 else 's stay'} open"
    return said


def _headline(report: AgreementReport) -> Headline | None:
    if report.alpha is None:
        return None
    lowest = report.coefficients.filter(
        (pl.col("coefficient") == report.alpha_name) & (pl.col("value") == report.alpha)
    ).row(0, named=True)
    which = "" if report.questions.height == 1 else f", lowest: {lowest['question']}"
    label = f"α, {report.level}{which}"
    return Headline(_three(report.alpha), label, _three(lowest["low"]), _three(lowest["high"]))


def _facts(report: AgreementReport) -> Facts:
    first = report.questions.row(0, named=True)
    pairs: list[tuple[str, Cell]] = [("ratings", report.n_ratings)]
    if report.questions.height == 1:
        pairs += [
            ("items", first["n_items"]),
            ("items rated twice or more", first["n_pairable"]),
            ("labelers", first["n_labelers"]),
            ("categories", first["n_categories"]),
        ]
    else:
        pairs.append(("questions", report.questions.height))
    given = "" if report.is_level_given else ", by the type of the values"
    return Facts((*pairs, ("level", report.level + given)))


def _notes(report: AgreementReport) -> list[str]:
    notes = list(report.notes)
    if report.n_missing:
        notes.append(
            f"Left out without item, labeler, value or question: {report.n_missing:,} rows."
        )
    if report.n_repeated:
        notes.append(
            f"{report.n_repeated:,} ratings were replaced by a later one of the same labeler: the "
            f"last one {'in time' if report.has_time else 'in the table'} counts."
        )
    more = report.questions.height - SHOWN_QUESTIONS
    if more > 0:
        notes.append(f"Tables are shown of the first {SHOWN_QUESTIONS} questions.")
    return notes


def _overview(report: AgreementReport) -> Grid:
    shown = report.questions.head(100)
    columns = ("question", "n_items", "n_pairable", "n_labelers", "n_ratings", "alpha")
    rows = [(*line[:-1], _three(line[-1])) for line in shown.select(columns).iter_rows()]
    return Grid(
        ("question", "items", "rated twice", "labelers", "ratings", "α"),
        tuple(rows),
        "Questions",
        report.questions.height - len(rows),
        tuple(tone_of(alpha) for alpha in shown["alpha"]),
    )


def _question(report: AgreementReport, name: str) -> list[Block]:
    is_it = pl.col("question") == name
    blocks: list[Block] = [_coefficients(report, report.coefficients.filter(is_it))]
    pairs = report.pairs.filter(is_it)
    if pairs.height > 1:
        blocks.append(Section("Pairs of labelers", (_pairs(report, pairs),)))
    labels = report.by_label.filter(is_it)
    if labels.height:
        blocks.append(Section("Labels", (_labels(labels),)))
    windows = report.over_time.filter(is_it)
    if windows.height > 1:
        blocks.append(Section("Over time", (_over_time(report, windows),)))
    labelers = report.labelers.filter(is_it)
    if labelers.height:
        blocks.append(Section("Labelers", (_labelers(labelers),)))
    blocks += [
        Section(f"Labels by {fit.method}", tuple(_aggregated(report, fit)))
        for fit in report.fits
        if fit.question == name
    ]
    return blocks


def _coefficients(report: AgreementReport, lines: pl.DataFrame) -> Bars:
    bars = tuple(
        Bar(
            line["coefficient"],
            _three(line["value"]),
            _three(line["low"]),
            _three(line["high"]),
            tone_of(line["value"]) if line["coefficient"] == report.alpha_name else "neutral",
            line["reason"] or line["note"] or _credit(line["coefficient"], report.level),
        )
        for line in lines.iter_rows(named=True)
    )
    has_ends = lines["low"].is_not_null().any()
    ends = f", with intervals of {100 * report.confidence:g} % over items" if has_ends else ""
    return Bars(bars, f"Coefficients{ends}")


def _credit(coefficient: str, level: str) -> str:
    """Say which answers count as equal, where that is not the level's business."""
    if level == "nominal" or "Krippendorff" in coefficient or "," in coefficient:
        return ""
    return "quadratic weights" if "AC2" in coefficient else "exact matches only"


def _pairs(report: AgreementReport, pairs: pl.DataFrame) -> Heat:
    names = list(dict.fromkeys([*pairs["first"], *pairs["second"]]))
    known = {(a, b): kappa for a, b, kappa in pairs.select("first", "second", "kappa").iter_rows()}
    values = tuple(tuple(known.get((a, b), known.get((b, a))) for b in names) for a in names)
    weighted = "" if report.level == "nominal" else " with quadratic weights"
    caption = f"Cohen's kappa{weighted} of each two; – where there is none"
    return Heat(tuple(names), values, caption, noun="labelers")


def _labels(lines: pl.DataFrame) -> Grid:
    ordered = lines.sort("n_ratings", descending=True, maintain_order=True).head(SHOWN_LINES)
    names = ("label", "n_ratings", "share", "specific", "kappa")
    rows = tuple(
        (line[0], line[1], *map(_three, line[2:])) for line in ordered.select(names).iter_rows()
    )
    return Grid(
        ("label", "ratings", "share", "specific agreement", "kappa"),
        rows,
        "Specific agreement: how often another confirms the label; kappa: against the rest",
        lines.height - len(rows),
    )


def _over_time(report: AgreementReport, windows: pl.DataFrame) -> Line:
    marks = (("reliable", RELIABLE), ("tentative", TENTATIVE))
    return Line(
        tuple(
            f"{start} to {end}" if start != end else start
            for start, end in windows.select("start", "end").iter_rows()
        ),
        tuple(map(_three, windows["alpha"])),
        tuple(map(_three, windows["low"])),
        tuple(map(_three, windows["high"])),
        caption=f"α, {report.level}, in windows of items by their last rating",
        marks=marks,
    )


def _labelers(lines: pl.DataFrame) -> Grid:
    has_quality = lines["quality"].is_not_null().any()
    ordered = lines.sort(
        ["quality" if has_quality else "confirmed", "labeler"], descending=[True, False]
    ).head(SHOWN_LINES)
    names = ("labeler", "n_ratings", "confirmed", *(("quality",) if has_quality else ()))
    rows = tuple(
        (line[0], line[1], *map(_three, line[2:])) for line in ordered.select(names).iter_rows()
    )
    heads = ("labeler", "ratings", "confirmed by others", *(("quality",) if has_quality else ()))
    said = "; quality: how probably an answer is right" if has_quality else ""
    caption = f"Confirmed: share of others' ratings of the items that are equal{said}"
    return Grid(heads, rows, caption, lines.height - len(rows))


def _aggregated(report: AgreementReport, fit: Fit) -> list[Block]:
    labels = report.labels.filter(pl.col("question") == fit.question)
    pairs: list[tuple[str, Cell]] = [
        ("items", labels.height),
        ("stay open", int(labels["is_open"].sum())),
    ]
    if fit.log_likelihood is not None:
        pairs += [
            ("iterations", fit.n_iterations),
            ("converged", fit.is_converged),
            ("log-likelihood", round(fit.log_likelihood, 3)),
        ]
    what = "share of votes" if fit.method == "majority" else "posterior"
    counts = [0] * 20
    for at, n in (labels["posterior"] * 20).floor().clip(0, 19).value_counts().iter_rows():
        counts[int(at)] = n
    least = labels.sort("posterior", "item", maintain_order=True).head(10)
    rows = tuple(
        (str(item), label if label is None else str(label), _three(posterior), n)
        for item, label, posterior, n in least.select(
            "item", "label", "posterior", "n_ratings"
        ).iter_rows()
    )
    return [
        Facts(tuple(pairs)),
        Histogram(tuple(counts), 0.0, 1.0, f"The {what} of the label, over items"),
        Grid((report.item, "label", what, "ratings"), rows, "The least sure; a tie has no label"),
    ]


def _three(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
