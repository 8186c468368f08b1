"""The rungs of a cascade: how many rows, and how often."""

from __future__ import annotations

from dataclasses import dataclass

#: Parts of all rows that a rung has, and on how many separate sets of rows it is trained. All
#: rungs but the last together cost less than the last: a small model takes time by its trees,
#: not by its rows, so there are few.
LADDER = ((64, 4), (16, 3), (8, 2), (1, 1))
#: The same where there are too few rows for that one; all of it takes a second.
SHORT_LADDER = ((16, 4), (8, 3), (4, 2), (2, 2), (1, 1))
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
    [(100, 4), (400, 3), (800, 2), (6400, 1)]
    >>> [each.size for each in steps_of(100)]
    [50, 100]

    """
    ladder = LADDER if n >= LEAST_ROWS * LADDER[0][0] else SHORT_LADDER
    return [
        Step(n // part, repeats) for part, repeats in ladder if n // part >= LEAST_ROWS or part == 1
    ]
