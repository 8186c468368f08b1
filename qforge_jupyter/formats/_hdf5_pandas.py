"""Frames that pandas wrote to HDF5, read without pandas, PyTables or a pickle."""

from __future__ import annotations

import pickletools
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from qforge_jupyter.errors import FormatError
from qforge_jupyter.frames.arrays import series_of_array

#: Opcodes of plain lists, tuples and dicts of texts and numbers: nothing that builds or calls.
_PLAIN = frozenset(
    [
        "MARK",
        "STOP",
        "LIST",
        "TUPLE",
        "TUPLE1",
        "TUPLE2",
        "TUPLE3",
        "DICT",
        "EMPTY_LIST",
        "EMPTY_TUPLE",
        "EMPTY_DICT",
        "APPEND",
        "APPENDS",
        "SETITEM",
        "SETITEMS",
        "PUT",
        "BINPUT",
        "LONG_BINPUT",
        "GET",
        "BINGET",
        "LONG_BINGET",
        "MEMOIZE",
        "PROTO",
        "FRAME",
        "NONE",
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "NEWTRUE",
        "NEWFALSE",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
    ]
)


def plain_tokens(blob: Any) -> list[Any]:
    r"""Give the texts and numbers that a pickled list names, without unpickling it.

    The bytes are only disassembled; anything but plain lists, dicts, texts
    and numbers is refused.

    Raises
    ------
    FormatError
        It would build or call something.

    Examples
    --------
    >>> plain_tokens(b"(lp0\nVa\np1\naVb\np2\na.")
    ['a', 'b']

    """
    tokens: list[Any] = []
    try:
        for opcode, argument, _ in pickletools.genops(bytes(blob)):
            if opcode.name not in _PLAIN:
                raise FormatError(
                    "A pandas HDF5 frame keeps its names as pickled objects, "
                    "which are never loaded: save it as Parquet"
                )
            is_value = "PUT" not in opcode.name and "GET" not in opcode.name
            if (
                is_value
                and opcode.name not in {"PROTO", "FRAME"}
                and (argument is not None or opcode.name == "NONE")
            ):
                tokens.append(argument)
    except ValueError:
        raise FormatError("A pandas HDF5 frame has damaged names: save it again") from None
    return tokens


def read_pandas(group: Any) -> pl.DataFrame | None:
    """Give the frame of a group that pandas wrote, or None where it did not."""
    kind = _text(group.attrs.get("pandas_type", b""))
    if kind in {"frame_table", "series_table"} and "table" in group:
        return _table_format(group)
    if kind == "frame" and "axis0" in group:
        return _fixed_format(group)
    if kind == "series" and "values" in group:
        name = _text(group.attrs.get("name", b"")) or "value"
        index = [_index(group["index"])] if "index" in group else []
        return pl.DataFrame(
            [
                *(s for s in index if s is not None),
                _series(_plain_name(name) or "value", group["values"]),
            ]
        )
    return None


def _table_format(group: Any) -> pl.DataFrame:
    table = group["table"]
    rows, attributes = table[()], table.attrs
    columns: dict[str, pl.Series] = {}
    for name in rows.dtype.names:
        if name == "index":
            continue
        stored = _text(attributes.get(f"{name}_dtype", b""))
        labels = (
            plain_tokens(attributes[f"{name}_kind"]) if f"{name}_kind" in attributes else [name]
        )
        block = rows[name].reshape(len(rows), -1)
        for i, label in enumerate(labels):
            series = _of_kind(str(label), block[:, i], stored)
            is_text = series.dtype == pl.String
            # pandas itself writes a missing text as "nan" in this format.
            columns[str(label)] = series.set(series == "nan", None) if is_text else series
    axes = plain_tokens(group.attrs.get("non_index_axes", b"N."))
    order = [str(token) for token in axes if isinstance(token, str) and token in columns]
    named = plain_tokens(group.attrs.get("info", b"N."))
    index = named[named.index("index_name") + 1] if "index_name" in named else None
    first = (
        [_of_kind(str(index), rows["index"], _text(attributes.get("index_kind", b"")))]
        if index
        else []
    )
    rest = [columns[name] for name in dict.fromkeys([*order, *columns])]
    return pl.DataFrame([*first, *rest])


def _fixed_format(group: Any) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    for i in range(int(group.attrs.get("nblocks", 0))):
        labels = _series("x", group[f"block{i}_items"]).to_list()
        values = group[f"block{i}_values"]
        _refuse_pickled(values)
        stored = _text(values.attrs.get("value_type", b""))
        block = values[()]
        block = block if values.attrs.get("transposed", 0) else block.T
        for j, label in enumerate(labels):
            columns[str(label)] = _of_kind(str(label), block[:, j], stored)
    order = [str(name) for name in _series("x", group["axis0"]).to_list()]
    index = _index(group["axis1"]) if "axis1" in group else None
    return pl.DataFrame(
        [*([index] if index is not None else []), *(columns[name] for name in order)]
    )


def _index(axis: Any) -> pl.Series | None:
    name = _plain_name(_text(axis.attrs.get("name", b"N.")))
    return _series(name, axis) if name else None


def _plain_name(text: str) -> str:
    """Give a name that may have been stored as a pickled None."""
    return "" if text == "N." else text


def _series(name: str, dataset: Any) -> pl.Series:
    _refuse_pickled(dataset)
    stored = dataset.attrs.get("value_type", dataset.attrs.get("kind", b""))
    return _of_kind(name, dataset[()], _text(stored))


def _refuse_pickled(dataset: Any) -> None:
    if "PSEUDOATOM" in dataset.attrs or dataset.dtype.kind == "O":
        raise FormatError(
            "A pandas HDF5 frame keeps text as pickled objects, which are "
            "never loaded: write it with "
            "format='table', or as Parquet"
        )


def _of_kind(name: str, values: npt.NDArray[Any], stored: str) -> pl.Series:
    """Give the column whose pandas type stands beside it, as in ``datetime64[us]``."""
    if stored.startswith(("datetime64", "timedelta64")):
        unit = stored.partition("[")[2].rstrip("]").partition(",")[0] or "ns"
        values = values.astype(np.int64).view(
            f"{stored[0].replace('d', 'M').replace('t', 'm')}8[{unit}]"
        )
    elif stored in {"bool", "boolean"} or (values.dtype == np.uint8 and stored == ""):
        values = values.astype(np.bool_)
    return series_of_array(name, values)[0]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
