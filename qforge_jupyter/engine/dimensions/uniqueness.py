"""Uniqueness: 1 - duplicates / records, on the key fields."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.errors import CallError, blaming, nearest
from qforge_jupyter.results.uncertainty import NotApplicable


def key_columns(case: Case) -> tuple[str, ...]:
    """Columns that name a record; ``*`` stands for the whole row.

    Raises
    ------
    CallError
        One of them is no column of the table.

    """
    if case.card.unique_by == ("*",):
        return tuple(case.schema.names())
    for field in case.card.unique_by:
        if field not in case.schema:
            raise CallError(
                f"`unique by` names {field!r}, which is no column of {case.table.name}"
                f"{nearest(field, case.schema.names())}"
            )
    return case.card.unique_by


def measure(case: Case) -> Measure | NotApplicable:
    """Ask of each row whether it is the first with its key."""
    with blaming("unique_by"):
        columns = key_columns(case)
    if not columns:
        return NotApplicable("no field is named that makes a record unique")
    named = "whole row" if case.card.unique_by == ("*",) else ", ".join(columns)
    check = Check(
        f"unique by {named}",
        "uniqueness",
        columns,
        f"no earlier row with the same {named}",
        pl.col(case.first_mark),
    )
    return Measure((check,))
