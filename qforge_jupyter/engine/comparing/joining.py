"""Two result sets side by side on their keys; nothing is dropped without being counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from qforge_jupyter.columns import frame_of, written
from qforge_jupyter.engine.comparing.pairing import Key, Pairing
from qforge_jupyter.engine.comparing.question import Question
from qforge_jupyter.engine.comparing.sides import Side
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.results.compared import Counts

#: What stands for a missing group.
NO_GROUP = "(no value)"


@dataclass(frozen=True)
class Joined:
    """The rows of both sides, found by key.

    ``rows`` has the keys ``k0…``, ``group`` where one is asked, ``at`` (row of
    the subject), and by property ``p0…`` and ``r0…``; ``alone`` has the rows of
    the subject without a reference in the same form, and ``apart`` says of every
    row that stands alone why.
    """

    rows: pl.DataFrame
    alone: pl.DataFrame
    apart: pl.DataFrame
    keys: tuple[str, ...]
    counts: Counts
    notes: tuple[str, ...] = ()


def join(left: Side, right: Side, keys: list[Key], pairs: list[Pairing], asked: Question) -> Joined:
    """Put both sides' numbers side by side.

    Raises
    ------
    CallError
        A key is of another type on the other side.
    DataError
        Nothing has the same key, or a key repeats where that is refused.

    """
    groups = find_groups(left, right, asked.group)
    mine = _selected(left, [each.left for each in keys], pairs, groups, "p")
    theirs = _selected(right, [each.right for each in keys], pairs, groups, "r")
    mine, theirs = _alike(mine, theirs, keys, (left.name, right.name))
    names = [f"k{at}" for at in range(len(keys))]
    first = _once(mine, names, left.name, asked)
    second = _once(theirs, names, right.name, asked)
    rows = first.rows.join(second.rows.drop("at"), on=names, how="inner", maintain_order="left")
    alone = first.rows.join(second.rows, on=names, how="anti", maintain_order="left")
    other = second.rows.join(first.rows, on=names, how="anti", maintain_order="left")
    several = "averaged" if asked.repeats == "mean" else "repeats"
    said = (
        (alone, f"only in {left.name}"),
        (other, f"only in {right.name}"),
        (first.repeated, f"{several} in {left.name}"),
        (second.repeated, f"{several} in {right.name}"),
        (first.keyless, f"no key in {left.name}"),
        (second.keyless, f"no key in {right.name}"),
    )
    apart = pl.concat(
        [each.select(names).with_columns(pl.lit(why).alias("why")) for each, why in said]
    )
    counts = Counts(
        left.frame.height, right.frame.height, rows.height, alone.height, other.height,
        first.repeated.height, second.repeated.height, first.keyless.height, second.keyless.height,
    )  # fmt: skip
    if not rows.height and left.frame.height and right.frame.height:
        raise DataError(
            f"No key of {left.name} is in {right.name} ({alone.height:,} and {other.height:,} "
            f"without a partner): name the columns that say which row is which, as in  by id=name"
        )
    return Joined(rows, alone, apart, tuple(each.name for each in keys), counts)


def find_groups(left: Side, right: Side, names: tuple[str, ...]) -> dict[str, Side]:
    """Find on which side each column of groups is.

    Raises
    ------
    CallError
        It is on neither.

    """
    found = {}
    for name in names:
        side = next((each for each in (left, right) if name in each.columns), None)
        if side is None:
            known = [*left.columns, *right.columns]
            raise CallError(f"No column named {name[:60]!r} to group by{nearest(name, known)}")
        found[name] = side
    return found


def _selected(
    side: Side, keys: list[str], pairs: list[Pairing], groups: dict[str, Side], letter: str
) -> pl.DataFrame:
    """Take what is needed of a side, under names of our own."""
    frame = side.frame
    columns = [frame.get_column(name).alias(f"k{at}") for at, name in enumerate(keys)]
    columns.append(pl.Series("at", range(frame.height), dtype=pl.Int64))
    for at, pair in enumerate(pairs):
        numbers = frame.get_column(pair.name if letter == "p" else pair.reference).cast(pl.Float64)
        if letter == "r" and (pair.scale, pair.shift) != (1.0, 0.0):
            numbers = numbers * pair.scale + pair.shift
        columns.append(numbers.alias(f"{letter}{at}"))
        for end in ("low", "high") if letter == "p" else ():
            name = f"{pair.name}_{end}"
            if name in side.columns and frame.schema[name].is_numeric():
                columns.append(frame.get_column(name).cast(pl.Float64).alias(f"{end}{at}"))
    for at, (name, held) in enumerate(groups.items()):
        if held is side:
            columns.append(written(frame.get_column(name)).fill_null(NO_GROUP).alias(f"g{at}"))
    return frame_of(columns)


def _alike(
    mine: pl.DataFrame, theirs: pl.DataFrame, keys: list[Key], names: tuple[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the keys of both sides one type."""
    for at, named in enumerate(keys):
        key = f"k{at}"
        kinds = mine.schema[key], theirs.schema[key]
        is_text = [each in (pl.String, pl.Categorical, pl.Enum, pl.Null) for each in kinds]
        if all(is_text):
            kind: Any = pl.String
        elif kinds[0].is_integer() and kinds[1].is_integer() and kinds[0] != kinds[1]:
            kind = pl.String if pl.UInt64 in kinds else pl.Int64
        elif kinds[0] != kinds[1] or kinds[0].is_nested() or kinds[0] == pl.Object:
            raise CallError(
                f"The key {named.left[:60]!r} is {kinds[0]} in {names[0]} and {kinds[1]} in "
                f"{names[1]}: cast one, so that equal keys are equal"
            )
        else:
            continue
        mine, theirs = (each.with_columns(pl.col(key).cast(kind)) for each in (mine, theirs))
    return mine, theirs


@dataclass(frozen=True)
class _Side:
    """Rows with a key of their own, those whose key repeats, and those without one."""

    rows: pl.DataFrame
    repeated: pl.DataFrame
    keyless: pl.DataFrame


def _once(frame: pl.DataFrame, keys: list[str], name: str, asked: Question) -> _Side:
    """Let every key stand once, as asked."""
    has_none = pl.any_horizontal(pl.col(each).is_null() for each in keys)
    keyless, rows = frame.filter(has_none), frame.filter(~has_none)
    repeats = rows.select(pl.struct(keys).is_duplicated()).to_series()
    repeated = rows.filter(repeats)
    if repeated.height and asked.repeats == "refuse":
        n_keys = repeated.select(pl.struct(keys).n_unique()).item()
        raise DataError(
            f"{n_keys:,} keys repeat in {name}, in {repeated.height:,} rows: make each stand once, "
            "or say  repeats: mean  or  repeats: leave out"
        )
    rows = rows.filter(~repeats)
    if repeated.height and asked.repeats == "mean":
        numbers = [each for each in frame.columns if each[0] in "prlh" and each not in keys]
        rest = [each for each in frame.columns if each not in (*keys, *numbers)]
        means = repeated.group_by(keys, maintain_order=True).agg(
            *(_mean(each) for each in numbers), *(pl.col(each).first() for each in rest)
        )
        rows = pl.concat([rows, means.select(rows.columns)]).sort("at")
    return _Side(rows, repeated, keyless)


def _mean(name: str) -> pl.Expr:
    """Take the mean of what is a number; null where nothing is."""
    return pl.col(name).filter(pl.col(name).is_finite()).mean()
