"""Bands of the overall score (Q18)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from qforge_jupyter.engine.scorecard import EXCLUDE
from qforge_jupyter.results.score import UNSCORED


def band_names(bounds: Mapping[str, float], lowest: str = EXCLUDE) -> list[str]:
    """Names of the bands, best first, with the one below them all and that of no score.

    Examples
    --------
    >>> band_names({"good": 0.8, "excellent": 0.95})
    ['excellent', 'good', 'exclude', 'unscored']

    """
    return [*sorted(bounds, key=lambda name: -bounds[name]), lowest, UNSCORED]


def band_of(field: str, bounds: Mapping[str, float], lowest: str = EXCLUDE) -> pl.Expr:
    """Sort scores into bands; a score on a bound belongs to the better band.

    Every row is in exactly one band; one without a score is ``unscored``.
    """
    names = band_names(bounds, lowest)
    kind = pl.Enum(names)
    score = pl.col(field)
    reached = [pl.when(score >= bounds[name]).then(pl.lit(name, dtype=kind)) for name in names[:-2]]
    below = pl.when(score.is_not_null()).then(pl.lit(lowest, dtype=kind))
    return pl.coalesce(*reached, below, pl.lit(UNSCORED, dtype=kind)).alias("band")
