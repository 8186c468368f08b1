"""Every way of judging a candidate behind one adapter: name -> function of a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True, slots=True)
class Question:
    """Two tables, the declared target or nothing, and a seed."""

    candidate: pl.DataFrame
    reference: pl.DataFrame
    target: str
    seed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method said.

    ``statistic`` grows with suspicion; a method without a verdict of its own
    gets the threshold that is best on the very cases it is judged on.
    ``is_damage`` says whether it is suspicious of more than copies.
    """

    statistic: float
    verdict: str = ""
    score: float | None = None
    p_value: float | None = None
    is_copying: bool | None = None
    is_damage: bool | None = None
    needed: float | None = None
    dimensions: dict[str, float | None] = field(default_factory=dict)
    statistics: pl.DataFrame | None = None


Method = Callable[[Question], Answer]
COLLAPSED, FIT, UNSURE = "collapsed", "fit", "not enough data to say"


def methods() -> dict[str, Method]:
    """List the check, where it can be imported, and its rivals, where they are installed."""
    from benchmarks.collapse import rivals
    from benchmarks.collapse.packages import is_installed

    found: dict[str, Method] = {}
    if is_installed("qforge_jupyter.engine.collapse.checking"):
        from benchmarks.collapse.ours import check

        found["check"] = check
    found |= {"C2ST": rivals.c2st, "RFF-MMD": rivals.rff_mmd, "KS + Bonferroni": rivals.bonferroni}
    if is_installed("sdmetrics"):
        found["SDMetrics"] = rivals.quality_report
    return found
