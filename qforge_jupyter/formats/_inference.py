"""Types of text columns, decided on every row and never at the cost of a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from qforge_jupyter.frames.columns import MAX_EXACT_FLOAT, MAX_ROWS, column
from qforge_jupyter.results.run import Finding

#: A text column with at least this share of numbers was probably meant as numbers.
NUMERIC_SHARE = 0.9
#: What people write for "no value" besides nothing.
NULL_WORDS = ("na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "#n/a", "missing")
_TRUE, _FALSE = ["true", "True", "TRUE"], ["false", "False", "FALSE"]
_PADDED = r"^(?:[+-]?0[0-9]|\+[0-9]+$)"
_WHOLE = r"^[+-]?[0-9]+$"
#: Columns looked at in one pass, so that wide files stay small in memory.
_COLUMNS_A_PASS = 200
#: Rows that are enough to see that a column holds words.
_SAMPLE_ROWS = 5_000
_DATE, _DATETIME = (
    "%Y-%m-%d",
    r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$",
)


def typed(
    text: pl.LazyFrame, names: list[str], *, dates: bool, types: Mapping[str, Any]
) -> tuple[pl.LazyFrame, tuple[Finding, ...]]:
    """Give text columns their types, seen over all rows.

    A column is numeric only when every value is and nothing is lost: numbers
    with leading zeros or a leading plus stay text, integers beyond 64 bits
    become 128-bit ones or stay text, and integers that a float would round
    keep their column text.

    Parameters
    ----------
    text
        Columns of strings.
    names
        Their names.
    dates
        Whether ISO dates and times become dates and datetimes.
    types
        Types that are given, by column.

    """
    free = [name for name in names if name not in types]
    sample = text.head(_SAMPLE_ROWS).collect().lazy()
    found = _count(sample, free, dates=dates)
    open_cases = [name for name in free if not _is_surely_text(found[name])]
    found |= _count(text, open_cases, dates=dates)
    chosen = {name: _choose(found[name]) for name in free} | dict(types)
    suspects = [n for n in free if chosen[n] == pl.String and _is_nearly_numeric(found[n])]
    findings = [_mixed(text, name, found[name]) for name in suspects]
    exprs = [_cast(name, chosen[name]) for name in names if chosen[name] != pl.String]
    return (text.with_columns(exprs) if exprs else text), tuple(findings)


def _count(text: pl.LazyFrame, names: list[str], *, dates: bool) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for start in range(0, len(names), _COLUMNS_A_PASS):
        some = names[start : start + _COLUMNS_A_PASS]
        values = [_trimmed(name).alias(f"v{i}") for i, name in enumerate(some)]
        whole = [
            pl.col(f"v{i}").cast(pl.Int64, strict=False).alias(f"i{i}") for i in range(len(some))
        ]
        number = [
            pl.col(f"v{i}").cast(pl.Float64, strict=False).is_not_null().alias(f"f{i}")
            for i in range(len(some))
        ]
        wanted = [_evidence(i, dates=dates).alias(str(i)) for i in range(len(some))]
        plan = text.select(values).with_columns(whole + number).select(wanted)
        row = plan.collect(engine="streaming").row(0)
        found |= dict(zip(some, row, strict=True))
    return found


def _is_surely_text(seen: Mapping[str, int]) -> bool:
    """Whether the sample settles it: far from numbers, and neither truth values nor dates."""
    likely = max(seen["number"], seen["bool"], seen.get("date", 0), seen.get("datetime", 0))
    return seen["n"] > 0 and likely * 2 < seen["n"]


def _trimmed(name: str) -> pl.Expr:
    stripped = column(name).str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def _evidence(i: int, *, dates: bool) -> pl.Expr:
    """Give counts by which the type of one column is decided."""
    value, i64, is_number = pl.col(f"v{i}"), pl.col(f"i{i}"), pl.col(f"f{i}")
    wide = pl.when(i64.is_null() & is_number).then(value)
    is_wide_whole = wide.str.contains(_WHOLE)
    counts: dict[str, pl.Expr] = {
        "n": value.count(),
        "number": is_number.sum(),
        "i64": i64.count(),
        "whole": i64.count() + is_wide_whole.sum(),
        "i128": i64.count() + wide.cast(pl.Int128, strict=False).count(),
        "padded": value.str.contains(_PADDED).sum(),
        "large": (i64.abs() > MAX_EXACT_FLOAT).sum() + is_wide_whole.sum(),
        "bool": value.is_in(_TRUE + _FALSE).sum(),
    }
    if dates:
        counts["date"] = value.str.to_date(_DATE, strict=False).count()
        counts["datetime"] = value.str.contains(_DATETIME).sum()
        counts["zoned"] = (value.str.extract(_DATETIME, 1).is_not_null()).sum()
    return pl.struct([count.cast(pl.Int64).alias(key) for key, count in counts.items()])


def _choose(seen: Mapping[str, int]) -> Any:  # noqa: PLR0911 — one a type
    n = seen["n"]
    if n == 0 or seen["padded"]:
        return pl.String
    if seen["bool"] == n:
        return pl.Boolean
    if seen["whole"] == n:
        return pl.Int64 if seen["i64"] == n else pl.Int128 if seen["i128"] == n else pl.String
    if seen["number"] == n:
        return pl.String if seen["large"] else pl.Float64
    if seen.get("date", 0) == n:
        return pl.Date
    if seen.get("datetime", 0) == n and seen["zoned"] in (0, n):
        return pl.Datetime("us", "UTC") if seen["zoned"] else pl.Datetime("us")
    return pl.String


def _is_nearly_numeric(seen: Mapping[str, int]) -> bool:
    is_split = 0 < seen["n"] - seen["number"] <= (1 - NUMERIC_SHARE) * seen["n"]
    return not seen["padded"] and (is_split or (seen["number"] == seen["n"] > 0))


def _cast(name: str, dtype: Any) -> pl.Expr:
    value = _trimmed(name)
    if dtype == pl.Boolean:
        return value.is_in(_TRUE).alias(name)
    if dtype == pl.Date:
        return value.str.to_date(_DATE).alias(name)
    if isinstance(dtype, pl.Datetime):
        with_seconds = value.str.replace(" ", "T").str.replace(
            r"(T\d\d:\d\d)(Z|[+-]|$)", "${1}:00${2}"
        )
        form = "%Y-%m-%dT%H:%M:%S%.f" + ("%#z" if dtype.time_zone else "")
        return with_seconds.str.to_datetime(form, time_unit="us", time_zone=dtype.time_zone).alias(
            name
        )
    return value.cast(dtype).alias(name)


def _mixed(text: pl.LazyFrame, name: str, seen: Mapping[str, int]) -> Finding:
    """Give the rows that keep a nearly numeric column from being one."""
    value = _trimmed(name)
    if seen["number"] == seen["n"]:
        note = "Integers too large for a float stay text, so that none is rounded"
        return Finding(
            "large integers",
            f"type of {name}",
            seen["large"],
            "low",
            column=name,
            action="documented",
            note=note,
        )
    odd = value.is_not_null() & value.cast(pl.Float64, strict=False).is_null()
    frame = (
        text.select(value=value, is_odd=odd)
        .with_row_index("row")
        .filter(pl.col("is_odd"))
        .head(MAX_ROWS)
    ).collect(engine="streaming")
    words = (
        text.filter(odd)
        .select(value.str.to_lowercase().unique().head(20))
        .collect(engine="streaming")
    )
    is_null_word = all(word in NULL_WORDS for word in words.to_series())
    advice = "; where they mean no value, pass nulls= with these words" if is_null_word else ""
    return Finding(
        "mixed types", f"type of {name}", seen["n"] - seen["number"], "medium", column=name,
        rows=tuple(frame["row"].to_list()), action="documented",
        note=f"Numbers but for these rows, so the column is read as text{advice}",
    )  # fmt: skip
