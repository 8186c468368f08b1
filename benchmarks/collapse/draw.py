"""What a damage is given, how it says that it does not apply, and the check that it did harm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
import polars.selectors as cs

#: A number with at most so many values is treated as a category: its scale is a code.
FEW_VALUES = 10
STRENGTHS = ("mild", "moderate", "severe")


class DoesNotApply(Exception):
    """The damage cannot be done to this table, or did nothing to it."""


@dataclass(frozen=True)
class Draw:
    """Disjoint rows of one real table.

    Parameters
    ----------
    pool
        Rows that the candidate may be made of; none is in the reference.
    reference
        ``n`` rows the candidate is compared with.
    n
        Rows wanted.
    target
        Name of the declared target, or nothing.
    seed
        Seeds every choice.

    """

    pool: pl.DataFrame
    reference: pl.DataFrame
    n: int
    target: str
    seed: int
    rng: np.random.Generator = field(compare=False)

    @cached_property
    def source(self) -> pl.DataFrame:
        """Fresh real rows: what an undamaged candidate would be."""
        return self.pool.head(self.n)

    @cached_property
    def numbers(self) -> list[str]:
        """Columns that are damaged as numbers."""
        numeric = self.pool.select(cs.numeric())
        return [c.name for c in numeric if c.n_unique() > FEW_VALUES + 1]

    @cached_property
    def categories(self) -> list[str]:
        """The others: texts, flags, codes."""
        return [name for name in self.pool.columns if name not in self.numbers]

    def chosen(self, names: list[str], share: float) -> list[str]:
        """Choose a share of the columns, one at least, in their order."""
        if not names:
            raise DoesNotApply("no such column")
        many = max(1, round(share * len(names)))
        return [names[i] for i in sorted(self.rng.choice(len(names), many, replace=False))]


Damage = Callable[[Draw, float], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of damage and what its three strengths mean."""

    name: str
    amounts: tuple[float, float, float]
    damage: Damage

    def __call__(self, draw: Draw, strength: str) -> pl.DataFrame:
        """Damage rows; refuse where nothing changed."""
        made = self.damage(draw, self.amounts[STRENGTHS.index(strength)])
        if made.height < min(100, draw.n // 2):
            raise DoesNotApply("too few rows were left")
        if made.equals(draw.source):
            raise DoesNotApply("nothing changed")
        return made


def part_of(draw: Draw, keep: np.ndarray, least_dropped: float) -> pl.DataFrame:
    """Take up to n rows of the pool that a mask keeps; refuse where hardly any is dropped."""
    if 1 - keep.mean() < least_dropped:
        raise DoesNotApply("hardly a row is of that kind")
    return draw.pool.filter(pl.Series(keep)).head(draw.n)
