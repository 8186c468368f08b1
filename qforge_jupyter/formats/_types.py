"""Types of columns as JSON, so that a file can say what its cells were."""

from __future__ import annotations

from typing import Any

import polars as pl

from qforge_jupyter.errors import FormatError

_PLAIN: dict[str, pl.DataType] = {
    kind.__name__: kind()
    for kind in (
        *(pl.Boolean, pl.String, pl.Binary, pl.Date, pl.Time, pl.Null, pl.Categorical),
        *(pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128),
        *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128),
        *(pl.Float16, pl.Float32, pl.Float64),
    )
}


def type_to_json(dtype: pl.DataType) -> Any:  # noqa: PLR0911 — one a type
    """Write a type: a word, or a list whose first item is one.

    Raises
    ------
    FormatError
        The column holds Python objects, which no file holds.

    Examples
    --------
    >>> type_to_json(pl.List(pl.Datetime("us", "UTC")))
    ['List', ['Datetime', 'us', 'UTC']]

    """
    name = dtype.base_type().__name__
    if isinstance(dtype, pl.Datetime):
        return [name, dtype.time_unit, dtype.time_zone]
    if isinstance(dtype, pl.Duration):
        return [name, dtype.time_unit]
    if isinstance(dtype, pl.Decimal):
        return [name, dtype.precision, dtype.scale]
    if isinstance(dtype, pl.Enum):
        return [name, dtype.categories.to_list()]
    if isinstance(dtype, pl.List):
        return [name, type_to_json(inner(dtype))]
    if isinstance(dtype, pl.Array):
        if isinstance(inner(dtype), pl.Null):
            raise FormatError(
                "A column holds arrays of a fixed size of nothing but nulls, which no file holds: "
                "give its items a type, as pl.Array(pl.Float64, 2), or make lists of it"
            )
        return [name, type_to_json(inner(dtype)), dtype.size]
    if isinstance(dtype, pl.Struct):
        return [name, [[key, type_to_json(kind)] for key, kind in fields(dtype)]]
    if name in _PLAIN:
        return name
    raise FormatError(f"No file holds a column of type {name}: cast it, or leave it out")


def type_from_json(said: Any) -> pl.DataType:
    """Read a type that `type_to_json` wrote.

    Raises
    ------
    FormatError
        It is no such type.

    Examples
    --------
    >>> type_from_json(["Array", "Int8", 3]) == pl.Array(pl.Int8, 3)
    True

    """
    try:
        return _from_json(said)
    except (KeyError, TypeError, ValueError, pl.exceptions.PolarsError):
        raise FormatError(
            "The list of types is not one that an export wrote: fetch the files again"
        ) from None


def _from_json(said: Any) -> pl.DataType:
    if isinstance(said, str):
        return _PLAIN[said]
    name, *rest = said
    if name in {"List", "Array"}:
        held = _from_json(rest[0])
        return pl.List(held) if name == "List" else pl.Array(held, int(rest[1]))
    if name == "Struct":
        return pl.Struct({str(key): _from_json(kind) for key, kind in rest[0]})
    if name == "Enum":
        return pl.Enum([str(each) for each in rest[0]])
    kinds: dict[str, Any] = {
        "Datetime": pl.Datetime,
        "Duration": pl.Duration,
        "Decimal": pl.Decimal,
    }
    dtype: pl.DataType = kinds[name](*rest)
    return dtype


def inner(dtype: pl.List | pl.Array) -> pl.DataType:
    """Give the type of a list's items."""
    return dtype.inner  # type: ignore[return-value]


def fields(dtype: pl.Struct) -> list[tuple[str, pl.DataType]]:
    """Give names and types of a struct's fields."""
    return [(field.name, field.dtype) for field in dtype.fields]  # type: ignore[misc]
