"""The small pieces of a page: escaped text, cells, signs, captions.

This is the one place where a document's strings are escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from qforge_jupyter.documents.blocks import SIGNS, Tone
from qforge_jupyter.documents.numbers import say_more
from qforge_jupyter.documents.visible import make_visible, show_cell

#: Characters shown of a name, a label or a note.
LABEL = 160
#: Words stand on the left even where a host removes the style sheet and puts its own in place.
LEFT = ' style="text-align:left"'


@dataclass(frozen=True)
class Limits:
    """How much of a document is drawn; tighter ones are tried until it fits."""

    n_rows: int
    n_columns: int
    n_items: int
    n_chars: int


def draw_sign(tone: Tone) -> str:
    """Draw a tone's sign; its word is in the title.

    Examples
    --------
    >>> draw_sign("good")
    '<span class="qf-sign qf-good" title="good">✓</span>'

    """
    return f'<span class="qf-sign qf-{tone}" title="{tone}">{SIGNS[tone]}</span>'


def draw_text(text: str, limit: int) -> str:
    r"""Escape a text, its hidden characters made visible.

    Examples
    --------
    >>> draw_text("a<b>\n", 20)
    'a&lt;b&gt;\\n'

    """
    return escape(make_visible(text, limit))


def draw_cell(cell: object, limit: int) -> str:
    """Escape a cell, its number written as numbers are.

    Examples
    --------
    >>> draw_cell(1200, 20)
    '1,200'

    """
    return escape(show_cell(cell, limit))


def draw_caption(caption: str) -> str:
    """Draw a table's caption, or nothing.

    Examples
    --------
    >>> draw_caption("")
    ''

    """
    return f"<caption>{draw_text(caption, 2 * LABEL)}</caption>" if caption else ""


def draw_paragraph_caption(caption: str) -> str:
    """Draw a drawing's caption, or nothing.

    Examples
    --------
    >>> draw_paragraph_caption("a")
    '<p class="qf-caption">a</p>'

    """
    return f'<p class="qf-caption">{draw_text(caption, 2 * LABEL)}</p>' if caption else ""


def draw_more(n_more: int, noun: str) -> str:
    """Say how many are not shown, if any; ``noun`` is a plural in s.

    Examples
    --------
    >>> draw_more(2, "rows")
    '<p><small>… and 2 more rows</small></p>'

    """
    return f"<p><small>{say_more(n_more, noun)}</small></p>" if n_more > 0 else ""
