"""Draw a document as one static page of HTML, at most ``CAP_BYTES`` long.

The page needs nothing from outside and runs nothing. Where a host removes its
style sheet or its drawings (GitHub, an untrusted notebook), headings, lists and
tables remain and hold every number. Every string of the document is escaped
here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from qforge_jupyter.documents import charts
from qforge_jupyter.documents.blocks import (
    SIGNS,
    Bar,
    Bars,
    Block,
    Document,
    Facts,
    Grid,
    Headline,
    Histogram,
    Scatter,
    Section,
    Share,
    Shares,
    Text,
    Tone,
)
from qforge_jupyter.documents.numbers import (
    say_more,
    show_interval,
    show_number,
    show_percent,
)
from qforge_jupyter.documents.style import STYLE
from qforge_jupyter.documents.visible import is_number, make_visible, show_cell

CAP_BYTES = 100_000
_DEPTH = 6
_LABEL = 160
_FRAME_BYTES = 600
_LONG = 28


@dataclass(frozen=True)
class _Limits:
    """How much of a document is drawn; tighter ones are tried until it fits."""

    n_rows: int
    n_columns: int
    n_items: int
    n_chars: int


_LEVELS = (
    _Limits(n_rows=100, n_columns=20, n_items=60, n_chars=300),
    _Limits(n_rows=30, n_columns=12, n_items=30, n_chars=120),
    _Limits(n_rows=8, n_columns=8, n_items=12, n_chars=40),
)


@dataclass
class _Page:
    """What is left of one attempt: bytes, blocks, and whether a block found no room."""

    limits: _Limits
    n_bytes: int
    n_blocks: int = 300
    is_cut: bool = False

    def takes(self, drawn: str) -> bool:
        """Take a drawn block's bytes if there is room for them."""
        size = len(drawn.encode())
        if size > self.n_bytes:
            self.is_cut = True
            return False
        self.n_bytes -= size
        return True


def draw_html(document: Document) -> str:
    """Draw a document as static, self-contained, themed HTML.

    Parameters
    ----------
    document
        What to draw; every string in it is data.

    Returns
    -------
    str
        At most ``CAP_BYTES`` bytes in UTF-8, whatever the document's size.

    Examples
    --------
    >>> "a &lt;b&gt; c" in draw_html(Document("a <b> c"))
    True

    """
    head = _draw_head(document)
    drawn = ""
    for limits in _LEVELS:
        page = _Page(limits, CAP_BYTES - len((STYLE + head).encode()) - _FRAME_BYTES)
        body = _draw_blocks(document.blocks, page, 4)
        drawn = (
            f'<div class="qf-doc"><style>{STYLE}</style>{head}'
            f'<div class="qf-body">{body}</div></div>'
        )
        if not page.is_cut:
            break
    return drawn


def _draw_head(document: Document) -> str:
    verdict = ""
    if document.verdict:
        verdict = (
            f'<p class="qf-verdict qf-{document.tone}">{_sign(document.tone)} '
            f"<span>{_text(document.verdict, 400)}</span></p>"
        )
    number = "" if document.headline is None else _draw_headline(document.headline)
    return (
        f'<div class="qf-head"><div class="qf-name"><h3>{_text(document.title, 200)}</h3>'
        f"{verdict}</div>{number}</div>"
    )


def _draw_headline(headline: Headline) -> str:
    interval = show_interval(headline.low, headline.high)
    return (
        f'<p class="qf-number"><b>{_cell(headline.value, 24)}</b> '
        f"<small>{_text(headline.label, _LABEL)} {escape(interval)}</small></p>"
    )


def _draw_blocks(blocks: Sequence[Block], page: _Page, level: int) -> str:
    parts: list[str] = []
    n_shown = 0
    for block in blocks[: page.limits.n_items]:
        if page.n_blocks <= 0:
            page.is_cut = True
            break
        page.n_blocks -= 1
        part = _draw_section(block, page, level) if isinstance(block, Section) else ""
        if not isinstance(block, Section):
            part = _DRAWINGS[type(block)](block, page.limits)
            if not page.takes(part):
                break
        parts.append(part)
        n_shown += 1
    return "".join(parts) + _more(len(blocks) - n_shown, "parts")


def _draw_section(section: Section, page: _Page, level: int) -> str:
    title = _text(section.title, _LABEL)
    start = (
        f"<details{' open' if section.is_open else ''}>"
        f"<summary><h{min(level, 6)}>{title}</h{min(level, 6)}></summary>"
    )
    page.n_bytes -= len(start.encode()) + 100
    if page.n_bytes < 0 or level > 3 + _DEPTH:
        page.is_cut = page.n_bytes < 0
        return ""
    return f"{start}{_draw_blocks(section.blocks, page, level + 1)}</details>"


def _draw_paragraph(text: Text, limits: _Limits) -> str:
    shown = _text(text.text, 10 * limits.n_chars)
    if text.tone == "neutral":
        return f"<p>{shown}</p>"
    return f'<p class="qf-note qf-{text.tone}">{_sign(text.tone)} {shown}</p>'


def _draw_facts(facts: Facts, limits: _Limits) -> str:
    items = "".join(
        f"<div><dt>{_text(name, _LABEL)}</dt><dd>{_cell(value, limits.n_chars)}</dd></div>"
        for name, value in facts.pairs[: limits.n_items]
    )
    return f'<dl class="qf-facts">{items}</dl>' + _more(len(facts.pairs) - limits.n_items, "facts")


def _draw_grid(grid: Grid, limits: _Limits) -> str:
    rows = grid.rows[: limits.n_rows]
    names = grid.columns[: limits.n_columns]
    attributes = [_column_attributes(rows, index) for index in range(len(names))]
    header = "".join(
        f'<th{attribute} scope="col">{_text(name, _LABEL)}</th>'
        for name, attribute in zip(names, attributes, strict=True)
    )
    first = '<th class="qf-mark-cell" scope="col"></th>' if grid.tones else ""
    lines = (
        _draw_row(row, _tone_cell(grid, index), attributes, limits)
        for index, row in enumerate(rows)
    )
    return (
        f'<div class="qf-scroll" tabindex="0"><table class="qf-grid">{_caption(grid.caption)}'
        f"<thead><tr>{first}{header}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
        + _more(len(grid.rows) - len(rows) + max(0, grid.n_more), "rows")
        + _more(len(grid.columns) - len(names), "columns")
    )


def _draw_row(row: Sequence[Any], start: str, attributes: list[str], limits: _Limits) -> str:
    cells = (
        f"<td{attribute}>{_cell(row[index] if index < len(row) else None, limits.n_chars)}</td>"
        for index, attribute in enumerate(attributes)
    )
    return f"<tr>{start}{''.join(cells)}</tr>"


def _tone_cell(grid: Grid, index: int) -> str:
    if not grid.tones:
        return ""
    tone: Tone = grid.tones[index] if index < len(grid.tones) else "neutral"
    return f'<td class="qf-mark-cell qf-{tone}">{_sign(tone)}</td>'


def _column_attributes(rows: Sequence[Sequence[Any]], index: int) -> str:
    cells = [row[index] for row in rows if index < len(row) and row[index] is not None]
    if cells and all(map(is_number, cells)):
        return ' class="qf-num" align="right"'
    if any(isinstance(cell, str) and len(cell) > _LONG for cell in cells):
        return ' class="qf-long"'
    return ""


def _draw_bars(bars: Bars, limits: _Limits) -> str:
    rows = "".join(map(_draw_bar_row, bars.bars[: limits.n_items]))
    return f'<table class="qf-bars">{_caption(bars.caption)}<tbody>{rows}</tbody></table>' + _more(
        len(bars.bars) - limits.n_items, "bars"
    )


def _draw_bar_row(bar: Bar) -> str:
    value = bar.value if bar.value is not None and math.isfinite(bar.value) else 0.0
    meter = f'<meter min="0" max="1" value="{max(0.0, min(1.0, value)):.4f}"></meter>'
    return (
        f'<tr><td class="qf-mark-cell qf-{bar.tone}">{_sign(bar.tone)}</td>'
        f'<th scope="row">{_text(bar.label, _LABEL)}</th>'
        f'<td class="qf-plot">{charts.draw_bar(bar)}{meter}</td>'
        f'<td class="qf-num" align="right"><b>{_cell(bar.value, 24)}</b></td>'
        f'<td class="qf-num qf-soft">{escape(show_interval(bar.low, bar.high))}</td>'
        f'<td class="qf-soft">{_text(bar.note, _LABEL)}</td></tr>'
    )


def _draw_shares(shares: Shares, limits: _Limits) -> str:
    whole = sum(share.count for share in shares.shares)
    shown = shares.shares[: limits.n_items]
    rows = "".join(_draw_share_row(share, whole) for share in shown)
    return (
        f"{_paragraph_caption(shares.caption)}<div>{charts.draw_shares(shares)}</div>"
        f'<table class="qf-legend"><tbody>{rows}</tbody></table>'
        + _more(len(shares.shares) - len(shown), "shares")
    )


def _draw_share_row(share: Share, whole: int) -> str:
    return (
        f'<tr><td class="qf-mark-cell qf-{share.tone}">{_sign(share.tone)}</td>'
        f'<th scope="row">{_text(share.label, _LABEL)}</th>'
        f'<td class="qf-num" align="right">{show_number(share.count)}</td>'
        f'<td class="qf-num" align="right"><b>{escape(show_percent(share.count, whole))}</b></td>'
        f'<td class="qf-soft">{_text(share.note, _LABEL)}</td></tr>'
    )


def _draw_histogram(histogram: Histogram, limits: _Limits) -> str:
    marks = ", ".join(
        f"{_text(name, _LABEL)} at {show_number(value)}"
        for name, value in histogram.marks[: limits.n_items]
    )
    low, high = show_number(histogram.low), show_number(histogram.high)
    total = f"n = {show_number(sum(histogram.counts))}"
    return (
        f"{_paragraph_caption(histogram.caption)}<div>{charts.draw_histogram(histogram)}</div>"
        f'<p class="qf-ends"><span>{low}</span> <span>{total}'
        f"{'; lines: ' + marks if marks else ''}</span> <span>{high}</span></p>"
        + _folded_counts(histogram, limits)
    )


def _folded_counts(histogram: Histogram, limits: _Limits) -> str:
    n_bins = len(histogram.counts)
    width = (histogram.high - histogram.low) / max(1, n_bins)
    rows = tuple(
        (histogram.low + index * width, histogram.low + (index + 1) * width, count)
        for index, count in enumerate(histogram.counts[: limits.n_rows])
    )
    grid = Grid(("from", "to", "count"), rows, n_more=n_bins - len(rows))
    return f"<details><summary><small>Counts</small></summary>{_draw_grid(grid, limits)}</details>"


def _draw_scatter(scatter: Scatter, limits: _Limits) -> str:
    x_label, y_label = _text(scatter.x_label, _LABEL), _text(scatter.y_label, _LABEL)
    n_points, r = charts.correlation(scatter.x, scatter.y)
    (x_low, x_high), (y_low, y_high) = charts.scatter_limits(scatter)
    drawn = min(n_points, charts.N_POINTS)
    points = f"{show_number(drawn)} of {show_number(n_points)} points drawn; "
    return (
        f'{_paragraph_caption(scatter.caption)}<div class="qf-square">'
        f'<p class="qf-ends"><span>↑ {y_label}: {show_number(y_low)} to {show_number(y_high)}'
        f"</span></p>{charts.draw_scatter(scatter)}"
        f'<p class="qf-ends"><span>→ {x_label}: {show_number(x_low)} to {show_number(x_high)}'
        f"</span></p></div><p><small>{points if drawn < n_points else ''}"
        f"n = {show_number(n_points)}, r = {show_number(r)}"
        f"{'; the dashed line is agreement' if scatter.is_parity else ''}</small></p>"
    )


def _sign(tone: Tone) -> str:
    return f'<span class="qf-sign qf-{tone}" title="{tone}">{SIGNS[tone]}</span>'


def _text(text: str, limit: int) -> str:
    return escape(make_visible(text, limit))


def _cell(cell: object, limit: int) -> str:
    return escape(show_cell(cell, limit))


def _caption(caption: str) -> str:
    return f"<caption>{_text(caption, 2 * _LABEL)}</caption>" if caption else ""


def _paragraph_caption(caption: str) -> str:
    return f'<p class="qf-caption">{_text(caption, 2 * _LABEL)}</p>' if caption else ""


def _more(n_more: int, noun: str) -> str:
    return f"<p><small>{say_more(n_more, noun)}</small></p>" if n_more > 0 else ""


_DRAWINGS: dict[type, Callable[[Any, _Limits], str]] = {
    Text: _draw_paragraph,
    Facts: _draw_facts,
    Grid: _draw_grid,
    Bars: _draw_bars,
    Shares: _draw_shares,
    Histogram: _draw_histogram,
    Scatter: _draw_scatter,
}
