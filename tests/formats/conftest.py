from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest


@pytest.fixture
def typed_table() -> pl.DataFrame:
    """One column of each plain type, with nulls, NaN and awkward text."""
    return pl.DataFrame(
        {
            "whole": [1, None, -(2**53) - 1, 0],
            "real": [1.5, float("nan"), None, -0.25],
            "flag": [True, None, False, True],
            "text": ["=1+1", 'a, "b"\nc', None, "00123"],
            "emoji": ["😀", "é", "日本", "plain"],
            "day": [dt.date(2020, 2, 29), None, dt.date(1969, 12, 31), dt.date(2026, 1, 1)],
            "moment": [
                dt.datetime(2020, 1, 1, 10, 0, 0, 123_000),  # noqa: DTZ001 — zoneless
                None,
                dt.datetime(1999, 12, 31, 23, 59, 59),  # noqa: DTZ001 — zoneless
                dt.datetime(2026, 1, 1, 12),  # noqa: DTZ001 — zoneless
            ],
            "^.*$": ["x", "y", "z", "w"],
        }
    )


@pytest.fixture
def every_type() -> pl.DataFrame:
    """Every type that a table can have, with nulls, extremes, and names that read as patterns."""
    return every_type_frame()


def every_type_frame() -> pl.DataFrame:
    def times(dtype: pl.DataType, *counts: int | None) -> pl.Series:
        return pl.Series(counts, dtype=pl.Int64).cast(dtype)

    flat = pl.DataFrame(
        {
            "whole": pl.Series([1, None, -(2**63)], dtype=pl.Int64),
            "unsigned": pl.Series([2**64 - 1, None, 0], dtype=pl.UInt64),
            "small": pl.Series([-128, None, 127], dtype=pl.Int8),
            "huge": pl.Series([2**127 - 1, None, -(2**127)], dtype=pl.Int128),
            "vast": pl.Series([2**127, None, 0], dtype=pl.UInt128),
            "real": [1.5, float("nan"), None],
            "edge": [-0.0, float("-inf"), 5e-324],
            "single": pl.Series([0.1, None, 3.4e38], dtype=pl.Float32),
            "half": pl.Series([0.1, None, 65504], dtype=pl.Float16),
            "flag": [True, None, False],
            "text": ['a"\\\n,', "", None],
            "formula": ["=1+1", "'=x", "'0"],
            "bytes": [b"\x00\xff", b"", None],
            "day": pl.Series([0, None, 2**31 - 1], dtype=pl.Int32).cast(pl.Date),
            "moment": times(pl.Datetime("us"), 0, None, -(2**63) + 1),
            "fine": times(pl.Datetime("ns"), 1, None, -(2**63) + 1),
            "instant": times(pl.Datetime("ms", "Europe/Berlin"), 0, None, 10**12),
            "hour": times(pl.Time(), 0, None, 86_399_999_999_999),
            "span": times(pl.Duration("us"), 0, None, -(2**63) + 1),
            "money": pl.Series([Decimal("1.50"), None, Decimal("-0.01")], dtype=pl.Decimal(38, 2)),
            "kind": pl.Series(["a", None, "é"], dtype=pl.Categorical),
            "grade": pl.Series(["b", None, "a"], dtype=pl.Enum(["b", "a"])),
            "nothing": pl.Series([None] * 3, dtype=pl.Null),
            "^.*$": ["-1", "\t", "@"],
            "=1+1": [1, 2, 3],
        }
    )
    present = pl.Series([True, False, True])
    nested = {
        "point": [{"x": 1, "in": {"*": b"x"}}, None, {"x": None, "in": None}],
        "first": [{"in": {"a": "'0"}, "b": 1}, {"in": None, "b": 2}, None],
        "names": [["a", None], [], None],
        "reals": [[0.1, None], [float("nan")], None],
        "deep": [[[1], None], [], None],
        "points": [[{"a": 1, "^.*$": dt.date(2020, 1, 1)}, None], [], None],
    }
    return flat.with_columns(
        pl.when(present).then(pl.struct(pl.all())).alias("all"),
        pl.Series("pair", [[1.5, None], None, [2.0, 0.1]], dtype=pl.Array(pl.Float64, 2)),
        *(pl.Series(name, values) for name, values in nested.items()),
    )
