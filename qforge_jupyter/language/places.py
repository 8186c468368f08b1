"""``plan[0]``: one entry of what a variable holds, looked up and never evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from qforge_jupyter.errors import CallError, nearest

_PLACE = re.compile(r"([^\W\d]\w*)\[(\d{1,6})\]")


def read_place(text: str) -> tuple[str, int] | None:
    """Read a name followed by a whole number in brackets; None for any other text.

    Examples
    --------
    >>> read_place("plan[0]"), read_place("plan"), read_place("plan[i]"), read_place("f()[0]")
    (('plan', 0), None, None, None)

    """
    found = _PLACE.fullmatch(text)
    return (found[1], int(found[2])) if found else None


def entry_of(name: str, place: int, namespace: Mapping[str, Any]) -> Any:
    """Find one entry of a list, a tuple, or a result that has ``entries``.

    No code of the object runs: of a result the stored field is read.

    Raises
    ------
    CallError
        There is no such variable, it holds no entries, or not so many.

    Examples
    --------
    >>> entry_of("plan", 1, {"plan": ["first", "second"]})
    'second'

    """
    if name not in namespace:
        public = [each for each in namespace if not each.startswith("_")]
        raise CallError(f"There is no variable {name[:60]!r}{nearest(name, public)}")
    held = namespace[name]
    entries = held if type(held) in (list, tuple) else _entries(held)
    if entries is None:
        raise CallError(f"{name[:60]} is a {type(held).__name__}, which has no entries to count")
    if place >= len(entries):
        last = f"the last is {name[:60]}[{len(entries) - 1}]" if entries else "it is empty"
        raise CallError(f"There is no {name[:60]}[{place}]: {last}")
    return entries[place]


def _entries(held: Any) -> tuple[Any, ...] | None:
    try:
        entries = object.__getattribute__(held, "__dict__").get("entries")
    except AttributeError:
        return None
    return entries if type(entries) is tuple else None
