"""Equal content has an equal fingerprint, and other content another one."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_fingerprint import plain_fingerprint

from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.fingerprint import (
    FingerprintState,
    fingerprint,
    finish,
    fold,
    merge,
)
from qforge_jupyter.frames.table import Table

UTC = dt.UTC
NEW_YEAR = dt.datetime.fromisoformat("2026-01-01T00:00:00")
FAR_TIMES = [
    *map(dt.datetime.fromisoformat, ("9999-01-01", "0001-01-01", "2000-01-01")),
    None,
]
BERLIN = "Europe/Berlin"

Column = tuple[str, Any, str, list[Any]]
#: One column of every type: name, type, logical type, values.
EVERY_TYPE: list[Column] = [
    ("bool", pl.Boolean, "bool", [True, False, None, True]),
    ("i8", pl.Int8, "int", [1, -128, None, 127]),
    ("i64", pl.Int64, "int", [2**53, 2**53 + 1, None, -(2**63)]),
    ("u64", pl.UInt64, "int", [0, 2**63, 2**64 - 1, None]),
    ("i128", pl.Int128, "int", [2**127 - 1, -(2**127), 2**64, None]),
    ("u128", pl.UInt128, "int", [2**127, 2**128 - 1, 5, None]),
    ("f16", pl.Float16, "float", [0.5, -0.0, None, 1.0]),
    ("f32", pl.Float32, "float", [0.5, math.inf, None, math.nan]),
    ("f64", pl.Float64, "float", [0.1, -0.0, math.nan, None]),
    ("text", pl.String, "text", ["", "a", None, "zwölf Wörter und ein 🐟 darin"]),
    ("category", pl.Categorical, "text", ["x", "y", None, "x"]),
    ("enum", pl.Enum(["lo", "hi"]), "text", ["hi", None, "lo", "hi"]),
    ("binary", pl.Binary, "binary", [b"", b"\x00", b"\x00" * 8, None]),
    ("date", pl.Date, "date", [dt.date(2026, 1, 1), dt.date(1, 1, 1), None, dt.date(1969, 1, 1)]),
    ("time", pl.Time, "time", [dt.time(0), dt.time(23, 59, 59, 999_999), None, dt.time(12)]),
    ("ms", pl.Datetime("ms"), "datetime", FAR_TIMES),
    ("zoned", pl.Datetime("us", BERLIN), "instant",
     [dt.datetime(2026, 7, 1, 12, tzinfo=UTC), None,
      dt.datetime(1960, 1, 1, tzinfo=UTC), dt.datetime(3000, 1, 1, tzinfo=UTC)]),
    ("span", pl.Duration("us"), "duration",
     [dt.timedelta(microseconds=-1), dt.timedelta(days=300_000), None, dt.timedelta(0)]),
    ("decimal", pl.Decimal(20, 2), "decimal(2)",
     [Decimal("1.50"), Decimal("-3.25"), None, Decimal("123456789012345678.99")]),
    ("list", pl.List(pl.Int16), "list<int>", [[1, None], [], None, [None]]),
    ("texts", pl.List(pl.List(pl.String)), "list<list<text>>", [[["a", ""], []], [], None, [None]]),
    ("array", pl.Array(pl.Float32, 2), "array<float,2>", [[1, 2], None, [0, math.nan], [None, 1]]),
    ("struct", pl.Struct({"b": pl.Int8, "a": pl.String}), "struct<'a':text,'b':int>",
     [{"b": 1, "a": "x"}, {"b": None, "a": None}, None, {"b": 2, "a": ""}]),
    ("null", pl.Null, "null", [None, None, None, None]),
    ("^.*$", pl.Int64, "int", [4, 3, 2, 1]),
]  # fmt: skip


def frame_of_every_type() -> pl.DataFrame:
    return pl.DataFrame(
        [pl.Series(name, values, dtype=kind) for name, kind, _, values in EVERY_TYPE]
    )


@pytest.mark.parametrize("column", EVERY_TYPE, ids=lambda column: column[0])
def test_each_type_agrees_bit_for_bit_with_the_plain_witness(
    column: tuple[str, Any, str, list[Any]],
):
    name, kind, logical, values = column
    frame = pl.DataFrame([pl.Series(name, values, dtype=kind)])
    assert fingerprint(frame) == plain_fingerprint(frame, {name: logical})


def test_all_types_together_agree_with_the_plain_witness_and_with_the_committed_value():
    frame = frame_of_every_type()
    kinds = {name: logical for name, _, logical, _ in EVERY_TYPE}
    assert fingerprint(frame) == plain_fingerprint(frame, kinds)
    assert fingerprint(frame) == "d8ce69f8180ebede64ccc713697e2fee"


def test_the_committed_values_of_small_frames_stay():
    assert plain_fingerprint(pl.DataFrame(), {}) == "f4e2e524e7385d05035e3d2e689515cc"
    assert fingerprint(pl.DataFrame()) == "f4e2e524e7385d05035e3d2e689515cc"
    small = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    assert plain_fingerprint(small, {"a": "int", "b": "text"}) == "37ca84e7457451578ede394b41747e02"
    assert fingerprint(small) == "37ca84e7457451578ede394b41747e02"


any_integer = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, 1, 2**53, 2**53 + 1])
RANDOM_COLUMNS = {
    "int": (pl.Int64, any_integer),
    "float": (pl.Float64, st.floats()),
    "text": (pl.String, st.text(max_size=40)),
    "binary": (pl.Binary, st.binary(max_size=40)),
    "bool": (pl.Boolean, st.booleans()),
    "date": (pl.Date, st.dates()),
    "datetime": (pl.Datetime("us"), st.datetimes()),
    "duration": (
        pl.Duration("us"),
        st.timedeltas(dt.timedelta(days=-200_000), dt.timedelta(days=200_000)),
    ),
    "list<text>": (pl.List(pl.String), st.lists(st.none() | st.text(max_size=12), max_size=4)),
    "struct<'x':int,'y':list<int>>": (
        pl.Struct({"y": pl.List(pl.Int64), "x": pl.Int64}),
        st.fixed_dictionaries(
            {"y": st.none() | st.lists(any_integer, max_size=3), "x": st.none() | any_integer}
        ),
    ),
}


@st.composite
def frames(draw: st.DrawFn) -> tuple[pl.DataFrame, dict[str, str]]:
    kinds = draw(st.lists(st.sampled_from(sorted(RANDOM_COLUMNS)), min_size=1, max_size=4))
    names = draw(
        st.lists(st.text(max_size=6), min_size=len(kinds), max_size=len(kinds), unique=True)
    )
    n_rows = draw(st.integers(0, 9))
    columns = {}
    for name, kind in zip(names, kinds, strict=True):
        dtype, values = RANDOM_COLUMNS[kind]
        cells = draw(st.lists(st.none() | values, min_size=n_rows, max_size=n_rows))
        columns[name] = pl.Series(name, cells, dtype=dtype, strict=True)
    return pl.DataFrame(columns), dict(zip(names, kinds, strict=True))


@settings(max_examples=200, deadline=None)
@given(frames())
def test_random_frames_agree_with_the_plain_witness(drawn: tuple[pl.DataFrame, dict[str, str]]):
    frame, kinds = drawn
    assert fingerprint(frame) == plain_fingerprint(frame, kinds)


@settings(max_examples=100, deadline=None)
@given(frames(), st.randoms())
def test_neither_the_order_of_rows_nor_of_columns_nor_the_cut_matters(
    drawn: tuple[pl.DataFrame, dict[str, str]], random: Random
):
    frame, _ = drawn
    order = random.sample(range(frame.height), frame.height)
    turned = frame[order].select(*random.sample(frame.columns, frame.width)[::-1])
    cut = random.randint(0, frame.height)
    parts = merge(fold(turned.slice(cut)), fold(turned.head(cut)))
    assert finish(parts) == fingerprint(frame)


def large_frame() -> pl.DataFrame:
    random = np.random.default_rng(7)
    n = 20_000
    return pl.DataFrame(
        {
            "x": random.normal(size=n),
            "id": [f"row {i} {'x' * (i % 50)}" for i in range(n)],
            "k": random.integers(-5, 5, n),
            "tags": [["a"] * (i % 4) for i in range(n)],
        }
    ).with_columns(kind=pl.col("k").cast(pl.String).cast(pl.Categorical))


@pytest.mark.parametrize("n_parts", [1, 7, 80])
def test_the_number_of_parts_does_not_change_the_answer(n_parts: int):
    frame = large_frame()
    shuffled = frame.sample(fraction=1, shuffle=True, seed=3)
    size = -(-frame.height // n_parts)
    states = [fold(part) for part in shuffled.iter_slices(size)]
    whole = states[0]
    for state in states[1:]:
        whole = merge(state, whole)
    assert len(states) == n_parts
    assert finish(whole) == fingerprint(frame)


def test_a_file_read_in_batches_has_the_fingerprint_of_the_frame(tmp_path: Path):
    frame = large_frame()
    frame.write_parquet(tmp_path / "rows.parquet", row_group_size=999)
    table = Table("rows", pl.scan_parquet(tmp_path / "rows.parquet"))
    assert fingerprint(table) == fingerprint(frame) == fingerprint(frame.lazy())


def test_a_table_without_rows_still_says_its_columns():
    empty = pl.DataFrame(schema={"a": pl.Int64})
    assert fingerprint(empty) == fingerprint(pl.DataFrame(schema={"a": pl.Int8}))
    assert fingerprint(empty) != fingerprint(pl.DataFrame(schema={"b": pl.Int64}))
    assert fingerprint(empty) != fingerprint(pl.DataFrame(schema={"a": pl.String}))


def same(left: pl.Series, right: pl.Series) -> bool:
    return fingerprint(left.alias("a").to_frame()) == fingerprint(right.alias("a").to_frame())


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pl.Series([5], dtype=pl.Int8), pl.Series([5], dtype=pl.Int64)),
        (pl.Series([2**63], dtype=pl.UInt64), pl.Series([2**63], dtype=pl.Int128)),
        (pl.Series([2**126], dtype=pl.UInt128), pl.Series([2**126], dtype=pl.Int128)),
        (pl.Series([0.5], dtype=pl.Float32), pl.Series([0.5], dtype=pl.Float64)),
        (pl.Series([0.0]), pl.Series([-0.0])),
        (pl.Series([math.nan]), pl.Series([-math.nan])),
        (pl.Series(["a", None]), pl.Series(["a", None], dtype=pl.Categorical)),
        (pl.Series(["a"], dtype=pl.Enum(["b", "a"])), pl.Series(["a"], dtype=pl.Categorical)),
        (
            pl.Series([NEW_YEAR], dtype=pl.Datetime("ms")),
            pl.Series([NEW_YEAR], dtype=pl.Datetime("ns")),
        ),
        (
            pl.Series([dt.datetime(2026, 1, 1, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC")),
            pl.Series([dt.datetime(2026, 1, 1, tzinfo=UTC)], dtype=pl.Datetime("ms", BERLIN)),
        ),
        (
            pl.Series([Decimal("1.5")], dtype=pl.Decimal(5, 2)),
            pl.Series([Decimal("1.50")], dtype=pl.Decimal(30, 2)),
        ),
        (pl.Series([{"a": 1, "b": 2}]), pl.Series([{"b": 2, "a": 1}])),
        (pl.Series(["xa", "xb"]).str.slice(1), pl.Series(["a", "b"])),
        (pl.Series([b"0", b"ab", b"c"]).slice(1), pl.Series([b"ab", b"c"])),
    ],
)
def test_what_differs_only_in_storage_has_one_fingerprint(left: pl.Series, right: pl.Series):
    assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pl.Series([1]), pl.Series([True])),
        (pl.Series([1]), pl.Series([1.0])),
        (pl.Series([1]), pl.Series(["1"])),
        (pl.Series([1]), pl.Series([dt.date(1970, 1, 2)])),
        (pl.Series(["a"]), pl.Series([b"a"])),
        (pl.Series([2**53]), pl.Series([2**53 + 1])),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), pl.Series([-1])),
        (pl.Series([2**127], dtype=pl.UInt128), pl.Series([-(2**127)], dtype=pl.Int128)),
        (pl.Series([math.nan]), pl.Series([None], dtype=pl.Float64)),
        (pl.Series([""]), pl.Series([None], dtype=pl.String)),
        (pl.Series([[]], dtype=pl.List(pl.Int8)), pl.Series([None], dtype=pl.List(pl.Int8))),
        (pl.Series([[]], dtype=pl.List(pl.Int8)), pl.Series([[None]], dtype=pl.List(pl.Int8))),
        (pl.Series([[[1], [2]]]), pl.Series([[[1, 2]]])),
        (pl.Series([["ab", "c"]]), pl.Series([["a", "bc"]])),
        (pl.Series(["a\x00"]), pl.Series(["a"])),
        (pl.Series(["", "ab"]), pl.Series(["a", "b"])),
        (
            pl.Series([NEW_YEAR]),
            pl.Series([dt.datetime(2026, 1, 1, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC")),
        ),
        (
            pl.Series([Decimal("1.5")], dtype=pl.Decimal(5, 1)),
            pl.Series([Decimal("1.5")], dtype=pl.Decimal(5, 2)),
        ),
        (pl.Series([None], dtype=pl.Int8), pl.Series([None], dtype=pl.Null)),
        (pl.Series([{"a": None}]), pl.Series([None], dtype=pl.Struct({"a": pl.Null}))),
        (pl.Series([1, 1]), pl.Series([1])),
        (pl.Series([1, 1, 2]), pl.Series([1, 2, 2])),
        (pl.Series([1, 1, 2, 2]), pl.Series([3, 3, 4, 4])),
        (pl.Series([[1, 2]]), pl.Series([[2, 1]])),
        (pl.Series([[1, 2]]), pl.Series([[1, 2]], dtype=pl.Array(pl.Int64, 2))),
    ],
)
def test_what_differs_in_content_has_two_fingerprints(left: pl.Series, right: pl.Series):
    assert not same(left, right)


def test_values_swapped_between_rows_or_columns_are_noticed():
    frame = pl.DataFrame({"a": [1, 2], "b": [3, 4]})
    assert fingerprint(frame) != fingerprint(frame.with_columns(b=frame["b"].reverse()))
    assert fingerprint(frame) != fingerprint(frame.rename({"a": "b", "b": "a"}))


def test_a_column_renamed_is_noticed():
    assert fingerprint(pl.DataFrame({"a": [1]})) != fingerprint(pl.DataFrame({"A": [1]}))


def test_one_value_changed_in_the_last_of_many_rows_is_noticed():
    frame = large_frame()
    changed = frame.with_columns(
        x=pl.when(pl.int_range(pl.len()) == frame.height - 1).then(0.0).otherwise("x")
    )
    assert fingerprint(changed) != fingerprint(frame)


def test_one_very_long_text_needs_no_more_memory_than_its_own():
    long = "Γ" * 3_000_000
    assert not same(pl.Series(["a", long, "b"]), pl.Series(["a", long + "x", "b"]))


def test_three_hundred_rows_have_as_many_hashes_under_both_seeds():
    singles = [fold(pl.DataFrame({"a": [i]})).sums for i in range(300)]
    assert len({first for first, _ in singles}) == len({second for _, second in singles}) == 300


def test_merging_starts_from_an_empty_part_and_refuses_another_table():
    empty = fold(pl.DataFrame(schema={"a": pl.Int64}))
    state = fold(pl.DataFrame({"a": [1]}))
    assert merge(empty, state) == state == merge(state, empty)
    assert empty == FingerprintState(0, (0, 0), (("a", "int"),))
    with pytest.raises(DataError, match="these differ in 'a'"):
        merge(state, fold(pl.DataFrame({"a": ["x"]})))


def test_python_objects_are_refused_in_one_sentence():
    frame = pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)})
    with pytest.raises(DataError, match="of type Object has no fingerprint"):
        fingerprint(frame)


def mlflow_digest(frame: pl.DataFrame) -> str:
    import mlflow.data

    return mlflow.data.from_pandas(frame.to_pandas()).digest


TWENTY_THOUSAND = pl.DataFrame({"x": np.arange(20_000.0)})
TIMED = pl.DataFrame({"x": [1, 2], "t": [NEW_YEAR, NEW_YEAR]})
FLAGGED = pl.DataFrame({"x": [1, 2], "ok": [True, False]})
LISTED = pl.DataFrame({"x": [1, 2], "tags": [["a"], ["b"]]})


@pytest.mark.parametrize(
    ("frame", "other"),
    [
        (TWENTY_THOUSAND, TWENTY_THOUSAND.with_columns(x=pl.col("x").clip(0, 15_000))),
        (TIMED, TIMED.with_columns(t=pl.col("t") - pl.duration(days=1))),
        (FLAGGED, FLAGGED.with_columns(ok=~pl.col("ok"))),
        (LISTED, LISTED.with_columns(tags=pl.col("tags").reverse())),
    ],
    ids=["rows after 10,000", "times", "booleans", "lists"],
)
@pytest.mark.filterwarnings("ignore")
def test_what_the_digest_of_mlflow_overlooks_is_noticed(frame: pl.DataFrame, other: pl.DataFrame):
    assert mlflow_digest(frame) == mlflow_digest(other)
    assert fingerprint(frame) != fingerprint(other)


def test_a_doubled_frame_is_noticed():
    doubled = pl.concat([TWENTY_THOUSAND, TWENTY_THOUSAND])
    assert fingerprint(TWENTY_THOUSAND) != fingerprint(doubled)


@pytest.mark.filterwarnings("ignore")
def test_a_shuffled_frame_is_the_same_data_and_mlflow_does_not_see_it():
    assert mlflow_digest(FLAGGED) != mlflow_digest(FLAGGED.reverse())
    assert fingerprint(FLAGGED) == fingerprint(FLAGGED.reverse())


@pytest.mark.parametrize(
    ("values", "coded", "plain"),
    [
        (["x", "y", None], pl.Enum(["z", "y", "x"]), pl.String),
        ([["x"], ["y", None], [], None], pl.List(pl.Enum(["z", "y", "x"])), pl.List(pl.String)),
        (
            [{"b": [["x", "y"]]}, {"b": []}, {"b": None}],
            pl.Struct({"b": pl.List(pl.Array(pl.Enum(["z", "y", "x"]), 2))}),
            pl.Struct({"b": pl.List(pl.Array(pl.String, 2))}),
        ),
    ],
)
def test_an_enum_is_its_text_however_deep(values: list[object], coded: object, plain: object):
    one, two = (pl.DataFrame({"a": values}, schema={"a": kind}) for kind in (coded, plain))
    assert fingerprint(one) == fingerprint(two)
    turned = [*values[1:], values[0]]
    assert fingerprint(one) == fingerprint(pl.DataFrame({"a": turned}, schema={"a": coded}))
    assert fingerprint(one) != fingerprint(one.head(2))


def test_what_has_no_fingerprint_names_the_column_and_says_what_to_do():
    import pyarrow as pa

    held = pa.table({"tags": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64()))})
    with pytest.raises(DataError, match=r"Column 'tags' of type Map .* list of structs"):
        fingerprint(held)
    with pytest.raises(DataError, match=r"Column 'o' of type Object has no fingerprint: cast it"):
        fingerprint(pl.DataFrame({"o": [object()]}))


def test_nulls_of_a_column_named_like_a_pattern_are_nulls():
    frame = pl.DataFrame({"^$": pl.Series([None, b"a"], dtype=pl.Binary)})
    assert fingerprint(frame) == fingerprint(frame.reverse()) != fingerprint(frame.fill_null(b""))
