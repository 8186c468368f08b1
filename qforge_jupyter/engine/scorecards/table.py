"""Rules proposed from the data itself, for a table nobody has described yet.

The proposals are deliberately wide: what they flag is rare or far out. They
are a start to edit, and the report shows them as a body.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import permutations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column
from qforge_jupyter.engine.quantiles import quantiles
from qforge_jupyter.engine.scorecard import USUAL, WEIGHTS, Scorecard
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
#: What fewer rows than these suggest may be chance.
LEAST_ROWS = 20
#: Characters of a text that may name a record.
LONGEST_KEY = 80
#: Larger numbers are in no range that can be written.
LARGEST = 1e30
_KEY = re.compile(
    r"(?:^|[^A-Za-z])(?i:u?u?id|key|code|number|index)_?$|[a-z](?:Id|ID|Key|Code|Index)$"
)


def build(table: Table) -> Scorecard:
    """Propose required fields, ranges, categories, orders and a key."""
    frame = _sample(table)
    if not frame.height:
        return Scorecard()
    filled = [name for name in frame.columns if _filled(frame, name) >= FILLED]
    known = set(filled)
    key = _key(frame)
    # An identifier's numbers mean nothing, so they have no range.
    measured = [name for name in filled if name not in key]
    ranges, values = _ranges(frame, measured), _values(frame, measured)
    rules = _orders(frame, measured)
    asked = {"completeness": filled, "validity": ranges or values, "consistency": rules}
    return Scorecard(
        required=tuple(filled),
        optional=tuple(name for name in frame.columns if name not in known),
        ranges=ranges,
        values=values,
        rules=rules,
        unique_by=key,
        # What the data suggest no question for cannot be asked for, either.
        weights={name: WEIGHTS[name] if asked.get(name, True) else 0.0 for name in USUAL},
    )


def _sample(table: Table) -> pl.DataFrame:
    n_rows = table.n_rows
    if n_rows <= N_LOOKED_AT:
        return table.lazy.collect()
    return table.lazy.gather_every(-(-n_rows // N_LOOKED_AT)).collect()


def _filled(frame: pl.DataFrame, name: str) -> float:
    cells = _cells(frame, name)
    n_missing = cells.null_count()
    if cells.dtype.is_float():  # In NumPy a null is NaN too.
        n_missing = int(np.isnan(cells.to_numpy()).sum())
    return 1 - n_missing / frame.height


def _cells(frame: pl.DataFrame, name: str) -> pl.Series:
    # Under a name of ours: a Series called like a pattern would be looked up as one.
    return frame.get_column(name).alias("cells")


def _ranges(frame: pl.DataFrame, names: list[str]) -> dict[str, str]:
    ranges = {}
    for name in names:
        cells = _cells(frame, name)
        if not cells.dtype.is_numeric():
            continue
        cells = cells if cells.dtype == pl.Float64 else cells.cast(pl.Float64)
        numbers = cells.to_numpy()
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers) and (text := _range(numbers)):
            ranges[name] = text
    return ranges


def _range(numbers: NDArray[np.float64]) -> str:
    """Write a range that only what is far out leaves; empty where none can be."""
    least, low, middle, high, most = quantiles(numbers, (0.01, 0.25, 0.5, 0.75, 0.99))
    # Skewed data reach further on one side, and by right.
    reach = FAR_OUT * (high - low)
    floor, ceiling = min(low - reach, 2 * least - middle), max(high + reach, 2 * most - middle)
    if not (1 / LARGEST < reach < LARGEST and max(abs(floor), abs(ceiling)) < LARGEST):
        return ""
    floor = max(0.0, floor) if numbers.min() >= 0 else floor
    return f"{_outward(floor, reach, ROUND_FLOOR)} .. {_outward(ceiling, reach, ROUND_CEILING)}"


def _outward(value: float, reach: float, rounding: str) -> str:
    """Round a bound to a hundredth of the range, away from the values."""
    places = 1 - math.floor(math.log10(reach))
    rounded = Decimal(value).scaleb(places).to_integral_value(rounding)
    return f"{rounded.scaleb(-places):f}"


def _values(frame: pl.DataFrame, names: list[str]) -> dict[str, tuple[str, ...]]:
    values = {}
    for name in names:
        if _cells(frame, name).dtype not in (pl.String, pl.Categorical, pl.Enum):
            continue
        counts = _cells(frame, name).cast(pl.String).drop_nulls().value_counts()
        if not 1 < counts.height <= N_CATEGORIES or counts.height > frame.height / 5:
            continue
        least = max(2, RARE * frame.height)
        common = counts.filter(pl.col("count") >= least)["cells"]
        if len(common) > 1:
            values[name] = tuple(sorted(common))
    return values


def _orders(frame: pl.DataFrame, names: list[str]) -> dict[str, str]:
    """Find pairs of dates, or of amounts of one kind, that are always in order."""
    named = [name for name in names if name.strip() and "`" not in name]
    dated = [name for name in named if _cells(frame, name).dtype in (pl.Date, pl.Datetime)][:20]
    amounts = [name for name in named if _cells(frame, name).dtype.is_numeric()][:40]
    pairs = [(*pair, "before") for pair in permutations(dated, 2)]
    pairs += [(*pair, "at most") for pair in permutations(amounts, 2) if _are_of_one_kind(*pair)]
    rules = {}
    for low, high, word in pairs:
        if _cells(frame, low).dtype == _cells(frame, high).dtype and _is_ordered(frame, low, high):
            rules[f"{low} {word} {high}"] = f"`{low}` <= `{high}`"
    return rules


def _are_of_one_kind(first: str, second: str) -> bool:
    """Whether two names differ in one word only, as ``US Gross`` and ``Worldwide Gross``."""
    one, other = (
        re.findall(r"[^\W\d_]+", re.sub(r"\(.*?\)", "", n).lower()) for n in (first, second)
    )
    return len(one) == len(other) > 1 and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _is_ordered(frame: pl.DataFrame, low: str, high: str) -> bool:
    """Whether two columns keep an order that does not follow from their ranges alone."""
    both = frame.select(column(low).alias("low"), column(high).alias("high")).drop_nulls()
    if both.height < LEAST_ROWS:
        return False
    one, other = pl.col("low"), pl.col("high")
    is_ordered, differs, overlaps = both.select(
        is_ordered=(one <= other).mean() >= ORDERED,
        differs=(one != other).any(),
        overlaps=one.quantile(0.99, "nearest") > other.quantile(0.01, "nearest"),
    ).row(0)
    return bool(is_ordered and differs and overlaps)


def _key(frame: pl.DataFrame) -> tuple[str, ...]:
    """Take a nearly unique column that is called a key or looks like one, or the whole row."""
    for name in sorted(frame.columns, key=lambda name: not _KEY.search(name)):
        dtype = _cells(frame, name).dtype
        is_like_key = dtype == pl.String or dtype.is_integer()
        if is_like_key and _filled(frame, name) >= 0.99 and _is_key(frame, name):
            return (name,)
    return ("*",)


def _is_key(frame: pl.DataFrame, name: str) -> bool:
    values = _cells(frame, name)
    n_different = values.n_unique()
    if _KEY.search(name):
        return n_different >= 0.95 * frame.height
    if n_different < 0.999 * frame.height or frame.height < LEAST_ROWS:
        return False
    if values.dtype == pl.String:
        return not (values.str.len_chars() > LONGEST_KEY).any()
    # Whole numbers that measure something may all differ; those that count are without gaps.
    numbers = values.drop_nulls().to_list()
    return bool(max(numbers) - min(numbers) + 1 == frame.height)
