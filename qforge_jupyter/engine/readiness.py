"""Which rows may be trained on, and why the others may not (Q3)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import RuleError
from qforge_jupyter.results.score import LINEAGE_REASON
from qforge_jupyter.rules.gates import DIMENSIONS, Condition, read_gate

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
}
_ALLOWED, _RULE, _DUPLICATE = (
    ("validity_failed", "value not allowed"),
    ("consistency_failed", "rule broken"),
    ("uniqueness_failed", "duplicate"),
)
#: What each saying of a gate looks at: a column that counts, and the reason it gives.
FAILED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "no_failed_rule": (_RULE,),
    "no_failed_validation": (_ALLOWED, _RULE),
    "no_failed_check": (_ALLOWED, _RULE, _DUPLICATE),
}
#: Dimensions that not every card has.
OF_EXAMPLES = ("correctness", "clarity", "representativeness")
#: As many reasons as fit into the bits of one number.
MOST_REASONS = 63


@dataclass(frozen=True)
class Obstacle:
    """One reason against a row, and the rows that it stands against."""

    reason: str
    expression: pl.Expr


def judge(
    rows: pl.DataFrame,
    gate: str,
    *,
    is_lineage_approved: bool,
    flagged: Mapping[str, pl.Series] | None = None,
) -> pl.DataFrame:
    """Add ``ml_ready`` and ``refusals`` to scored rows.

    Parameters
    ----------
    rows
        Per-row scores, counts of failed checks per dimension, ``is_outlier``
        and, where outliers have been documented, ``is_documented``.
    gate
        What a row must fulfil, as in ``overall >= 0.80 and no failed rule``.
    is_lineage_approved
        Whether somebody vouched for where the data came from.
    flagged
        Rows that an earlier search found to hold outliers, by what it is
        called; they count like ``is_outlier``.

    Returns
    -------
    polars.DataFrame
        The rows with ``ml_ready`` (Boolean) and ``refusals`` (reasons joined
        by ``; ``, empty where there are none).

    """
    obstacles = {
        obstacle.reason: obstacle.expression
        for condition in read_gate(gate, _dimensions(rows.columns)).conditions
        for obstacle in _obstacles(condition, rows.columns, is_lineage_approved, flagged or {})
    }
    if len(obstacles) > MOST_REASONS:
        raise RuleError(f"A gate has at most {MOST_REASONS} conditions and {len(obstacles)} came")
    none = pl.repeat(0, rows.height, dtype=pl.UInt64)
    bits = pl.sum_horizontal(
        none,
        *(
            expression.fill_null(value=True).cast(pl.UInt64) * (1 << place)
            for place, expression in enumerate(obstacles.values())
        ),
    )
    masks = rows.select(bits.alias("mask")).to_series()
    known, kinds = np.unique(masks.to_numpy(), return_inverse=True)
    texts = [
        "; ".join(reason for place, reason in enumerate(obstacles) if mask >> place & 1)
        for mask in known.tolist()
    ]
    refusals = pl.Series("refusals", texts, pl.String).gather(pl.Series(kinds, dtype=pl.UInt32))
    return rows.with_columns((masks == 0).alias("ml_ready"), refusals)


def _dimensions(there: Iterable[str]) -> tuple[str, ...]:
    """Name the dimensions that a gate may speak of: the usual ones, and others that are there."""
    own = set(there)
    return (*DIMENSIONS, *(name for name in OF_EXAMPLES if name in own))


def refused(rows: pl.DataFrame, missing: Sequence[str]) -> pl.DataFrame:
    """Refuse every row when something that the scorecard counts could not be measured."""
    if not missing:
        return rows
    reason = pl.lit(f"not certifiable: {missing[0]}")
    more = pl.when(pl.col("refusals") != "").then(pl.format("; {}", pl.col("refusals")))
    return rows.with_columns(
        pl.lit(value=False).alias("ml_ready"),
        pl.concat_str(reason, more.otherwise(pl.lit(""))).alias("refusals"),
    )


def refuse_if(gate: str, scores: Mapping[str, float]) -> str:
    """Say why a whole table is refused; empty when it is not.

    Parameters
    ----------
    gate
        What must not be, as in ``overall < 0.8``; joined conditions refuse
        together. A score that is missing counts against the table.
    scores
        The table's scores by dimension, and ``overall``.

    Raises
    ------
    RuleError
        A condition speaks of rows.

    """
    reasons = []
    for condition in read_gate(gate, _dimensions(scores)).conditions:
        if condition.kind != "score":
            raise RuleError(f"`refuse if` compares scores of the whole table, not {condition.kind}")
        value = scores.get(condition.name)
        if value is None:
            reasons.append(f"{condition.name} has no score")
        elif OPERATORS[condition.operator](value, condition.threshold):
            reasons.append(f"{condition.name} is {value:.3f}")
        else:
            return ""
    return " and ".join(reasons)


def count_refusals(rows: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    """Count the rows that each single reason stands against, most first."""
    counts: dict[str, int] = {}
    for reasons, n_rows in rows.group_by("refusals").len().iter_rows():
        for reason in filter(None, reasons.split("; ")):
            counts[reason] = counts.get(reason, 0) + n_rows
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _obstacles(
    condition: Condition,
    columns: list[str],
    is_lineage_approved: bool,
    flagged: Mapping[str, pl.Series],
) -> list[Obstacle]:
    if condition.kind in FAILED:
        return [Obstacle(reason, column(name) > 0) for name, reason in FAILED[condition.kind]]
    if condition.kind == "no_outlier":
        found = {"": column("is_outlier"), **{name: pl.lit(rows) for name, rows in flagged.items()}}
        is_open = ~column("is_documented") if "is_documented" in columns else pl.lit(value=True)
        return [
            Obstacle(f"undocumented outlier{f' by {name}' if name else ''}", odd & is_open)
            for name, odd in found.items()
        ]
    if condition.kind == "lineage_approved":
        return [] if is_lineage_approved else [Obstacle(LINEAGE_REASON, pl.lit(value=True))]
    holds = OPERATORS[condition.operator](column(condition.name), condition.threshold)
    return [Obstacle(condition.reason, ~holds)]
