"""What splits, feature sets and models may be called."""

from __future__ import annotations

import re

from qforge_jupyter.errors import CallError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def check_called(name: str, what: str, example: str) -> str:
    """Give a name back; refuse one that could be a path, an option or a sentence.

    Raises
    ------
    CallError
        It is not made of 1 to 64 letters, digits, dots, dashes and underscores.

    Examples
    --------
    >>> check_called("gap-v1", "A split", "as gap-v1")
    'gap-v1'
    >>> check_called("../f", "A split", "as gap-v1")
    Traceback (most recent call last):
        ...
    qforge_jupyter.errors.CallError: A split is named with 1 to 64 letters, digits, dots, dashes \
and underscores: as gap-v1

    """
    if not _NAME.fullmatch(name):
        raise CallError(
            f"{what} is named with 1 to 64 letters, digits, dots, dashes and underscores: {example}"
        )
    return name
