"""Generators fitted to their own output, one, five and twenty times."""

from __future__ import annotations

import polars as pl

from benchmarks.collapse.draw import Damage, Draw, Family
from benchmarks.collapse.generators.catalogue import GENERATORS, generate


def generations(name: str) -> Damage:
    """Make the damage of a generator's own generations; nothing real is ever mixed in."""

    def damage(draw: Draw, rounds: float) -> pl.DataFrame:
        made = draw.source
        for _ in range(int(rounds)):
            made = generate(name, made, draw.numbers, draw.n, draw.rng)
        return made

    return damage


FAMILIES = tuple(
    Family(f"generations of {name}", (1, 5, 20), generations(name)) for name in GENERATORS
)
