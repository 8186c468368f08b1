"""All cases of a part, in an order that a seed decides, and the tables of one case."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from benchmarks.collapse.damages.catalogue import FAMILIES
from benchmarks.collapse.draw import STRENGTHS, DoesNotApply, Draw
from benchmarks.collapse.negatives import GENERATOR, HOLD_OUT, NEGATIVES
from benchmarks.collapse.oracle import utility_kept
from benchmarks.collapse.tables import load, names_of

#: Hold-outs are cheap, and their share of false alarms is bounded by their number.
SEEDS_OF_HOLD_OUTS, SEEDS_OF_OTHERS = 12, 2
#: The pool a damage chooses from, in sides.
POOL = 4
#: Odds of coming early, so that a short run has enough of every class.
ODDS = {HOLD_OUT: 4.0, "damage": 1.0, "mild": 0.5}
ODDS_OF_OTHERS = 1.5


@dataclass(frozen=True, slots=True)
class Spec:
    """Names of what a case is made of."""

    part: str
    table: str
    n: int
    family: str
    kind: str
    strength: str
    seed: int

    @property
    def id(self) -> str:
        """The case's name, the same in every run."""
        return "|".join((self.table, str(self.n), self.family, self.strength, str(self.seed)))

    @property
    def number(self) -> int:
        """A seed of its own."""
        return zlib.crc32(self.id.encode())


@dataclass(frozen=True, slots=True)
class Case:
    """What a method is asked, and what an oracle says about it."""

    spec: Spec
    candidate: pl.DataFrame
    reference: pl.DataFrame
    target: str
    utility: float | None
    noise: float | None


def enumerate_cases(  # noqa: PLR0913 — what a run chooses cases by
    part: str,
    sizes: Iterable[int],
    seed: int,
    tables: Iterable[str] = (),
    families: Iterable[str] = (),
    strengths: Iterable[str] = (),
) -> list[Spec]:
    """List the cases that the tables have rows for; a beginning is a sample at fixed odds."""
    specs: list[Spec] = []
    for table in tables or names_of(part):
        height = load(table).frame.height
        for n in sizes:
            if height >= 2 * n:
                specs += list(of_table(part, table, n))
    wanted, strong = set(families), set(strengths)
    specs = [spec for spec in specs if not wanted or spec.family in wanted or spec.kind in wanted]
    specs = [spec for spec in specs if not strong or spec.strength in strong]
    return sorted(specs, key=lambda spec: wait(spec, seed))


def wait(spec: Spec, seed: int) -> float:
    """Give the case's place: it does not depend on which others are asked for."""
    chance = np.random.default_rng([seed, spec.number]).random()
    return float(-np.log(chance) / odds_of(spec))


def odds_of(spec: Spec) -> float:
    """Give the odds with which a case comes early."""
    kind = "mild" if spec.strength == "mild" else spec.kind
    return ODDS.get(kind, ODDS_OF_OTHERS)


def of_table(part: str, table: str, n: int) -> Iterable[Spec]:
    """List the cases of one table at one size."""
    for negative in NEGATIVES.values():
        seeds = SEEDS_OF_HOLD_OUTS if negative.kind == HOLD_OUT else SEEDS_OF_OTHERS
        for seed in range(seeds):
            yield Spec(part, table, n, negative.name, negative.kind, "none", seed)
    for name in FAMILIES:
        for strength in STRENGTHS:
            for seed in range(SEEDS_OF_OTHERS):
                yield Spec(part, table, n, name, "damage", strength, seed)


def build(spec: Spec) -> Case:
    """Make the tables of a case; refuse where it does not apply to the table."""
    draw = drawn(spec)
    if spec.kind == "damage":
        candidate = FAMILIES[spec.family](draw, spec.strength)
    else:
        candidate = NEGATIVES[spec.family].make(draw)
    if candidate.schema != draw.reference.schema:
        raise AssertionError(f"{spec.family} changed the columns")
    shuffled = candidate[draw.rng.permutation(candidate.height)]
    is_made = spec.kind == GENERATOR or spec.family.startswith("generations")
    return Case(
        spec,
        shuffled,
        draw.reference,
        draw.target,
        utility(spec, shuffled, draw) if is_made else None,
        noise_of(spec, draw),
    )


def drawn(spec: Spec) -> Draw:
    """Draw disjoint rows for both sides and for choosing from."""
    table = load(spec.table)
    rng = np.random.default_rng([spec.number, spec.seed])
    rows = rng.permutation(table.frame.height)
    reference, pool = rows[: spec.n], rows[spec.n : (1 + POOL) * spec.n]
    return Draw(table.frame[pool], table.frame[reference], spec.n, table.target, spec.number, rng)


def noise_of(spec: Spec, draw: Draw) -> float | None:
    """Measure the noise, where the case has any."""
    negative = NEGATIVES.get(spec.family)
    return negative.strength(draw) if negative and negative.strength else None


def utility(spec: Spec, candidate: pl.DataFrame, draw: Draw) -> float | None:
    """Ask the oracle, on real rows that no model was trained on."""
    is_of_reference = spec.family.endswith("of the reference")
    real, test = (draw.reference, draw.source) if is_of_reference else (draw.source, draw.reference)
    return utility_kept(candidate, real, test, draw.target, draw.numbers)


__all__ = ["Case", "DoesNotApply", "Spec", "build", "enumerate_cases"]
