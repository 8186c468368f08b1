"""A number with what is known of its error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """An estimate between two bounds, and how they were found.

    Parameters
    ----------
    value, low, high
        The estimate and its bounds, in the unit of the data.
    confidence
        Nominal coverage, as in .95.
    method
        ``student``, ``bca``, ``percentile``, ``wilson``, ``normal`` ...
    n
        How many values it rests on.
    note
        Where it may cover less than it says; empty where it does not.

    """

    value: float
    low: float
    high: float
    confidence: float = 0.95
    method: str = ""
    n: int = 0
    note: str = ""

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"
