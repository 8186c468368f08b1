"""The page of a dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Block,
    Cell,
    Document,
    Facts,
    Grid,
    Headline,
    Heat,
    Histogram,
    Line,
    Section,
    Share,
    Shares,
    Text,
    Tone,
)
from qforge_jupyter.results.agreement import RELIABLE, TENTATIVE, tone_of
from qforge_jupyter.results.dashboard_coverage import collect_next
from qforge_jupyter.results.dashboard_model import by_example

if TYPE_CHECKING:
    from qforge_jupyter.results.dashboard import Dashboard

SHOWN_LABELS, SHOWN_SESSIONS = 30, 20
_LABELERS = (
    "Known: hidden known answers given right. Like others: the same as most others said. Trend: "
    "that share in the later half of the answers, less that in the earlier."
)
_STATUS_TONES: dict[str, Tone] = {
    "validated": "best",
    "labeled": "good",
    "can't tell": "fair",
    "skipped": "caution",
    "rejected": "bad",
    "pending": "neutral",
}
_TIER_TONES: dict[str, Tone] = {
    "gold": "best",
    "silver": "good",
    "bronze": "fair",
    "rejected": "bad",
    "unscored": "neutral",
}


def page_of(board: Dashboard) -> Document:
    """Describe how far the labeling is, and what it lacks."""
    figures = board.figures
    alpha = _lowest_alpha(figures)
    blocks: list[Block] = [_status(figures), _facts(figures), *collect_next(figures["coverage"])]
    asked = figures["questions"]
    blocks += [_question(each, is_open=not n) for n, each in enumerate(asked)]
    blocks += [*_columns(figures), *_tiers(figures["tiers"]), *_labelers(figures["labelers"])]
    blocks += [*_difficulty(figures), *by_example(figures["model"])]
    n_rows = figures["n_rows"]
    share = round(100 * board.n_labeled / n_rows, 1) if n_rows else 0.0
    return Document(
        f"Dashboard of {board.dataset}",
        _verdict(board, alpha),
        tone_of(alpha) if alpha is not None else "neutral",
        tuple(blocks),
        Headline(f"{share:g} %", "of the rows labeled"),
        tuple(_timed(figures)),
    )


def _verdict(board: Dashboard, alpha: float | None) -> str:
    figures = board.figures
    if not figures["n_sessions"]:
        return "Nobody has labeled it yet"
    said = f"{board.n_labeled:,} of {figures['n_rows']:,} rows are labeled"
    if alpha is not None:
        said += f"; lowest agreement: α {alpha:.2f}"
    n_cells = len(figures["coverage"]["cells"])
    return said + (f"; {n_cells} thin cell{'s' * (n_cells != 1)}" if n_cells else "")


def _lowest_alpha(figures: Any) -> float | None:
    alphas = [
        line["value"]
        for each in figures["questions"]
        for line in each["agreement"]
        if line["coefficient"].startswith("Krippendorff") and line["value"] is not None
    ]
    return min(alphas, default=None)


def _status(figures: Any) -> Shares:
    order = list(_STATUS_TONES)
    counted = sorted(figures["status"], key=lambda one: order.index(one[0]))
    shares = tuple(Share(name, n, _STATUS_TONES[name]) for name, n in counted if n)
    return Shares(shares, "Rows by status")


def _facts(figures: Any) -> Facts:
    return Facts((
        ("rows", figures["n_rows"]),
        ("answers that count", figures["n_answers"]),
        ("labelers", figures["n_labelers"]),
        ("sessions", figures["n_sessions"]),
    ))  # fmt: skip


def _question(each: Any, *, is_open: bool) -> Section:
    blocks: list[Block] = []
    pairs: tuple[tuple[str, Cell], ...] = tuple((name, n) for name, n in each["how"])
    if each["n_cant_tell"]:
        pairs = (*pairs, ("answers of can't tell", each["n_cant_tell"]))
    if pairs:
        blocks.append(Facts(pairs))
    if each["balance"]:
        whole = each["n_valued"] if each["kind"] != "choose" else 0
        blocks.append(_bars(each["balance"], "Items by label", each["n_more"], whole))
    if (drawn := each["histogram"]) is not None:
        caption = f"Items by number; mean {drawn['mean']:g}"
        blocks.append(Histogram(tuple(drawn["counts"]), drawn["low"], drawn["high"], caption))
    if each["agreement"]:
        blocks.append(_agreement(each["agreement"]))
    if each["note"]:
        blocks.append(Text(each["note"]))
    if (known := each["pairs"]) is not None:
        names = tuple(known["labelers"])
        square = tuple(map(tuple, known["kappa"]))
        heat = Heat(names, square, "Cohen's kappa of each two", noun="labelers")
        blocks.append(Section("Pairs of labelers", (heat,), is_open=False))
    kind = "labels in the column" if each["kind"] == "column" else each["kind"]
    return Section(f"{each['name']} ({kind})", tuple(blocks), is_open)


def _bars(counts: Any, caption: str, n_more: int = 0, whole: int = 0) -> Bars:
    whole = whole or sum(n for _, n in counts) or 1
    bars = tuple(
        Bar("(empty)" if name is None else name, round(n / whole, 3), note=f"{n:,}")
        for name, n in counts[:SHOWN_LABELS]
    )
    left = len(counts) - len(bars) + n_more
    return Bars(bars, f"{caption}{f'; {left:,} more' if left else ''}")


def _agreement(lines: Any) -> Bars:
    bars = tuple(
        Bar(
            line["coefficient"],
            line["value"],
            tone=tone_of(line["value"]) if line["coefficient"].startswith("Kr") else "neutral",
            note=line["reason"] or f"{line['n']:,} items",
        )
        for line in lines
    )
    return Bars(bars, f"Agreement; reliable from {RELIABLE:g}, tentative from {TENTATIVE:g}")


def _columns(figures: Any) -> list[Block]:
    found = [figures[name] for name in ("types", "statuses") if figures[name]]
    return [
        Section(f"Rows by {each['column']}", (_bars(each["counts"], "", each["n_more"]),))
        for each in found
    ]


def _tiers(tiers: Any) -> list[Block]:
    blocks: list[Block] = []
    if tiers["counts"]:
        shares = tuple(
            Share(name, n, _TIER_TONES.get(name, "neutral")) for name, n, _ in tiers["counts"]
        )
        blocks.append(Shares(shares, "Rows by band"))
    if (drawn := tiers["histogram"]) is not None:
        marks = tuple(
            (f"{name} from", least)
            for name, _, least in tiers["counts"][:-1]
            if least is not None and least > 0
        )
        caption = "Scores of the rows, 0 to 1"
        blocks.append(Histogram(tuple(drawn["counts"]), 0.0, 1.0, caption, marks))
    if tiers["note"]:
        blocks.append(Text(tiers["note"]))
    return [Section("Tiers", tuple(blocks))]


def _labelers(lines: Any) -> list[Block]:
    if not lines:
        return []
    rows = tuple(
        (
            line["labeler"],
            line["n_labels"],
            line["n_items"],
            line["n_cant_tell"],
            line["n_skipped"],
            line["n_undone"] or 0,
            _of(*line["gold"]),
            _of(line["n_compared"] or 0, line["n_alike"] or 0),
            line["trend"],
        )
        for line in lines
    )
    names = ("labeler", "labels", "items", "can't tell", "skipped", "taken back")
    grid = Grid((*names, "known", "like others", "trend"), rows)
    return [Section("Labelers", (grid, Text(_LABELERS)))]


def _sessions(lines: Any) -> Grid:
    """Tell the latest sessions, the last first."""
    shown = lines[: -SHOWN_SESSIONS - 1 : -1]
    rows = tuple(
        (
            line["labeler"],
            line["nth"],
            f"{line['started_at'][:16].replace('T', ' ')}, {line['kind']}",
            line["n_labels"],
            line["median_s"],
            line["per_hour"],
            _of(*line["gold"]),
            _of(line["n_compared"] or 0, line["n_alike"] or 0),
            line["change"],
        )
        for line in shown
    )
    head = ("labeler", "session", "begun", "labels", "median seconds", "labels an hour")
    caption = (
        "Sessions, which a break of more than an hour ends. Change: of the share of known answers "
        "given right, else of the likeness to others, since this labeler's session before"
    )
    return Grid((*head, "known", "like others", "change"), rows, caption, len(lines) - len(rows))


def _of(n: int, n_right: int) -> str | None:
    return f"{n_right:,} of {n:,} ({100 * n_right / n:.0f} %)" if n else None


def _difficulty(figures: Any) -> list[Block]:
    hard = figures["difficulty"]
    blocks: list[Block] = []
    if hard["divided"]:
        rows = tuple(map(tuple, hard["divided"]))
        blocks.append(Grid(("item", "answers", "bits"), rows, "Answers most divided (entropy)"))
    if hard["unsure"]:
        rows = tuple(map(tuple, hard["unsure"]))
        blocks.append(Grid(("item", "confidence"), rows, "Labelers least sure"))
    if (doubted := figures["suspected"]) is not None:
        rows = tuple(map(tuple, doubted["rows"]))
        head = ("item", "given", "the model says", "probability")
        caption = "Labels that the model of the last `suggest` doubts"
        blocks.append(Grid(head, rows, caption, doubted["n"] - len(rows)))
    return [Section("Difficult items", tuple(blocks))] if blocks else []


def _timed(figures: Any) -> list[Block]:
    blocks: list[Block] = []
    lines = figures["labelers"]
    if lines:
        rows = tuple((line["labeler"], line["per_hour"], line["median_s"]) for line in lines)
        caption = "An hour of work: pauses of more than ten minutes are none"
        head = ("labeler", "labels an hour", "median seconds a label")
        blocks.append(Grid(head, rows, caption))
        blocks.append(_sessions(figures["sessions"]))
    if len(points := figures["pace"]["points"]) > 1:
        labels, counts = zip(*points, strict=True)
        unit = figures["pace"]["unit"]
        blocks.append(Line(labels, tuple(map(float, counts)), caption=f"Labels by {unit} (UTC)"))
    if slow := figures["difficulty"]["slow"]:
        rows = tuple(map(tuple, slow))
        blocks.append(Grid(("item", "median seconds"), rows, "Items thought about longest"))
    if len(grown := figures["growth"]) > 1:
        labels = tuple(f"{at[:10]} {short}" for at, _, short, _ in grown)
        counts = tuple(float(n) for _, n, _, _ in grown)
        blocks.append(Line(labels, counts, caption="Rows by version"))
    if not blocks:
        return []
    last = figures["last_at"]
    told = (Text(f"Last label: {last[:19].replace('T', ' ')} UTC"),) if last else ()
    return [Section("Pace and growth", (*told, *blocks))]
