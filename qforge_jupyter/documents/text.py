"""Draw a document as plain text: for terminals, logs and stored notebooks.

The text is decided by the document alone. A page is at most ``WIDTH``
characters wide; long cells are cut with an ellipsis, further rows and columns
are counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from qforge_jupyter.documents.aligning import align
from qforge_jupyter.documents.blocks import (
    SIGNS,
    Bars,
    Block,
    Curves,
    Document,
    Facts,
    Funnel,
    Gallery,
    Graph,
    Grid,
    Heat,
    Histogram,
    Line,
    Overlay,
    Scatter,
    Section,
    Shares,
    Text,
)
from qforge_jupyter.documents.curves import points_of_curves
from qforge_jupyter.documents.funnels import draw_lines
from qforge_jupyter.documents.layers import in_order
from qforge_jupyter.documents.lines import points_of
from qforge_jupyter.documents.numbers import (
    correlation,
    merge_bins,
    say_more,
    show_interval,
    show_number,
    show_percent,
)
from qforge_jupyter.documents.overlays import draw_overlay_text
from qforge_jupyter.documents.visible import is_number, make_visible, show_cell

WIDTH = 100
_N_ROWS = 20
_N_BLOCKS = 60
_N_LINES = 400
_DEPTH = 6
_CELL_WIDTH = 32
_BAR_WIDTH = 10
_SPARK_WIDTH = 60
_SPARK = " .:-=+*#%@"


def draw_text(document: Document) -> str:
    """Draw a document as deterministic plain text.

    Parameters
    ----------
    document
        What to draw; every string in it is data.

    Returns
    -------
    str
        At most ``_N_LINES`` lines and a word about what is left out, without
        trailing spaces and without a final line break.

    Examples
    --------
    >>> from qforge_jupyter.documents.blocks import Bar, Bars, Document
    >>> bars = Bars((Bar("validity", 0.93, 0.91, 0.95),))
    >>> print(draw_text(Document("calcs", "certifiable", "good", (bars,))))
    calcs
    =====
    ✓ certifiable
    <BLANKLINE>
    validity  #########.  0.93  [0.91, 0.95]

    """
    title = make_visible(document.title, WIDTH)
    head: list[str] = [title, "=" * len(title)]
    if document.verdict:
        head.append(f"{SIGNS[document.tone]} {make_visible(document.verdict, 4 * WIDTH)}")
    if document.headline is not None:
        number = document.headline
        interval = show_interval(number.low, number.high)
        label = make_visible(number.label, _CELL_WIDTH)
        head.append(f"{label}: {show_cell(number.value, _CELL_WIDTH)} {interval}".rstrip())
    parts = ["\n".join(head), *_draw_blocks(document.blocks, 1)]
    lines = "\n\n".join(part for part in parts if part).split("\n")
    return _with_more("\n".join(lines[:_N_LINES]), len(lines) - _N_LINES, "lines")


def _draw_blocks(blocks: tuple[Block, ...], depth: int) -> list[str]:
    parts = [_draw_block(block, depth) for block in blocks[:_N_BLOCKS]]
    if len(blocks) > _N_BLOCKS:
        parts.append(say_more(len(blocks) - _N_BLOCKS, "parts"))
    return parts


def _draw_block(block: Block, depth: int) -> str:
    if isinstance(block, Section):
        return _draw_section(block, depth)
    return _DRAWINGS[type(block)](block)


def _draw_section(section: Section, depth: int) -> str:
    title = make_visible(section.title, WIDTH)
    head = f"{title}\n{'-' * len(title)}" if depth == 1 else f"[{title}]"
    if depth >= _DEPTH:
        return f"{head}\n{say_more(len(section.blocks), 'parts')}"
    parts = [part for part in _draw_blocks(section.blocks, depth + 1) if part]
    return "\n".join([head, "\n\n".join(parts)]) if parts else head


def _draw_paragraph(text: Text) -> str:
    sign = "" if text.tone == "neutral" else f"{SIGNS[text.tone]} "
    return sign + make_visible(text.text, 2000)


def _draw_facts(facts: Facts) -> str:
    rows = [
        (make_visible(name, _CELL_WIDTH), show_cell(value, WIDTH))
        for name, value in facts.pairs[: 2 * _N_ROWS]
    ]
    return _with_more(align(rows), len(facts.pairs) - len(rows), "facts")


def _draw_grid(grid: Grid) -> str:
    header, rows, n_hidden = _fit_columns(grid)
    is_right = [_is_numeric_column(grid, index) for index in range(len(header))]
    signs = [SIGNS[tone] for tone in grid.tones[: len(rows)]]
    if signs:
        signs += [" "] * (len(rows) - len(signs))
        header = ["", *header]
        is_right = [False, *is_right]
        rows = [[sign, *row] for sign, row in zip(signs, rows, strict=True)]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    ruler = ["-" * width for width in widths]
    text = align([header, ruler, *rows], is_right)
    text = _with_more(text, len(grid.rows) - len(rows) + grid.n_more, "rows")
    return _captioned(grid.caption, _with_more(text, n_hidden, "columns"))


def _fit_columns(grid: Grid) -> tuple[list[str], list[list[str]], int]:
    """Show as many columns as the width holds, at least one, and count the others."""
    columns: list[list[str]] = []
    for cell_width in (_CELL_WIDTH, 24, 16):
        columns = _take_columns(grid, cell_width)
        if len(columns) == len(grid.columns):
            break
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    return rows[0] if rows else [], rows[1:], len(grid.columns) - len(columns)


def _take_columns(grid: Grid, cell_width: int) -> list[list[str]]:
    columns: list[list[str]] = []
    room = WIDTH + 2 - (3 if grid.tones else 0)
    for index, name in enumerate(grid.columns):
        cells = (_cell_at(row, index) for row in grid.rows[:_N_ROWS])
        column = [make_visible(name, cell_width), *(show_cell(c, cell_width) for c in cells)]
        room -= max(map(len, column)) + 2
        if room < 0 and columns:
            break
        columns.append(column)
    return columns


def _cell_at(row: tuple[Any, ...], index: int) -> Any:
    return row[index] if index < len(row) else None


def _is_numeric_column(grid: Grid, index: int) -> bool:
    cells = [_cell_at(row, index) for row in grid.rows[:_N_ROWS]]
    present = [cell for cell in cells if cell is not None]
    return bool(present) and all(map(is_number, present))


def _draw_bars(bars: Bars) -> str:
    rows: list[tuple[str, ...]] = []
    for bar in bars.bars[: 2 * _N_ROWS]:
        label = make_visible(bar.label, _CELL_WIDTH)
        sign = " " if bar.tone == "neutral" else SIGNS[bar.tone]
        note = make_visible(bar.note, _CELL_WIDTH)
        interval = show_interval(bar.low, bar.high)
        rows.append((sign, label, _bar(bar.shares[0]), show_number(bar.value), interval, note))
    if not any(row[0].strip() for row in rows):
        rows = [row[1:] for row in rows]
    return _captioned(bars.caption, _with_more(align(rows), len(bars.bars) - len(rows), "bars"))


def _bar(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "." * _BAR_WIDTH
    n_full = math.floor(max(0.0, min(1.0, value)) * _BAR_WIDTH + 0.5)
    if 0 < value < 1:
        n_full = max(1, min(n_full, _BAR_WIDTH - 1))
    return "#" * n_full + "." * (_BAR_WIDTH - n_full)


def _draw_shares(shares: Shares) -> str:
    whole = sum(share.count for share in shares.shares)
    rows = [
        (
            SIGNS[share.tone],
            make_visible(share.label, _CELL_WIDTH),
            show_number(share.count),
            show_percent(share.count, whole),
            make_visible(share.note, _CELL_WIDTH),
        )
        for share in shares.shares[:_N_ROWS]
    ]
    text = align(rows, [False, False, True, True, False])
    return _captioned(shares.caption, _with_more(text, len(shares.shares) - len(rows), "shares"))


def _draw_funnel(funnel: Funnel) -> str:
    n_more = len(funnel.stages) - _N_ROWS
    return _captioned(funnel.caption, _with_more(draw_lines(funnel, _N_ROWS), n_more, "steps"))


def _draw_histogram(histogram: Histogram) -> str:
    counts = merge_bins(histogram.counts, _SPARK_WIDTH)
    most = max(counts, default=0)
    spark = "".join(
        _SPARK[math.ceil((len(_SPARK) - 1) * count / most) if most else 0] for count in counts
    )
    line = (
        f"{show_number(histogram.low)} |{spark}| {show_number(histogram.high)}"
        f"  n = {show_number(sum(histogram.counts))}"
    )
    marks = "".join(
        f"\n^ {make_visible(name, _CELL_WIDTH)} at {show_number(value)}"
        for name, value in histogram.marks[:_N_ROWS]
    )
    return _captioned(histogram.caption, line + marks)


def _draw_scatter(scatter: Scatter) -> str:
    n_points, r = correlation(scatter.x, scatter.y)
    x_label = make_visible(scatter.x_label, _CELL_WIDTH)
    y_label = make_visible(scatter.y_label, _CELL_WIDTH)
    told = f"r = {show_number(r)}"
    if scatter.marked_label:
        told = f"{show_number(len(scatter.marked))} {make_visible(scatter.marked_label, 40)}"
    line = f"{y_label} against {x_label}: n = {show_number(n_points)}, {told}"
    return _captioned(scatter.caption, line)


def _draw_graph(graph: Graph) -> str:
    labels = {node.id: make_visible(node.label, _CELL_WIDTH) for node in graph.nodes}
    rows = []
    for node in in_order(graph)[: 2 * _N_ROWS]:
        above = [labels[start] for start, end in graph.edges if end == node.id and start in labels]
        told = f"from {', '.join(above)}" if above else ""
        note = make_visible(node.note, _CELL_WIDTH)
        sign = f"{SIGNS[node.tone]}{'>' if node.is_focus else ''}"
        rows.append((sign, labels[node.id], note, make_visible(told, WIDTH - 2 * _CELL_WIDTH)))
    n_more = len(graph.nodes) - len(rows) + graph.n_more
    return _captioned(graph.caption, _with_more(align(rows), n_more, "nodes"))


def _draw_heat(heat: Heat) -> str:
    names = heat.names[:_N_ROWS]
    above = (heat.columns or heat.names)[:_N_ROWS]
    cells = heat.shown or tuple(
        tuple(None if value is None else round(value, 2) for value in row) for row in heat.values
    )
    rows = tuple((name, *row[: len(above)]) for name, row in zip(names, cells, strict=False))
    grid = Grid(("", *above), rows, heat.caption)
    return _with_more(_draw_grid(grid), len(heat.names) - len(names) + heat.n_more, heat.noun)


def _draw_names(gallery: Gallery) -> str:
    """Name the pictures, which text cannot show."""
    names = [make_visible(name, _CELL_WIDTH) for name, _ in gallery.pictures]
    return "\n".join(f"[picture] {name}" for name in names)


def _captioned(caption: str, text: str) -> str:
    return f"{make_visible(caption, WIDTH)}\n{text}" if caption else text


def _with_more(text: str, n_more: int, noun: str) -> str:
    """Say how many more there are; ``noun`` is a plural in s."""
    return f"{text}\n{say_more(n_more, noun)}" if n_more > 0 else text


_DRAWINGS: dict[type, Callable[[Any], str]] = {
    Text: _draw_paragraph,
    Facts: _draw_facts,
    Grid: _draw_grid,
    Bars: _draw_bars,
    Shares: _draw_shares,
    Funnel: _draw_funnel,
    Histogram: _draw_histogram,
    Overlay: lambda overlay: draw_overlay_text(overlay, _N_ROWS),
    Scatter: _draw_scatter,
    Graph: _draw_graph,
    Heat: _draw_heat,
    Line: lambda line: _draw_grid(points_of(line)),
    Curves: lambda curves: _draw_grid(points_of_curves(curves)),
    Gallery: lambda gallery: _captioned(gallery.caption, _draw_names(gallery)),
}
