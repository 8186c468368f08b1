"""The names to which results are bound: ``a, b << ...`` and ``... into a, b``."""

from __future__ import annotations

import keyword
import re
import unicodedata

from qforge_jupyter.errors import CallError

#: Names that the notebook itself needs.
_RESERVED = frozenset({"In", "Out", "get_ipython"})
_ARROW = re.compile(r"""\s*([^\s<,"']+(?:\s*,\s*[^\s<,"']+)*)\s*<<""")


def read_arrow(line: str) -> tuple[tuple[str, ...], int]:
    """Read the names before ``<<``, and say where the verb begins.

    Examples
    --------
    >>> read_arrow("report << score calcs")
    (('report',), 9)

    """
    arrow = _ARROW.match(line)
    if arrow is None:
        return (), 0
    return read_names(arrow[1], column=arrow.start(1)), arrow.end()


def read_names(text: str, *, column: int = 0) -> tuple[str, ...]:
    """Read the names behind ``into``: identifiers, each once.

    Examples
    --------
    >>> read_names("train, validation,test")
    ('train', 'validation', 'test')

    """
    names = tuple(unicodedata.normalize("NFKC", part.strip()) for part in text.split(","))
    for name in names:
        dunder = name.startswith("__") and name.endswith("__")
        if not name.isidentifier() or keyword.iskeyword(name) or name in _RESERVED or dunder:
            raise CallError(
                f"A result is bound to a variable and {name[:60]!r} cannot name one: "
                "take letters, digits and _, and no word of Python's own",
                line=1,
                column=column,
            )
    if len(set(names)) < len(names):
        raise CallError("One name stands twice: bind each result once", line=1, column=column)
    return names
