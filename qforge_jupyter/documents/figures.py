"""Put charts beside their numbers: what a host may remove is never all there is."""

from __future__ import annotations

import math
from html import escape

from qforge_jupyter.documents import charts
from qforge_jupyter.documents.blocks import Bar, Bars, Grid, Histogram, Scatter, Share, Shares
from qforge_jupyter.documents.markup import (
    LABEL,
    LEFT,
    Limits,
    draw_caption,
    draw_cell,
    draw_more,
    draw_paragraph_caption,
    draw_sign,
    draw_text,
)
from qforge_jupyter.documents.numbers import (
    correlation,
    finite_pairs,
    show_interval,
    show_number,
    show_percent,
)
from qforge_jupyter.documents.tables import draw_grid


def draw_bars(bars: Bars, limits: Limits) -> str:
    """Draw bars as rows of a table: sign, name, bar, value, interval, note."""
    rows = "".join(map(_draw_bar_row, bars.bars[: limits.n_items]))
    return (
        f'<table class="qf-bars">{draw_caption(bars.caption)}<tbody>{rows}</tbody></table>'
        + draw_more(len(bars.bars) - limits.n_items, "bars")
    )


def _draw_bar_row(bar: Bar) -> str:
    share = bar.shares[0]
    value = share if share is not None and math.isfinite(share) else 0.0
    meter = f'<meter min="0" max="1" value="{max(0.0, min(1.0, value)):.4f}"></meter>'
    return (
        f'<tr><td class="qf-mark-cell qf-{bar.tone}">{draw_sign(bar.tone)}</td>'
        f'<th scope="row"{LEFT}>{draw_text(bar.label, LABEL)}</th>'
        f'<td class="qf-plot">{charts.draw_bar(bar)}{meter}</td>'
        f'<td class="qf-num" align="right"><b>{draw_cell(bar.value, 24)}</b></td>'
        f'<td class="qf-num qf-soft">{escape(show_interval(bar.low, bar.high))}</td>'
        f'<td class="qf-soft qf-text"{LEFT}>{draw_text(bar.note, LABEL)}</td></tr>'
    )


def draw_shares(shares: Shares, limits: Limits) -> str:
    """Draw a stacked bar over its legend."""
    whole = sum(share.count for share in shares.shares)
    shown = shares.shares[: limits.n_items]
    rows = "".join(_draw_share_row(share, whole) for share in shown)
    return (
        f"{draw_paragraph_caption(shares.caption)}<div>{charts.draw_shares(shares)}</div>"
        f'<table class="qf-legend"><tbody>{rows}</tbody></table>'
        + draw_more(len(shares.shares) - len(shown), "shares")
    )


def _draw_share_row(share: Share, whole: int) -> str:
    return (
        f'<tr><td class="qf-mark-cell qf-{share.tone}">{draw_sign(share.tone)}</td>'
        f'<th scope="row"{LEFT}>{draw_text(share.label, LABEL)}</th>'
        f'<td class="qf-num" align="right">{show_number(share.count)}</td>'
        f'<td class="qf-num" align="right"><b>{escape(show_percent(share.count, whole))}</b></td>'
        f'<td class="qf-soft"{LEFT}>{draw_text(share.note, LABEL)}</td></tr>'
    )


def draw_histogram(histogram: Histogram, limits: Limits) -> str:
    """Draw a histogram with its ends, its marks and its folded counts."""
    marks = ", ".join(
        f"{draw_text(name, LABEL)} at {show_number(value)}"
        for name, value in sorted(histogram.marks[: limits.n_items], key=_by_value)
    )
    low, high = show_number(histogram.low), show_number(histogram.high)
    total = f"n = {show_number(sum(histogram.counts))}"
    return (
        f"{draw_paragraph_caption(histogram.caption)}<div>{charts.draw_histogram(histogram)}</div>"
        f'<p class="qf-ends"><span>{low}</span> <span>{total}'
        f"{'; lines from the left: ' + marks if marks else ''}</span> <span>{high}</span></p>"
        + _folded_counts(histogram, limits)
    )


def _by_value(mark: tuple[str, float]) -> tuple[bool, float]:
    return (math.isnan(mark[1]), mark[1])


def _folded_counts(histogram: Histogram, limits: Limits) -> str:
    n_bins = len(histogram.counts)
    width = (histogram.high - histogram.low) / max(1, n_bins)
    rows = tuple(
        (histogram.low + index * width, histogram.low + (index + 1) * width, count)
        for index, count in enumerate(histogram.counts[: limits.n_rows])
    )
    grid = Grid(("from", "to", "count"), rows, n_more=n_bins - len(rows))
    return f"<details><summary><small>Counts</small></summary>{draw_grid(grid, limits)}</details>"


def draw_scatter(scatter: Scatter) -> str:
    """Draw a scatter with the ends of its axes, its count and its correlation."""
    x_label, y_label = draw_text(scatter.x_label, LABEL), draw_text(scatter.y_label, LABEL)
    n_points, r = correlation(scatter.x, scatter.y)
    (x_low, x_high), (y_low, y_high) = charts.scatter_limits(scatter)
    drawn = len(charts.thin(finite_pairs(scatter.x, scatter.y)))
    points = f"{show_number(drawn)} of {show_number(n_points)} points drawn; "
    told = f"n = {show_number(n_points)}, r = {show_number(r)}"
    if scatter.marked_label:
        label = draw_text(scatter.marked_label, LABEL)
        swatch = '<span class="qf-swatch qf-bad">●</span>'
        told = f"n = {show_number(n_points)}; {swatch} {show_number(len(scatter.marked))} {label}"
    return (
        f'{draw_paragraph_caption(scatter.caption)}<div class="qf-square">'
        f'<p class="qf-ends"><span>↑ {y_label}: {show_number(y_low)} to {show_number(y_high)}'
        f"</span></p>{charts.draw_scatter(scatter)}"
        f'<p class="qf-ends"><span>→ {x_label}: {show_number(x_low)} to {show_number(x_high)}'
        f"</span></p></div><p><small>{points if drawn < n_points else ''}"
        f"{told}{'; the dashed line is agreement' if scatter.is_parity else ''}</small></p>"
    )
