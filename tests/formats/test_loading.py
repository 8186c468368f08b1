"""Paths, globs, folders, packed files, URLs: one door, one sentence when it stays shut."""

from __future__ import annotations

import bz2
import gzip
import pickle
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from qforge_jupyter.errors import CallError, FormatError, MissingPackage
from qforge_jupyter.formats import FORMATS, load

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})


@pytest.mark.parametrize(
    ("pack", "ending"),
    [
        (gzip.compress, "gz"),
        (bz2.compress, "bz2"),
        (lambda data: pa.compress(data, "zstd", asbytes=True), "zst"),
    ],
)
def test_packed_text_is_unpacked(pack: Any, ending: Any, tmp_path: Path):
    path = tmp_path / f"a.csv.{ending}"
    path.write_bytes(pack(b"a,b\n1,x\n2,y\n"))
    table = load(path)
    assert FRAME.equals(table.frame)
    assert ("a", f"file a.csv.{ending}") == (table.name, table.origin)


def test_a_bomb_is_refused_before_it_fills_memory(tmp_path: Path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a\n" + b"0\n" * 20_000_000, 9))
    with pytest.raises(FormatError, match="looks like a bomb"):
        load(path)


def test_a_cut_off_packed_file_is_refused(tmp_path: Path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,x\n" * 1000)[:-20])
    with pytest.raises(FormatError, match="damaged or cut off gzip"):
        load(path)


def test_parts_are_read_in_order_of_name(tmp_path: Path):
    for name, row in (("b", "3"), ("a", "1"), ("c", "5")):
        (tmp_path / f"{name}.csv").write_text(f"n\n{row}\n")
    table = load(str(tmp_path / "*.csv"))
    assert table.frame["n"].to_list() == [1, 3, 5]


def test_parts_whose_found_types_differ_share_one_that_loses_nothing(tmp_path: Path):
    (tmp_path / "a.csv").write_text("n,id\n1,1\n")
    (tmp_path / "b.csv").write_text("n,id\n2.5,007\n")
    table = load(str(tmp_path / "*.csv"))
    assert table.frame.rows() == [(1.0, "1"), (2.5, "007")]
    assert table.findings[0].detail["types"] == {"n": "Float64", "id": "String"}


def test_parts_that_differ_are_reported_and_united_on_request(tmp_path: Path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("x,z\n3,4\n")
    with pytest.raises(FormatError, match=r"'b.csv' lacks 'y', has also 'z': pass union=True"):
        load(str(tmp_path / "*.csv"))
    table = load(str(tmp_path / "*.csv"), union=True)
    assert table.frame.rows() == [(1, 2, None), (3, None, 4)]


def test_findings_of_parts_count_rows_in_the_whole(tmp_path: Path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n1,2\n")
    (tmp_path / "b.csv").write_text("x,y\n3\n3,4\n")
    (finding,) = load(str(tmp_path / "*.csv")).findings
    assert (finding.rows, finding.detail["part"]) == ((2,), "b.csv")


def test_a_folder_of_parquet_is_a_table_with_its_keys(tmp_path: Path):
    for year in (2024, 2025):
        folder = tmp_path / "data" / f"year={year}"
        folder.mkdir(parents=True)
        FRAME.write_parquet(folder / "part.parquet")
    (tmp_path / "data" / "_SUCCESS").write_text("")
    assert load(tmp_path / "data").frame["year"].to_list() == [2024, 2024, 2025, 2025]


def test_urls_of_file_systems_are_read():
    with fsspec.open("memory://lab/a.csv", "wb") as stream:
        stream.write(b"a,b\n1,x\n2,y\n")
    assert FRAME.equals(load("memory://lab/a.csv").frame)
    with pytest.raises(FormatError, match=r"There is no file 'memory://lab/b\.csv'"):
        load("memory://lab/b.csv")


def test_file_urls_are_paths(tmp_path: Path):
    path = tmp_path / "a b.csv"
    path.write_text("a\n1\n")
    assert load(path.as_uri()).frame["a"].to_list() == [1]


def test_a_missing_file_system_names_its_package():
    try:
        import s3fs  # noqa: F401 — only whether it is there
    except ImportError:
        with pytest.raises(MissingPackage, match="'s3fs' is needed to read s3:// URLs"):
            load("s3://bucket/a.csv")
    else:
        pytest.skip("s3fs is installed")


def test_a_name_that_promises_something_else_is_an_error(tmp_path: Path):
    path = tmp_path / "sales.parquet"
    path.write_text("a,b\n1,2\n")
    said = (
        "'sales.parquet' is named Parquet but holds CSV text: load it with "
        "--format csv or rename it"
    )
    with pytest.raises(FormatError, match=said):
        load(path)
    assert load(path, format="csv").frame.rows() == [(1, 2)]


@pytest.mark.parametrize(
    "wrong", [n for n in FORMATS.names() if n not in {"csv", "tsv"} and FORMATS.get(n).SUFFIXES]
)
def test_csv_under_any_other_name_is_named(wrong: Any, tmp_path: Path):
    path = tmp_path / f"a{FORMATS.get(wrong).SUFFIXES[0]}"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="but holds CSV text"):
        load(path)


@pytest.mark.parametrize("name", ["parquet", "arrow", "hdf5", "fits", "excel"])
def test_every_truncation_is_refused_by_name(name: Any, tmp_path: Path):
    module = FORMATS.get(name)
    path = tmp_path / f"a{module.SUFFIXES[0]}"
    module.write(pl.DataFrame({"a": range(5000), "b": [str(i) for i in range(5000)]}), path)
    data = path.read_bytes()
    # The last block of FITS is padding, which may be missing.
    for share in (0.05, 0.3, 0.6, 0.9, *(() if name == "fits" else (0.999,))):
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(FormatError, match=path.name):
            load(path)


@pytest.mark.parametrize("suffix", [s for m in FORMATS.members().values() for s in m.SUFFIXES[:1]])
def test_random_bytes_are_refused_under_any_name(suffix: Any, tmp_path: Path):
    path = tmp_path / f"a{suffix}"
    for seed in range(5):
        path.write_bytes(np.random.default_rng(seed).bytes(5000))
        with pytest.raises(FormatError):
            load(path)


@pytest.mark.parametrize("module_name", ["parquet", "arrow", "hdf5", "fits", "excel", "sql"])
def test_damage_ends_in_our_error_or_a_table(module_name: Any, tmp_path: Path):
    """Garbage after a true magic never ends in a foreign error at loading."""
    magic = {
        "parquet": b"PAR1", "arrow": b"ARROW1\0\0", "hdf5": b"\x89HDF\r\n\x1a\n",
        "fits": b"SIMPLE  =                    T",
        "excel": b"PK\x03\x04xl/", "sql": b"SQLite format 3\0",
    }[module_name]  # fmt: skip
    path = tmp_path / f"a{FORMATS.get(module_name).SUFFIXES[0]}"
    options = {"query": "select 1 from t"} if module_name == "sql" else {}
    for seed in range(20):
        path.write_bytes(magic + np.random.default_rng(seed).bytes(3000))
        with pytest.raises(FormatError):
            load(path, **options)


@pytest.mark.parametrize("name", ["a.pkl", "a.npy", "a.csv", "a.parquet", "a"])
def test_pickles_are_never_loaded(name: Any, tmp_path: Path):
    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "sprung",))

    path = tmp_path / name
    if name == "a.npy":
        np.save(path, np.array([Trap()], dtype=object), allow_pickle=True)
    else:
        path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(FormatError, match="pickled Python objects, which are never loaded"):
        load(path)
    assert not (tmp_path / "sprung").exists()


def test_a_torch_file_is_never_loaded(tmp_path: Path):
    torch = pytest.importorskip("torch")
    torch.save({"a": torch.ones(2)}, tmp_path / "a.pt")
    with pytest.raises(FormatError, match="pickled Python objects"):
        load(tmp_path / "a.pt")


def test_near_names_are_offered(tmp_path: Path):
    (tmp_path / "calcs.csv").write_text("a\n1\n")
    with pytest.raises(
        FormatError, match=r"There is no file 'calc.csv': did you mean 'calcs.csv'\?"
    ):
        load(tmp_path / "calc.csv")
    with pytest.raises(
        CallError, match=r"CSV has no option 'seperator': did you mean 'separator'\?"
    ):
        load(tmp_path / "calcs.csv", seperator=";")
    with pytest.raises(CallError, match=r"No format named 'parket': did you mean 'parquet'\?"):
        load(tmp_path / "calcs.csv", format="parket")
    with pytest.raises(FormatError, match="No file matches"):
        load(str(tmp_path / "*.parquet"))
    with pytest.raises(FormatError, match="holds no Parquet files"):
        load(tmp_path)


def test_csv_and_parquet_are_read_lazily(tmp_path: Path):
    FRAME.write_parquet(tmp_path / "a.parquet")
    table = load(tmp_path / "a.parquet")
    assert "frame" not in table.__dict__
    assert table.n_rows == 2
