"""One spelling of bound parameters, ``:name``, for every database."""

from __future__ import annotations

import re
from collections.abc import Callable

#: Whatever may hold a colon that is no parameter: strings, names, comments, casts, dollar quotes.
_PIECES = re.compile(
    r"""
    (?P<other>
        '(?:[^']|'')*'            # text
      | "(?:[^"]|"")*"            # name
      | --[^\n]*                  # comment
      | /\*.*?\*/                 # comment
      | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$   # dollar-quoted text
      | ::                        # cast
      | \w:(?!:)                       # slice, label
    )
    | :(?P<name>[A-Za-z_]\w*)
    | (?P<percent>%)
    """,
    re.VERBOSE | re.DOTALL,
)


def rewrite(
    query: str, spelling: Callable[[str], str], *, percent: str = "%"
) -> tuple[str, list[str]]:
    """Spell the ``:name`` parameters of a query as a database wants them.

    Parameters
    ----------
    query
        SQL with ``:name`` where a value is bound.
    spelling
        What stands for a name.
    percent
        What stands for a percent sign outside parameters.

    Returns
    -------
    The query, and the names in order of first use.

    Examples
    --------
    >>> rewrite("select ':x', a::int from t where b = :b", "${}".format)
    ("select ':x', a::int from t where b = $b", ['b'])

    """
    names: dict[str, None] = {}

    def replaced(found: re.Match[str]) -> str:
        if found["name"]:
            names[found["name"]] = None
            return spelling(found["name"])
        return found[0].replace("%", percent)

    return _PIECES.sub(replaced, query), list(names)
