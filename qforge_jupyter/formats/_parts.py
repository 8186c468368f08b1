"""Several files as one table: columns must agree, or the difference is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats._reading import Reading
from qforge_jupyter.frames.columns import MAX_EXACT_FLOAT, column
from qforge_jupyter.results.run import Finding

#: Parts and columns that one sentence names.
MAX_NAMED = 5
Reread = Callable[["Part", dict[str, Any]], Reading | None]


@dataclass(frozen=True)
class Part:
    """One file of several."""

    name: str
    reading: Reading
    path: Path

    @property
    def schema(self) -> pl.Schema:
        """Names and types of its columns."""
        return self.reading.lazy.collect_schema()


def joined(parts: Sequence[Part], *, union: bool, reread: Reread) -> Reading:
    """Put parts under one another.

    Types that text files were found to have may differ from part to part;
    such columns are read again with a type that all share. Anything else
    that differs is an error, unless a union is asked for.

    Raises
    ------
    FormatError
        Columns differ; the sentence says in which part and how.

    """
    agreed, retyped = _with_shared_types(list(parts), reread)
    schemas = [part.schema for part in agreed]
    differences = [
        f"{part.name!r} {what}" for part, schema in zip(agreed[1:], schemas[1:], strict=True)
        if (what := _difference(schemas[0], schema))
    ]  # fmt: skip
    if differences and not union:
        shown = "; ".join(differences[:MAX_NAMED])
        rest = (
            f"; and {len(differences) - MAX_NAMED} more parts"
            if len(differences) > MAX_NAMED
            else ""
        )
        raise FormatError(
            f"Parts differ from {agreed[0].name!r}: {shown}{rest}: pass "
            "union=True to fill what is missing with nulls"
        )
    lazies = [part.reading.lazy for part in agreed]
    if not differences:
        names = schemas[0].names()
        same_order = [
            lazy if s.names() == names else lazy.select([column(name) for name in names])
            for lazy, s in zip(lazies, schemas, strict=True)
        ]
        lazy = pl.concat(same_order, how="vertical") if names else pl.concat(lazies)
    else:
        try:
            lazy = pl.concat(lazies, how="diagonal_relaxed")
            lazy.collect_schema()
        except pl.exceptions.PolarsError:
            raise FormatError(
                f"Parts cannot be united, for {differences[0]}: give the column one type first"
            ) from None
        note = "Parts differ in columns; what one lacks is null there"
        retyped.append(
            Finding(
                "union of parts",
                "columns",
                0,
                "medium",
                action="documented",
                note=note,
                detail={"differences": differences[:100]},
            )
        )
    return Reading(lazy, (*retyped, *_moved(agreed)))


def _difference(wanted: pl.Schema, given: pl.Schema) -> str:
    lacking = [name for name in wanted if name not in given]
    extra = [name for name in given if name not in wanted]
    other = [
        f"{n!r} is {given[n]} and not {wanted[n]}"
        for n in wanted
        if n in given and given[n] != wanted[n]
    ]
    said = []
    if lacking:
        said.append("lacks " + _few(lacking))
    if extra:
        said.append("has also " + _few(extra))
    return ", ".join([*said, *other[:MAX_NAMED]])


def _few(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:MAX_NAMED])
    return shown + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")


def _with_shared_types(parts: list[Part], reread: Reread) -> tuple[list[Part], list[Finding]]:
    schemas = [part.schema for part in parts]
    types: dict[str, Any] = {}
    for name in schemas[0]:
        found = {schema[name] for schema in schemas if name in schema}
        if len(found) > 1:
            types[name] = pl.Int128 if found == {pl.Int64, pl.Int128} else _wider(parts, name)
    if not types:
        return parts, []
    again = []
    for part in parts:
        here = {name: dtype for name, dtype in types.items() if name in part.schema}
        reading = reread(part, here)
        if reading is None:
            return parts, []
        again.append(replace(part, reading=reading))
    note = "Parts were found to have different types, so these columns have one that holds them all"
    shown = {name: str(dtype) for name, dtype in types.items()}
    return again, [
        Finding(
            "types of parts",
            "columns",
            0,
            "low",
            action="documented",
            note=note,
            detail={"types": shown},
        )
    ]


def _wider(parts: list[Part], name: str) -> Any:
    """Float for whole numbers and fractions that it holds; else text. Empty parts have no say."""
    telling = {
        part.schema[name] for part in parts
        if name in part.schema and part.reading.lazy.select(column(name).count()).collect().item()
    }  # fmt: skip
    if len(telling) == 1:
        return telling.pop()
    if telling != {pl.Int64, pl.Float64}:
        return pl.String
    whole = [part for part in parts if part.schema.get(name) == pl.Int64]
    largest = [
        part.reading.lazy.select(column(name).cast(pl.Int128).abs().max()).collect().item() or 0
        for part in whole
    ]
    return pl.Float64 if max(largest) <= MAX_EXACT_FLOAT else pl.String


def _moved(parts: Sequence[Part]) -> list[Finding]:
    """Give findings of parts, with rows counted in the whole."""
    moved: list[Finding] = []
    n_before = 0
    last = max((i for i, part in enumerate(parts) if part.reading.findings), default=-1)
    for i, part in enumerate(parts[: last + 1]):
        for finding in part.reading.findings:
            rows = tuple(row + n_before for row in finding.rows)
            moved.append(replace(finding, rows=rows, detail={**finding.detail, "part": part.name}))
        if i < last:
            n_before += int(part.reading.lazy.select(pl.len()).collect().item())
    return moved
