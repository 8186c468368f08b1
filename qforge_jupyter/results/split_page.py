"""The page and the JSON content of a split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Block,
    Document,
    Facts,
    Grid,
    Section,
    Share,
    Shares,
    Text,
    Tone,
)
from qforge_jupyter.documents.numbers import show_percent

if TYPE_CHECKING:
    from qforge_jupyter.results.leaks import LeakReport
    from qforge_jupyter.results.split import Split

TONES: tuple[Tone, ...] = ("best", "good", "fair", "caution")
N_LINES, N_REASONS, N_NOTICED = 60, 20, 20


def page_of(split: Split) -> Document:
    """Describe a split: its parts, their classes and numbers, the folds, what was left out."""
    blocks: list[Block] = [Facts(_facts(split))]
    if split.shares:
        blocks.append(_shares(split))
        if split.unit != "row":
            blocks.append(_parts(split))
    blocks += _balance(split)
    if split.numbers.height:
        blocks.append(_numbers(split))
    if split.folding.height:
        blocks.append(_folds(split))
    if split.n_placed < split.n_rows:
        blocks.append(_left_out(split))
    if split.leaks is not None:
        blocks += _leaks(split.leaks)
    blocks += [Text(f"{note}.") for note in split.notes]
    blocks += [
        Text(f"{each.kind}: {each.name}: {each.note}", "caution")
        for each in split.noticed[:N_NOTICED]
    ]
    blocks += [Text(text) for text in _hints(split)]
    named = f"Split {split.name}" if split.name else "Split"
    is_leaking = split.leaks is not None and not split.leaks.is_clean
    tone: Tone = "caution" if split.noticed or is_leaking else "good"
    return Document(f"{named} of {split.table}", _verdict(split), tone, tuple(blocks))


def _verdict(split: Split) -> str:
    what = []
    if split.shares:
        what.append(f"{len(split.shares)} parts")
    if split.n_folds:
        times = f", {split.n_repeats} times" if split.n_repeats > 1 else ""
        what.append(f"{split.n_folds} folds{times}")
    placed = f"{split.n_placed:,} of {split.n_rows:,} rows"
    found = "" if split.leaks is None or split.leaks.is_clean else f"; {split.leaks.verdict}"
    return f"{placed} in {' and '.join(what)} ({split.strategy}, seed {split.seed}){found}"


def _facts(split: Split) -> tuple[tuple[str, Any], ...]:
    noun = "distinct rows" if split.unit == "row" else f"{split.unit}s"
    facts: list[tuple[str, Any]] = [("rows", split.n_rows), (noun, split.n_units)]
    if split.n_remembered:
        facts.append(("rows that kept their place", split.n_remembered))
    facts.append(("moved to even the parts out", split.n_moved))
    looks = [(f"looks at {part} (sealed)", split.looks.get(part, 0)) for part in split.sealed]
    return (*facts, *looks)


def _shares(split: Split) -> Shares:
    lines = list(split.summary.iter_rows(named=True))
    shares = tuple(
        Share(
            line["part"] + (" (sealed)" if line["part"] in split.sealed else ""),
            line["rows"],
            TONES[index % len(TONES)],
            f"{show_percent(round(line['asked'] * 10**6), 10**6)} asked",
        )
        for index, line in enumerate(lines)
    )
    return Shares(shares, "Rows by part")


def _parts(split: Split) -> Grid:
    rows = tuple(
        (line["part"], line["rows"], f"{line['share']:.2%}", f"{line['asked']:.2%}", line["units"])
        for line in split.summary.iter_rows(named=True)
    )
    return Grid(("part", "rows", "share", "asked", f"{split.unit}s"), rows)


def _balance(split: Split) -> list[Block]:
    """Draw, for each class, its share in every part beside its share in all."""
    blocks: list[Block] = []
    of_parts = split.classes.filter(pl.col("part").is_in(list(split.shares)))
    for name in of_parts["column"].unique(maintain_order=True):
        mine = of_parts.filter(pl.col("column") == name)
        rows = [
            (label, *(f"{share:.2%}" for share in held["share"]), f"{held['overall'][0]:.2%}")
            for (label,), held in mine.group_by("class", maintain_order=True)
        ]
        columns = ("class", *split.part_names, "all")
        table = Grid(columns, tuple(rows[:N_LINES]), n_more=max(0, len(rows) - N_LINES))
        held = mine.partition_by("part", maintain_order=True)
        n_rows = dict(zip(split.summary["part"], split.summary["rows"], strict=True))
        bars = Bars(tuple(_bar(each, n_rows[each["part"][0]]) for each in held))
        blocks.append(Section(f"Classes of {name}", (bars, table), is_open=len(rows) <= 12))
    return blocks


def _bar(held: pl.DataFrame, n_rows: int) -> Bar:
    """Show how much of a part is distributed as all rows are: 1 less the total variation.

    Where a part is small, no whole rows could do better than about half a row a class.
    """
    off = float((held["share"] - held["overall"]).abs().sum()) / 2
    best = held.height / (2 * max(n_rows, 1))
    tone: Tone = "good" if off <= max(0.02, best) else "caution" if off <= 0.1 else "bad"
    return Bar(held["part"][0], 1 - off, tone=tone, note=f"{off:.2%} distributed otherwise")


def _numbers(split: Split) -> Section:
    rows = tuple(
        (
            line["column"],
            line["part"],
            *(None if line[key] is None else float(f"{line[key]:.5g}") for key in _MOMENTS),
            line["n_missing"],
        )
        for line in split.numbers.head(N_LINES).iter_rows(named=True)
    )
    grid = Grid(("column", "part", "mean", "5 %", "median", "95 %", "missing"), rows)
    return Section("Numbers", (grid,))


_MOMENTS = ("mean", "q05", "median", "q95")


def _folds(split: Split) -> Section:
    rows = tuple(split.folding.head(N_LINES).select("repeat", "fold", "train", "validation").rows())
    n_more = max(0, split.folding.height - N_LINES)
    caption = "" if not split.shares else f"They divide the part {split.part_names[0]}."
    grid = Grid(("repeat", "fold", "rows to train", "rows to validate"), rows, caption, n_more)
    return Section("Folds", (grid,), is_open=split.folding.height <= 12)


def _left_out(split: Split) -> Section:
    counted = (
        split.excluded["reason"].value_counts().sort(["count", "reason"], descending=[True, False])
    )
    rows = tuple(
        (why, n, show_percent(n, split.n_rows)) for why, n in counted.head(N_REASONS).iter_rows()
    )
    caption = "split.excluded lists every row that was left out"
    grid = Grid(("why rows are left out", "rows", "share"), rows, caption, len(counted) - len(rows))
    return Section("Left out", (grid,))


def _hints(split: Split) -> list[str]:
    hints = []
    if split.shares:
        hints.append(f'split["{split.part_names[0]}"] gives the rows of a part.')
    hints.append("cv=split hands it to scikit-learn.")
    return [" ".join(hints)]


def _leaks(report: LeakReport) -> list[Block]:
    """Say in a line that no leak was found, or list what was; `split.leaks` has the rest."""
    partly = [Text(f"{note[0].upper()}{note[1:]}.") for note in report.partly]
    if partly:
        partly.append(Text("`%qforge leaks SPLIT` compares every row, by every column."))
    if report.is_clean:
        return [Text(f"Leaks between the parts: {report.verdict}.", "good"), *partly]
    rest = Text("split.leaks is the whole certificate, with the closest pair and every check.")
    return [Section("Leaks between the parts", (*report.lines(), rest, *partly))]


def payload_of(split: Split) -> dict[str, Any]:
    """Give the split's numbers as JSON, without its rows."""
    reasons = (
        split.excluded["reason"].value_counts().sort(["count", "reason"], descending=[True, False])
    )
    return {
        "name": split.name,
        "table": split.table,
        "strategy": split.strategy,
        "seed": split.seed,
        "plan": split.plan,
        "n_rows": split.n_rows,
        "n_placed": split.n_placed,
        "n_units": split.n_units,
        "unit": split.unit,
        "n_moved": split.n_moved,
        "n_remembered": split.n_remembered,
        "parts": split.summary.to_dicts(),
        "classes": split.classes.head(400).to_dicts(),
        "numbers": split.numbers.to_dicts(),
        "folds": split.folding.head(400).to_dicts(),
        "excluded": [list(line) for line in reasons.head(100).iter_rows()],
        "sealed": list(split.sealed),
        "looks": dict(split.looks),
        "notes": list(split.notes),
        "leaks": split.leaks.payload() if split.leaks else None,
    }
