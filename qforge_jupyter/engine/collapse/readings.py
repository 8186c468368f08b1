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
    is_sole
        Whether it alone sees some kind of damage.
    columns
        The columns of that pair.

    """

    name: str
    values: Floats = field(repr=False)
    tolerance: float
    kind: Literal["amplitude", "signed"] = "amplitude"
    harm: Literal["both", "low", "high"] = "both"
    at: str = ""
    is_sole: bool = False
    columns: tuple[str, ...] = ()


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
    reading
        What was judged.

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
    reading: Reading = field(repr=False)


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
        reading,
    )


def likely_excesses(judged: Judged) -> Floats:
    """Give the excess of values that could have come as well, ``[draws]``.

    The effect is what came, shrunk the more the less it stands out (Breiman's garrote, 1995);
    the null's draws are the chance about it. The draws of all statistics belong together. One
    that shows nothing, and cannot with a null as wide as that, stays out.
    """
    null = judged.reading.values[1:]
    distance = max((judged.value - judged.expected) / judged.spread, REACH, key=abs)
    is_shown = judged.excess > 0
    if not is_shown and judged.spread > judged.tolerance:
        return np.zeros(len(null))
    effect = judged.spread * distance * (1 - (REACH / distance) ** 2) if is_shown else 0.0
    return _lows(null + effect, null, judged.spread, judged.reading) / judged.tolerance


def highs_by_chance(judged: Judged) -> Floats:
    """Bound from above the effects that the null's own draws would be taken for, ``[draws]``."""
    null = judged.reading.values[1:]
    if judged.reading.kind == "signed":
        return np.abs(null - float(null.mean())) + REACH * judged.spread
    noise = float((null**2).mean())
    return np.sqrt(np.maximum(0.0, (null + REACH * judged.spread) ** 2 - noise))


def _lows(values: Floats, null: Floats, spread: float, reading: Reading) -> Floats:
    """Bound effects from below."""
    if reading.kind == "amplitude":
        beyond = np.maximum(0.0, values - REACH * spread) ** 2
        return np.sqrt(np.maximum(0.0, beyond - float((null**2).mean())))
    off = values - float(null.mean())
    is_harmful = (reading.harm == "both") | ((off < 0) == (reading.harm == "low"))
    return np.where(is_harmful, np.maximum(0.0, np.abs(off) - REACH * spread), 0.0)


def _distances(reading: Reading, expected: float, spread: float) -> Floats:
    z = (reading.values - expected) / spread
    if reading.kind == "amplitude" or reading.harm == "high":
        return z
    return -z if reading.harm == "low" else np.abs(z)


def _signed(
    value: float, null: Floats, spread: float, reading: Reading
) -> tuple[float, float, float]:
    off = value - float(null.mean())
    low = float(_lows(np.array([value]), null, spread, reading)[0])
    return low, abs(off) + REACH * spread, (REACH + POWER) * spread + reading.tolerance


def _amplitude(
    value: float, null: Floats, spread: float, reading: Reading
) -> tuple[float, float, float]:
    noise = float((null**2).mean())
    low = float(_lows(np.array([value]), null, spread, reading)[0])
    high = float(np.sqrt(max(0.0, (value + REACH * spread) ** 2 - noise)))
    edge = np.sqrt(reading.tolerance**2 + noise) + (REACH + POWER) * spread
    return low, high, float(np.sqrt(max(0.0, edge**2 - noise)))
