"""A cell that forgets a row says how much went and keeps no word of the condition."""

from __future__ import annotations

from typing import Any

import polars as pl

PEOPLE = pl.DataFrame({"id": [1, 2, 987_654_321], "name": ["ann", "bob", "Quirinius"]})
WHERE = '"id == 987654321"'


def _said(context: Any) -> str:
    runs = context.store.read_table("run")
    return repr(runs.select("options", "error_message", "report").to_dict(as_series=False))


def test_a_row_is_forgotten_in_a_cell(notebook: Any):
    notebook.names["people"] = PEOPLE
    notebook.run("%qforge commit people to people by id")
    shown = notebook.run(
        f"%qforge forget people where {WHERE} --reason 'consent withdrawn' --preview"
    )
    assert "1 row would be forgotten" in repr(shown)
    notebook.run(f"%qforge forget people where {WHERE} --reason 'consent withdrawn' --dry-run")
    assert PEOPLE.equals(notebook.run("%qforge checkout people").frame)
    shown = notebook.run(f"%qforge forget people where {WHERE} --reason 'consent withdrawn'")
    assert "1 row forgotten" in repr(shown)
    assert PEOPLE.head(2).equals(notebook.run("%qforge checkout people").frame)
    assert "987654321" not in _said(notebook.context)


def test_a_call_that_fails_keeps_no_condition_either(notebook: Any):
    notebook.names["people"] = PEOPLE
    notebook.run("%qforge commit people to people by id")
    notebook.sentence(f"%qforge forget people where {WHERE}")
    notebook.sentence(f"%qforge forget people where {WHERE} --reason ' '")
    notebook.sentence(f"%qforge forget people where {WHERE} --reson 'consent withdrawn'")
    assert "987654321" not in _said(notebook.context)
