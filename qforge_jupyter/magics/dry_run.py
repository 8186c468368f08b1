"""What a call would do, without doing it (``--dry-run``)."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.documents.blocks import Block, Cell, Facts, Grid, Text
from qforge_jupyter.frames import Table
from qforge_jupyter.magics.binding import Bound
from qforge_jupyter.results.page import Page


def plan_of(bound: Bound) -> Page:
    """Say what was understood: the verb, what it works on, options and body."""
    facts: list[tuple[str, Cell]] = []
    if isinstance(bound.subject, Table):
        columns = len(bound.subject.columns)
        facts.append(
            ("works on", f"{bound.subject.name}, {columns:,} columns, {bound.subject.origin}")
        )
    elif bound.subject is not None:
        facts.append(("works on", bound.subject_text))
    facts += [(name.rstrip("_"), _short(value)) for name, value in bound.options.items() if value]
    if bound.into:
        facts.append(("result goes into", ", ".join(bound.into)))
    blocks: list[Block] = [Facts(tuple(facts))] if facts else []
    if isinstance(bound.body, str):
        blocks.append(Text(bound.body.strip()))
    elif bound.body is not None:
        given = bound.body.model_dump(exclude_unset=True)
        rows = tuple((key.replace("_", " "), _short(value)) for key, value in given.items())
        blocks.append(Grid(("key", "value"), rows))
    blocks.append(Text("Nothing was computed and nothing was stored."))
    content = {"verb": bound.verb, "options": {k: _short(v) for k, v in bound.options.items()}}
    return Page(f"{bound.verb} would run", "dry run", "neutral", tuple(blocks), content)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {each}" for key, each in value.items())[:500]
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))[:500]
    return str(getattr(value, "name", value))[:500]
