"""HDF5: compound data sets, groups of columns, matrices, and frames of pandas."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.columns import frame_of
from qforge_jupyter.errors import DataError, FormatError, nearest
from qforge_jupyter.formats._flat import require_flat
from qforge_jupyter.formats._hdf5_pandas import read_pandas
from qforge_jupyter.formats._hdf5_safety import safe_datasets
from qforge_jupyter.formats._reading import Reading, Source
from qforge_jupyter.frames.arrays import frame_of_array, series_of_array
from qforge_jupyter.frames.columns import column_of_values, unique_names

TITLE = "HDF5"
SUFFIXES = (".h5", ".hdf5", ".hdf", ".he5")
IS_LAZY = False
_MARK = b"\x89HDF\r\n\x1a\n"
_VALID = "_valid"


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start an HDF5 file.

    Examples
    --------
    >>> recognises(b"\x89HDF\r\n\x1a\n"), recognises(b"a,b")
    (True, False)

    """
    return head.startswith(_MARK)


def read(path: Path | Source, *, key: str | None = None) -> Reading:
    """Read one table; nothing outside the file is ever opened, nothing is unpickled.

    Parameters
    ----------
    path
        The file.
    key
        Path of the table inside; needed where there are several. A table is
        a compound data set, a group of equally long one-dimensional data
        sets, a matrix, or a frame that pandas wrote.

    Raises
    ------
    FormatError
        It is damaged, reaches outside, declares far more than it stores, or
        has no or several tables.

    """
    import h5py

    source = Source.of(path)
    try:
        with source.open() as stream, h5py.File(stream, "r") as file:
            datasets = safe_datasets(file, source.label)
            tables = _tables(file, datasets)
            chosen = _choose(list(tables), key, source.label)
            return Reading(_read_table(file[chosen], chosen).lazy())
    except (OSError, KeyError, RuntimeError, ValueError):
        raise FormatError(
            f"{source.label} is damaged HDF5, or packed by a filter that is "
            "not installed: save it again"
        ) from None
    except DataError as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{source.label}: {error.message}") from None


def _tables(file: Any, datasets: Mapping[str, Any]) -> dict[str, None]:
    """Paths of everything that is a table."""
    found: dict[str, None] = {}
    groups = {str(parent) for path in datasets for parent in PurePosixPath(path).parents}
    pandas = {name for name in sorted(groups) if "pandas_type" in file[name].attrs}
    loose: dict[str, list[Any]] = {}
    for path, dataset in datasets.items():
        parents = {str(parent) for parent in PurePosixPath(path).parents}
        if parents & pandas or PurePosixPath(path).parent.name == _VALID:
            continue
        if dataset.dtype.names or dataset.ndim == 2:
            found[path] = None
        elif dataset.ndim == 1:
            loose.setdefault(str(PurePosixPath(path).parent), []).append(dataset)
    found |= dict.fromkeys(pandas)
    for group, columns in loose.items():
        if len({len(column) for column in columns}) == 1:
            found[group] = None
        else:
            found |= dict.fromkeys(column.name for column in columns)
    return dict(sorted(found.items()))


def _choose(tables: list[str], key: str | None, label: str) -> str:
    if key is not None:
        wanted = "/" + key.strip("/")
        if wanted in tables:
            return wanted
        raise FormatError(f"{label} has no table {key!r}{nearest(wanted, tables)}")
    if len(tables) != 1:
        what = f"{len(tables)} tables" + nearest("", tables) if tables else "no table"
        advice = (
            ", so pass key= with one of them"
            if tables
            else ": arrays of one or two dimensions are wanted"
        )
        raise FormatError(f"{label} has {what}{advice}")
    return tables[0]


def _read_table(member: Any, path: str) -> pl.DataFrame:
    if hasattr(member, "dtype"):
        if member.ndim == 1 and not member.dtype.names:
            return frame_of([_column(PurePosixPath(path).name, member)])
        return _of_matrix(member)
    frame = read_pandas(member)
    if frame is not None:
        return frame
    columns = [held for held in member.values() if getattr(held, "ndim", 0) == 1]
    columns.sort(key=lambda held: int(held.attrs.get("position", 0)))
    names, _ = unique_names(
        str(held.attrs.get("name", PurePosixPath(held.name).name)) for held in columns
    )
    valid = member.get(_VALID, {})
    series = []
    for name, held in zip(names, columns, strict=True):
        column = _column(name, held)
        mask = valid.get(PurePosixPath(held.name).name)
        series.append(
            column if mask is None else column.set(pl.Series(~mask[()].astype(bool)), None)
        )
    return frame_of(series)


def _of_matrix(dataset: Any) -> pl.DataFrame:
    values = dataset[()]
    if values.dtype.names and any(values.dtype[n].kind == "O" for n in values.dtype.names):
        return frame_of(_column_of(n, values[n]) for n in values.dtype.names)
    return frame_of_array(values, "the data set")[0]


def _column(name: str, dataset: Any) -> pl.Series:
    series = _column_of(name, dataset[()])
    unit = dataset.attrs.get("type", "")
    if unit == "date":
        return series.cast(pl.Date)
    if unit == "time":
        return series.cast(pl.Time)
    if str(unit).startswith("duration"):
        return series.cast(pl.Duration(str(unit).partition(" ")[2]))  # type: ignore[arg-type]
    if str(unit).startswith("datetime"):
        _, precision, *zone = str(unit).split(" ")
        return series.cast(pl.Datetime(precision, zone[0] if zone else None))  # type: ignore[arg-type]
    return series


def _column_of(name: str, values: Any) -> pl.Series:
    """Give a column of an array; texts of variable length arrive as bytes."""
    if values.dtype.kind != "O":
        return series_of_array(name, values)[0]
    texts = []
    for value in values.tolist():
        if not isinstance(value, bytes | str | np.ndarray):
            raise FormatError(
                f"Column {name!r} holds references or other objects, which are "
                "not read: leave it out"
            )
        texts.append(
            value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
        )
    return column_of_values(name, texts)[0]


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a group ``table`` of one data set a column, with masks for nulls.

    Raises
    ------
    FormatError
        A column is nested, or a text holds a NUL, which HDF5 cannot keep.

    """
    import h5py

    require_flat(frame, TITLE)
    with h5py.File(path, "w") as file:
        group = file.create_group("table")
        for i, name in enumerate(frame.columns):
            is_plain = name not in {".", "..", _VALID} and "/" not in name and "\0" not in name
            _write_column(group, name if is_plain else f"column_{i + 1}", frame[name], i)


def _write_column(group: Any, safe_name: str, series: pl.Series, position: int) -> None:
    import h5py

    values, kind = _storable(series)
    text = values.dtype == pl.String
    if text and values.str.contains("\0", literal=True).any():
        raise FormatError(
            f"Column {series.name!r} holds a NUL character, which HDF5 texts "
            "cannot keep: write Parquet"
        )
    filled = values.fill_null("" if text else False if values.dtype == pl.Boolean else 0)
    stored = np.array(filled.to_list(), dtype=object) if text else filled.to_numpy()
    held = group.create_dataset(safe_name, data=stored, dtype=h5py.string_dtype() if text else None)
    held.attrs["position"] = position
    held.attrs["name"] = series.name.replace("\0", "")
    if kind:
        held.attrs["type"] = kind
    if series.null_count():
        group.require_group(_VALID).create_dataset(safe_name, data=series.is_not_null().to_numpy())


def _storable(series: pl.Series) -> tuple[pl.Series, str]:
    dtype = series.dtype
    if isinstance(dtype, pl.Datetime):
        return series.to_physical(), " ".join(
            ["datetime", dtype.time_unit, *([dtype.time_zone] if dtype.time_zone else [])]
        )
    if isinstance(dtype, pl.Duration):
        return series.to_physical(), f"duration {dtype.time_unit}"
    if dtype in (pl.Date, pl.Time):
        return series.to_physical(), "date" if dtype == pl.Date else "time"
    is_plain = dtype == pl.Boolean or (
        dtype.is_numeric() and not dtype.is_decimal() and dtype not in (pl.Int128, pl.UInt128)
    )
    return (series if is_plain else series.cast(pl.String)), ""
