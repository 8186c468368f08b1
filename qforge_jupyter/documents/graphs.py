"""Draw a graph as a picture with its names in it, and as a table beside it."""

from __future__ import annotations

from html import escape

from qforge_jupyter.documents.blocks import SIGNS, Graph, Grid, Node
from qforge_jupyter.documents.charts import FILLS
from qforge_jupyter.documents.layers import in_order, layers
from qforge_jupyter.documents.markup import Limits, draw_more, draw_paragraph_caption
from qforge_jupyter.documents.tables import draw_grid
from qforge_jupyter.documents.visible import make_visible

#: Units of the drawing are CSS pixels at its full width.
WIDTH, BOX_HEIGHT, GAP = 820, 44, 30
#: Nodes in one row, and rows; what is beyond is counted.
N_ACROSS, N_LAYERS = 5, 24
_BOX_WIDTH = 190
#: Width of a letter of the label, and of the note.
_LETTER, _SMALL_LETTER = 8.4, 6.4

Places = dict[str, tuple[float, float, float]]


def draw_graph(graph: Graph, limits: Limits) -> str:
    """Draw a graph; the table under it says the same where pictures are removed.

    Examples
    --------
    >>> graph = Graph((Node("a", "calcs"), Node("b", "few")), (("a", "b"),))
    >>> drawn = draw_graph(graph, Limits(100, 20, 60, 300))
    >>> drawn.count("<rect"), drawn.count('class="qf-way"')
    (2, 1)

    """
    rows = [layer[:N_ACROSS] for layer in layers(graph)[:N_LAYERS]]
    shown = sum(map(len, rows))
    places = _places(rows)
    height = len(rows) * (BOX_HEIGHT + GAP) - GAP + 8
    ways = "".join(
        _draw_way(places[start], places[end])
        for start, end in dict.fromkeys(graph.edges)
        if start in places and end in places and places[start][1] < places[end][1]
    )
    boxes = "".join(_draw_node(node, places[node.id]) for row in rows for node in row)
    told = f"{shown} nodes, {len(graph.edges)} ways"
    picture = (
        f'<svg class="qf-graph" role="img" viewBox="0 0 {WIDTH} {height}" width="100%">'
        f"<title>{escape(make_visible(graph.caption, 120) or 'Graph')}</title>"
        f"<desc>{told}</desc>{ways}{boxes}</svg>"
    )
    return (
        f"{draw_paragraph_caption(graph.caption)}<div>{picture}</div>"
        + draw_more(len(graph.nodes) - shown + graph.n_more, "nodes")
        + _folded_table(graph, limits)
    )


def _places(rows: list[list[Node]]) -> Places:
    """Give left, top and width of every box."""
    found: Places = {}
    for depth, row in enumerate(rows):
        step = WIDTH / len(row)
        width = min(_BOX_WIDTH, step - 12)
        for index, node in enumerate(row):
            left = step * (index + 0.5) - width / 2
            found[node.id] = (left, depth * (BOX_HEIGHT + GAP) + 4, width)
    return found


def _draw_way(start: tuple[float, float, float], end: tuple[float, float, float]) -> str:
    x1, y1 = start[0] + start[2] / 2, start[1] + BOX_HEIGHT
    x2, y2 = end[0] + end[2] / 2, end[1]
    bend = (y2 - y1) / 2
    return (
        f'<path class="qf-way" fill="none" stroke="#888" d="M{x1:.1f} {y1:.1f}C{x1:.1f} '
        f'{y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2 - 6:.1f}"/>'
        f'<path class="qf-tip" fill="#888" d="M{x2 - 4:.1f} {y2 - 7:.1f}h8l-4 7z"/>'
    )


def _draw_node(node: Node, place: tuple[float, float, float]) -> str:
    left, top, width = place
    room = width - 20
    label = make_visible(node.label, max(4, int((room - 16) / _LETTER)))
    note = make_visible(node.note, max(4, int(room / _SMALL_LETTER)))
    middle = top + BOX_HEIGHT / 2
    return (
        f'<g class="{"qf-focus" if node.is_focus else "qf-node"}">'
        f'<rect class="qf-line-{node.tone}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}"'
        f' height="{BOX_HEIGHT}" rx="6" fill="#8881" stroke="{FILLS[node.tone]}"'
        f' stroke-width="{3 if node.is_focus else 1.5}"/>'
        f'<text x="{left + 10:.1f}" y="{middle - (3 if note else -5):.1f}" fill="currentColor">'
        f"{SIGNS[node.tone]} {escape(label)}</text>"
        f'<text class="qf-said" x="{left + 10:.1f}" y="{middle + 13:.1f}" fill="currentColor">'
        f"{escape(note)}</text></g>"
    )


def _folded_table(graph: Graph, limits: Limits) -> str:
    labels = {node.id: node.label for node in graph.nodes}
    rows = tuple(
        (
            node.label,
            node.note,
            ", ".join(labels[start] for start, end in graph.edges if end == node.id),
        )
        for node in in_order(graph)[: limits.n_rows]
    )
    tones = tuple(node.tone for node in in_order(graph)[: limits.n_rows])
    grid = Grid(("what", "how", "from"), rows, n_more=len(graph.nodes) - len(rows), tones=tones)
    return (
        f"<details><summary><small>As a table</small></summary>{draw_grid(grid, limits)}</details>"
    )
