"""Draw bars, shares, histograms and scatters as inline SVG.

A drawing holds shapes only: its numbers and names stand beside it in HTML, so
that nothing is lost where SVG is removed, text never shrinks with the page and
a colour is always next to a sign or a word. Units are per cent of the drawing;
strokes keep their width however the drawing is stretched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from qforge_jupyter.documents.blocks import Bar, Histogram, Scatter, Shares, Tone
from qforge_jupyter.documents.numbers import (
    correlation,
    finite_pairs,
    merge_bins,
    show_interval,
    show_number,
    show_percent,
)
from qforge_jupyter.documents.visible import make_visible

#: Colours where no style sheet survives: they hold on white and on black.
FILLS: dict[Tone, str] = {
    "best": "#0f766e",
    "good": "#2fa58f",
    "fair": "#c2a52a",
    "caution": "#d9770a",
    "bad": "#c4352b",
    "neutral": "#7a8794",
}
N_BINS = 120
N_POINTS = 400
_N_SHARES = 40
_N_MARKS = 20
_LABEL = 120


def draw_bar(bar: Bar) -> str:
    """Draw one bar on the scale from 0 to 1 with the whisker of its interval.

    Examples
    --------
    >>> 'width="93.00"' in draw_bar(Bar("validity", 0.93, 0.91, 0.95))
    True

    """
    value, low, high = map(_per_cent, bar.shares)
    shapes = ['<rect class="qf-track" x="0" y="3" width="100" height="8" fill="#8884"/>']
    if bar.usual is not None:
        start, end = (100 * max(0.0, min(1.0, each / bar.whole)) for each in bar.usual)
        shapes.append(
            f'<rect class="qf-usual" x="{start:.2f}" y="0" width="{end - start:.2f}" height="14"'
            ' fill="#8885"/>'
        )
    if value is not None:
        shapes.append(_rect((0, 3, value, 8), bar.tone))
    if low is not None and high is not None:
        shapes.append(
            f'<path class="qf-line" d="M{low:.2f} 3V11M{low:.2f} 7H{high:.2f}M{high:.2f} 3V11"/>'
        )
    name = f"{make_visible(bar.label, _LABEL)}: {show_number(bar.value)}"
    name = f"{name} {show_interval(bar.low, bar.high)}".rstrip()
    return (
        f'<svg class="qf-bar" role="img" aria-label="{escape(name)}" viewBox="0 0 100 14"'
        f' preserveAspectRatio="none" width="100%" height="14">{"".join(shapes)}</svg>'
    )


def draw_shares(shares: Shares) -> str:
    """Draw the pieces of a whole as one stacked bar.

    Examples
    --------
    >>> from qforge_jupyter.documents.blocks import Share
    >>> draw_shares(Shares((Share("good", 3), Share("bad", 1)))).count("<rect")
    2

    """
    counts = [max(0, share.count) for share in shares.shares]
    whole = sum(counts)
    shapes: list[str] = []
    left = 0.0
    for share, count in zip(shares.shares, counts, strict=True):
        width = 100 * count / whole if whole else 0.0
        if width > 0 and len(shapes) < _N_SHARES:
            shapes.append(_rect((left, 0, width, 22), share.tone))
        left += width
    told = ", ".join(
        f"{make_visible(share.label, 40)} {show_percent(count, whole)}"
        for share, count in zip(shares.shares[:_N_SHARES], counts, strict=False)
    )
    return _drawing("qf-stack", 22, _named(shares.caption, "Shares"), told, shapes)


def draw_histogram(histogram: Histogram) -> str:
    """Draw counts as columns, with a line at each marked value inside the range.

    Examples
    --------
    >>> draw_histogram(Histogram((1, 2), 0.0, 1.0)).count("<rect")
    2

    """
    counts = merge_bins(histogram.counts, N_BINS)
    most, width = max(counts, default=0), 100 / max(1, len(counts))
    shapes = [
        _rect((index * width, 100 - 100 * count / most, width, 100 * count / most), "neutral")
        for index, count in enumerate(counts)
        if count
    ]
    for _, value in histogram.marks[:_N_MARKS]:
        place = place_of(value, histogram.low, histogram.high)
        if place is not None:
            shapes.append(f'<path class="qf-mark" d="M{place:.2f} 0V100"/>')
    told = (
        f"{show_number(sum(counts))} values between {show_number(histogram.low)}"
        f" and {show_number(histogram.high)}, at most {show_number(most)} in a column"
    )
    return _drawing("qf-histogram", 100, _named(histogram.caption, "Histogram"), told, shapes)


def place_of(value: float, low: float, high: float) -> float | None:
    """Place a value between two ends, in per cent; None where it is outside.

    Examples
    --------
    >>> place_of(0.8, 0.6, 1.0), place_of(2.0, 0.0, 1.0)
    (50.0, None)

    """
    if not all(map(math.isfinite, (value, low, high))) or not low <= value <= high or low == high:
        return None
    return round((value / 2 - low / 2) / (high / 2 - low / 2) * 100, 6)


def draw_scatter(scatter: Scatter) -> str:
    """Draw at most ``N_POINTS`` points and, for parity, the diagonal.

    Examples
    --------
    >>> drawn = draw_scatter(Scatter((0.0, 1.0), (0.0, 2.0), "x", "y"))
    >>> 'd="M0.00 100.00h0M100.00 0.00h0"' in drawn
    True

    """
    limits = scatter_limits(scatter)
    points = thin(finite_pairs(scatter.x, scatter.y))
    shapes = ['<path class="qf-diagonal" d="M0 100L100 0"/>'] if scatter.is_parity else []
    shapes.append(f'<path class="qf-dots{_faint(scatter)}" d="{_dots(points, limits)}"/>')
    told = f"{show_number(len(scatter.x))} points"
    if scatter.marked_label:
        x, y = zip(*scatter.marked, strict=True) if scatter.marked else ((), ())
        over = thin(finite_pairs(x, y))
        shapes.append(f'<path class="qf-dots qf-marked" d="{_dots(over, limits)}"/>')
        marked = f"{show_number(len(scatter.marked))} {make_visible(scatter.marked_label, _LABEL)}"
        told = f"{told}, {marked}"
    else:
        n_points, r = correlation(scatter.x, scatter.y)
        told = f"{show_number(n_points)} points, correlation {show_number(r)}"
    return _drawing("qf-scatter", 100, _named(scatter.caption, "Scatter"), told, shapes)


def _faint(scatter: Scatter) -> str:
    return " qf-faint" if scatter.marked_label else ""


def _dots(points: Any, limits: tuple[tuple[float, float], tuple[float, float]]) -> str:
    (x_low, x_high), (y_low, y_high) = limits
    return "".join(
        f"M{_place(x, x_low, x_high):.2f} {100 - _place(y, y_low, y_high):.2f}h0"
        for x, y in points.tolist()
    )


def scatter_limits(scatter: Scatter) -> tuple[tuple[float, float], tuple[float, float]]:
    """Give the ends of both axes; for parity both axes have the same ends.

    Examples
    --------
    >>> scatter_limits(Scatter((0.0, 1.0), (0.0, 2.0), "x", "y", is_parity=True))
    ((0.0, 2.0), (0.0, 2.0))

    """
    points = finite_pairs(scatter.x, scatter.y)
    if not len(points):
        return (0.0, 1.0), (0.0, 1.0)
    lows, highs = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    if scatter.is_parity:
        lows, highs = [min(lows)] * 2, [max(highs)] * 2
    return (lows[0], highs[0]), (lows[1], highs[1])


def thin(points: np.ndarray) -> np.ndarray:
    """Keep at most ``N_POINTS`` points, evenly spaced, and the outermost of both axes.

    Examples
    --------
    >>> thin(np.zeros((1000, 2))).shape[0] <= N_POINTS
    True

    """
    if len(points) <= N_POINTS:
        return points
    gap = points[:, 1] / 2 - points[:, 0] / 2
    outermost = [
        f(side) for side in (points[:, 0], points[:, 1], gap) for f in (np.argmin, np.argmax)
    ]
    even = np.linspace(0, len(points) - 1, N_POINTS - len(outermost)).astype(np.int64)
    kept = points[np.unique(np.concatenate([even, np.array(outermost)]))]
    return np.asarray(kept)


def _place(value: float, low: float, high: float) -> float:
    place = place_of(value, low, high)
    return 50.0 if place is None else place


def _per_cent(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return 100 * max(0.0, min(1.0, value))


def _rect(box: tuple[float, float, float, float], tone: Tone) -> str:
    x, y, width, height = box
    return (
        f'<rect class="qf-fill-{tone}" x="{x:.2f}" y="{y:.2f}" width="{width:.2f}"'
        f' height="{height:.2f}" fill="{FILLS[tone]}"/>'
    )


def _named(caption: str, kind: str) -> str:
    return make_visible(caption, _LABEL) if caption else kind


def _drawing(name: str, height: int, title: str, told: str, shapes: Sequence[str]) -> str:
    return (
        f'<svg class="{name}" role="img" viewBox="0 0 100 {height}" preserveAspectRatio="none"'
        f' width="100%" height="{height}"><title>{escape(title)}</title>: '
        f"<desc>{escape(told)}</desc>{''.join(shapes)}</svg>"
    )
