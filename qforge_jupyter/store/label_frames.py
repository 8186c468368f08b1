"""Labels as one frame: what counts a hundred thousand of them reads no object for each."""

from __future__ import annotations

from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.store.tables import LabelEventRow, LabelingSessionRow
from qforge_jupyter.store.types import MARK, unescape

#: What a frame of labels holds; a value is the JSON text that the store keeps.
SCHEMA: dict[str, Any] = {
    "position": pl.Int64,
    "session": pl.String,
    "submission": pl.String,
    "labeler": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "item": pl.String,
    "question": pl.String,
    "type": pl.String,
    "value": pl.String,
    "confidence": pl.Float64,
    "latency_ms": pl.Int64,
}
_ROW = LabelEventRow


def label_frame(session: Session, dataset_id: str, position: int = 0) -> pl.DataFrame:
    """Read the labels of a dataset after a position, in order."""
    texts = {"session": _ROW.session_id, "submission": _ROW.submission, "labeler": _ROW.labeler}
    texts |= {"item": _ROW.row_key, "question": _ROW.question, "type": _ROW.label_type}
    # The columns' own types would bring every cell through Python.
    plain = {name: sa.type_coerce(column, sa.Text()) for name, column in texts.items()}
    columns = {
        "position": _ROW.position,
        **plain,
        "at": sa.type_coerce(_ROW.labeled_at, sa.types.NullType()),
        "value": sa.cast(sa.type_coerce(_ROW.value, sa.types.NullType()), sa.Text()),
        "confidence": _ROW.confidence,
        "latency_ms": _ROW.latency_ms,
    }
    sessions = sa.select(LabelingSessionRow.id).where(LabelingSessionRow.dataset_id == dataset_id)
    wanted: Any = sa.select(*(column.label(name) for name, column in columns.items())).where(
        _ROW.position > position, _ROW.session_id.concat("").in_(sessions)
    )
    rows = session.execute(wanted.order_by(_ROW.position)).all()
    found = {
        name: _series(name, [row[place] for row in rows]) for place, name in enumerate(columns)
    }
    return pl.DataFrame({name: found[name] for name in SCHEMA}, schema=SCHEMA)


def _series(name: str, cells: list[Any]) -> pl.Series:
    kind = SCHEMA[name]
    if name == "at":
        if cells and isinstance(cells[0], str):
            return pl.Series(name, cells, dtype=pl.String).str.to_datetime(
                "%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", time_zone="UTC"
            )
        return pl.Series(name, cells, dtype=kind)
    made = pl.Series(name, cells, dtype=kind, strict=False)
    if name == "item" and made.str.contains(MARK, literal=True).any():
        return pl.Series(name, [unescape(cell) for cell in cells], dtype=kind)
    return made
