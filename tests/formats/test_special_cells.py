"""Cells that have no type of their own: errors of Excel, bits and complex numbers of FITS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.formats import load


def test_error_cells_of_a_workbook_are_null_and_counted_by_column(tmp_path: Path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["gap", "name", "whole"])
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
        sheet.write_number(2, 0, 3.5)
        sheet.write_formula(3, 0, "=A99", None, "#REF!")
        sheet.write_column(1, 1, ["a", "#N/A"])
        sheet.write_formula(3, 1, "=NA()", None, "#N/A")
        sheet.write_column(1, 2, [1, 2, 3])
    table = load(path)
    assert table.frame.to_dict(as_series=False) == {
        "gap": [None, 3.5, None],
        "name": ["a", "#N/A", None],
        "whole": [1, 2, 3],
    }
    assert [(each.column, each.n_rows, each.rows) for each in table.findings] == [
        ("gap", 2, (0, 2)),
        ("name", 1, (2,)),
    ]
    assert "#DIV/0! 1, #REF! 1" in table.findings[0].note


def test_bits_and_complex_numbers_of_fits_are_lists_and_structs(tmp_path: Path):
    fits = pytest.importorskip("astropy.io.fits")
    bits = np.array([[1, 0, 1], [0, 0, 1]], dtype=bool)
    columns = [
        fits.Column(name="flags", format="3X", array=bits),
        fits.Column(name="one", format="X", array=bits[:, :1]),
        fits.Column(name="single", format="C", array=np.array([1 + 2j, 3 - 4j], np.complex64)),
        fits.Column(name="double", format="M", array=np.array([1 + 2j, np.nan], np.complex128)),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(tmp_path / "a.fits")
    frame = load(tmp_path / "a.fits").frame
    assert frame.schema["flags"] == frame.schema["one"] == pl.List(pl.Boolean)
    assert frame["flags"].to_list() == bits.tolist()
    assert frame["one"].to_list() == [[True], [False]]
    assert frame.schema["single"] == pl.Struct({"real": pl.Float32, "imag": pl.Float32})
    assert frame["double"][0] == {"real": 1.0, "imag": 2.0}
