"""A part of a table that a rule describes, and how many rows it has on each side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """A rule, and the rows for which it holds.

    It was found on some rows and counted on others, so that the counts are not
    those that made it chosen.

    Parameters
    ----------
    rule
        In the language of rules: what a filter takes.
    n_candidate, n_reference
        Rows for which it holds, of those counted.
    expected
        Rows that a candidate of the reference's distribution would have.
    ratio, low, high
        Rows of the candidate for one expected, with its 95 % interval.
    p_value
        Of the ratio 1, after Holm's correction for all rules that were counted.

    """

    rule: str
    n_candidate: int
    n_reference: int
    expected: float
    ratio: float
    low: float
    high: float
    p_value: float

    def __str__(self) -> str:
        return f"{self.rule}: {self.n_candidate:,} of {self.expected:,.0f} expected rows"
