"""The header's tokens: where each begins, and which were quoted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qforge_jupyter.errors import CallError

#: Each is exact sugar for the option of the same name.
SMALL_WORDS = (
    *("against", "with", "by", "into", "as", "from", "to", "where", "at", "top", "seed", "keep"),
)
MAXIMUM_LENGTH = 20_000

_OPTION = re.compile(r"--([A-Za-z][A-Za-z0-9_-]*)(=?)")
_PLACEHOLDER = re.compile(r"\{\{[\w. ]*\}\}")
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the header.

    Parameters
    ----------
    text
        What it says, without its quotes.
    quoted
        Whether it stood in quotes, so that it can be no word, option or comment.
    column
        Where it begins in the header, counted from 0.

    """

    text: str
    quoted: bool = False
    column: int = field(default=0, compare=False)

    @property
    def is_word(self) -> bool:
        """Whether it is one of the small words."""
        return not self.quoted and self.text in SMALL_WORDS

    @property
    def is_option(self) -> bool:
        """Whether it begins an option: ``--name``, ``--name=`` or ``-m``."""
        return not self.quoted and (self.text.startswith("--") or self.text == "-m")


def option_name(token: Token) -> str:
    """Read the name of an option token; ``-`` and ``_`` are the same.

    Examples
    --------
    >>> option_name(Token("--dry-run"))
    'dry_run'
    >>> option_name(Token("-m"))
    'message'

    """
    if token.text == "-m":
        return "message"
    match = _OPTION.fullmatch(token.text)
    if match is None:
        raise CallError(
            "An option is written --name: letters, digits and hyphens; quote a value that starts"
            " with two hyphens",
            line=1,
            column=token.column,
        )
    return match[1].replace("-", "_")


def read_tokens(line: str, start: int = 0) -> list[Token]:
    r"""Cut a header into tokens.

    Quotes count at the beginning of a token only, a backslash only inside
    double quotes before ``"`` and ``\``; ``$``, ``{`` and backticks are plain
    characters. ``--name=value`` gives two tokens, the first ends with ``=``.

    Raises
    ------
    CallError
        A quote is not closed, or the header is too long.

    Examples
    --------
    >>> [token.text for token in read_tokens("use 'my lab' --reason=ok # why")]
    ['use', 'my lab', '--reason=', 'ok']

    """
    if len(line) > MAXIMUM_LENGTH:
        raise CallError(
            f"The header has {len(line):,} characters, {MAXIMUM_LENGTH:,} are allowed: "
            "put long values into the body",
            line=1,
        )
    tokens: list[Token] = []
    place = _skip_blanks(line, start)
    while place < len(line) and not _is_comment(line, place):
        option = _OPTION.match(line, place)
        if option and option[2]:
            tokens.append(Token(option[0], column=place))
            place = option.end()
        token, end = _read_value(line, place)
        tokens.append(token)
        place = _skip_blanks(line, end)
    return tokens


def _skip_blanks(line: str, place: int) -> int:
    while place < len(line) and line[place].isspace():
        place += 1
    return place


def _is_comment(line: str, place: int) -> bool:
    return line[place] == "#" and (place + 1 == len(line) or line[place + 1].isspace())


def _read_value(line: str, start: int) -> tuple[Token, int]:
    if start < len(line) and line[start] in "'\"":
        return _read_quoted(line, start)
    place = start
    while place < len(line) and not line[place].isspace():
        placeholder = _PLACEHOLDER.match(line, place)
        place = placeholder.end() if placeholder else place + 1
    return Token(line[start:place], column=start, quoted=place == start), place


def _read_quoted(line: str, start: int) -> tuple[Token, int]:
    quote = line[start]
    place = start + 1
    while place < len(line) and line[place] not in (quote, "\n"):
        place += 2 if quote == '"' and _ESCAPED.match(line, place) else 1
    if place >= len(line) or line[place] == "\n":
        hint = ": use single quotes where a backslash ends the text" if "\\" in line else ""
        raise CallError(f"A quote is opened and not closed{hint}", line=1, column=start)
    end = place + 1
    if end < len(line) and not line[end].isspace():
        raise CallError(
            "A blank must follow a closing quote: quote the whole value", line=1, column=end
        )
    text = line[start + 1 : place]
    return Token(_ESCAPED.sub(r"\1", text) if quote == '"' else text, True, start), end


def write_token(text: str) -> str:
    r"""Write a text so that `read_tokens` reads it as one token again.

    Examples
    --------
    >>> print(write_token("calcs"), write_token("top"), write_token('say "x"'))
    calcs "top" "say \"x\""

    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return text if _reads_back(text) else f'"{escaped}"'


def _reads_back(text: str) -> bool:
    if not text or text[0] in "'\",-" or text.endswith((",", "?")) or any(map(str.isspace, text)):
        return False
    return text not in SMALL_WORDS and "<<" not in text and read_tokens(text) == [Token(text)]
