"""Ranges as people write them."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.ranges import Range, read_range


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 .. 50 eV", Range(0, 50, unit="eV")),
        (".. 0 eV", Range(None, 0, unit="eV")),
        ("0 ..", Range(0)),
        ("0 <.. 50", Range(0, 50, low_is_open=True)),
        ("0 ..< 50", Range(0, 50, high_is_open=True)),
        ("0 <..< 50", Range(0, 50, low_is_open=True, high_is_open=True)),
        ("> 0", Range(0, low_is_open=True)),
        (">= 0.7", Range(0.7)),
        ("< 0 eV", Range(None, 0, high_is_open=True, unit="eV")),
        ("<= 3", Range(None, 3)),
        ("≤3", Range(None, 3)),
        ("-50 .. 0", Range(-50, 0)),
        ("\u221250..0", Range(-50, 0)),
        ("-1e-3..+2.5E3", Range(-0.001, 2500)),
        ("0 .. 5%", Range(0, 0.05)),
        ("0 eV .. 1000 meV", Range(0, 1000, unit="meV")),
        ("1_000 ..", Range(1000)),
        ("9007199254740993 ..", Range(2**53 + 1)),
        ("2020-01-01 .. 2024-12-31", Range(date(2020, 1, 1), date(2024, 12, 31))),
        ("2020-01-01T12:30 ..", Range(datetime(2020, 1, 1, 12, 30))),  # noqa: DTZ001 — no zone
    ],
)
def test_a_range_is_read_as_it_looks(text, expected):
    assert read_range(text) == expected
    assert read_range(expected.text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "..", "5", "50 .. 0", "0 <.. 0", "<.. 5", "0 ..<", "a .. b", "0 .. 1 .. 2", "1e999 ..",
        "2024-13-01 ..", "2020-01-01 .. 5", "0 .. 50 eVV", "0 K .. 1 eV", ">", "nan ..", "0 .. 5 5",
        "2020-01-01 .. 2020-01-02T10:00", "x" * 300, "2020-01-01T10:00Z .. 2020-01-02T10:00",
    ],
)  # fmt: skip
def test_what_is_no_range_is_refused_with_a_sentence(text):
    with pytest.raises(RuleError) as caught:
        read_range(text)
    assert "\n" not in caught.value.message


@given(
    st.none() | st.integers(-(2**60), 2**60) | st.floats(-1e30, 1e30),
    st.none() | st.integers(-(2**60), 2**60) | st.floats(-1e30, 1e30),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "eV", "eV/angstrom"]),
)
def test_the_canonical_text_reads_back_to_the_same_range(low, high, low_open, high_open, unit):
    if low is None and high is None:
        return
    if low is not None and high is not None and low >= high:
        low, high = (high, low) if low > high else (low, None)
    wanted = Range(low, high, low is not None and low_open, high is not None and high_open, unit)
    assert read_range(wanted.text) == wanted


FLOATS = [-1.0, 0.0, 25.0, 50.0, 51.0, None, math.nan, math.inf, -math.inf]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 .. 50", [False, True, True, True, False, None, False, False, False]),
        ("0 <..< 50", [False, False, True, False, False, None, False, False, False]),
        ("0 ..", [False, True, True, True, True, None, False, False, False]),
        (".. 0", [True, True, False, False, False, None, False, False, False]),
    ],
)
@pytest.mark.parametrize("dtype", [pl.Float64, pl.Float32])
def test_nan_and_infinity_are_outside_and_null_is_not_judged(text, expected, dtype):
    frame = pl.DataFrame({"x": pl.Series(FLOATS, dtype=dtype)})
    assert frame.select(read_range(text).expression("x"))["x"].to_list() == expected


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        (pl.Int8, [-5, 0, None]),
        (pl.UInt8, [200, 0, None]),
        (pl.UInt64, [2**64 - 1, 0, None]),
        (pl.Int128, [2**100, 0, None]),
        (pl.Decimal(10, 2), [Decimal("-0.01"), Decimal("0.00"), None]),
    ],
)
def test_every_numeric_type_can_lie_in_a_range(dtype, values):
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype)})
    read_range("0 .. 100").check_type(frame.schema["x"], "x")
    judged = frame.select(read_range("0 .. 100").expression("x"))["x"].to_list()
    assert judged == [False, True, None]
    assert frame.select(read_range("0.0 ..").expression("x"))["x"].to_list()[1:] == [True, None]


def test_integers_beyond_2_to_53_are_compared_exactly():
    frame = pl.DataFrame({"x": [2**53, 2**53 + 1]})
    judged = frame.select(read_range("9007199254740993 ..").expression("x"))["x"]
    assert judged.to_list() == [False, True]


def test_a_day_range_holds_the_whole_last_day_of_datetimes():
    moments = pl.Series(
        [datetime(2024, 12, 31, 23, 59), datetime(2025, 1, 1)],  # noqa: DTZ001 — no zone
    )
    for column in (moments, moments.dt.replace_time_zone("UTC"), moments.dt.cast_time_unit("ns")):
        frame = pl.DataFrame({"t": column})
        judged = frame.select(read_range("2020-01-01 .. 2024-12-31").expression("t"))["t"]
        assert judged.to_list() == [True, False]


def test_columns_are_addressed_by_their_exact_name():
    frame = pl.DataFrame({"^.*$": [1], "*": [99], "": [5]})
    for name, expected in (("^.*$", True), ("*", False), ("", True)):
        assert frame.select(read_range("0 .. 50").expression(name)).item() is expected


@pytest.mark.parametrize("dtype", [pl.String(), pl.Boolean(), pl.List(pl.Int64), pl.Date()])
def test_a_type_that_cannot_lie_in_a_range_is_named(dtype):
    with pytest.raises(RuleError, match="'x' holds"):
        read_range("0 .. 5").check_type(dtype, "x")


def test_a_range_converts_to_the_unit_of_the_column():
    assert read_range("0 .. 1 nm").converted("angstrom") == Range(0, 10, unit="angstrom")
    assert read_range("0 .. 1").converted("eV") == Range(0, 1, unit="eV")
    with pytest.raises(RuleError):
        read_range("0 .. 1 nm").converted("eV")
    with pytest.raises(RuleError):
        read_range("2020-01-01 ..").converted("eV")
