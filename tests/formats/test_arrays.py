"""Arrays of NumPy in files: fields, matrices, archives, and what is no table."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats import load

FIELDS = np.array([(1, 2.5, "a"), (2, np.nan, "b")], dtype=[("n", "i4"), ("x", "f8"), ("t", "U1")])


def test_fields_of_a_structured_array_are_columns(tmp_path: Path):
    np.save(tmp_path / "a.npy", FIELDS)
    frame = load(tmp_path / "a.npy").frame
    assert {"n": pl.Int32, "x": pl.Float64, "t": pl.String} == dict(frame.schema)
    assert frame["t"].to_list() == ["a", "b"]


@pytest.mark.parametrize("order", ["C", "F"])
def test_columns_of_a_matrix_are_columns(tmp_path: Path, order: Any):
    np.save(tmp_path / "a.npy", np.array([[1, 2], [3, 4], [5, 6]], order=order))
    frame = load(tmp_path / "a.npy").frame
    assert {"column_1": [1, 3, 5], "column_2": [2, 4, 6]} == frame.to_dict(as_series=False)


def test_complex_numbers_are_structs(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.array([1 + 2j]))
    assert load(tmp_path / "a.npy").frame["value"].to_list() == [{"real": 1.0, "imag": 2.0}]


def test_names_of_fields_beyond_latin_are_read(tmp_path: Path):
    with pytest.warns(UserWarning, match="format 3.0"):
        np.save(tmp_path / "a.npy", np.array([(1,)], dtype=[("日", "i4")]))
    assert load(tmp_path / "a.npy").columns == ["日"]


def test_equally_long_arrays_of_an_archive_are_columns(tmp_path: Path):
    np.savez(tmp_path / "a.npz", x=np.array([1.0, 2.0]), y=np.array(["a", "b"]))
    assert load(tmp_path / "a.npz").frame.rows() == [(1.0, "a"), (2.0, "b")]


def test_an_array_of_an_archive_is_chosen_by_its_key(tmp_path: Path):
    np.savez_compressed(tmp_path / "a.npz", train=np.ones((3, 2)), test=np.zeros((2, 2)))
    with pytest.raises(
        FormatError, match=r"2 arrays that are no columns .*: there are test, train"
    ):
        load(tmp_path / "a.npz")
    assert load(tmp_path / "a.npz", key="train").frame.shape == (3, 2)
    with pytest.raises(FormatError, match=r"has no array 'tain': did you mean 'train'\?"):
        load(tmp_path / "a.npz", key="tain")


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_an_array_of_three_dimensions_is_no_table(tmp_path: Path, name: str):
    save: Any = np.save if name == "a.npy" else np.savez
    save(tmp_path / name, np.ones((2, 2, 2)))
    with pytest.raises(FormatError, match="reshape it to rows by columns"):
        load(tmp_path / name)


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_every_truncation_is_one_sentence(tmp_path: Path, name: str):
    save: Any = np.save if name == "a.npy" else np.savez
    save(tmp_path / name, np.arange(5000.0))
    data = (tmp_path / name).read_bytes()
    for share in (0.0005, 0.002, 0.3, 0.9, 0.999):
        (tmp_path / name).write_bytes(data[: int(len(data) * share)])
        with pytest.raises(FormatError, match=name):
            load(tmp_path / name)


def test_a_header_that_claims_more_than_there_is_is_refused_before_memory_is_taken(tmp_path: Path):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<f8", "fortran_order": False, "shape": (10**13,)}
    )
    (tmp_path / "a.npy").write_bytes(stream.getvalue() + bytes(80))
    with pytest.raises(FormatError, match="is cut off: its header claims 80,000,000,000,000 bytes"):
        load(tmp_path / "a.npy")


def test_an_archive_that_is_a_bomb_is_refused(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(40_000_000))
    with pytest.raises(FormatError, match="beyond what is read safely"):
        load(tmp_path / "a.npz")


def test_python_objects_in_an_archive_are_never_loaded(tmp_path: Path):
    np.savez(tmp_path / "a.npz", x=np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(FormatError, match="pickled Python objects, which are never loaded"):
        load(tmp_path / "a.npz")
