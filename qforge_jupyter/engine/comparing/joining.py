"""Two result sets side by side on their keys; nothing is dropped without being counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from qforge_jupyter.columns import frame_of, written
from qforge_jupyter.engine.comparing.question import Question
from qforge_jupyter.engine.comparing.sides import NAMING, Side
from qforge_jupyter.errors import CallError, DataError, RuleError, nearest
from qforge_jupyter.results.comparison import Counts
from qforge_jupyter.rules.units import affine

#: What stands for a missing group.
NO_GROUP = "(no value)"


@dataclass(frozen=True)
class Pairing:
    """One property on both sides.

    Parameters
    ----------
    name, reference
        The columns.
    unit
        In which both are given; empty where nobody says.
    scale, shift
        Of the reference's numbers, where they came in another unit.
    note
        What was taken for granted of the unit.

    """

    name: str
    reference: str
    unit: str = ""
    scale: float = 1.0
    shift: float = 0.0
    note: str = ""


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


@dataclass(frozen=True)
class Key:
    """A column that says which row is which: what it is called, and where it is."""

    name: str
    left: str
    right: str


def find_keys(left: Side, right: Side, by: tuple[str, ...]) -> list[Key]:
    """Find the key columns of both sides.

    Raises
    ------
    CallError
        A side has no such column, or none was named and none names rows on both.

    """
    if not by:
        found = next((each for each in NAMING if left.named(each) and right.named(each)), None)
        if found is None:
            shared = [each for each in left.columns if each in right.columns]
            raise CallError(
                f"Nothing says which row of {left.name} is which of {right.name}: add  by COLUMN"
                f"{nearest('', shared)}"
            )
        by = (found,)
    keys = []
    for each in by:
        first, equals, second = each.partition("=")
        if not equals or each in left.columns:
            first = second = each
        mine, theirs = first.strip(), second.strip()
        keys.append(Key(mine, _required(left, mine), _required(right, theirs)))
    return keys


def _required(side: Side, name: str) -> str:
    column = side.named(name)
    if column is None:
        raise CallError(f"{side.name} has no column {name[:60]!r}{nearest(name, side.columns)}")
    return column


def find_pairings(left: Side, right: Side, keys: list[Key], asked: Question) -> list[Pairing]:
    """Find the columns of numbers to compare, with the unit of each.

    Raises
    ------
    CallError
        A column is missing or holds no numbers, there is none on both sides,
        or two units measure different things.

    """
    taken = {name for key in keys for name in (key.left, key.right)} | set(asked.group)
    pairs = dict(asked.properties)
    if not pairs:
        known = set(right.numbers())
        pairs = {each: each for each in left.numbers() if each in known and each not in taken}
    if not pairs:
        raise CallError(
            f"{left.name} and {right.name} share no column of numbers besides the keys: "
            "say which is which, as in  properties: {band_gap: dft_gap}"
        )
    for name, reference in pairs.items():
        _require_numbers(left, name)
        _require_numbers(right, reference)
    for each in asked.tolerance:
        if each not in pairs:
            raise CallError(f"A tolerance is for {each[:60]!r}, not compared{nearest(each, pairs)}")
    return [_pairing(left, right, name, other, asked) for name, other in pairs.items()]


def _require_numbers(side: Side, name: str) -> None:
    if name not in side.columns:
        raise CallError(f"{side.name} has no column {name[:60]!r}{nearest(name, side.columns)}")
    dtype = side.frame.schema[name]
    if not dtype.is_numeric():
        raise CallError(
            f"Column {name[:60]!r} of {side.name} is {dtype} and numbers are compared: "
            "cast it, or name another one"
        )


def _pairing(left: Side, right: Side, name: str, other: str, asked: Question) -> Pairing:
    own = _unit(left, name, asked.units)
    theirs = _unit(right, other, asked.reference_units)
    tolerance = asked.tolerance.get(name)
    wanted = tolerance.unit if tolerance else ""
    unit = own or theirs or wanted
    note = ""
    if unit and not (own and theirs):
        lacking = [side.name for side, known in ((left, own), (right, theirs)) if not known]
        note = f"no unit of {name} in {' and '.join(lacking)}, taken to be {unit}"
    if not (own and theirs) or own == theirs:
        return Pairing(name, other, unit, note=note)
    try:
        scale, shift = affine(theirs, own)
    except RuleError as problem:
        raise CallError(f"The units of {name}: {problem.message}") from None
    return Pairing(name, other, unit, scale, shift, f"{other} was converted from {theirs}")


def _unit(side: Side, name: str, given: Any) -> str:
    known, said = side.units.get(name, ""), given.get(name, "")
    if known and said and known != said:
        raise CallError(f"{side.name} gives {name} in {known} and {said} was said: leave it out")
    return str(known or said)


def join(left: Side, right: Side, keys: list[Key], pairs: list[Pairing], asked: Question) -> Joined:
    """Put both sides' numbers side by side.

    Raises
    ------
    CallError
        A key is of another type on the other side.
    DataError
        Nothing has the same key, or a key repeats where that is refused.

    """
    groups = _groups(left, right, asked.group)
    mine = _selected(left, [each.left for each in keys], pairs, groups, "p")
    theirs = _selected(right, [each.right for each in keys], pairs, groups, "r")
    mine, theirs = _alike(mine, theirs, keys, (left.name, right.name))
    names = [f"k{at}" for at in range(len(keys))]
    first = _once(mine, names, left.name, asked)
    second = _once(theirs, names, right.name, asked)
    rows = first.rows.join(second.rows.drop("at"), on=names, how="inner", maintain_order="left")
    alone = first.rows.join(second.rows, on=names, how="anti", maintain_order="left")
    other = second.rows.join(first.rows, on=names, how="anti", maintain_order="left")
    said = (
        (alone, f"only in {left.name}"),
        (other, f"only in {right.name}"),
        (first.repeated, f"repeats in {left.name}"),
        (second.repeated, f"repeats in {right.name}"),
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


def _groups(left: Side, right: Side, names: tuple[str, ...]) -> dict[str, Side]:
    """Find on which side each column of groups is."""
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
