"""Every choice about what is counted, with what it changes."""

from __future__ import annotations

import polars as pl

from benchmarks.collapse.negatives import BOOTSTRAP, GENERATOR
from benchmarks.collapse.oracle import HEALTHY
from benchmarks.collapse.rates import Share, auroc

KIND = pl.col("class")
NEGATIVE, POSITIVE = pl.col("is_negative"), pl.col("is_positive")
#: Name -> (what is harmless, what is damage).
CHOICES: dict[str, tuple[pl.Expr, pl.Expr]] = {
    "as stated": (NEGATIVE, POSITIVE),
    "generators that keep 70-90 % of utility are harmless too": (
        NEGATIVE | (KIND == "generator, between"), POSITIVE,
    ),
    "no generator is harmless": (NEGATIVE & (KIND != GENERATOR), POSITIVE),
    "bootstraps are harmless too": (NEGATIVE | (KIND == BOOTSTRAP), POSITIVE),
    "degraded generators are damage too": (NEGATIVE, POSITIVE | (KIND == "generator, degraded")),
    "generations that keep 90 % of utility are not damage": (
        NEGATIVE, POSITIVE & ~(pl.col("utility") >= HEALTHY).fill_null(value=False),
    ),
    "mild damage is damage": (NEGATIVE, KIND == "damage"),
    "only severe damage is damage": (NEGATIVE, POSITIVE & (pl.col("strength") == "severe")),
    "1,000 rows and more": (NEGATIVE & (pl.col("n") >= 1_000), POSITIVE & (pl.col("n") >= 1_000)),
}  # fmt: skip


def effects(own: pl.DataFrame) -> list[list[object]]:
    """Count under each choice: AUROC, false alarms, misses."""
    rows: list[list[object]] = []
    for name, (harmless, hurt) in CHOICES.items():
        negative, positive = own.filter(harmless), own.filter(hurt)
        area = auroc(negative["statistic"].to_numpy(), positive["statistic"].to_numpy())
        missed = positive.height - int(positive["is_flagged"].sum())
        rows.append([
            name, f"{area:.3f}", Share(int(negative["is_flagged"].sum()), negative.height),
            Share(missed, positive.height),
        ])  # fmt: skip
    return rows
