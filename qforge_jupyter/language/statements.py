"""A statement of another language on one line: ``%qforge sql select … into worst``.

Behind the verb everything is the statement, whatever words it holds, but for
what stands at its end: ``into NAME`` and the options that every verb has.
These flags may also stand right behind the verb. A statement in quotes is read
like any other header.
"""

from __future__ import annotations

import re

from qforge_jupyter.language.tokens import Token, read_tokens

_FLAG = r"--(?:dry[-_]run|as[-_]python|quiet|debug|help)"
_VALUED = r"--(?:seed|device)(?:=|\s+)[^\s=]+"
_NAME = r"""[^\s,'"();]+"""
_BEFORE = re.compile(rf"(?:\s*(?:{_FLAG}|{_VALUED})(?=\s))*\s*")
_BEHIND = re.compile(rf"\s+(?:{_FLAG}|{_VALUED}|into\s+{_NAME}(?:\s*,\s*{_NAME})*)\s*$")


def read_statement(line: str, start: int) -> list[Token] | None:
    """Cut a header behind its verb: the statement is one token.

    Parameters
    ----------
    line
        The header.
    start
        Where the verb ends.

    Returns
    -------
    list or None
        None where nothing stands there, or a quoted statement.

    Examples
    --------
    >>> [token.text for token in read_statement("sql select a from t into b --quiet", 3)]
    ['select a from t', 'into', 'b', '--quiet']

    """
    before = _BEFORE.match(line, start)
    begin = before.end() if before else start
    end = len(line)
    while behind := _BEHIND.search(line, begin, end):
        end = behind.start()
    statement = line[begin:end].strip()
    if not statement or statement[0] in "'\"":
        return None
    options = read_tokens(line[:begin], start)
    # Blanks keep every token at its own column.
    return [
        *options,
        Token(statement, quoted=True, column=begin),
        *read_tokens(" " * end + line[end:], end),
    ]
