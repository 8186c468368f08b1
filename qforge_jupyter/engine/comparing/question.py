"""What is asked of two result sets: keys, pairs of columns, units, tolerances."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from qforge_jupyter.errors import CallError, RuleError, nearest
from qforge_jupyter.rules.units import convert_difference

Judge = Literal["mae", "rmse", "bias"]
JUDGES = get_args(Judge)
Repeats = Literal["leave out", "mean", "refuse"]
_TOLERANCE = re.compile(r"\s*(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>.*?)\s*")


@dataclass(frozen=True)
class Tolerance:
    """How large an error may be: in a unit, or as a share of the reference."""

    value: float
    unit: str = ""
    is_relative: bool = False

    def __str__(self) -> str:
        if self.is_relative:
            return f"{100 * self.value:g} %"
        return f"{self.value:g} {self.unit}".rstrip()

    def into(self, unit: str, name: str) -> Tolerance:
        """Give the same tolerance in the unit of a property.

        Raises
        ------
        CallError
            It measures something else.

        Examples
        --------
        >>> print(read_tolerance("50 meV/atom").into("eV/atom", "formation_energy"))
        0.05 eV/atom

        """
        if self.is_relative or not self.unit or not unit:
            return Tolerance(self.value, self.unit or unit, self.is_relative)
        try:
            value = convert_difference(self.value, self.unit, unit)
        except RuleError as problem:
            raise CallError(f"The tolerance of {name}: {problem.message}") from None
        return Tolerance(float(f"{value:.12g}"), unit)


def read_tolerance(text: str | float) -> Tolerance:
    """Read ``0.05 eV/atom``, ``5%`` or a plain number.

    Raises
    ------
    CallError
        It is none of these, or negative.

    Examples
    --------
    >>> print(read_tolerance("5%"), read_tolerance(0.1), read_tolerance("0.05 eV/atom"), sep="; ")
    5 %; 0.1; 0.05 eV/atom

    """
    found = _TOLERANCE.fullmatch(str(text))
    value = float(found["number"]) if found else math.nan
    if not found or not math.isfinite(value):
        raise CallError(
            f"{str(text)[:60]!r} is no tolerance: write a number with its unit as 0.05 eV/atom, "
            "or a share of the reference as 5%"
        )
    if found["unit"] == "%":
        return Tolerance(value / 100, is_relative=True)
    return Tolerance(value, found["unit"])


@dataclass(frozen=True)
class Question:
    """How two result sets are compared.

    Parameters
    ----------
    by
        Key columns; ``left=right`` where the names differ. Empty finds the
        column that names structures or molecules.
    properties
        Column of the subject to column of the reference; empty takes all
        columns of numbers that both have.
    units, reference_units
        Of columns whose unit the result set does not tell.
    tolerance
        By property, how large an error may be.
    judge
        Which statistic a tolerance is for.
    share
        Where given, so many rows have to be within the tolerance, instead.
    group
        Columns by whose values errors are told apart.
    repeats
        What becomes of rows whose key repeats on their side.
    features
        Columns of the subject by which the next are chosen.
    n_next
        How many to propose next.
    confidence
        Of every interval.
    seed
        Of every draw.

    """

    by: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    reference_units: Mapping[str, str] = field(default_factory=dict)
    tolerance: Mapping[str, Tolerance] = field(default_factory=dict)
    judge: Judge = "mae"
    share: float | None = None
    group: tuple[str, ...] = ()
    repeats: Repeats = "leave out"
    features: tuple[str, ...] = ()
    n_next: int = 0
    confidence: float = 0.95
    seed: int = 42

    def __post_init__(self) -> None:
        """Refuse numbers that no answer can be given for."""
        if not 0.5 <= self.confidence < 1:
            raise CallError(f"The confidence is {self.confidence:g}, wanted one from 0.5 to 1")
        if self.share is not None and not 0 < self.share <= 1:
            raise CallError(f"The share is {self.share:g}, wanted one between 0 and 1")
        if self.judge not in JUDGES:
            raise CallError(f"No statistic named {self.judge!r}{nearest(self.judge, JUDGES)}")
        if self.n_next < 0:
            raise CallError(f"`next` is {self.n_next} and must be at least 1")
        relative = [name for name, each in self.tolerance.items() if each.is_relative]
        if relative and self.judge != "mae" and self.share is None:
            raise CallError(
                f"The tolerance of {relative[0]} is a share of the reference, which the mean "
                f"absolute percent error is judged by, and not {self.judge}: leave `judge` out"
            )
