"""Names of columns as a rule has to write them."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.rules.expressions import read_filter


def written_name(name: str) -> str | None:
    """Write a column's name as rules read it; None for one that they cannot.

    Examples
    --------
    >>> written_name("tier"), written_name("my col"), written_name("not"), written_name("a`b")
    ('tier', '`my col`', '`not`', None)

    """
    if "`" in name or not name.isprintable() or not name:
        return None
    return name if _is_plain(name) else f"`{name}`"


def _is_plain(name: str) -> bool:
    if not name.isidentifier():
        return False
    try:
        read_filter(f"{name} > 0", pl.Schema({name: pl.Float64()}))
    except Exception:  # noqa: BLE001 — a word of the language or a function: backticks will do
        return False
    return True
