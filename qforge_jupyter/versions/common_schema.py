"""The columns of a merged table: what each side added, dropped and retyped."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qforge_jupyter.columns import frame_of
from qforge_jupyter.errors import QualityError
from qforge_jupyter.versions.comparing import compare_frames
from qforge_jupyter.versions.laying import pick


def with_one_schema(
    base: pl.DataFrame, ours: pl.DataFrame, theirs: pl.DataFrame, keys: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Give all three the columns of the merged table."""
    kinds: dict[str, pl.DataType] = {}
    for name in dict.fromkeys((*ours.columns, *theirs.columns)):
        kind = _merged_kind(name, base.schema, ours.schema, theirs.schema)
        if kind is not None:
            kinds[name] = kind
            continue
        kept = ours if name in ours.schema else theirs
        named = list(dict.fromkeys((*keys, name)))
        if keys and compare_frames(pick(base, named), pick(kept, named), keys).changed:
            raise QualityError(
                f"The column {name[:60]!r} was dropped on one branch and cells of it were changed "
                "on the other: drop it there too, or keep it, then merge"
            )
    return _shaped(base, kinds), _shaped(ours, kinds), _shaped(theirs, kinds)


def _merged_kind(
    name: str, base: pl.Schema, ours: pl.Schema, theirs: pl.Schema
) -> pl.DataType | None:
    before, here, there = base.get(name), ours.get(name), theirs.get(name)
    if here == there:
        return here
    if before == there:
        return here
    if before == here:
        return there
    raise QualityError(
        f"The column {name[:60]!r} is {here or 'gone'} in ours and {there or 'gone'} in theirs, "
        "which exclude each other: bring it to one type on one branch, then merge"
    )


def _shaped(frame: pl.DataFrame, kinds: dict[str, pl.DataType]) -> pl.DataFrame:
    made = []
    for name, kind in kinds.items():
        if name not in frame.schema:
            made.append(pl.Series(name, [None] * frame.height, dtype=kind))
            continue
        try:
            made.append(frame.get_column(name).cast(kind))
        except pl.exceptions.PolarsError:
            raise QualityError(
                f"The column {name[:60]!r} was given the type {kind} on one branch, and values of "
                "the other branch do not fit it: cast it there first"
            ) from None
    return frame_of(made)
