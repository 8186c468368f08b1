"""FITS tables: binary and ASCII table extensions."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from qforge_jupyter.errors import DataError, FormatError, MissingPackage
from qforge_jupyter.formats._flat import require_flat
from qforge_jupyter.formats._reading import Reading, Source
from qforge_jupyter.frames.arrays import series_of_array
from qforge_jupyter.frames.columns import column_of_values, unique_names
from qforge_jupyter.results.run import Finding

TITLE = "FITS"
SUFFIXES = (".fits", ".fit", ".fts")
IS_LAZY = False
_BLOCK = 2880
_CODES: dict[type, str] = {
    pl.UInt8: "B", pl.Int16: "I", pl.Int32: "J", pl.Int64: "K", pl.Float32: "E", pl.Float64: "D",
}  # fmt: skip


def recognises(head: bytes) -> bool:
    """Say whether the bytes start a FITS file.

    Examples
    --------
    >>> recognises(b"SIMPLE  =                    T"), recognises(b"a,b")
    (True, False)

    """
    return head.startswith(b"SIMPLE  =")


def read(path: Path | Source, *, hdu: int | str | None = None) -> Reading:
    """Read one table extension; scaling is applied, TNULL is null, NaN stays NaN.

    Bits (``X``) become lists of truth values, complex numbers (``C``, ``M``)
    structs of ``real`` and ``imag``.

    Parameters
    ----------
    path
        The file.
    hdu
        Number or name of the extension; the first table when None.

    Raises
    ------
    FormatError
        It is cut off, has no END, claims more data than it has, or has no
        such table.
    MissingPackage
        astropy is not installed.

    """
    try:
        from astropy.io import fits
    except ImportError:
        raise MissingPackage("astropy", "to read FITS tables", "fits") from None
    source = Source.of(path)
    try:
        with warnings.catch_warnings(record=True) as noticed, source.open() as stream:
            warnings.simplefilter("always")
            with fits.open(stream, memmap=False, lazy_load_hdus=True) as units:
                chosen, n_tables = _choose(units, hdu, source)
                frame, findings = _frame_of(chosen)
    except DataError as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{source.label}: {error.message}") from None
    except (OSError, ValueError, TypeError, KeyError, IndexError, fits.VerifyError):
        raise FormatError(
            f"{source.label} is damaged FITS, or has no END or no such extension: fetch it again"
        ) from None
    if noticed:
        findings.append(
            Finding(
                "FITS standard",
                "headers",
                len(noticed),
                "low",
                action="documented",
                note="Headers break the standard",
            )
        )
    if hdu is None and n_tables > 1:
        note = f"Only the first of {n_tables} tables was read: pass hdu= for another"
        findings.append(
            Finding("other tables", "extensions", 0, "low", action="documented", note=note)
        )
    return Reading(frame.lazy(), tuple(findings))


def _choose(units: Any, wanted: int | str | None, source: Source) -> tuple[Any, int]:
    """Give the table that is wanted, once every claim of the headers is found true."""
    tables = []
    for unit in units:
        place = unit.fileinfo()
        if (
            place["datLoc"] + place["datSpan"] > -(-source.n_bytes // _BLOCK) * _BLOCK
            or place["datLoc"] + unit.size > source.n_bytes
        ):
            raise FormatError(
                f"{source.label} is cut off: its headers claim "
                f"{place['datLoc'] + place['datSpan']:,} bytes and it has "
                f"{source.n_bytes:,}, so fetch it again"
            )
        if hasattr(unit, "columns"):
            tables.append(unit)
    if not tables:
        raise FormatError(f"{source.label} has no table extension: it holds images only")
    if wanted is None:
        return tables[0], len(tables)
    chosen = units[wanted]
    if not any(chosen is table for table in tables):
        raise FormatError(
            f"Extension {wanted!r} of {source.label} is no table: pass hdu= "
            f"with one of its {len(tables)} tables"
        )
    return chosen, len(tables)


def _frame_of(unit: Any) -> tuple[pl.DataFrame, list[Finding]]:
    names, renamed = unique_names(unit.columns.names)
    findings = [renamed] if renamed else []
    series = []
    for name, column in zip(names, unit.columns, strict=True):
        built, finding = _series_of(name, column, unit)
        series.append(built)
        findings += [finding] if finding else []
    return (pl.DataFrame(series) if series else pl.DataFrame(height=len(unit.data))), findings


def _series_of(name: str, column: Any, unit: Any) -> tuple[pl.Series, Finding | None]:
    values = unit.data.field(column.name)
    code = str(column.format).lstrip("0123456789")[:1]
    if code in {"P", "Q"}:
        return column_of_values(name, [np.asarray(row).tolist() for row in values])
    values = np.asarray(values)
    if code == "X":
        # One bit or several: a list of truth values, in the order of the standard.
        return pl.Series(name, values.reshape(len(values), -1).tolist(), pl.List(pl.Boolean)), None
    if values.dtype.kind in "SU":
        texts = np.char.rstrip(values).tolist() if values.ndim == 1 else values.tolist()
        return column_of_values(
            name,
            [t.decode("utf-8", "backslashreplace") if isinstance(t, bytes) else t for t in texts],
        )
    missing = _missing(column, unit, values)
    masked = np.ma.MaskedArray(values, missing) if missing is not None else values
    return series_of_array(name, masked)


def _missing(column: Any, unit: Any, values: Any) -> Any:
    """Where a column has TNULL, or a truth value that is neither T nor F."""
    raw = np.asarray(unit.data).view(np.ndarray)[column.name] if unit.data.dtype.names else None
    if raw is None or raw.shape != values.shape:
        return None
    if values.dtype.kind == "b":
        return ~np.isin(raw.view(np.int8), (ord("T"), ord("F")))
    if column.null in (None, ""):
        return None
    if raw.dtype.kind == "S":
        return np.char.strip(raw) == str(column.null).strip().encode()
    return raw == column.null


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write one binary table; dates become ISO text, null text becomes empty, null floats NaN.

    Raises
    ------
    FormatError
        A text is not ASCII, or a column is nested.
    MissingPackage
        astropy is not installed.

    """
    try:
        from astropy.io import fits
    except ImportError:
        raise MissingPackage("astropy", "to write FITS tables", "fits") from None
    require_flat(frame, TITLE)
    with warnings.catch_warnings():
        # Names with other than letters and digits are unusual, not wrong.
        warnings.simplefilter("ignore", fits.verify.VerifyWarning)
        columns = [_column_of(fits, series) for series in frame.get_columns()]
        table = fits.BinTableHDU.from_columns(columns, nrows=frame.height)
        for series in frame.get_columns():
            if series.dtype == pl.Boolean and series.null_count():
                table.data.view(np.ndarray)[series.name][series.is_null().to_numpy()] = 0
        table.writeto(path, overwrite=True)


def _column_of(fits: Any, series: pl.Series) -> Any:
    if not series.name.isascii():
        raise FormatError(f"FITS names are ASCII, and column {series.name!r} is not: rename it")
    code, null, values = _storable(series)
    return fits.Column(name=series.name, format=code, null=null, array=values)


def _storable(series: pl.Series) -> tuple[str, int | None, npt.NDArray[Any]]:
    """FITS code, the value that stands for null, and the values."""
    dtype = series.dtype
    if dtype == pl.Boolean:
        return "L", None, series.fill_null(value=False).to_numpy()
    if dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128, pl.UInt128):
        whole = series if dtype in _CODES else series.cast(pl.Int64)
        null = _unused(whole) if whole.null_count() else None
        return _CODES[type(whole.dtype)], null, whole.fill_null(null or 0).to_numpy()
    if dtype.is_float():
        wide = series if dtype in _CODES else series.cast(pl.Float32)
        return _CODES[type(wide.dtype)], None, wide.fill_null(math.nan).to_numpy()
    texts = (
        (series.dt.to_string("iso") if dtype.is_temporal() else series.cast(pl.String))
        .fill_null("")
        .to_list()
    )
    if not all(text.isascii() for text in texts):
        raise FormatError(
            f"FITS texts are ASCII, and column {series.name!r} has others: write Parquet"
        )
    width = max((len(text) for text in texts), default=0) or 1
    return f"{width}A", None, np.array(texts, dtype=f"S{width}")


def _unused(whole: pl.Series) -> int:
    """Give a value that the column does not hold, to stand for null."""
    value = (
        255
        if whole.dtype == pl.UInt8
        else -(2 ** (8 * whole.to_physical().head(0).to_numpy().itemsize - 1))
    )
    step = -1 if value > 0 else 1
    while (whole == value).any():
        value += step
    return value
