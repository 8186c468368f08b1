"""Draw several lines over the same points, each with its band."""

from __future__ import annotations

import math
from html import escape

from qforge_jupyter.documents.blocks import Curves, Grid
from qforge_jupyter.documents.markup import LABEL, Limits, draw_paragraph_caption, draw_text
from qforge_jupyter.documents.numbers import show_number
from qforge_jupyter.documents.tables import draw_grid
from qforge_jupyter.documents.visible import make_visible

#: Lines and points that are drawn at most; the table below has all of them.
N_CURVES, N_POINTS = 3, 200
#: How the lines are told apart without their colours.
STROKES = ("─", "╌", "┄")

_Points = list[tuple[float, float]]


def points_of_curves(curves: Curves) -> Grid:
    """Give the points as a table, with each curve's bounds behind its value.

    Examples
    --------
    >>> from qforge_jupyter.documents.blocks import Curve
    >>> two = (Curve("a", (0.5,), (0.4,), (0.6,)), Curve("b", (1.0,)))
    >>> grid = points_of_curves(Curves(("8",), two))
    >>> grid.columns, grid.rows
    (('point', 'a', 'low', 'high', 'b'), (('8', 0.5, 0.4, 0.6, 1.0),))

    """
    names = ["point"]
    columns: list[list[str | float | None]] = [list(curves.labels)]
    for each in curves.curves:
        names += [each.label, *(("low", "high") if each.lows and each.highs else ())]
        sides = (each.lows, each.highs) if each.lows and each.highs else ()
        columns += [[_rounded(value) for value in side] for side in (each.values, *sides)]
    rows = tuple(tuple(row) for row in zip(*columns, strict=True))
    return Grid(tuple(names), rows, curves.caption)


def draw_curves(curves: Curves, limits: Limits) -> str:
    """Draw the lines over their key and the folded points.

    Examples
    --------
    >>> from qforge_jupyter.documents.blocks import Curve
    >>> two = Curves(("1", "2"), (Curve("a", (0.0, 1.0)), Curve("b", (1.0, 0.0))))
    >>> drawn = draw_curves(two, Limits(9, 9, 9, 9))
    >>> 'class="qf-run qf-curve-1" d="M0.00 0.00L100.00 100.00"' in drawn
    True

    """
    low, high = _scale(curves)
    shapes, shown = [], curves.curves[:N_CURVES]
    for index, each in enumerate(shown):
        lower, upper = (_places(side, low, high) for side in (each.lows, each.highs))
        if len(lower) > 1 and len(lower) == len(upper):
            band = _path([*upper, *reversed(lower)])
            shapes.append(f'<path class="qf-band qf-curve-{index}" d="{band}Z"/>')
    for _, value in curves.marks:
        if low <= value <= high:
            y = 100 - 100 * (value - low) / (high - low)
            shapes.append(f'<path class="qf-diagonal" d="M0 {y:.2f}H100"/>')
    for index, each in enumerate(shown):
        points = _places(each.values, low, high)
        if len(points) > 1:
            shapes.append(f'<path class="qf-run qf-curve-{index}" d="{_path(points)}"/>')
        dots = "".join(f"M{x:.2f} {y:.2f}h0" for x, y in points)
        shapes.append(f'<path class="qf-dots" d="{dots}"/>')
    key = " ".join(
        f"<span>{STROKES[index]} {draw_text(each.label, LABEL)}</span>"
        for index, each in enumerate(shown)
    )
    names = ", ".join(f"{draw_text(name, LABEL)} at {show_number(v)}" for name, v in curves.marks)
    first, last = (curves.labels[0], curves.labels[-1]) if curves.labels else ("", "")
    told = ", ".join(make_visible(each.label, 60) for each in shown)
    told = f"{told}: {len(curves.labels)} points between {show_number(low)} and {show_number(high)}"
    grid = points_of_curves(curves)
    return (
        f"{draw_paragraph_caption(curves.caption)}"
        f'<p class="qf-ends"><span>{key}</span><span>↑ {show_number(low)} to {show_number(high)}'
        f"{', dashed: ' + names if names else ''}</span></p>"
        f'<svg class="qf-trend" role="img" aria-label="{escape(told)}" viewBox="0 0 100 100"'
        f' preserveAspectRatio="none" width="100%" height="120">{"".join(shapes)}</svg>'
        f'<p class="qf-ends"><span>{draw_text(first, LABEL)}</span> '
        f"<span>{draw_text(last, LABEL)}</span></p>"
        f"<details><summary><small>Points</small></summary>"
        f"{draw_grid(Grid(grid.columns, grid.rows), limits)}</details>"
    )


def _scale(curves: Curves) -> tuple[float, float]:
    known = [
        value
        for each in curves.curves
        for value in (*each.values, *each.lows, *each.highs)
        if value is not None and math.isfinite(value)
    ]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = 0.0 if high > low else 0.5
    return float(f"{low - room:.4g}"), float(f"{high + room:.4g}")


def _places(values: tuple[float | None, ...], low: float, high: float) -> _Points:
    n = len(values)
    step = max(1, math.ceil(n / N_POINTS))
    return [
        (100 * i / (n - 1) if n > 1 else 50.0, _height(value, low, high))
        for i, value in list(enumerate(values))[::step]
        if value is not None and math.isfinite(value)
    ]


def _height(value: float, low: float, high: float) -> float:
    return min(100.0, max(0.0, 100 - 100 * (value - low) / (high - low)))


def _path(points: _Points) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
