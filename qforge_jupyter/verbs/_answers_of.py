"""What several labelers said of a table: in columns, in a long table, or in sessions."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.context import Context
from qforge_jupyter.engine.active_learning.many_labelers import LABEL, LABELER, ROW
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.labeling.answers import is_cant_tell
from qforge_jupyter.labeling.kept import kept_labels
from qforge_jupyter.labeling.told import written
from qforge_jupyter.versions.label_keys import item_keys, plain_names, texts_of
from qforge_jupyter.versions.laying import pick

_SCHEMA = {ROW: pl.Int64, LABELER: pl.String, LABEL: pl.String}


def answers_in_columns(frame: pl.DataFrame, labelers: Sequence[str]) -> pl.DataFrame:
    """Read a column a labeler.

    Examples
    --------
    >>> answers_in_columns(pl.DataFrame({"ann": ["a", None]}), ["ann"]).rows()
    [(0, 'ann', 'a')]

    """
    parts = [
        pl.DataFrame({LABEL: frame.get_column(name).cast(pl.String)})
        .with_row_index(ROW)
        .select(pl.col(ROW).cast(pl.Int64), pl.lit(name).alias(LABELER), LABEL)
        for name in labelers
    ]
    return _said(pl.concat(parts)) if parts else pl.DataFrame(schema=_SCHEMA)


def answers_in_table(
    frame: pl.DataFrame, keys: Sequence[str], ratings: Table, target: str, labeler: str
) -> pl.DataFrame:
    """Read a line an answer: the keys of a row, who spoke, and what.

    Raises
    ------
    CallError
        A column is missing, or nothing names a row.
    DataError
        No line is of one of these rows.

    """
    if not keys:
        raise CallError("`ratings` are found by the keys of the rows: name them with `by`")
    for name in (*keys, labeler, target):
        if name not in ratings.columns:
            raise CallError(
                f"`ratings` has no column {name[:60]!r}{nearest(name, ratings.columns)}: it needs "
                f"{', '.join(keys)}, {labeler} and {target}"
            )
    named = texts_of(plain_names(frame, keys), keys)
    places = pl.DataFrame({"item": named}).with_row_index(ROW).unique("item", keep="first")
    said = pl.DataFrame({
        "item": item_keys(pick(ratings.frame, list(keys)), keys),
        LABELER: ratings.frame.get_column(labeler).cast(pl.String),
        LABEL: ratings.frame.get_column(target).cast(pl.String),
    })  # fmt: skip
    found = said.join(places, on="item", maintain_order="left").drop_nulls(LABELER)
    if not found.height:
        raise DataError(f"None of the {said.height:,} `ratings` is of a row of the table")
    return _said(found.select(pl.col(ROW).cast(pl.Int64), LABELER, LABEL))


def answers_in_store(context: Context, subject: Table, target: str) -> pl.DataFrame:
    """Read what labelers answered to the question that is called like the target."""
    none = pl.DataFrame(schema=_SCHEMA)
    if subject.version is None:
        return none
    try:
        kept = kept_labels(context.store, subject)
    except CallError:  # nobody labeled it
        return none
    said = [
        (item, who, written(event.label.value))
        for item, state in kept.states.items()
        for who, event in state.by_question().get(target, {}).items()
        if not is_cant_tell(event.label.value) and not isinstance(event.label.value, list | dict)
    ]
    places = kept.items.places([item for item, _, _ in said])
    lines = [
        (int(place), who, label)
        for place, (_, who, label) in zip(places, said, strict=True)
        if place >= 0
    ]
    return _said(pl.DataFrame(lines, schema=_SCHEMA, orient="row"))


def _said(answers: pl.DataFrame) -> pl.DataFrame:
    is_told = column(LABEL).str.strip_chars() != ""
    said = answers.filter(is_told).unique([ROW, LABELER], keep="last", maintain_order=True)
    return said.sort(ROW, LABELER)
