"""The page of a localization."""

from __future__ import annotations

import math
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
    Section,
    Share,
    Shares,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qforge_jupyter.documents.blocks import Cell, Tone
    from qforge_jupyter.results.localization import Localization
    from qforge_jupyter.results.region import Region

SHOWN_ROWS = 20


def page_of(found: Localization) -> Document:
    """Describe the suspect rows, the regions and what is missing."""
    blocks: list[Block] = [_facts(found), *(Text(note) for note in found.notes)]
    blocks += _regions(found)
    if found.overlays:
        blocks.append(Section("Columns that are blamed most", found.overlays))
    blocks += _suspects(found)
    if found.missing.height:
        grid = _grid(found.missing)
        said = f"Rows of {found.reference} that {found.table} covers least"
        blocks.append(Section(said, (grid,), is_open=False))
    blocks.append(_channels(found))
    return Document(
        title=f"Where {found.table} differs from {found.reference}",
        verdict=_verdict(found),
        tone=_tone(found),
        blocks=tuple(blocks),
        headline=Headline(found.n_unlike, "rows to replace, at least"),
    )


def _verdict(found: Localization) -> str:
    said = []
    if found.n_unlike:
        said.append(
            f"at least {found.n_unlike:,} of {found.n_rows:,} rows would have to be others "
            f"for {found.table} to be like {found.reference}"
        )
    if found.regions:
        said.append(_plural(len(found.regions), "region holds", "regions hold") + " too many rows")
    if found.missing_regions:
        said.append(_plural(len(found.missing_regions), "region lacks", "regions lack") + " rows")
    return "; ".join(said) or "no row and no region stands out beyond chance"


def _plural(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _tone(found: Localization) -> Tone:
    if found.n_unlike:
        return "bad"
    return "caution" if found.regions or found.missing_regions else "good"


def _facts(found: Localization) -> Facts:
    pairs: list[tuple[str, Cell]] = [
        (f"rows of {found.table}", found.n_rows),
        (f"rows of {found.reference}", found.n_reference),
        ("rows listed", found.rows.height),
    ]
    if found.rows.height:
        pairs.append(("of these healthy, at most", _share(found.rows["share_healthy"][-1])))
    if found.target:
        pairs.append(("target", found.target))
    return Facts(tuple(pairs))


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _regions(found: Localization) -> list[Block]:
    blocks: list[Block] = []
    if found.missing_regions:
        bars = [_bar(region, is_missing=True) for region in found.missing_regions]
        caption = "Rows for one expected; the line is the 95 % interval"
        blocks.append(
            Section("Too few rows", (Bars(tuple(bars), caption), _table(found.missing_regions)))
        )
    if found.regions:
        bars = [_bar(region, is_missing=False) for region in found.regions]
        caption = "Share of the rows that is expected; the line is the 95 % interval"
        blocks.append(Section("Too many rows", (Bars(tuple(bars), caption), _table(found.regions))))
    return blocks


def _bar(region: Region, *, is_missing: bool) -> Bar:
    three = (region.ratio, region.low, region.high)
    if not is_missing:
        three = (_inverse(region.ratio), _inverse(region.high), _inverse(region.low))
    value, low, high = (min(each, 1.0) for each in three)
    told = f"{region.n_candidate:,} of {region.expected:,.0f} expected rows"
    return Bar(region.rule, value, low, high, "bad", told)


def _inverse(ratio: float) -> float:
    return 1 / ratio if ratio else math.inf


def _table(regions: Sequence[Region]) -> Grid:
    lines = tuple(
        (
            region.rule,
            region.n_candidate,
            round(region.expected, 1),
            _ratio(region.ratio),
            f"{_ratio(region.low)} – {_ratio(region.high)}",
        )
        for region in regions
    )
    return Grid(("rule", "rows", "expected", "ratio", "95 % interval"), lines)


def _ratio(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "∞"


def _suspects(found: Localization) -> list[Block]:
    if not found.rows.height:
        return []
    counts = found.rows["reason"].value_counts().sort(["count", "reason"], descending=[True, False])
    shares = tuple(Share(reason or "none", n, "caution") for reason, n in counts.iter_rows())
    reasons = Shares(shares, "Why the listed rows are suspected")
    return [Section("Rows to look at", (reasons, _grid(found.rows)))]


def _grid(rows: pl.DataFrame) -> Grid:
    shown = rows.head(SHOWN_ROWS)
    lines = tuple(
        (row, round(score, 2), _share(healthy), reason, ", ".join(columns))
        for row, score, healthy, reason, columns in shown.select(
            "row", "score", "share_healthy", "reason", "columns"
        ).iter_rows()
    )
    names = ("row", "score", "healthy at most", "reason", "columns")
    return Grid(names, lines, n_more=rows.height - len(lines))


def _channels(found: Localization) -> Section:
    lines = tuple(
        (name, said, None if declined else round(weight, 2), n, declined)
        for name, said, weight, n, declined in found.channels.select(
            "channel", "said", "weight", "n_rows", "declined"
        ).iter_rows()
    )
    names = ("channel", "holds against a row", "weight", "rows", "not asked because")
    return Section("Channels", (Grid(names, lines),), is_open=False)
