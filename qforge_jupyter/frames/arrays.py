"""NumPy arrays and torch tensors as columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from qforge_jupyter.columns import frame_of
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.columns import column_of_values, unique_names
from qforge_jupyter.results.run import Finding

Columns = tuple[pl.DataFrame, tuple[Finding, ...]]


def frame_of_array(array: npt.NDArray[Any], name: str) -> Columns:
    """Give the columns of a one- or two-dimensional or structured array.

    A plain array gives ``value`` or ``column_1 …``; a structured one gives
    its fields. Masked entries are nulls, NaN stays NaN, a complex number is a
    struct of ``real`` and ``imag``.

    Raises
    ------
    DataError
        The array has no or more than two dimensions, or holds raw memory.

    Examples
    --------
    >>> frame_of_array(np.array([[1, 2], [3, 4]]), "x")[0].to_dict(as_series=False)
    {'column_1': [1, 3], 'column_2': [2, 4]}

    """
    if array.ndim not in (1, 2) or (array.dtype.names and array.ndim != 1):
        raise DataError(
            f"{name} is an array of {array.ndim} dimensions: a table needs one or two, "
            "so reshape it to rows by columns"
        )
    if array.dtype.names:
        names, renamed = unique_names(array.dtype.names)
        parts = [array[field] for field in array.dtype.names]
    elif array.ndim == 1:
        names, renamed, parts = ["value"], None, [array]
    else:
        names, renamed = [f"column_{i}" for i in range(1, array.shape[1] + 1)], None
        parts = [array[:, i] for i in range(array.shape[1])]
    built = [series_of_array(n, part) for n, part in zip(names, parts, strict=True)]
    findings = [finding for _, finding in built if finding is not None]
    frame = frame_of(series for series, _ in built) if built else pl.DataFrame(height=len(array))
    return frame, tuple(([renamed] if renamed else []) + findings)


def series_of_array(name: str, array: npt.NDArray[Any]) -> tuple[pl.Series, Finding | None]:
    """Give one column of an array whose first dimension is the row.

    Raises
    ------
    DataError
        It holds raw memory, nested records or several complex numbers a row.

    Examples
    --------
    >>> series_of_array("x", np.array([1, 2], dtype=">i2"))[0].dtype
    Int16

    """
    mask = np.ma.getmaskarray(array) if isinstance(array, np.ma.MaskedArray) else None
    data = np.asarray(array)
    if data.dtype.kind == "V":
        raise DataError(
            f"Column {name!r} holds records or raw memory: give its parts as columns of their own"
        )
    if data.dtype.kind == "c":
        return _complex(name, array)
    if data.dtype.kind == "O":
        values = data.tolist()
        if mask is not None:
            values = [
                None if hidden else v for v, hidden in zip(values, mask.tolist(), strict=True)
            ]
        return column_of_values(name, values)
    data = _native(data)
    if data.dtype.kind == "S":
        return column_of_values(name, _masked(_decoded(data.tolist()), mask))
    if data.ndim > 1:
        width = data.shape[1:]
        series = pl.Series(name, np.ascontiguousarray(data).ravel()).reshape((len(data), *width))
    elif data.dtype.kind == "U":
        return column_of_values(name, _masked(data.tolist(), mask))
    else:
        series = pl.Series(name, np.ascontiguousarray(data))
    if mask is not None and mask.any():
        hidden = mask.reshape(len(data), -1).any(axis=1)
        series = series.to_frame().select(
            pl.when(pl.lit(pl.Series(~hidden))).then(pl.first()).otherwise(None).alias(name)
        )[name]
    return series, None


def _complex(name: str, array: npt.NDArray[Any]) -> tuple[pl.Series, Finding | None]:
    """Give complex numbers as a struct of their parts; polars has no type of its own for them."""
    mask = np.ma.getmaskarray(array) if isinstance(array, np.ma.MaskedArray) else None
    data = np.asarray(array)
    if data.ndim > 1:
        raise DataError(
            f"Column {name!r} holds several complex numbers a row: give its parts as columns "
            "of their own"
        )
    parts = [series_of_array(part, getattr(data, part))[0] for part in ("real", "imag")]
    series = pl.DataFrame(parts).to_struct(name)
    if mask is None or not mask.any():
        return series, None
    return pl.select(pl.when(pl.Series(~mask)).then(series).alias(name))[name], None


def array_of_tensor(tensor: Any, name: str) -> npt.NDArray[Any]:
    """Bring a torch tensor to the CPU as a NumPy array.

    bfloat16 and the 8-bit floats widen to float32, which holds them exactly;
    gradients are left behind.

    Raises
    ------
    DataError
        The tensor is sparse, quantized or on the meta device.

    """
    if tensor.device.type == "meta" or tensor.is_quantized or str(tensor.layout) != "torch.strided":
        raise DataError(
            f"{name} is a sparse, quantized or empty-handed tensor: give a "
            "dense one, as by .to_dense()"
        )
    plain = tensor.detach().resolve_conj().resolve_neg().cpu()
    is_narrow = str(plain.dtype) == "torch.bfloat16" or "float8" in str(plain.dtype)
    result: npt.NDArray[Any] = (plain.float() if is_narrow else plain).numpy()
    return result


def _decoded(values: list[Any]) -> list[Any]:
    """Bytes as UTF-8 text, or as they are where they are none."""
    try:
        return [v.decode("utf-8") if isinstance(v, bytes) else v for v in values]
    except UnicodeDecodeError:
        return values


def _masked(values: list[Any], mask: npt.NDArray[np.bool_] | None) -> list[Any]:
    if mask is None:
        return values
    return [None if hidden else v for v, hidden in zip(values, mask.tolist(), strict=True)]


def _native(data: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give the same numbers in this machine's byte order and a width Polars has."""
    if data.dtype.kind == "f" and data.dtype.itemsize > 8:
        return data.astype(np.float64)
    if data.dtype.kind in "mM" and np.datetime_data(data.dtype)[0] not in {"ms", "us", "ns"}:
        return data.astype(f"{data.dtype.kind}8[us]")
    return data.astype(data.dtype.newbyteorder("=")) if not data.dtype.isnative else data
