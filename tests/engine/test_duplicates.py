import math
import struct

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.engine.duplicates import first_of_key
from qforge_jupyter.frames import Table

CELLS = st.sampled_from([0.0, -0.0, 1.0, math.nan, math.inf, None, 2.0**53, 2.0**53 + 2])
TEXTS = st.sampled_from(["", "a", "A", " a", "a\0", None])


def as_key(value: object) -> object:
    """What is one key in plain Python: -0.0 is 0.0, NaN is NaN, null is null."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("d", value + 0.0)
    if isinstance(value, dict):
        return tuple(as_key(each) for each in value.values())
    return tuple(map(as_key, value)) if isinstance(value, list) else value


def plainly(frame: pl.DataFrame) -> list[bool]:
    seen: set[object] = set()
    firsts = []
    for row in frame.rows():
        key = tuple(map(as_key, row))
        firsts.append(key not in seen)
        seen.add(key)
    return firsts


def found(frame: pl.DataFrame, *columns: str) -> list[bool]:
    table = Table.of_frame("t", frame)
    return first_of_key(table, columns or tuple(frame.columns)).to_list()


@settings(max_examples=200, deadline=20_000)
@given(st.lists(st.tuples(CELLS, TEXTS), max_size=12))
def test_it_finds_what_plain_python_finds(rows: list[tuple[float | None, str | None]]):
    frame = pl.DataFrame(rows, schema={"a": pl.Float64, "b": pl.String}, orient="row")
    assert plainly(frame) == found(frame)


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([1, 1, None, None, 2], dtype=pl.Int8),
        pl.Series(["1.0", "1.00", "1.0"]).cast(pl.Decimal(10, 2)),
        pl.Series(["a", "b", "a", None], dtype=pl.Categorical),
        pl.Series(["a", "b", "a"], dtype=pl.Enum(["b", "a"])),
        pl.Series([[1.0], [1.0], [], None, []]),
        pl.Series([[0.0], [-0.0], [math.nan], [math.nan]]),
        pl.Series([{"x": 0.0}, {"x": -0.0}, {"x": None}]),
        pl.Series([[1, 2], [1, 2], [2, 1]], dtype=pl.Array(pl.Int64, 2)),
        pl.Series([b"a", b"a", b"b"]),
        pl.Series([True, False, True, None]),
        pl.Series([None, None], dtype=pl.Null),
        pl.Series([[{"x": [1]}], [{"x": [1]}]]),
    ],
    ids=lambda values: str(values.dtype),
)
def test_every_type_may_be_a_key(values: pl.Series):
    frame = values.alias("a").to_frame()
    assert plainly(frame) == found(frame)


@pytest.mark.parametrize("name", ["*", "^a$", "^.*$"])
def test_a_key_is_addressed_by_its_exact_name(name: str):
    frame = pl.DataFrame({name: [1, 1], "a": [1, 2]})
    assert [True, False] == found(frame, name)


@pytest.mark.parametrize(("n", "n_firsts"), [(0, 0), (1, 1), (5_000, 1)])
def test_rows_that_are_all_the_same_have_one_first(n: int, n_firsts: int):
    assert n_firsts == sum(found(pl.DataFrame({"a": [7] * n}, schema={"a": pl.Int64})))
