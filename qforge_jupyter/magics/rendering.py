"""How an error looks in a notebook: a sentence, the place, no traceback.

IPython asks an exception for ``_render_traceback_`` before it draws one; the
kernel still sends an error, so that "Run all", papermill and nbval stop.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from qforge_jupyter.errors import Category, QForgeError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

#: Cells of the terminal or page that a drawn line takes at most.
WIDTH = 96
_INDENT = "    "
_TAB = 4

_NAMES: dict[Category, str] = {
    "data": "DataError",
    "model": "ModelError",
    "resource": "ResourceError",
    "timeout": "TimeoutError",
    "internal": "InternalError",
}
_SECRETS = (
    re.compile(r"(?<=://)[^\s/@:]*:([^\s@]+)(?=@)"),
    re.compile(
        r"(?i)(?:password|passwd|token|secret|api[_ -]?key|access[_ -]?key)['\"]?\s*[=:]\s*"
        r"['\"]?([^\s'\"&,;}]+)"
    ),
)


def draw_error(error: QForgeError, source: str, magic: str = "%%qforge") -> list[str]:
    r"""Draw an error as lines: its sentence, the offending line and a caret.

    Parameters
    ----------
    error
        What happened; its ``line`` 1 is the header.
    source
        Header (without the magic's name) and body, as in `Call.source`.
    magic
        What stood before the header.

    Examples
    --------
    >>> from qforge_jupyter.errors import CallError
    >>> error = CallError("No key 'rowz' in score", line=2, column=0)
    >>> print("\n".join(draw_error(error, "score calcs\nrowz: 3")))
    DataError: line 2: No key 'rowz' in score
        rowz: 3
        ^

    """
    lines = source.split("\n")
    place = f"line {error.line}: " if error.line and len(lines) > 1 else ""
    drawn = [f"{_NAMES[error.category]}: {place}{_plain(error.message)}"]
    if error.line is None or error.column is None or not 0 < error.line <= len(lines):
        return drawn
    line, column = lines[error.line - 1], error.column
    if error.line == 1:
        line, column = f"{magic} {line}", column + len(magic) + 1
    return drawn + [_INDENT + part for part in _point(line, column)]


def as_shown(
    error: BaseException, source: str, magic: str = "%%qforge", *, debug: bool = False
) -> BaseException:
    """Give an error the short drawing; raise what comes back ``from None``.

    It stays the same object of the same class, so that ``except DataError``
    and ``error.result`` work as ever. Foreign exceptions and everything
    under ``--debug`` keep their traceback.

    Examples
    --------
    >>> from qforge_jupyter.errors import DataError
    >>> as_shown(DataError("No rows"), "score calcs")._render_traceback_()
    ['DataError: No rows']

    """
    if debug or not isinstance(error, QForgeError):
        # A drawing from an earlier, quieter raise must not stay.
        getattr(error, "__dict__", {}).pop("_render_traceback_", None)
        return error
    lines = draw_error(error, source, magic)
    drawing: Any = error
    drawing._render_traceback_ = lambda: lines
    return error


def as_users(error: Exception, shell: InteractiveShell, *, debug: bool = False) -> None:
    """Let an error of the user's own code be drawn from that code's first line on.

    IPython draws it, as it would draw any cell's; the frames between the
    notebook and the code are left out, but under ``--debug``.
    """
    getattr(error, "__dict__", {}).pop("_render_traceback_", None)
    (trace,) = getattr(error, "of_users_code", (None,))
    if debug or trace is None:
        return
    drawing: Any = error
    drawing._render_traceback_ = lambda: shell.InteractiveTB.structured_traceback(
        type(error), error, trace, tb_offset=0
    )


class Interrupted(KeyboardInterrupt):
    """The user stopped the work; what was done is kept.

    Examples
    --------
    >>> Interrupted("stopped after 49 of 400 steps; what was done is kept")
    Interrupted('stopped after 49 of 400 steps; what was done is kept')

    """

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {_plain(str(self))}"]


def _point(line: str, column: int) -> tuple[str, str]:
    """Cut a line around a column and put a caret under it."""
    column = min(column, len(line))
    line = _hide_secrets(line)
    pieces = [_cell(character) for character in line]
    before, after = pieces[:column], pieces[column:]
    has_start = _width(before) <= WIDTH * 2 // 3
    left = before if has_start else _last(before, WIDTH // 2)
    lead = "" if has_start else "… "
    right = _first(after, WIDTH - _width(left))
    tail = "" if len(right) == len(after) else " …"
    drawn = lead + "".join(left) + "".join(right) + tail
    return drawn.rstrip(), " " * (len(lead) + _width(left)) + "^"


def _cell(character: str) -> str:
    if character == "\t":
        return " " * _TAB
    return character if character.isprintable() or _is_joined(character) else "\N{MIDDLE DOT}"


def _is_joined(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me")


def _width(pieces: list[str]) -> int:
    """Columns that the pieces take in a fixed-width font."""
    return sum(
        0 if _is_joined(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for piece in pieces
        for c in piece
    )


def _first(pieces: list[str], width: int) -> list[str]:
    taken: list[str] = []
    for piece in pieces[: 4 * WIDTH]:
        width -= _width([piece])
        if width < 0:
            break
        taken.append(piece)
    return taken


def _last(pieces: list[str], width: int) -> list[str]:
    return _first(pieces[::-1], width)[::-1]


def _hide_secrets(line: str) -> str:
    for pattern in _SECRETS:
        for match in pattern.finditer(line):
            start, end = match.span(1)
            line = line[:start] + "*" * (end - start) + line[end:]
    return line


def _plain(sentence: str) -> str:
    """Keep control characters and line ends out of a sentence."""
    return "".join(c if c.isprintable() or _is_joined(c) else " " for c in sentence)
