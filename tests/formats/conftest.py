from __future__ import annotations

import datetime as dt

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
