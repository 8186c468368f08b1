"""Rules proposed from the data itself, for a table nobody has described yet.

The proposals are deliberately wide: what they flag is rare or far out. They
are a start to edit, and the report shows them as a body.
"""

from __future__ import annotations

import polars as pl

from qforge_jupyter.columns import column, is_present
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.frames import Table

#: Rows a proposal rests on; more are sampled down to this, evenly.
N_LOOKED_AT = 200_000
#: A field filled at least this often is required.
FILLED = 0.5
#: Tukey's far-out fences: this many interquartile ranges beyond the quartiles.
FAR_OUT = 3.0
#: Text columns with at most this many different values are categories.
N_CATEGORIES = 50
#: A category seen in less than this share of rows looks like a slip.
RARE = 0.0005
#: Two columns are taken to be ordered when this share of rows says so.
ORDERED = 0.99


def build(table: Table) -> Scorecard:
    """Propose required fields, ranges, categories, orders and a key."""
    frame = _sample(table)
    if not frame.height:
        return Scorecard()
    filled = [name for name in frame.columns if _filled(frame, name) >= FILLED]
    key = _key(frame)
    # An identifier's numbers mean nothing, so they have no range.
    measured = [name for name in filled if name not in key]
    return Scorecard(
        required=tuple(filled),
        optional=tuple(name for name in frame.columns if name not in filled),
        ranges=_ranges(frame, measured),
        values=_values(frame, measured),
        rules=_orders(frame, measured),
        unique_by=key,
    )


def _sample(table: Table) -> pl.DataFrame:
    n_rows = table.n_rows
    if n_rows <= N_LOOKED_AT:
        return table.lazy.collect()
    return table.lazy.gather_every(-(-n_rows // N_LOOKED_AT)).collect()


def _filled(frame: pl.DataFrame, name: str) -> float:
    return float(frame.select(is_present(column(name), frame.schema[name]).mean()).item() or 0.0)


def _ranges(frame: pl.DataFrame, names: list[str]) -> dict[str, str]:
    ranges = {}
    for name in names:
        dtype = frame.schema[name]
        if not dtype.is_numeric():
            continue
        value = column(name).cast(pl.Float64)
        value = value.filter(value.is_finite())
        low, high, least = frame.select(
            value.quantile(0.25, "linear").alias("low"),
            value.quantile(0.75, "linear").alias("high"),
            value.quantile(0.01, "linear").alias("least"),
        ).row(0)
        if low is None or high <= low:
            continue
        reach = FAR_OUT * (high - low)
        floor = max(0.0, low - reach) if least >= 0 else low - reach
        ranges[name] = f"{_rounded(floor)} .. {_rounded(high + reach)}"
    return ranges


def _rounded(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def _values(frame: pl.DataFrame, names: list[str]) -> dict[str, tuple[str, ...]]:
    values = {}
    for name in names:
        if frame.schema[name] not in (pl.String, pl.Categorical, pl.Enum):
            continue
        counts = frame.select(column(name).cast(pl.String).drop_nulls()).to_series().value_counts()
        if not 1 < counts.height <= N_CATEGORIES or counts.height > frame.height / 5:
            continue
        least = max(2, RARE * frame.height)
        common = counts.filter(pl.col("count") >= least)[name]
        if len(common) > 1:
            values[name] = tuple(sorted(common))
    return values


def _orders(frame: pl.DataFrame, names: list[str]) -> dict[str, str]:
    """Find pairs of dates, or of amounts of one kind, that are always in order."""
    dated = [name for name in names if frame.schema[name].is_temporal()][:20]
    rules = {}
    for place, first in enumerate(dated):
        for second in dated[place + 1 :]:
            if frame.schema[first] != frame.schema[second]:
                continue
            share = frame.select((column(first) <= column(second)).mean()).item()
            for share_held, low, high in (
                (share, first, second),
                (1 - (share or 0), second, first),
            ):
                if share is not None and share_held >= ORDERED:
                    rules[f"{low} before {high}"] = f"{_quoted(low)} <= {_quoted(high)}"
                    break
    return rules


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"`{name}`"


def _key(frame: pl.DataFrame) -> tuple[str, ...]:
    """Take the first nearly unique text or whole-number column, or the whole row."""
    for name in frame.columns:
        dtype = frame.schema[name]
        is_like_key = dtype == pl.String or dtype.is_integer()
        if is_like_key and _filled(frame, name) >= 0.99 and _is_unique(frame, name):
            return (name,)
    return ("*",)


def _is_unique(frame: pl.DataFrame, name: str) -> bool:
    named = name.lower().rstrip("_").endswith(("id", "key", "code", "name", "number", "index"))
    share = frame.select(column(name).n_unique()).item() / frame.height
    return bool(share >= (0.95 if named else 0.999))
