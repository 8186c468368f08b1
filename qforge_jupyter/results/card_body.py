"""A scorecard written as the body of a cell, to paste and edit."""

from __future__ import annotations

import json
from typing import Any

#: What is longer than this in one line is written one entry a line.
LINE = 88


def write_body(card: dict[str, Any]) -> str:
    """Write everything that a card says.

    Examples
    --------
    >>> print(write_body({"required": ["a"], "ranges": {"a": "0 .. 5 eV"}, "rules": {}}))
    required: [a]
    ranges:
      a: 0 .. 5 eV

    """
    lines: list[str] = []
    for name, value in card.items():
        if value not in ({}, [], (), ""):
            lines += _lines(name.replace("_", " "), value)
    return "\n".join(lines)


def _lines(name: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        held = {key: each for key, each in value.items() if each not in (None, (), [])}
        return [f"{name}:", *(f"  {_key(key)}: {_entry(each)}" for key, each in held.items())]
    line = f"{name}: {_entry(value)}"
    if len(line) <= LINE or isinstance(value, str):
        return [line]
    return [f"{name}:", *(f"  - {_scalar(each)}" for each in value)]


def _entry(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_scalar(each) for each in value) + "]"
    return _scalar(value)


def _key(text: str) -> str:
    return text if text and all(c.isalnum() or c in "_ " for c in text) else json.dumps(text)


def _scalar(value: Any) -> str:
    """Write a text bare where it reads back as itself, quoted elsewhere."""
    text = str(value)
    plain = text.strip() == text and text and text[0] not in "'\"[{&*!|>%@`#-?:,"
    has_marks = any(mark in text for mark in (": ", " #", ",", "]", "[", "{", "}", "\n", "'", '"'))
    return text if plain and not has_marks else json.dumps(text, ensure_ascii=False)
