"""Draw a number over time or steps: a line through its points, with its band."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from qforge_jupyter.documents.blocks import Grid, Line
from qforge_jupyter.documents.markup import LABEL, Limits, draw_paragraph_caption, draw_text
from qforge_jupyter.documents.numbers import show_number
from qforge_jupyter.documents.tables import draw_grid

#: Points drawn at most; all stand in the table below, as far as the page has room.
_N_POINTS = 200
_N_MARKS = 8


def points_of(line: Line) -> Grid:
    """Give the points as a table.

    Examples
    --------
    >>> points_of(Line(("May",), (0.5,), (0.4,), (0.6,))).rows
    (('May', 0.5, 0.4, 0.6),)

    """
    rows = tuple(
        (label, value, *(side[index] for side in _sides(line)))
        for index, (label, value) in enumerate(zip(line.labels, line.values, strict=True))
    )
    names = ("point", "value", "low", "high") if _sides(line) else ("point", "value")
    return Grid(names, rows, line.caption)


def draw_line(line: Line, limits: Limits) -> str:
    """Draw the line over its ends and its folded points.

    Examples
    --------
    >>> drawn = draw_line(Line(("a", "b"), (0.0, 1.0)), Limits(9, 9, 9, 9))
    >>> 'class="qf-run" d="M0.00 100.00L100.00 0.00"' in drawn
    True

    """
    low, high = _scale(line)
    points = list(_places(line, low, high))
    marks = [mark for mark in line.marks[:_N_MARKS] if low <= mark[1] <= high]
    shapes = [f'<path class="qf-band" d="{path}"/>' for path in _bands(points)]
    shapes += [
        f'<path class="qf-diagonal" d="M0 {_height(value, low, high):.2f}H100"/>'
        for _, value in marks
    ]
    runs = [run for run in _runs(points) if len(run) > 1]
    shapes += [f'<path class="qf-run" d="{_path([p[:2] for p in run])}"/>' for run in runs]
    dots = "".join(f"M{x:.2f} {y:.2f}h0" for run in _runs(points) for x, y, _, _ in run)
    shapes.append(f'<path class="qf-dots" d="{dots}"/>')
    names = ", ".join(f"{draw_text(name, LABEL)} at {show_number(v)}" for name, v in marks)
    first, last = (line.labels[0], line.labels[-1]) if line.labels else ("", "")
    told = f"{len(points)} points between {show_number(low)} and {show_number(high)}"
    grid = points_of(line)
    table = draw_grid(Grid(grid.columns, grid.rows), limits)
    return (
        f"{draw_paragraph_caption(line.caption)}"
        f'<p class="qf-ends"><span>↑ {show_number(low)} to {show_number(high)}</span>'
        f"<span>{'dashed: ' + names if names else ''}</span></p>"
        f'<svg class="qf-trend" role="img" aria-label="{escape(told)}" viewBox="0 0 100 100"'
        f' preserveAspectRatio="none" width="100%" height="120">{"".join(shapes)}</svg>'
        f'<p class="qf-ends"><span>{draw_text(first, LABEL)}</span> '
        f"<span>{draw_text(last, LABEL)}</span></p>"
        f"<details><summary><small>Points</small></summary>{table}</details>"
    )


_Point = tuple[float, float | None, float | None, float | None]
_Drawn = tuple[float, float, float | None, float | None]


def _sides(line: Line) -> tuple[tuple[float | None, ...], ...]:
    return (line.lows, line.highs) if line.lows and line.highs else ()


def _scale(line: Line) -> tuple[float, float]:
    known = [
        value
        for values in (line.values, *_sides(line))
        for value in values
        if value is not None and math.isfinite(value)
    ]
    return min(0.0, *known, 0.0), max(1.0, *known, 1.0)


def _height(value: float, low: float, high: float) -> float:
    return 100 - 100 * (value - low) / (high - low)


def _places(line: Line, low: float, high: float) -> Iterator[_Point]:
    n = len(line.values)
    step = max(1, math.ceil(n / _N_POINTS))
    sides = _sides(line) or ((None,) * n, (None,) * n)
    for index in range(0, n, step):
        three = (line.values[index], sides[0][index], sides[1][index])
        y, bottom, top = (
            None if value is None or not math.isfinite(value) else _height(value, low, high)
            for value in three
        )
        yield (100 * index / (n - 1) if n > 1 else 50.0, y, bottom, top)


def _runs(points: list[_Point]) -> list[list[_Drawn]]:
    runs: list[list[_Drawn]] = [[]]
    for x, y, bottom, top in points:
        if y is None:
            runs.append([])
        else:
            runs[-1].append((x, y, bottom, top))
    return [run for run in runs if run]


def _bands(points: list[_Point]) -> Iterator[str]:
    for run in _runs(points):
        upper = [(x, top) for x, _, bottom, top in run if top is not None and bottom is not None]
        lower = [(x, low) for x, _, low, top in run if top is not None and low is not None]
        if len(upper) > 1:
            yield _path([*upper, *reversed(lower)]) + "Z"


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
