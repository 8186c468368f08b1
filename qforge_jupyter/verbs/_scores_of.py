"""Scores of a table's rows, from a report or from the last score run of the same content."""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.cell_hash import struct_cells
from qforge_jupyter.results.certificate import Certificate
from qforge_jupyter.results.score import ScoreReport

_COLUMNS = (pl.col("overall").alias("quality"), "ml_ready", "refusals")


def scores_of(
    context: Context, subject: Table, by: ScoreReport | Certificate | None
) -> pl.DataFrame:
    """Give ``quality``, ``ml_ready`` and ``refusals`` of every row, in the table's order.

    Raises
    ------
    CallError
        This content was not scored, or stood in another order.

    """
    return _stored(context, subject) if by is None else _reported(subject, by)


def _reported(subject: Table, by: ScoreReport | Certificate) -> pl.DataFrame:
    if by.fingerprint != subject.fingerprint:
        raise CallError(
            f"{subject.name} is not the table that was scored as {by.name}: "
            "its content differs, so score it again"
        )
    scores = by.rows.select(*_COLUMNS)
    mine, theirs = _places(subject), _places(Table(by.name, by.source))
    if mine.equals(theirs):
        return scores
    known = theirs.hstack(scores)
    keys = list(mine.columns)
    return mine.join(known, on=keys, how="left", maintain_order="left").select(scores.columns)


def _places(table: Table) -> pl.DataFrame:
    """Name each row by its content and by how many equal ones stand before it."""
    lanes = [struct_cells(batch) for batch in table.batches()]
    none = np.empty(0, dtype=np.uint64)
    first, second = (np.concatenate([none, *(each[i] for each in lanes)]) for i in (0, 1))
    marks = pl.DataFrame({"a": first, "b": second})
    return marks.with_columns(nth=pl.int_range(pl.len()).over("a", "b"))


def _stored(context: Context, subject: Table) -> pl.DataFrame:
    runs = context.store.runs.list(
        verb="score", status="finished", fingerprint=subject.fingerprint, limit=1
    )
    file = None
    if runs:
        artifacts = context.store.runs.get(runs[0].id).artifacts
        file = next((each for each in artifacts if each.name == "scores.parquet"), None)
    if file is None:
        raise CallError(
            f"{subject.name} has no scores: score it first, as in %qforge score {subject.name} "
            "into report, and write `by report`"
        )
    rows = context.store.objects.read_frame(file.sha256)
    if "order" not in rows.columns or (rows.height and rows["order"][0] != subject.order):
        raise CallError(
            f"{subject.name} was scored with its rows in another order: "
            "write `by` and the report, or score it again"
        )
    return rows.select(*_COLUMNS)
