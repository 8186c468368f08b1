"""Score a table under a scorecard: one pass over the rows, in batches.

`fold` turns a batch into a partial state, `merge` joins states in part order,
`finish` makes the report; so the parts may come from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.engine.bands import band_of
from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.engine.dimensions import DIMENSIONS
from qforge_jupyter.engine.duplicates import first_of_key
from qforge_jupyter.engine.fences import column_fences, outlier_expressions
from qforge_jupyter.engine.measured_columns import numeric_columns
from qforge_jupyter.engine.readiness import judge
from qforge_jupyter.engine.scorecard import WEIGHTS
from qforge_jupyter.engine.summary import summarise
from qforge_jupyter.errors import CallError, DataError, Stopped, blaming, nearest
from qforge_jupyter.frames.table import BATCH_ROWS
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.results.uncertainty import NotApplicable


@dataclass(frozen=True)
class Plan:
    """The compiled questions of one scoring."""

    checks: tuple[Check, ...]
    outliers: tuple[tuple[str, pl.Expr], ...]
    weights: dict[str, float]
    measures: dict[str, Measure | NotApplicable]
    scored: tuple[str, ...]

    def expressions(self) -> list[pl.Expr]:
        """One Boolean column for each check, then one for each outlier column."""
        asked = [check.expression.alias(f"c{i}") for i, check in enumerate(self.checks)]
        odd = [expression.alias(f"o{i}") for i, (_, expression) in enumerate(self.outliers)]
        return asked + odd


@dataclass(frozen=True)
class State:
    """What is known after some batches.

    ``failing`` and ``odd`` hold, for each check and outlier column, the rows
    (counted from the table's first) at which it struck.
    """

    rows: tuple[pl.DataFrame, ...]
    n_passed: np.ndarray
    n_failed: np.ndarray
    failing: tuple[tuple[np.ndarray, ...], ...]
    odd: tuple[tuple[np.ndarray, ...], ...]


def score(case: Case, *, batch_rows: int = BATCH_ROWS) -> ScoreReport:
    """Score every row and the table.

    Parameters
    ----------
    case
        The table and its scorecard.
    batch_rows
        Rows looked at together; the report does not depend on it.

    Raises
    ------
    DataError
        The table has no columns.
    CallError, RuleError
        The card names a column that does not exist or a rule that cannot be.
    Stopped
        It was interrupted; the sentence says how far it was.

    """
    if not case.schema:
        raise DataError(f"{case.table.name} has no columns: nothing can be scored")
    plan = make_plan(case)
    state = None
    n_rows = case.table.n_rows
    done = 0
    n_folded = 0
    try:
        for batch in _batches(case, plan, batch_rows):
            state = merge(state, fold(batch, plan, done))
            done, n_folded = done + batch.height, n_folded + 1
            case.progress(done, n_rows)
    except KeyboardInterrupt:
        # Uniqueness and outliers are of the whole table, so a part has no score of its own.
        of = f"{n_folded} of {-(-n_rows // batch_rows)} batches"
        raise Stopped(f"stopped after {of} were scored; nothing of them was kept") from None
    if state is None:
        answers = [each.clear() for each in _answers(plan)]
        state = fold(case.schema.to_frame().with_columns(_marks(case, 0), *answers), plan, 0)
    return finish(case, plan, state)


def make_plan(case: Case) -> Plan:
    """Ask every dimension for its checks and find the outlier fences."""
    scored = case.card.dimensions
    measures = {
        name: module.measure(case)
        for name, module in DIMENSIONS.members().items()
        if name in scored or name not in WEIGHTS
    }
    with blaming("units"):
        _check_units(case)
    checks = tuple(
        check
        for name in scored
        if isinstance(measure := measures[name], Measure)
        for check in measure.checks
    )
    return Plan(checks, _outliers(case), case.card.shares(), measures, scored)


def _check_units(case: Case) -> None:
    for name in case.card.units:
        if name not in case.schema:
            raise CallError(
                f"`units` names {name!r}, which is no column of {case.table.name}"
                f"{nearest(name, case.schema.names())}"
            )


def _outliers(case: Case) -> tuple[tuple[str, pl.Expr], ...]:
    rule = case.card.outliers
    columns = tuple(name for name in _judged(case) if _is_measured(case, name))
    if rule.method == "none" or not columns:
        return ()
    with blaming("outliers"):
        fences = column_fences(case.table.lazy, columns, rule.method, rule.threshold, rule.by)
    # Without rows there are no groups, hence no fences.
    fenced = fences["column"].unique(maintain_order=True)
    return tuple(zip(fenced, outlier_expressions(fences), strict=True))


def _judged(case: Case) -> tuple[str, ...]:
    """Columns that are looked at for outliers: as the card says, or all that measure something."""
    if case.card.outliers.columns is not None:
        return case.card.outliers.columns
    if case.card.ranges:
        return tuple(case.card.ranges)
    numbers = any(dtype.is_numeric() for dtype in case.schema.values())
    table = case.table
    return tuple(numeric_columns(table, table.lazy)[0]) if numbers else ()


def _is_measured(case: Case, name: str) -> bool:
    # An unknown column is named by the detector, with the nearest one.
    return name not in case.schema or case.schema[name].is_numeric()


def _batches(case: Case, plan: Plan, size: int) -> Iterator[pl.DataFrame]:
    measure = plan.measures["uniqueness"]
    is_first = _marks(case, case.table.n_rows)
    if isinstance(measure, Measure):
        is_first = first_of_key(case.table, measure.checks[0].columns).alias(case.first_mark)
    answers = _answers(plan)
    done = 0
    for batch in case.table.batches(size=size):
        own = (each.slice(done, batch.height) for each in (is_first, *answers))
        yield batch.with_columns(*own)
        done += batch.height


def _answers(plan: Plan) -> list[pl.Series]:
    """Columns that dimensions worked out over all rows."""
    found = (each.answers for each in plan.measures.values() if isinstance(each, Measure))
    return [answer for answers in found for answer in answers]


def _marks(case: Case, n_rows: int) -> pl.Series:
    return pl.repeat(value=True, n=n_rows, dtype=pl.Boolean, eager=True).alias(case.first_mark)


def fold(batch: pl.DataFrame, plan: Plan, offset: int) -> State:
    """Ask one batch every question; ``offset`` is its first row's number."""
    answers = batch.select(plan.expressions())
    asked = answers.select(f"c{i}" for i in range(len(plan.checks)))
    odd = answers.select(f"o{i}" for i in range(len(plan.outliers)))
    failing = _where(asked, offset, is_true=False)
    n_failed = np.array([len(rows[0]) for rows in failing], dtype=np.int64)
    n_null = np.array([answer.null_count() for answer in asked.iter_columns()], dtype=np.int64)
    return State(
        rows=(_row_scores(answers, plan, batch.height),),
        n_passed=batch.height - n_null - n_failed,
        n_failed=n_failed,
        failing=failing,
        odd=_where(odd, offset, is_true=True),
    )


def _where(answers: pl.DataFrame, offset: int, *, is_true: bool) -> tuple[tuple[np.ndarray], ...]:
    """Give the rows at which each column says so; most columns of a wide table never do."""
    if not answers.width:
        return ()
    struck = pl.all() if is_true else pl.all().not_()
    counted = answers.select(struck.fill_null(value=False))
    nowhere = np.array([], dtype=np.uint32)
    return tuple(
        (np.flatnonzero(answer.to_numpy()).astype(np.uint32) + np.uint32(offset) if n else nowhere,)
        for answer, n in zip(counted.iter_columns(), counted.sum().row(0), strict=True)
    )


def _row_scores(answers: pl.DataFrame, plan: Plan, height: int) -> pl.DataFrame:
    columns = []
    for name in plan.scored:
        own = [f"c{i}" for i, check in enumerate(plan.checks) if check.dimension == name]
        n_passed, n_asked = _counts(own)
        columns += [
            pl.when(n_asked > 0).then(n_passed / n_asked).alias(name),
            n_asked.alias(f"{name}_asked"),
            (n_asked - n_passed).alias(f"{name}_failed"),
        ]
    odd = [f"o{i}" for i in range(len(plan.outliers))]
    is_outlier = pl.any_horizontal(odd).fill_null(value=False) if odd else pl.lit(value=False)
    # Without a check there would be no column to say how many rows there are.
    blank = pl.zeros(height, dtype=pl.UInt8, eager=True).alias("_")
    held = pl.DataFrame([blank, *answers.get_columns()])
    scores = held.select("_", *columns, is_outlier.alias("is_outlier")).drop("_")
    return scores.with_columns(overall_of(plan.weights).alias("overall"))


def _counts(own: list[str]) -> tuple[pl.Expr, pl.Expr]:
    """Checks of one dimension that a row passed, and those it could answer."""
    if not own:
        return pl.lit(0, pl.UInt32), pl.lit(0, pl.UInt32)
    answer = pl.col(own)
    return (
        pl.sum_horizontal(answer.cast(pl.UInt32)),
        pl.sum_horizontal(answer.is_not_null().cast(pl.UInt32)),
    )


def overall_of(weights: dict[str, float]) -> pl.Expr:
    """Weighted mean of the dimensions a row could answer.

    Rounded to 12 decimals, so that a score of .80 is not .7999999 for reasons
    of binary fractions.
    """
    weighed = [name for name, weight in weights.items() if weight > 0]
    total = pl.sum_horizontal(column(name) * weights[name] for name in weighed)
    held = pl.sum_horizontal(
        column(name).is_not_null().cast(pl.Float64) * weights[name] for name in weighed
    )
    return pl.when(held > 0).then((total / held).round(12))


def merge(first: State | None, second: State) -> State:
    """Join the state of later rows to that of earlier ones."""
    if first is None:
        return second
    return State(
        rows=first.rows + second.rows,
        n_passed=first.n_passed + second.n_passed,
        n_failed=first.n_failed + second.n_failed,
        failing=tuple(a + b for a, b in zip(first.failing, second.failing, strict=True)),
        odd=tuple(a + b for a, b in zip(first.odd, second.odd, strict=True)),
    )


def finish(case: Case, plan: Plan, state: State) -> ScoreReport:
    """Make the report of everything folded."""
    rows = pl.concat(state.rows, rechunk=True).with_row_index("row")
    rows = rows.with_columns(band_of("overall", case.card.bands, case.card.lowest))
    with blaming("ml_ready"):
        rows = judge(rows, case.card.ml_ready, is_lineage_approved=case.is_lineage_approved)
    failing = [np.concatenate(parts) for parts in state.failing]
    odd = {
        name: sum(len(part) for part in parts)
        for (name, _), parts in zip(plan.outliers, state.odd, strict=True)
    }
    return summarise(case, plan.measures, plan.checks, rows, state.n_passed, failing, odd)
