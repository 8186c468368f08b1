"""What a filter of `label` may ask beside the columns: whether a row is labeled, by whom, when."""

from __future__ import annotations

from typing import Any

import polars as pl

from qforge_jupyter.labeling.queue import Queue

#: Columns that a filter may ask beside those of the dataset.
STATUS: dict[str, Any] = {
    "label_status": pl.String,
    "label_by": pl.String,
    "label_at": pl.Datetime("us", "UTC"),
    "n_labelers": pl.Int64,
}


def where_schema(schema: pl.Schema) -> pl.Schema:
    """Give the columns that a filter may ask: the dataset's, and the status of labels."""
    names = _status_names(schema)
    return pl.Schema({**schema, **{name: STATUS[of] for name, of in names.items()}})


def _status_names(schema: pl.Schema) -> dict[str, str]:
    """Name the columns of the status; ``status`` alone where the dataset has none of its own."""
    names = {name: name for name in STATUS if name not in schema}
    return names | ({} if "status" in schema else {"status": "label_status"})


def status_columns(queue: Queue) -> tuple[pl.Schema, list[pl.Series]]:
    """Give the status of every row as columns, under names that the dataset leaves free."""
    n = queue.items.frame.height
    values: dict[str, list[Any]] = {
        "label_status": ["pending"] * n,
        "label_by": [None] * n,
        "label_at": [None] * n,
        "n_labelers": [0] * n,
    }
    for place, state in queue.states.items():
        values["label_status"][place] = state.status
        if state.last is not None:
            values["label_by"][place] = state.last.labeler
            values["label_at"][place] = state.last.at
        values["n_labelers"][place] = len(state.answers)
    schema = queue.items.frame.schema
    added = [
        pl.Series(name, values[of], dtype=STATUS[of]) for name, of in _status_names(schema).items()
    ]
    return where_schema(schema), added
