"""Excel: one sheet of a workbook."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.errors import FormatError, MissingPackage, nearest
from qforge_jupyter.formats._flat import require_flat
from qforge_jupyter.formats._limits import MAX_UNPACKED_BYTES, refuse_steep_archive
from qforge_jupyter.formats._reading import Reading, Source, in_memory
from qforge_jupyter.frames.columns import MAX_ROWS as MAX_ROWS_SHOWN
from qforge_jupyter.frames.columns import unique_names
from qforge_jupyter.results.run import Finding

TITLE = "Excel"
SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
IS_LAZY = False
MAX_ROWS, MAX_COLUMNS, MAX_TEXT = 1_048_575, 16_384, 32_767
_ERROR = re.compile(r"Error\((\w+)\)")
_SHOWN = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!",
    "Ref": "#REF!", "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start a workbook.

    Examples
    --------
    >>> recognises(b"PK\x03\x04....xl/workbook.xml"), recognises(b"PK\x03\x04....a.txt")
    (True, False)

    """
    if head.startswith(_OLE):
        return True
    return head.startswith(_ZIP) and (b"xl/" in head or b"opendocument.spreadsheet" in head[:200])


def read(
    path: Path | Source, *, sheet: str | int | None = None, header: bool = True, skip: int = 0
) -> Reading:
    """Read one sheet with the values that cells show; text such as ``=1+1`` stays text.

    Parameters
    ----------
    path
        The workbook.
    sheet
        Name, or number counted from 0; the first when None.
    header
        Whether the first row holds names.
    skip
        Rows above the header to leave out.

    Raises
    ------
    FormatError
        It is no workbook, has no such sheet, or unpacks to far more than it
        weighs.

    """
    import fastexcel

    source = Source.of(path)
    _refuse_bomb(source)
    try:
        book = fastexcel.read_excel(in_memory(source, MAX_UNPACKED_BYTES, "a workbook"))
    except fastexcel.FastExcelError:
        raise FormatError(
            f"{source.label} is no workbook that can be read: save it as .xlsx without a password"
        ) from None
    name = _sheet_name(book.sheet_names, sheet, source)
    try:
        return _read_sheet(book, name, sheet, header=header, skip=skip)
    except fastexcel.FastExcelError:
        raise FormatError(
            f"Sheet {name!r} of {source.label} cannot be read: save the workbook again as .xlsx"
        ) from None


def _read_sheet(
    book: Any, name: str, wanted: str | int | None, *, header: bool, skip: int
) -> Reading:
    text = {"header_row": None, "skip_rows": skip, "dtypes": "string", "n_rows": 1}
    has_rows = book.load_sheet(name, header_row=None, n_rows=0).total_height > skip
    first = pl.DataFrame(book.load_sheet(name, **text)) if has_rows else pl.DataFrame()
    labels = first.row(0) if first.height else ()
    names, renamed = (
        unique_names(labels) if header else ([f"column_{i + 1}" for i in range(len(labels))], None)
    )
    findings = [renamed] if renamed else []
    if wanted is None and len(book.sheet_names) > 1:
        note = f"Only the first of {len(book.sheet_names)} sheets was read: pass sheet= for another"
        findings.append(Finding("other sheets", "sheets", 0, "low", action="documented", note=note))
    if not names:
        return Reading(pl.LazyFrame(), tuple(findings))
    loaded = book.load_sheet(
        name, header_row=None, skip_rows=skip + header, column_names=names, schema_sample_rows=None
    )
    if loaded.height:
        batch, failed = loaded.to_arrow_with_errors()
        frame = pl.DataFrame(batch)
        findings += _error_cells(failed, names)
    else:
        frame = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    frame = frame.select([pl.first() if frame.width == 1 else frame[n] for n in frame.columns])
    return Reading(_whole(frame).lazy(), tuple(findings))


def _error_cells(failed: Any, names: list[str]) -> list[Finding]:
    """Count the cells that show an error such as ``#N/A``, which are null, by column."""
    rows: dict[int, list[int]] = {}
    kinds: dict[int, Counter[str]] = {}
    for cell in failed.errors if failed is not None else ():
        error = _ERROR.search(cell.detail)
        if error is not None:
            row, position = cell.offset_position
            rows.setdefault(position, []).append(row)
            kinds.setdefault(position, Counter())[_SHOWN.get(error[1], error[1])] += 1
    return [
        Finding(
            "error cells",
            f"errors in {names[position]}",
            len(rows[position]),
            "medium",
            column=names[position],
            rows=tuple(rows[position][:MAX_ROWS_SHOWN]),
            action="documented",
            note=f"{len(rows[position]):,} cells show an error of Excel and are null: "
            + ", ".join(f"{kind} {n:,}" for kind, n in kinds[position].most_common()),
            detail={"errors": dict(kinds[position])},
        )
        for position in sorted(rows)
    ]


def _whole(frame: pl.DataFrame) -> pl.DataFrame:
    """Excel knows only floats: a column of whole ones becomes integers, midnights become dates."""
    changed = []
    for series in frame.get_columns():
        if series.dtype == pl.Float64 and series.count() and (series.drop_nulls() % 1 == 0).all():
            if series.abs().max() <= 2**53:  # type: ignore[operator]
                changed.append(series.cast(pl.Int64))
        elif isinstance(series.dtype, pl.Datetime):
            is_date = series.count() and (series.dt.time() == time()).all()
            changed.append(series.dt.date() if is_date else series.dt.cast_time_unit("us"))
        elif series.dtype == pl.Null:
            changed.append(series.cast(pl.String))
    return frame.with_columns(changed)


def _sheet_name(names: list[str], wanted: str | int | None, source: Source) -> str:
    if isinstance(wanted, str) and wanted not in names:
        raise FormatError(f"{source.label} has no sheet {wanted!r}{nearest(wanted, names)}")
    if isinstance(wanted, str):
        return wanted
    if not names or not -len(names) <= (wanted or 0) < len(names):
        raise FormatError(
            f"{source.label} has {len(names)} sheets, counted from 0: there is "
            f"no number {wanted or 0}"
        )
    return names[wanted or 0]


def _refuse_bomb(source: Source) -> None:
    if source.head(4) != _ZIP:
        return
    try:
        with zipfile.ZipFile(source.path or io.BytesIO(source.content())) as archive:
            refuse_steep_archive(source, archive)
    except zipfile.BadZipFile:
        raise FormatError(f"{source.label} is a damaged workbook: fetch or save it again") from None


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write one sheet; text is never a formula or a link, NaN and infinity become empty.

    Raises
    ------
    FormatError
        It has more rows or columns, or longer texts, than a sheet holds.
    MissingPackage
        xlsxwriter is not installed.

    """
    try:
        import xlsxwriter
    except ImportError:
        raise MissingPackage("xlsxwriter", "to write Excel") from None
    require_flat(frame, TITLE)
    if frame.height > MAX_ROWS or frame.width > MAX_COLUMNS:
        raise FormatError(
            f"A sheet holds {MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns, not "
            f"{frame.height:,} by {frame.width:,}: write Parquet"
        )
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        for j, name in enumerate(frame.columns):
            sheet.write_string(0, j, name)
        for i, row in enumerate(frame.iter_rows(), 1):
            for j, value in enumerate(row):
                _write_cell(sheet, i, j, value, moment)


def _write_cell(sheet: Any, i: int, j: int, value: Any, moment: Any) -> None:
    if isinstance(value, datetime):
        # Excel knows no time zones, so a zoned time goes as text.
        sheet.write_string(i, j, value.isoformat()) if value.tzinfo else sheet.write_datetime(
            i, j, value, moment
        )
    elif isinstance(value, bool):
        sheet.write_boolean(i, j, value)
    elif isinstance(value, date):
        sheet.write_datetime(i, j, value)
    elif (isinstance(value, int) and abs(value) < 10**15) or (
        isinstance(value, float) and math.isfinite(value)
    ):
        sheet.write_number(i, j, value)
    elif isinstance(value, str | int | Decimal | time | timedelta):
        text = str(value)
        if len(text) > MAX_TEXT:
            raise FormatError(
                f"Row {i} has a text of {len(text):,} characters, and a cell "
                f"holds {MAX_TEXT:,}: write Parquet"
            )
        sheet.write_string(i, j, text)
