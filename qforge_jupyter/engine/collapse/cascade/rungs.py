"""The rungs of a cascade: how many rows, and how often."""

from __future__ import annotations

from dataclasses import dataclass

#: Parts of all rows that a rung has, and on how many separate sets of rows it is trained.
LADDER = ((32, 8), (16, 4), (8, 3), (4, 2), (2, 2), (1, 1))
#: Rows below which a rung teaches nothing.
LEAST_ROWS = 40


@dataclass(frozen=True)
class Step:
    """Train on so many rows, so many times, each time on others."""

    size: int
    repeats: int

    @property
    def n_rows(self) -> int:
        """Rows that are trained on, of one side."""
        return self.size * self.repeats


def steps_of(n: int) -> list[Step]:
    """Give the rungs up to ``n`` rows.

    Examples
    --------
    >>> [(each.size, each.repeats) for each in steps_of(6_400)]
    [(200, 8), (400, 4), (800, 3), (1600, 2), (3200, 2), (6400, 1)]
    >>> [each.size for each in steps_of(100)]
    [50, 100]

    """
    return [
        Step(n // part, repeats) for part, repeats in LADDER if n // part >= LEAST_ROWS or part == 1
    ]
