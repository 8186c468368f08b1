"""Draw tables of cells and lists of facts as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qforge_jupyter.documents.blocks import Facts, Grid, Tone
from qforge_jupyter.documents.markup import (
    LABEL,
    LEFT,
    Limits,
    draw_caption,
    draw_cell,
    draw_more,
    draw_sign,
    draw_text,
)
from qforge_jupyter.documents.visible import is_number

_LONG = 28


def draw_facts(facts: Facts, limits: Limits) -> str:
    """Draw names and values side by side."""
    items = "".join(
        f"<div><dt>{draw_text(name, LABEL)}</dt><dd>{draw_cell(value, limits.n_chars)}</dd></div>"
        for name, value in facts.pairs[: limits.n_items]
    )
    return f'<dl class="qf-facts">{items}</dl>' + draw_more(
        len(facts.pairs) - limits.n_items, "facts"
    )


def draw_grid(grid: Grid, limits: Limits) -> str:
    """Draw a table of cells and count the rows and columns left out."""
    rows = grid.rows[: limits.n_rows]
    names = grid.columns[: limits.n_columns]
    attributes = [_column_attributes(rows, index) for index in range(len(names))]
    header = "".join(
        f'<th{attribute} scope="col">{draw_text(name, LABEL)}</th>'
        for name, attribute in zip(names, attributes, strict=True)
    )
    first = '<th class="qf-mark-cell" scope="col"></th>' if grid.tones else ""
    lines = (
        _draw_row(row, _tone_cell(grid, index), attributes, limits)
        for index, row in enumerate(rows)
    )
    return (
        '<div class="qf-scroll" tabindex="0" role="region" aria-label="table">'
        f'<table class="qf-grid">{draw_caption(grid.caption)}'
        f"<thead><tr>{first}{header}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
        + draw_more(len(grid.rows) - len(rows) + max(0, grid.n_more), "rows")
        + draw_more(len(grid.columns) - len(names), "columns")
    )


def _draw_row(row: Sequence[Any], start: str, attributes: list[str], limits: Limits) -> str:
    cells = (
        f"<td{attribute}>{draw_cell(row[index] if index < len(row) else None, limits.n_chars)}</td>"
        for index, attribute in enumerate(attributes)
    )
    return f"<tr>{start}{''.join(cells)}</tr>"


def _tone_cell(grid: Grid, index: int) -> str:
    if not grid.tones:
        return ""
    tone: Tone = grid.tones[index] if index < len(grid.tones) else "neutral"
    return f'<td class="qf-mark-cell qf-{tone}">{draw_sign(tone)}</td>'


def _column_attributes(rows: Sequence[Sequence[Any]], index: int) -> str:
    """Draw a table of cells and count the rows and columns left out."""
    cells = [row[index] for row in rows if index < len(row) and row[index] is not None]
    if cells and all(map(is_number, cells)):
        return ' class="qf-num" align="right"'
    if any(isinstance(cell, str) and len(cell) > _LONG for cell in cells):
        return f' class="qf-long"{LEFT}'
    return LEFT
