"""Every cell as text that gives it back: of one value, and as JSON of nested ones.

What a text looks like::

    number         as it is; NaN, inf and -inf
    date, time     ISO 8601; instants in UTC with a Z; # and a count of units
                   where the year has no four digits
    duration       a count of its unit
    decimal        its digits
    bytes          base64
    list, struct   JSON, in which NaN and what has more than 64 bits is quoted
"""

from __future__ import annotations

import polars as pl

from qforge_jupyter.formats._types import fields, inner

_UNITS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
#: Days from 0001-01-01 and to 9999-12-31, counted from 1970-01-01.
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_DAY, _MOMENT = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%.f"
_SHORT_INTEGERS = (
    *(pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64),
)


def is_scalar(dtype: pl.DataType) -> bool:
    """Whether a cell is one value, so that its text is not JSON."""
    return not dtype.is_nested()


def to_text(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:  # noqa: PLR0911 — one a type
    """Write one cell; null stays null."""
    if dtype.is_nested():
        return pl.when(cell.is_not_null()).then(to_json(cell, dtype))
    if isinstance(dtype, pl.Binary):
        return cell.bin.encode("base64")
    if isinstance(dtype, pl.Time):
        return cell.dt.to_string("%H:%M:%S%.f")
    if isinstance(dtype, pl.Date | pl.Datetime):
        return _iso(cell, dtype)
    if isinstance(dtype, pl.Duration):
        return cell.to_physical().cast(pl.String)
    if isinstance(dtype, pl.Float16):
        return cell.cast(pl.Float32).cast(pl.String)
    return cell.cast(pl.String)


def from_text(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:  # noqa: PLR0911 — one a type
    """Read what `to_text` wrote."""
    if dtype.is_nested():
        return from_plain(text.str.json_decode(plain(dtype)), dtype)
    if isinstance(dtype, pl.Binary):
        return text.str.decode("base64")
    if isinstance(dtype, pl.Time):
        return text.str.to_time("%H:%M:%S%.f")
    if isinstance(dtype, pl.Date | pl.Datetime):
        return _of_iso(text, dtype)
    if isinstance(dtype, pl.Duration):
        return text.cast(pl.Int64).cast(dtype)
    if isinstance(dtype, pl.Boolean):
        return text == "true"
    if dtype.is_float():
        return text.cast(pl.Float64).cast(dtype)
    return text.cast(dtype)


def _iso(cell: pl.Expr, dtype: pl.Date | pl.Datetime) -> pl.Expr:
    count = cell.to_physical()
    a_day = 86_400 * _UNITS[dtype.time_unit] if isinstance(dtype, pl.Datetime) else 1
    is_told = count.is_between(
        max(_FIRST_DAY * a_day, -(2**63)), min((_LAST_DAY + 1) * a_day - 1, 2**63 - 1)
    )
    # Polars writes both branches, and cannot write every date.
    told = pl.when(is_told).then(cell)
    if isinstance(dtype, pl.Date):
        text = told.dt.to_string(_DAY)
    elif dtype.time_zone is None:
        text = told.dt.to_string(_MOMENT)
    else:
        text = (
            told.dt.convert_time_zone("UTC").dt.replace_time_zone(None).dt.to_string(_MOMENT) + "Z"
        )
    return pl.when(is_told).then(text).otherwise("#" + count.cast(pl.String))


def _of_iso(text: pl.Expr, dtype: pl.Date | pl.Datetime) -> pl.Expr:
    width: pl.DataType
    is_count = text.str.starts_with("#")
    told = pl.when(~is_count).then(text)
    if isinstance(dtype, pl.Date):
        read, width = told.str.to_date(_DAY), pl.Int32()
    else:
        read = told.str.strip_suffix("Z").str.to_datetime(_MOMENT, time_unit=dtype.time_unit)
        width = pl.Int64()
        if dtype.time_zone is not None:
            read = read.dt.replace_time_zone("UTC").dt.convert_time_zone(dtype.time_zone)
    counted = pl.when(is_count).then(text.str.strip_prefix("#")).cast(width).cast(dtype)
    return pl.when(is_count).then(counted).otherwise(read)


def to_json(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Write one cell as JSON text; null is the word ``null``."""
    if isinstance(dtype, pl.Array):
        cell, dtype = cell.arr.to_list(), pl.List(inner(dtype))
    if isinstance(dtype, pl.List):
        items = cell.list.eval(to_json(pl.element(), inner(dtype))).list.join(",")
        text = pl.concat_str(pl.lit("["), items, pl.lit("]"))
    elif isinstance(dtype, pl.Struct):
        text = object_text([(name, part, kind) for (name, kind), part in parts_of(cell, dtype)])
        text = pl.when(cell.is_not_null()).then(text)
    elif isinstance(dtype, pl.Boolean | pl.Duration) or dtype in _SHORT_INTEGERS:
        text = to_text(cell, dtype)
    elif dtype.is_float():
        shown = to_text(cell, dtype)
        text = pl.when(cell.is_finite()).then(shown).otherwise('"' + shown + '"')
    elif isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        text = _quoted(cell.cast(pl.String))
    else:
        text = '"' + to_text(cell, dtype) + '"'
    return text.fill_null("null")


def object_text(parts: list[tuple[str, pl.Expr, pl.DataType]]) -> pl.Expr:
    """Write named cells as one JSON object."""
    import json

    pieces: list[pl.Expr] = []
    for i, (name, cell, dtype) in enumerate(parts):
        key = json.dumps(name, ensure_ascii=False)
        pieces += [pl.lit(f"{',' if i else '{'}{key}:"), to_json(cell, dtype)]
    return pl.concat_str(*(pieces or [pl.lit("{")]), pl.lit("}"))


def parts_of(cell: pl.Expr, dtype: pl.Struct) -> list[tuple[tuple[str, pl.DataType], pl.Expr]]:
    """Give a struct's fields; by position, since a name may read as a pattern."""
    known = fields(dtype)
    numbered = cell.struct.rename_fields([str(i) for i in range(len(known))])
    return [(field, numbered.struct.field(str(i))) for i, field in enumerate(known)]


def _quoted(text: pl.Expr) -> pl.Expr:
    whole = pl.struct(text.alias("")).struct.json_encode()
    quoted = whole.str.strip_prefix('{"":').str.strip_suffix("}")
    return pl.when(text.is_not_null()).then(quoted)


def plain(dtype: pl.DataType) -> pl.DataType:
    """Give the type as which JSON is read before it gets its own back."""
    if isinstance(dtype, pl.List | pl.Array):
        return pl.List(plain(inner(dtype)))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({name: plain(kind) for name, kind in fields(dtype)})
    if isinstance(dtype, pl.Boolean | pl.UInt64):
        return dtype
    is_counted = isinstance(dtype, pl.Duration) or dtype in _SHORT_INTEGERS
    return pl.Int64() if is_counted else pl.String()


def from_plain(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Give a cell that was read as its plain type its own back."""
    if plain(dtype) == dtype:
        return cell
    if isinstance(dtype, pl.List | pl.Array):
        items = cell.list.eval(from_plain(pl.element(), inner(dtype)))
        return items.list.to_array(dtype.size) if isinstance(dtype, pl.Array) else items
    if isinstance(dtype, pl.Struct):
        parts = [from_plain(part, kind).alias(name) for (name, kind), part in parts_of(cell, dtype)]
        return pl.when(cell.is_not_null()).then(pl.struct(*parts))
    return cell.cast(dtype) if plain(dtype) == pl.Int64 else from_text(cell, dtype)
