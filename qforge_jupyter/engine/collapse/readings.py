"""What a statistic reads, and how far that is from what chance gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Standard deviations of the null by which a bound lies inside a value.
REACH = 2.5
#: Standard deviations that a power of 80 % takes beyond a bound.
POWER = 0.8416


@dataclass(frozen=True)
class Reading:
    """One statistic under many dealings.

    Parameters
    ----------
    name
        What it measures.
    values
        ``[b]``; of the first view, index 0 is what came.
    tolerance
        The effect from which on it matters, in its own unit.
    kind
        ``amplitude`` is a distance, never negative; ``signed`` is 0 where the sides are equal.
    harm
        Which direction of a signed one is harmful.
    at
        The column or pair where it is largest, of what came.

    """

    name: str
    values: Floats = field(repr=False)
    tolerance: float
    kind: Literal["amplitude", "signed"] = "amplitude"
    harm: Literal["both", "low", "high"] = "both"
    at: str = ""


@dataclass(frozen=True)
class Judged:
    """A statistic beside its null.

    Parameters
    ----------
    dimension, name, at
        Which one, and where it is largest.
    value
        What came.
    expected, spread
        Mean and standard deviation of the null.
    low, high
        Bounds of the effect: at least, and at most, so far from equality.
    tolerance
        The effect from which on it matters.
    least
        The smallest effect that would have been found with a power of 80 %.
    excess
        ``low / tolerance``: from 1 on the effect matters for sure.
    z
        Distance from the null's mean in its standard deviations, of every dealing.

    """

    dimension: str
    name: str
    at: str
    value: float
    expected: float
    spread: float
    low: float
    high: float
    tolerance: float
    least: float
    excess: float
    z: Floats = field(repr=False)


def joined(parts: Sequence[Reading]) -> Reading:
    """Put the readings of one statistic from several views together."""
    return replace(parts[0], values=np.concatenate([each.values for each in parts]))


def judge(dimension: str, reading: Reading) -> Judged:
    """Set what came against the null."""
    value, null = float(reading.values[0]), reading.values[1:]
    expected, spread = float(null.mean()), float(max(null.std(ddof=1), 1e-9))
    find = _amplitude if reading.kind == "amplitude" else _signed
    low, high, least = find(value, null, spread, reading)
    return Judged(
        dimension,
        reading.name,
        reading.at,
        value,
        expected,
        spread,
        low,
        high,
        reading.tolerance,
        least,
        low / reading.tolerance,
        _distances(reading, expected, spread),
    )


def _distances(reading: Reading, expected: float, spread: float) -> Floats:
    z = (reading.values - expected) / spread
    if reading.kind == "amplitude" or reading.harm == "high":
        return z
    return -z if reading.harm == "low" else np.abs(z)


def _signed(
    value: float, null: Floats, spread: float, reading: Reading
) -> tuple[float, float, float]:
    off = value - float(null.mean())
    is_harmful = reading.harm == "both" or (off < 0) == (reading.harm == "low")
    low = max(0.0, abs(off) - REACH * spread) if is_harmful else 0.0
    return low, abs(off) + REACH * spread, (REACH + POWER) * spread + reading.tolerance


def _amplitude(
    value: float, null: Floats, spread: float, reading: Reading
) -> tuple[float, float, float]:
    noise = float((null**2).mean())
    low = float(np.sqrt(max(0.0, max(0.0, value - REACH * spread) ** 2 - noise)))
    high = float(np.sqrt(max(0.0, (value + REACH * spread) ** 2 - noise)))
    edge = np.sqrt(reading.tolerance**2 + noise) + (REACH + POWER) * spread
    return low, high, float(np.sqrt(max(0.0, edge**2 - noise)))
