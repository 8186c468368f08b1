"""Draw a document as one static page of HTML, at most ``CAP_BYTES`` long.

The page needs nothing from outside and runs nothing. Where a host removes its
style sheet or its drawings (GitHub, an untrusted notebook), headings, lists and
tables remain and hold every number. Every string of the document is escaped in
`documents.markup`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from qforge_jupyter.documents.blocks import (
    Bars,
    Block,
    Curves,
    Document,
    Facts,
    Funnel,
    Gallery,
    Graph,
    Grid,
    Headline,
    Heat,
    Histogram,
    Line,
    Overlay,
    Scatter,
    Section,
    Shares,
    Text,
)
from qforge_jupyter.documents.curves import draw_curves
from qforge_jupyter.documents.figures import draw_bars, draw_histogram, draw_scatter, draw_shares
from qforge_jupyter.documents.funnels import draw_funnel
from qforge_jupyter.documents.galleries import draw_gallery
from qforge_jupyter.documents.graphs import draw_graph
from qforge_jupyter.documents.heat import draw_heat
from qforge_jupyter.documents.lines import draw_line
from qforge_jupyter.documents.markup import (
    LABEL,
    Limits,
    draw_cell,
    draw_more,
    draw_sign,
    draw_text,
)
from qforge_jupyter.documents.numbers import show_interval
from qforge_jupyter.documents.overlays import draw_overlay
from qforge_jupyter.documents.style import STYLE
from qforge_jupyter.documents.tables import draw_facts, draw_grid

CAP_BYTES = 100_000
#: Sections are nested from heading 4 down to here.
_DEEPEST = 9
#: Room kept for the page's own tags, and for a section's end and its count of hidden parts.
_FRAME_BYTES = 600
_SECTION_BYTES = 100


_LEVELS = (
    Limits(n_rows=100, n_columns=20, n_items=60, n_chars=300),
    Limits(n_rows=30, n_columns=12, n_items=30, n_chars=120),
    Limits(n_rows=8, n_columns=8, n_items=12, n_chars=40),
)


@dataclass
class _Page:
    """What is left of one attempt: bytes, blocks, and whether a block found no room."""

    limits: Limits
    n_bytes: int
    n_blocks: int = 300
    is_cut: bool = False

    def takes(self, drawn: str) -> bool:
        """Take the bytes of what is drawn if there is room for them."""
        size = len(drawn.encode())
        if size > self.n_bytes:
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
        body = _draw_blocks((*document.blocks, *document.timed), page, 4)
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
            f'<p class="qf-verdict qf-{document.tone}">{draw_sign(document.tone)} '
            f"<span>{draw_text(document.verdict, 400)}</span></p>"
        )
    number = "" if document.headline is None else _draw_headline(document.headline)
    return (
        f'<div class="qf-head"><div class="qf-name"><h3>{draw_text(document.title, 200)}</h3>'
        f"{verdict}</div>{number}</div>"
    )


def _draw_headline(headline: Headline) -> str:
    interval = show_interval(headline.low, headline.high)
    return (
        f'<p class="qf-number"><b>{draw_cell(headline.value, 24)}</b> '
        f"<small>{draw_text(headline.label, LABEL)} {escape(interval)}</small></p>"
    )


def _draw_blocks(blocks: Sequence[Block], page: _Page, level: int) -> str:
    parts: list[str] = []
    for block in blocks[: page.limits.n_items]:
        part = _draw_block(block, page, level)
        if part is None:
            page.is_cut = True
            break
        parts.append(part)
    return "".join(parts) + draw_more(len(blocks) - len(parts), "parts")


def _draw_block(block: Block, page: _Page, level: int) -> str | None:
    """Draw one block, or nothing where the page has no room left for it."""
    page.n_blocks -= 1
    if page.n_blocks < 0:
        return None
    if isinstance(block, Section):
        return _draw_section(block, page, level)
    drawn = _DRAWINGS[type(block)](block, page.limits)
    return drawn if page.takes(drawn) else None


def _draw_section(section: Section, page: _Page, level: int) -> str | None:
    heading = f"h{min(level, 6)}"
    frame = (
        f"<details{' open' if section.is_open else ''}><summary>"
        f'<{heading} style="display:inline">'
        f"{draw_text(section.title, LABEL)}</{heading}></summary>"
    )
    if not page.takes(frame + " " * _SECTION_BYTES):
        return None
    if level >= _DEEPEST:
        return f"{frame}{draw_more(len(section.blocks), 'parts')}</details>"
    return f"{frame}{_draw_blocks(section.blocks, page, level + 1)}</details>"


def _draw_paragraph(text: Text, limits: Limits) -> str:
    shown = draw_text(text.text, 10 * limits.n_chars)
    if text.tone == "neutral":
        return f"<p>{shown}</p>"
    return f'<p class="qf-note qf-{text.tone}">{draw_sign(text.tone)} {shown}</p>'


_DRAWINGS: dict[type, Callable[[Any, Limits], str]] = {
    Text: _draw_paragraph,
    Facts: draw_facts,
    Grid: draw_grid,
    Bars: draw_bars,
    Shares: draw_shares,
    Funnel: draw_funnel,
    Histogram: draw_histogram,
    Overlay: draw_overlay,
    Scatter: lambda scatter, _: draw_scatter(scatter),
    Graph: draw_graph,
    Heat: draw_heat,
    Line: draw_line,
    Curves: draw_curves,
    Gallery: draw_gallery,
}
