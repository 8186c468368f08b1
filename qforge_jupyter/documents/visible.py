r"""Make every character of foreign text visible, and long text short.

Control characters, ANSI escapes, line breaks, bidirectional overrides, lone
surrogates and other characters that draw nothing or move their neighbours
become escapes such as ``\n`` or ``\u202e``: what is shown is what is there.
"""

from __future__ import annotations

import re
import unicodedata

from qforge_jupyter.documents.numbers import show_number

_PERCENT = re.compile(r"[<>]?[0-9.]{1,8} %")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
#: Joiners: Persian, Indic scripts and emoji are misspelt without them.
_JOINERS = frozenset("\u200c\u200d")


def make_visible(text: str, limit: int) -> str:
    r"""Give ``text`` with hidden characters escaped, in at most ``limit`` characters.

    Examples
    --------
    >>> make_visible("a\nb\x1b[31m", 40)
    'a\\nb\\x1b[31m'
    >>> make_visible("a long sentence", 7)
    'a long…'

    """
    head = text[: limit + 1]
    shown = head if head.isascii() and head.isprintable() else "".join(map(_escape, head))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _escape(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if unicodedata.category(character) not in _HIDDEN_CATEGORIES or character in _JOINERS:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def show_cell(cell: object, limit: int) -> str:
    r"""Write one cell: a number as numbers are written, all else as visible text.

    Examples
    --------
    >>> show_cell(1234.56, 20), show_cell("a\tb", 20), show_cell(None, 20)
    ('1,235', 'a\\tb', '–')

    """
    if isinstance(cell, str):
        return make_visible(cell, limit)
    try:
        return show_number(cell)
    except TypeError:
        return make_visible(str(cell), limit)


def is_number(cell: object) -> bool:
    """Say whether a cell is a number or a written share, which stand on the right.

    Examples
    --------
    >>> is_number(3), is_number(0.5), is_number("41.2 %")
    (True, True, True)
    >>> is_number(True), is_number("3")
    (False, False)

    """
    if isinstance(cell, str):
        return _PERCENT.fullmatch(cell) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)
