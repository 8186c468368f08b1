"""Completeness: required fields that hold a value / required fields."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.columns import column, is_present
from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.errors import CallError, blaming, nearest
from qforge_jupyter.results.uncertainty import NotApplicable
from qforge_jupyter.rules.expressions import read_rule


def measure(case: Case) -> Measure | NotApplicable:
    """Ask of each row whether its required fields hold a value.

    A null and a NaN hold none. ``gap when has_lumo`` requires the field only
    in rows for which the rule after ``when`` is true.
    """
    if not case.card.required:
        return NotApplicable("no field is required")
    with blaming("required"):
        return Measure(tuple(_check(case, text) for text in case.card.required))


def _check(case: Case, text: str) -> Check:
    field, condition = text, ""
    if text not in case.schema:
        field, _, condition = (part.strip() for part in text.partition(" when "))
    if field not in case.schema:
        raise CallError(
            f"The required field {field!r} is no column of {case.table.name}"
            f"{nearest(field, case.schema.names())}"
        )
    expression = is_present(column(field), case.schema[field])
    if condition:
        rule = read_rule(condition, case.schema, name=text)
        expression = pl.when(rule.expression).then(expression)
    return Check(field, "completeness", (field,), "a value", expression)
