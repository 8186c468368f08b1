"""Which rows a rule and a least quality leave out of a split, each with its reason."""

from __future__ import annotations

import re

import polars as pl

from qforge_jupyter.columns import free_name
from qforge_jupyter.context import Context
from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.errors import RuleError, blaming
from qforge_jupyter.frames import Table
from qforge_jupyter.results.certificate import Certificate
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.rules.expressions import read_filter, read_rule
from qforge_jupyter.verbs._scores_of import scores_of

#: Columns that scoring gives; a column of the table of the same name goes before.
SCORED = {"quality": pl.Float64(), "ml_ready": pl.Boolean()}


def reasons_of(
    context: Context, subject: Table, plan: SplitPlan, by: ScoreReport | Certificate | None
) -> pl.Series | None:
    """Say why each row is left out, null where it is not; None where nothing is asked.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table.
    plan
        With the rule ``only`` and the least ``quality``; with a report and
        neither, the least quality is that of the settings.
    by
        Scores of this table.

    """
    added = {name: kind for name, kind in SCORED.items() if name not in subject.schema}
    schema = pl.Schema({**subject.schema, **added})
    clauses, columns = _clauses(plan.only, schema)
    least = plan.quality
    if least is None and by is not None and not columns & set(added):
        least = context.settings.quality_score_threshold
    if not clauses and least is None:
        return None
    if least is not None or columns & set(added):
        scores = scores_of(context, subject, by)
    else:
        scores = pl.DataFrame(schema={**SCORED, "refusals": pl.String})
    return _reasons(subject, clauses, least, scores, added)


def _clauses(text: str, schema: pl.Schema) -> tuple[list[str], set[str]]:
    """Cut a rule at its `and`s where that means the same, so that a reason names one clause."""
    if not text.strip():
        return [], set()
    with blaming("only"):
        columns = set(read_rule(text, schema).columns)
        if re.search(r"\bor\b|\bimplies\b|\bif\b|\bnot\b", text):
            return [text], columns
        clauses = re.split(r"\band\b", text)
        try:
            read = [each for clause in clauses for each in read_rule(clause, schema).columns]
        except RuleError:
            return [text], columns
    return ([each.strip() for each in clauses] if set(read) == columns else [text]), columns


def _reasons(
    subject: Table,
    clauses: list[str],
    least: float | None,
    scores: pl.DataFrame,
    added: dict[str, pl.DataType],
) -> pl.Series:
    rows = subject.lazy
    refusals = free_name("refusals", [*subject.columns, *SCORED])
    if scores.height:
        rows = rows.with_columns(
            *(scores[name] for name in added), scores["refusals"].alias(refusals)
        )
    schema = rows.collect_schema()
    asked: list[tuple[pl.Expr, pl.Expr]] = []
    if least is not None:
        held = pl.lit(scores["quality"])
        asked.append(((held >= least).fill_null(value=False), pl.lit(f"quality below {least:g}")))
    with blaming("only"):
        asked += [
            (read_filter(clause, schema), _why(clause, refusals, schema)) for clause in clauses
        ]
    reason = pl.lit(None, dtype=pl.String)
    for holds, why in reversed(asked):
        reason = pl.when(~holds).then(why).otherwise(reason)
    return rows.select(reason.alias("reason")).collect().to_series()


def _why(clause: str, refusals: str, schema: pl.Schema) -> pl.Expr:
    said = f"not {clause}" if re.fullmatch(r"\w+", clause) else f"not: {clause}"
    if clause == "ml_ready" and refusals in schema:
        return pl.format("not ml_ready: {}", pl.col(refusals))
    return pl.lit(said)
