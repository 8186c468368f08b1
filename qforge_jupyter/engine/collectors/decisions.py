"""A log of decisions: those that turned out well become examples (G10)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collectors import CollectCase, CollectPlan
from qforge_jupyter.engine.collectors._examples import examples_of, fitted, labels_of, said_of
from qforge_jupyter.engine.collectors._filters import (
    POSITIVE,
    beyond,
    check_ids,
    check_left,
    judge,
    lacking,
    range_of,
    wanted_outcome,
)
from qforge_jupyter.engine.collectors._repeats import (
    FOREIGN,
    Compared,
    Repeats,
    equal_inputs,
    known_before,
    near_inputs,
)
from qforge_jupyter.engine.collectors._roles import ID, Role, Roles, roles_of
from qforge_jupyter.engine.sieve import Sieve
from qforge_jupyter.errors import DataError, blaming, nearest
from qforge_jupyter.results.harvest import Harvest
from qforge_jupyter.rules.expressions import Rule, read_rule
from qforge_jupyter.rules.ranges import Range

NONE = "none"
#: A decision log is what a source is by default, so no key has to say so.
OWN_KEYS: frozenset[str] = frozenset()
#: What names an example where nothing else is said.
KEYS = (ID,)
Flags = NDArray[np.bool_]


class Plan(CollectPlan):
    """Which decisions become examples, and what these are made of.

    Examples
    --------
    >>> Plan().confidence, Plan().score
    ('>= 0.8', '>= 75')

    """

    outcome: list[str] = Field(
        [POSITIVE],
        description="Values that count, none for any; by default true, above 0, or positive.",
    )
    confidence: str = Field(">= 0.8", description="A range, or none for any confidence.")
    score: str = Field(">= 75", description="A range, or none for any score.")
    input: list[str] = Field(
        ["input"], description="Columns that an example starts from; one becomes `input`."
    )
    expected_output: list[str] = Field(
        ["expected_output"],
        description="Columns that hold the answer; one becomes `expected_output`.",
    )
    type: str = Field("", description="The example type; by default the dataset's last word.")
    columns: dict[Role, str] = Field(
        default_factory=dict,
        description="Columns of the source, for id, time, outcome, confidence, score, type, "
        "difficulty and edge_case.",
    )
    keep: list[str] = Field(
        default_factory=list, description="Further columns that are carried along."
    )
    metrics: list[str] = Field(
        default_factory=list,
        description="Columns of numbers that measure each example; they become `metrics`.",
    )


def collect(case: CollectCase) -> Harvest:
    """Sieve a log and make examples of what is left.

    Raises
    ------
    DataError
        A column is missing, an id repeats, nothing is left, or the
        examples do not fit the dataset.

    """
    plan: Plan = case.plan
    table = case.table
    named = {str(role): name for role, name in plan.columns.items()}
    roles = roles_of(table, named, plan.input, plan.expected_output, plan.keep, plan.metrics)
    if not table.frame.height:
        raise DataError(f"{table.name} holds no rows, so there is nothing to harvest")
    sieve = Sieve(table.frame.height)
    filters = _Filters(case, plan, roles)
    warnings = filters.apply(sieve)
    kind = plan.type or case.dataset.rpartition("/")[2]
    labels = labels_of(roles, filters.asked, case.held.schema if case.held is not None else {})
    examples = examples_of(table.frame[sieve.rows], roles, case.source, kind, labels)
    if case.held is not None:
        examples, new = fitted(examples, case.held, roles, case.dataset, case.keys)
        warnings += _new_columns(case, new)
    ids = table.frame.get_column(roles.id).alias(ID)
    distinct = _Distinct(case, sieve, roles)
    examples = distinct.of(examples)
    return Harvest(
        dataset=case.dataset,
        source=case.source,
        examples=examples,
        left_out=sieve.fallen(ids.cast(examples.schema[ID], strict=False)),
        steps=tuple(sieve.steps),
        n_rows=table.frame.height,
        n_before=0 if case.held is None else case.held.height,
        made_of=said_of(roles, case.source, kind, labels),
        notes=tuple(distinct.notes),
        warnings=(*warnings, *distinct.warnings),
        contradictions=tuple(distinct.contradictions[:100].tolist()),
        n_contradictions=len(distinct.contradictions),
        seed=case.seed,
    )


class _Filters:
    """What is asked of a decision before it becomes an example."""

    def __init__(self, case: CollectCase, plan: Plan, roles: Roles) -> None:
        self.table = case.table
        self.plan = plan
        self.roles = roles
        self.rule = self._rule(case.where)
        #: Column and range of each measure that was asked for.
        self.asked: dict[str, tuple[str, Range]] = {}

    def _rule(self, where: str) -> Rule | None:
        if not where:
            return None
        with blaming("where"):
            return read_rule(where, self.table.schema)

    def apply(self, sieve: Sieve) -> tuple[str, ...]:
        """Ask one thing after the other; refuse a source of which nothing is left."""
        outcome = self.roles.of("outcome")
        steps = list(self._steps())  # read all before the first is asked
        if self.rule is not None:
            self._ask(sieve, "condition", self.rule.expression, "the condition does not hold")
            check_left(sieve, self.table, outcome)
        check_ids(sieve, self.table.frame.get_column(self.roles.id), self.table)
        check_left(sieve, self.table, outcome)
        for name, expression, reason in steps:
            self._ask(sieve, name, expression, reason)
            check_left(sieve, self.table, outcome)
        missing = dict(lacking(self.table.frame[sieve.rows], self.roles))
        sieve.drop("input and output", missing)
        check_left(sieve, self.table, outcome)
        return tuple(self._notes())

    def _ask(self, sieve: Sieve, name: str, expression: pl.Expr, reason: str) -> None:
        fails, unknown = judge(self.table.frame, expression)
        rows = sieve.rows
        lacks = "the condition cannot be judged" if name == "condition" else f"no {name}"
        sieve.drop(name, {reason: fails[rows], lacks: unknown[rows]})

    def _steps(self) -> Iterator[tuple[str, pl.Expr, str]]:
        if self._asks_outcome():
            column = self.roles.of("outcome")
            if column is None:
                known = nearest("outcome", self.table.columns)
                raise DataError(
                    f"{self.table.name} has no column 'outcome'{known}; name it with  columns: "
                    "{outcome: COLUMN}, or count every outcome with  outcome: none"
                )
            expression = wanted_outcome(self.table, column, self.plan.outcome)
            yield "outcome", expression, f"the outcome is not {' or '.join(self.plan.outcome)}"
        for role in ("confidence", "score"):
            asked = str(getattr(self.plan, role))
            if asked.strip().lower() != NONE:
                column, found = range_of(self.table, role, self.roles.of(role), asked)
                self.asked[role] = (column, found)
                yield role, found.expression(column), f"{role} {beyond(found)}"

    def _asks_outcome(self) -> bool:
        """Say whether the outcome is asked for; a condition on it says itself what counts."""
        if [each.strip().lower() for each in self.plan.outcome] in ([], [NONE]):
            return False
        reads = self.rule is not None and self.roles.of("outcome") in self.rule.columns
        return "outcome" in self.plan.model_fields_set or not reads

    def _notes(self) -> Iterator[str]:
        column = self.roles.of("confidence")
        if column is None or not self.table.schema[column].is_numeric():
            return
        above = self.table.frame.lazy().select((exact(column) > 1).any().alias("a")).collect()
        if above.item() and "confidence" not in self.plan.model_fields_set:
            yield (
                f"{column} holds numbers above 1: if it is in per cent, ask for  "
                'confidence: ">= 80"'
            )


def _new_columns(case: CollectCase, new: tuple[str, ...]) -> tuple[str, ...]:
    if not new:
        return ()
    return (f"New in {case.dataset}, and null in its older examples: {', '.join(new[:10])}.",)


class _Distinct:
    """What is left out because the dataset holds it, or because it repeats."""

    def __init__(self, case: CollectCase, sieve: Sieve, roles: Roles) -> None:
        self.case = case
        self.sieve = sieve
        self.inputs, self.outputs = list(roles.inputs), list(roles.outputs)
        self.notes: tuple[str, ...] = ()
        self.warnings: list[str] = []
        #: Rows that repeat an input with another expected output.
        self.contradictions: NDArray[np.uint32] = np.empty(0, dtype=np.uint32)

    def of(self, examples: pl.DataFrame) -> pl.DataFrame:
        """Give the examples that are new and distinct."""
        if self.case.held is not None:
            examples = self._new(examples)
        found = equal_inputs(self._compared(examples))
        self.contradictions = self.sieve.rows[found.contradicts]
        if n := len(self.contradictions):
            self.warnings.append(
                f"{n:,} decisions repeat an input with another expected output; the example of the "
                "dataset, else the decision of the highest score, was kept: left_out lists them."
            )
        examples = self._without("distinct input", found, examples)
        if self.case.seeks_near:
            found = near_inputs(self.case, self._compared(examples), self.inputs)
            self.notes = found.notes
            examples = self._without("no near input", found, examples)
        return examples

    def _new(self, examples: pl.DataFrame) -> pl.DataFrame:
        known = known_before(self.case, examples)
        if known.get(FOREIGN, np.zeros(1, dtype=np.bool_)).any():
            self.warnings.append(
                f"{known[FOREIGN].sum():,} decisions have the id of an example from elsewhere: "
                "if it is the same source, say what it was called with --source; else key a new "
                "dataset  by source_table, source_decision_id."
            )
        forgotten = self.case.is_forgotten(examples).to_numpy()
        reasons = {**known, "forgotten on request": forgotten}
        stays = self.sieve.drop(f"not in {self.case.dataset}", reasons)
        return examples.filter(pl.Series(stays))

    def _compared(self, examples: pl.DataFrame) -> Compared:
        return Compared.of(self.case.held, examples, self.inputs, self.outputs)

    def _without(self, step: str, found: Repeats, examples: pl.DataFrame) -> pl.DataFrame:
        stays = self.sieve.drop(step, found.reasons, found.like)
        return examples.filter(pl.Series(stays))
