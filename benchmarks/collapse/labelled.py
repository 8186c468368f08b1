"""Rows of a run with what is true of them and what was said, ready to be counted."""

from __future__ import annotations

import polars as pl

from benchmarks.collapse.methods import COLLAPSED, UNSURE
from benchmarks.collapse.negatives import BOOTSTRAP, GENERATOR, HOLD_OUT, NOISE
from benchmarks.collapse.oracle import DEGRADED, HEALTHY

EXPECTED = {
    "verdict": pl.String, "score": pl.Float64, "p_value": pl.Float64, "is_copying": pl.Boolean,
    "is_damage": pl.Boolean, "utility": pl.Float64, "error": pl.String, "statistic": pl.Float64,
    "cpu_s": pl.Float64, "columns": pl.Int64,
}  # fmt: skip


def labelled(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the class of a case, whether it is a positive, and whether it was flagged."""
    rows = rows.with_columns(
        pl.lit(None, kind).alias(name)
        for name, kind in EXPECTED.items()
        if name not in rows.columns
    )
    utility = pl.col("utility")
    generators = (
        pl.when(utility.is_null()).then(pl.lit("generator, no utility to keep"))
        .when(utility >= HEALTHY).then(pl.lit(GENERATOR))
        .when(utility < DEGRADED).then(pl.lit("generator, degraded"))
        .otherwise(pl.lit("generator, between"))
    )  # fmt: skip
    kind = (
        pl.when(pl.col("kind") == GENERATOR).then(generators)
        .when(pl.col("kind") == "damage").then(pl.lit("damage"))
        .otherwise(pl.col("kind"))
    )  # fmt: skip
    verdict = pl.col("verdict")
    return rows.filter(pl.col("method") != "").with_columns(
        kind.alias("class"),
        (pl.col("strength").is_in(["moderate", "severe"])).alias("is_positive"),
        kind.is_in([HOLD_OUT, NOISE, GENERATOR]).alias("is_negative"),
        (verdict == COLLAPSED).alias("is_flagged"),
        (verdict == UNSURE).alias("is_unsure"),
    )


CLASSES = (
    HOLD_OUT, NOISE, GENERATOR, BOOTSTRAP,
    "generator, between", "generator, degraded", "generator, no utility to keep",
)  # fmt: skip
