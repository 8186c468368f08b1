"""The JSON that an output carries: rounded, and never larger than a page needs."""

from __future__ import annotations

import json
import math
from typing import Any

#: Bytes of JSON in one output at most, so that a notebook stays small.
MAXIMUM_BYTES = 200_000
#: Entries of one list or mapping, and characters of one text; less where that is too much still.
ENTRIES = 400
CHARACTERS = 2_000


def bounded(content: Any) -> tuple[Any, dict[str, int]]:
    """Give what is shown of a content, and how many entries of what were left out.

    Numbers are rounded to six digits; what is kept in the store is not.

    Examples
    --------
    >>> shown, left_out = bounded({"name": "calcs", "checks": list(range(1_000)), "x": 1 / 3})
    >>> len(shown["checks"]), shown["x"], left_out
    (400, 0.333333, {'checks': 600})

    """
    entries, characters = ENTRIES, CHARACTERS
    while True:
        left_out: dict[str, int] = {}
        shown = _cut(content, entries, characters, "", left_out)
        if len(json.dumps([shown, left_out], default=str)) <= MAXIMUM_BYTES or entries < 2:
            return shown, left_out
        entries, characters = entries // 2, max(40, characters // 2)


def _cut(value: Any, entries: int, characters: int, path: str, left_out: dict[str, int]) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, str):
        return value if len(value) <= characters else value[: characters - 1] + "…"
    if not isinstance(value, dict | list | tuple):
        return value
    if len(value) > entries:
        # The same list in each of many parts is counted together.
        left_out[path] = left_out.get(path, 0) + len(value) - entries
    if isinstance(value, dict):
        return {
            str(key)[:characters]: _cut(each, entries, characters, _under(path, key), left_out)
            for key, each in list(value.items())[:entries]
        }
    return [_cut(each, entries, characters, path, left_out) for each in value[:entries]]


def _under(path: str, key: object) -> str:
    return f"{path}.{key}"[:200] if path else str(key)[:200]
