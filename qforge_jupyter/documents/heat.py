"""Draw a square of numbers: each of them, and a colour as strong as it is."""

from __future__ import annotations

import math
from html import escape

from qforge_jupyter.documents.blocks import Heat
from qforge_jupyter.documents.markup import Limits, draw_caption, draw_more, draw_text

#: Names are cut to this many characters, and so many of them are drawn.
_NAME, _N_NAMES = 14, 14


def draw_heat(heat: Heat, limits: Limits) -> str:
    """Draw the square as a table; where a host removes colours the numbers remain.

    Examples
    --------
    >>> drawn = draw_heat(Heat(("a", "b"), ((1.0, -0.5), (-0.5, 1.0))), Limits(9, 9, 9, 9))
    >>> drawn.count("-0.50"), drawn.count("qf-down")
    (2, 2)

    """
    n_names = min(len(heat.names), _N_NAMES, limits.n_columns)
    names = [draw_text(name, _NAME) for name in heat.names[:n_names]]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    lines = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(map(_draw_cell, row[:n_names]))}</tr>'
        for name, row in zip(names, heat.values, strict=False)
    )
    return (
        '<div class="qf-scroll" tabindex="0" role="region" aria-label="square of numbers">'
        f'<table class="qf-heat">{draw_caption(heat.caption)}'
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
        + draw_more(len(heat.names) - n_names + heat.n_more, heat.noun)
    )


def _draw_cell(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return '<td align="right">–</td>'
    share = round(60 * min(1.0, abs(value)))
    side = "qf-up" if value >= 0 else "qf-down"
    shown = escape(f"{round(value, 2) + 0.0:.2f}")
    return f'<td class="{side}" align="right" style="--qf-share:{share}%">{shown}</td>'
