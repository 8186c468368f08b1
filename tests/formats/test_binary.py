"""Files that other programs wrote: pandas, astropy, xlsxwriter, scikit-learn; and hostile ones."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import polars as pl
import pytest

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats import load

pd = pytest.importorskip("pandas")


@pytest.fixture
def pandas_frame():
    return pd.DataFrame(
        {
            "i": [1, 2],
            "f": [1.5, np.nan],
            "s": ["a", "é"],
            "b": [True, False],
            "t": pd.to_datetime(["2020-01-01", "2021-01-01"]),
        }
    )


ROWS = [(1, "a", True, 2020), (2, "é", False, 2021)]


def shown(frame: pl.DataFrame) -> list[tuple]:
    return frame.select("i", "s", "b", pl.col("t").dt.year()).rows()


@pytest.mark.parametrize("options", [{}, {"data_columns": True}])
def test_hdf_tables_of_pandas_are_read(pandas_frame: Any, tmp_path: Path, options: Any):
    pytest.importorskip("tables")
    pandas_frame.to_hdf(tmp_path / "a.h5", key="t", format="table", **options)
    assert shown(load(tmp_path / "a.h5").frame) == ROWS


def test_fixed_hdf_of_pandas_is_read_but_its_pickles_are_not(pandas_frame: Any, tmp_path: Path):
    pytest.importorskip("tables")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandas_frame.set_index("s").to_hdf(tmp_path / "a.h5", key="t", format="fixed")
        pandas_frame.to_hdf(tmp_path / "b.h5", key="t", format="fixed")
    assert shown(load(tmp_path / "a.h5").frame) == ROWS
    with pytest.raises(FormatError, match="pickled objects, which are never loaded"):
        load(tmp_path / "b.h5")


def test_several_tables_need_a_key(tmp_path: Path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x/a"], file["x/b"], file["y"] = [1, 2], ["p", "q"], np.eye(3)
    with pytest.raises(FormatError, match="has 2 tables: there are /x, /y, so pass key="):
        load(tmp_path / "a.h5")
    assert load(tmp_path / "a.h5", key="x").frame.rows() == [(1, "p"), (2, "q")]


def test_compound_data_sets_are_tables(tmp_path: Path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["c"] = np.array([(1, b"x", 2.5)], dtype=[("a", ">i4"), ("b", "S3"), ("c", "f4")])
    assert load(tmp_path / "a.h5").frame.rows() == [(1, "x", 2.5)]


def _external_link(file: Any, folder: Any) -> None:
    file["x"] = h5py.ExternalLink(str(folder / "b.h5"), "/t")


def _external_storage(file: Any, folder: Any) -> None:
    file.create_dataset("x", shape=(10,), dtype="i8", external=[(str(folder / "raw"), 0, 80)])


def _virtual(file: Any, folder: Any) -> None:
    layout = h5py.VirtualLayout(shape=(2,), dtype="i8")
    layout[:] = h5py.VirtualSource(str(folder / "b.h5"), "x", shape=(2,))
    file.create_virtual_dataset("x", layout)


def _shape_bomb(file: Any, _folder: Any) -> None:
    file.create_dataset("x", shape=(10**12,), dtype="i8", chunks=(1000,))


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (_external_link, "links to another file"),
        (_external_storage, "keeps data in other files"),
        (_virtual, "a virtual data set"),
        (_shape_bomb, "looks like a bomb"),
    ],
)
def test_hdf5_that_reaches_outside_is_refused(plant: Any, said: Any, tmp_path: Path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        plant(file, tmp_path)
    with pytest.raises(FormatError, match=said):
        load(tmp_path / "a.h5")


def test_hdf5_loops_end(tmp_path: Path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["g/a"] = [1]
        file["g/self"], file["loop"] = file["g"], h5py.SoftLink("/")
    assert load(tmp_path / "a.h5").frame.rows() == [(1,)]


def test_tables_of_astropy_are_read(tmp_path: Path):
    table = pytest.importorskip("astropy.table")
    table.Table(
        {
            "i": table.MaskedColumn(np.array([1, 2, 3], "i4"), mask=[0, 1, 0], fill_value=-99),
            "f": np.array([1.0, np.nan, 3], ">f4"),
            "s": ["ab ", "c", ""],
            "v": np.arange(6).reshape(3, 2),
        }
    ).write(tmp_path / "a.fits")
    frame = load(tmp_path / "a.fits").frame
    assert frame["i"].to_list() == [1, None, 3]
    assert frame["s"].to_list() == ["ab", "c", ""]
    assert frame["v"].to_list() == [[0, 1], [2, 3], [4, 5]]
    assert (frame["f"].null_count(), frame["f"].is_nan().sum()) == (0, 1)


def test_fits_scaling_unsigned_and_lists_are_applied(tmp_path: Path):
    fits = pytest.importorskip("astropy.io.fits")
    unsigned = fits.Column("u", "J", bzero=2**31, array=np.array([2**31, 2**32 - 1], "u4"))
    lists = fits.Column("l", "PJ()", array=np.array([[1, 2], [3]], dtype=object))
    scaled = fits.Column("x", "D", bscale=0.5, bzero=10, array=np.array([10.5, 11.0]))
    fits.BinTableHDU.from_columns([unsigned, lists, scaled]).writeto(tmp_path / "a.fits")
    assert load(tmp_path / "a.fits").frame.rows() == [(2**31, [1, 2], 10.5), (2**32 - 1, [3], 11.0)]


@pytest.mark.parametrize(
    ("written", "damaged", "said"),
    [
        (b"NAXIS2  =                    2", b"NAXIS2  =           1000000000", "is cut off"),
        (b"END     ", b"NOTHING ", "has no END"),
    ],
    ids=["rows that are not there", "no end of the header"],
)
def test_fits_that_claims_or_lacks_is_refused_before_reading(
    written: bytes, damaged: bytes, said: str, tmp_path: Path
):
    table = pytest.importorskip("astropy.table")
    path = tmp_path / "a.fits"
    table.Table({"a": [1, 2]}).write(path)
    data = path.read_bytes()
    assert written in data
    path.write_bytes(data.replace(written, damaged))
    with pytest.raises(FormatError, match=said):
        load(path)


def test_workbooks_of_pandas_are_read(pandas_frame: Any, tmp_path: Path):
    pytest.importorskip("xlsxwriter")
    with pd.ExcelWriter(tmp_path / "a.xlsx", engine="xlsxwriter") as book:
        pandas_frame.to_excel(book, sheet_name="first", index=False)
        pd.DataFrame({"z": [1]}).to_excel(book, sheet_name="second", index=False)
    table = load(tmp_path / "a.xlsx")
    assert shown(table.frame) == ROWS
    assert [finding.kind for finding in table.findings] == ["other sheets"]
    assert load(tmp_path / "a.xlsx", sheet="second").columns == ["z"]
    with pytest.raises(FormatError, match=r"no sheet 'secnd': did you mean 'second'\?"):
        load(tmp_path / "a.xlsx", sheet="secnd")


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path):
    from qforge_jupyter.formats import excel

    excel.write(pl.DataFrame({"a": ["=1+1", "@SUM(A1)", "http://x.y"]}), tmp_path / "a.xlsx")
    assert load(tmp_path / "a.xlsx").frame["a"].to_list() == ["=1+1", "@SUM(A1)", "http://x.y"]


def test_a_workbook_bomb_is_refused(tmp_path: Path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    with pytest.raises(FormatError, match="would unpack from"):
        load(tmp_path / "a.xlsx")


def test_the_data_of_scikit_learn_are_read():
    import sklearn.datasets

    folder = Path(sklearn.datasets.__file__).parent / "data"
    iris = load(folder / "iris.csv", skip=1, header=False)
    assert (150, [pl.Float64] * 4 + [pl.Int64]) == (iris.n_rows, iris.schema.dtypes())
    cancer = load(folder / "breast_cancer.csv", skip=1, header=False)
    assert (cancer.n_rows, len(cancer.columns)) == (569, 31)
    with pytest.raises(FormatError, match="178 of 178 rows with more fields than the 5"):
        load(folder / "wine_data.csv")
