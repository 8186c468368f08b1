"""The one door for kernel variables."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.errors import DataError
from qforge_jupyter.frames import Table, is_tabular, to_table

pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")


def rows(value: object) -> list[tuple]:
    return to_table(value, "v").frame.rows()


def values() -> dict[str, object]:
    import duckdb
    import torch

    frame = pl.DataFrame({"a": [1, 2]})
    table = pa.table({"a": [1, 2]})
    return {
        "Table": Table.of_frame("x", frame),
        "polars": frame,
        "lazy": frame.lazy(),
        "series": frame["a"],
        "pandas": pd.DataFrame({"a": [1, 2]}),
        "pandas series": pd.Series([1, 2], name="a"),
        "pandas index": pd.Index([1, 2], name="a"),
        "arrow": table,
        "batch": table.to_batches()[0],
        "reader": table.to_reader(),
        "duckdb": duckdb.sql("select unnest([1, 2]) as a"),
        "chunked": pa.chunked_array([[1, 2]]),
        "dict": {"a": [1, 2]},
        "records": [{"a": 1}, {"a": 2}],
        "array": np.array([1, 2]),
        "fields": np.array([(1,), (2,)], dtype=[("a", ">i4")]),
        "tensor": torch.tensor([[1], [2]]),
        "parameter": torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        "bfloat16": torch.tensor([1, 2], dtype=torch.bfloat16),
    }


@pytest.mark.parametrize("kind", values())
def test_every_kind_of_variable_becomes_the_same_rows(kind: Any):
    value = values()[kind]
    assert is_tabular(value)
    assert rows(value) == [(1,), (2,)]
    assert to_table(values()[kind], "v").name == "v"


@pytest.mark.parametrize("value", [42, None, "a.csv", [1, 2], {"a": 1}, object(), pl.DataFrame])
def test_what_holds_no_rows_is_refused_with_what_is_accepted(value: Any):
    assert not is_tabular(value)
    with pytest.raises(
        DataError, match=r"^v is an? \w+, which holds no rows: give a Table, a polars"
    ):
        to_table(value, "v")


def test_a_named_index_is_a_column_and_another_is_reported():
    frame = pd.DataFrame({"a": [1]}, index=pd.Index(["k1"], name="k"))
    assert rows(frame) == [("k1", 1)]
    left = to_table(frame.rename_axis(None), "v")
    assert (left.columns, left.findings[0].kind) == (["a"], "index left out")


def test_mixed_objects_of_pandas_are_text_with_a_count():
    table = to_table(pd.DataFrame({"o": [1, "x", 3, None]}), "v")
    assert table.frame["o"].to_list() == ["1", "x", "3", None]
    (finding,) = table.findings
    assert (
        finding.kind,
        finding.n_rows,
        finding.rows,
        finding.column,
    ) == ("mixed types", 1, (1,), "o")


def test_pandas_nan_is_null_and_numpy_nan_is_not():
    assert to_table(pd.DataFrame({"a": [np.nan, 1.0]}), "v").frame["a"].null_count() == 1
    assert to_table(np.array([np.nan, 1.0]), "v").frame["value"].null_count() == 0


def test_integers_beyond_64_bits_stay_exact():
    assert rows([{"a": 2**70}, {"a": 1}]) == [(2**70,), (1,)]
    assert [(str(2**200),), ("1",)] == rows([{"a": 2**200}, {"a": 1}])
    assert [(str(2**60),), ("0.5",)] == rows([{"a": 2**60}, {"a": 0.5}])


def test_repeated_names_are_renamed_and_reported():
    for value in (
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pa.table([[1], [2]], names=["a", "a"]),
    ):
        table = to_table(value, "v")
        assert (table.columns, table.findings[0].kind) == (["a", "a_2"], "renamed column")


def test_masked_arrays_and_times_keep_their_meaning():
    assert rows(np.ma.array([1.0, 2.0], mask=[0, 1])) == [(1.0,), (None,)]
    assert to_table(np.array(["2020-01-01", "NaT"], "M8[D]"), "v").frame["value"].null_count() == 1


@pytest.mark.parametrize(
    ("value", "height"),
    [(pd.DataFrame(), 0), (pd.DataFrame(index=range(3)), 3), ({}, 0), ([{}, {}], 2)],
)
def test_no_columns_is_a_table_too(value: Any, height: Any):
    table = to_table(value, "v")
    assert (0, height) == (len(table.columns), table.n_rows)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros((2, 2, 2)), "an array of 3 dimensions"),
        ({"z": np.array([[1j, 2j]])}, "several complex numbers a row"),
        ({"a": [1, 2], "b": [1]}, r"differ in length \('a' 2, 'b' 1\)"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(value: Any, said: Any):
    with pytest.raises(DataError, match=said):
        to_table(value, "v")


def test_bunches_of_scikit_learn_come_with_their_target():
    from sklearn.datasets import load_iris, load_linnerud

    assert to_table(load_iris(), "v").columns[-1] == "target"
    assert to_table(load_iris(as_frame=True), "v").n_rows == 150
    assert to_table(load_linnerud(), "v").columns[-3:] == ["Weight", "Waist", "Pulse"]


def test_lone_surrogates_are_escaped_with_a_finding():
    table = to_table([{"a": "x\ud800"}], "v")
    assert table.frame["a"].to_list() == ["x\\ud800"]
    assert table.findings


def test_nothing_heavy_is_imported_for_a_light_value():
    code = (
        "import sys; from qforge_jupyter.frames import to_table; to_table({'a': [1]}, 'v'); "
        "print([m for m in ('pandas', 'pyarrow', 'torch', 'sklearn', 'duckdb') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"
