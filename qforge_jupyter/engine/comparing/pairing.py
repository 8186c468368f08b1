"""Which column is which on both sides: keys, and pairs of numbers with their units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qforge_jupyter.engine.comparing.question import Question
from qforge_jupyter.engine.comparing.sides import NAMING, Side
from qforge_jupyter.errors import CallError, RuleError, nearest
from qforge_jupyter.rules.units import affine


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


def _unit(side: Side, name: str, given: Mapping[str, str]) -> str:
    known, said = side.units.get(name, ""), given.get(name, "")
    if known and said and known != said:
        raise CallError(f"{side.name} gives {name} in {known} and {said} was said: leave it out")
    return known or said
