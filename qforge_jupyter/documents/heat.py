"""Draw a square of numbers: each of them, and a colour as strong as it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from qforge_jupyter.documents.blocks import Cell, Heat
from qforge_jupyter.documents.markup import Limits, draw_caption, draw_cell, draw_more, draw_text

#: Names are cut to this many characters, and so many of them are drawn.
_NAME, _N_NAMES = 14, 14


def draw_heat(heat: Heat, limits: Limits) -> str:
    """Draw the numbers as a table; where a host removes colours the numbers remain.

    Examples
    --------
    >>> drawn = draw_heat(Heat(("a", "b"), ((1.0, -0.5), (-0.5, 1.0))), Limits(9, 9, 9, 9))
    >>> drawn.count("-0.50"), drawn.count("qf-down")
    (2, 2)

    """
    n_rows = min(len(heat.names), _N_NAMES, limits.n_columns)
    above = heat.columns or heat.names
    n_columns = min(len(above), _N_NAMES, limits.n_columns)
    head = "".join(f'<th scope="col">{draw_text(name, _NAME)}</th>' for name in above[:n_columns])
    shown = heat.shown or ((),) * len(heat.names)
    lines = "".join(
        f'<tr><th scope="row">{draw_text(name, _NAME)}</th>'
        f"{_draw_cells(row[:n_columns], said)}</tr>"
        for name, row, said in zip(heat.names[:n_rows], heat.values, shown, strict=False)
    )
    n_more = len(heat.names) - n_rows + (len(above) - n_columns if heat.columns else 0)
    return (
        '<div class="qf-scroll" tabindex="0" role="region" aria-label="square of numbers">'
        f'<table class="qf-heat">{draw_caption(heat.caption)}'
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
        + draw_more(n_more + heat.n_more, heat.noun)
    )


def _draw_cells(row: Sequence[float | None], said: Sequence[Cell]) -> str:
    every = said or (None,) * len(row)
    return "".join(_draw_cell(value, told) for value, told in zip(row, every, strict=False))


def _draw_cell(value: float | None, said: Cell = None) -> str:
    if value is None or not math.isfinite(value):
        return f'<td align="right">{"–" if said is None else draw_cell(said, _NAME)}</td>'
    share = round(60 * min(1.0, abs(value)))
    side = "qf-up" if value >= 0 else "qf-down"
    shown = escape(f"{round(value, 2) + 0.0:.2f}") if said is None else draw_cell(said, _NAME)
    return f'<td class="{side}" align="right" style="--qf-share:{share}%">{shown}</td>'
