"""What validations found, in the columns of a dataset that say so of each example."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from qforge_jupyter.labeling.kept import KeptLabels

STATUS, BY, AT = "validation_status", "validated_by", "validated_at"
PENDING = "pending"


@dataclass(frozen=True)
class Verdicts:
    """The rows with what was found of each item that a validation judged.

    Parameters
    ----------
    n
        How many items are validated or rejected.
    sessions
        Ids of those in which they were judged.

    """

    frame: pl.DataFrame = field(repr=False)
    n: int = 0
    sessions: frozenset[str] = frozenset()


def with_verdicts(kept: KeptLabels, frame: pl.DataFrame) -> Verdicts:
    """Write down who judged each item how and when, in those of the columns that are there.

    An item that was judged and answered again, or whose judgement was taken back, is pending.

    Parameters
    ----------
    kept
        What was said of the dataset.
    frame
        Its rows, with the answers that are accepted.

    """
    found = _verdicts(kept)
    names = [name for name in (STATUS, BY, AT) if _is_ours(kept, frame, name)]
    if not names or found.is_empty():
        return Verdicts(frame)
    nth = (
        pl.DataFrame({"row": kept.items.first_of})
        .join(found.with_row_index("nth"), on="row", how="left", maintain_order="left")
        .get_column("nth")
    )
    new = [
        pl.select(
            pl.when(nth.is_not_null())
            .then(_cast(found[name], frame.schema[name]).gather(nth))
            .otherwise(frame.get_column(name))
            .alias(name)
        ).to_series()
        for name in names
    ]
    judged = found.filter(pl.col(STATUS) != PENDING)
    return Verdicts(frame.with_columns(new), judged.height, frozenset(judged["session"]))


def _verdicts(kept: KeptLabels) -> pl.DataFrame:
    """Give the verdict on each row that was ever judged."""
    items = {one.label.item for one in kept.events if one.label.label_type == "validation"}
    there = [item for item in kept.states if item in items]
    lines: list[tuple[str, str | None, datetime | None, str | None]] = []
    for item in there:
        state = kept.states[item]
        last = state.last
        if state.status in ("validated", "rejected") and last is not None:
            lines.append((state.status, last.labeler, last.at, last.session_id))
        else:
            lines.append((PENDING, None, None, None))
    kinds = (pl.String(), pl.String(), pl.Datetime("us", "UTC"), pl.String())
    schema = dict(zip((STATUS, BY, AT, "session"), kinds, strict=True))
    rows = pl.Series("row", kept.items.places(there), dtype=pl.Int64)
    return pl.DataFrame(lines, schema=schema, orient="row").with_columns(rows)


def _is_ours(kept: KeptLabels, frame: pl.DataFrame, name: str) -> bool:
    """Say whether a column is there, can hold it, and neither names the rows nor is asked for."""
    if name not in frame.columns or name in kept.items.content or name in kept.questions:
        return False
    kind = frame.schema[name]
    return isinstance(kind, pl.Datetime) if name == AT else kind == pl.String


def _cast(values: pl.Series, kind: pl.DataType) -> pl.Series:
    """Give moments the zone and the unit of their column; one without a zone is in UTC."""
    if not isinstance(kind, pl.Datetime):
        return values
    zoned = values.dt.convert_time_zone(kind.time_zone or "UTC")
    return (zoned if kind.time_zone else zoned.dt.replace_time_zone(None)).cast(kind)
