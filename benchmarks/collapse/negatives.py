"""What must not be called collapsed, in four classes reported apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from benchmarks.collapse.draw import Draw
from benchmarks.collapse.generators.catalogue import GENERATORS, generate
from benchmarks.collapse.grid import center_and_scale, decimals, like

HOLD_OUT, NOISE, GENERATOR, BOOTSTRAP = "hold-out", "light noise", "good generator", "bootstrap"


@dataclass(frozen=True, slots=True)
class Negative:
    """A harmless candidate: its name, its class, how it is made."""

    name: str
    kind: str
    make: Callable[[Draw], pl.DataFrame]


def noise(share: float, *, is_robust: bool) -> Callable[[Draw], pl.DataFrame]:
    """Add normal noise of a share of each number's deviation; whole numbers stay whole."""

    def make(draw: Draw) -> pl.DataFrame:
        made = draw.source
        for name in draw.numbers:
            values = made[name].cast(pl.Float64).to_numpy()
            scale = center_and_scale(made[name])[1] if is_robust else float(np.nanstd(values))
            moved = values + draw.rng.normal(0, share * scale, len(values))
            on_grid = decimals(made[name]) == 0
            made = made.with_columns(
                like(made[name], moved) if on_grid else pl.Series(name, moved, nan_to_null=True)
            )
        return made

    return make


def flipped(share: float) -> Callable[[Draw], pl.DataFrame]:
    """Replace a share of all cells by another row's value of the same column."""

    def make(draw: Draw) -> pl.DataFrame:
        n = draw.source.height
        return draw.source.with_columns(
            column.gather(
                np.where(draw.rng.random(n) < share, draw.rng.integers(0, n, n), np.arange(n))
            )
            for column in draw.source
        )

    return make


def generator(name: str, *, is_fitted_to_reference: bool) -> Callable[[Draw], pl.DataFrame]:
    """Draw rows once from a generator of other real rows, or of the reference itself."""

    def make(draw: Draw) -> pl.DataFrame:
        rows = draw.reference if is_fitted_to_reference else draw.source
        return generate(name, rows, draw.numbers, draw.n, draw.rng)

    return make


def bootstrap(draw: Draw) -> pl.DataFrame:
    """Draw fresh rows with replacement."""
    return draw.source[draw.rng.integers(0, draw.source.height, draw.n)]


def bootstrap_of_reference(draw: Draw) -> pl.DataFrame:
    """Draw the reference's own rows with replacement."""
    return draw.reference[draw.rng.integers(0, draw.reference.height, draw.n)]


def jittered_bootstrap(draw: Draw) -> pl.DataFrame:
    """Draw fresh rows with replacement and add 2 % noise."""
    again = Draw(bootstrap(draw), draw.reference, draw.n, draw.target, draw.seed, draw.rng)
    return noise(0.02, is_robust=True)(again)


NEGATIVES = {
    negative.name: negative
    for negative in (
        Negative("fresh rows", HOLD_OUT, lambda draw: draw.source),
        Negative("noise 1 % of sd", NOISE, noise(0.01, is_robust=False)),
        Negative("noise 3 % of sd", NOISE, noise(0.03, is_robust=False)),
        Negative("noise 1 % of robust sd", NOISE, noise(0.01, is_robust=True)),
        Negative("noise 3 % of robust sd", NOISE, noise(0.03, is_robust=True)),
        Negative("0.5 % of cells flipped", NOISE, flipped(0.005)),
        Negative("1 % of cells flipped", NOISE, flipped(0.01)),
        *(
            Negative(f"{name}{of}", GENERATOR, generator(name, is_fitted_to_reference=bool(of)))
            for name in GENERATORS
            for of in ("", " of the reference")
        ),
        Negative("bootstrap", BOOTSTRAP, bootstrap),
        Negative("bootstrap of the reference", BOOTSTRAP, bootstrap_of_reference),
        Negative("jittered bootstrap", BOOTSTRAP, jittered_bootstrap),
    )
}
