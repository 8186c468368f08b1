"""Two 64-bit hashes of every cell, the same on every machine and in every version.

The definition, which the tests repeat row by row in plain Python::

    mix(z)         the finaliser of splitmix64 (a bijection of 64 bits)
    sequence(w)    mix(sum of mix(w[j] + (j + 1) * seed) + (length + 1) * seed)
    text, binary   sequence of the bytes as little-endian words, padded with zeros
    list, array    sequence of the items' cells
    struct         mix(sum of mix(field's cell + sequence(field's name)))
    number         its 64 bits; what needs more is mixed with the upper ones
    null           one constant

Sums are modulo 2**64. Everything is done twice, once a seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import DataError

Words = NDArray[np.uint64]
#: The cells of a column under the first and under the second seed.
Cells = tuple[Words, Words]

SEEDS = (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03)
NULLS = (0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
BEYOND_INT128 = 0x8EBC6AF09C88C6E3
MASK = 2**64 - 1
#: Words mixed at a time, so that they stay in the processor's cache.
_BLOCK = 1 << 14
_NS = {"ms": 1_000_000, "us": 1_000, "ns": 1}


def mix(words: Words, plus: int = 0) -> Words:
    """Mix ``words + plus`` by the finaliser of splitmix64.

    Examples
    --------
    >>> hex(mix(np.array([1], dtype=np.uint64))[0])
    '0x5692161d100b05e5'

    """
    mixed = np.empty(len(words), dtype=np.uint64)
    shifted = np.empty(min(_BLOCK, len(words)), dtype=np.uint64)
    for start in range(0, len(words), _BLOCK):
        z = mixed[start : start + _BLOCK]
        t = shifted[: len(z)]
        np.add(words[start : start + _BLOCK], np.uint64(plus & MASK), out=z)
        z ^= np.right_shift(z, 30, out=t)
        z *= np.uint64(0xBF58476D1CE4E5B9)
        z ^= np.right_shift(z, 27, out=t)
        z *= np.uint64(0x94D049BB133111EB)
        z ^= np.right_shift(z, 31, out=t)
    return mixed


def logical_type(dtype: pl.DataType) -> str:
    """Name what a column means, without how it is stored.

    Every integer is ``int``, every float ``float``, and a category is text.
    A naive time differs from an instant; a decimal's scale is part of it.

    Raises
    ------
    DataError
        The type has no content that could be told apart, as Python objects.

    Examples
    --------
    >>> logical_type(pl.List(pl.Int8())), logical_type(pl.Categorical())
    ('list<int>', 'text')

    """
    if isinstance(dtype, pl.Datetime):
        return "datetime" if dtype.time_zone is None else "instant"
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.scale})"
    if isinstance(dtype, pl.List):
        return f"list<{logical_type(_inner(dtype))}>"
    if isinstance(dtype, pl.Array):
        return f"array<{logical_type(_inner(dtype))},{dtype.size}>"
    if isinstance(dtype, pl.Struct):
        fields = sorted((field.name, logical_type(field.dtype)) for field in dtype.fields)  # type: ignore[arg-type]
        return "struct<" + ",".join(f"{name!r}:{kind}" for name, kind in fields) + ">"
    for kind, known in _SIMPLE.items():
        if isinstance(dtype, known):
            return kind
    kind = dtype.base_type().__name__
    raise DataError(f"A column of type {kind} has no fingerprint: {_ADVICE.get(kind, _CAST)}")


_CAST = "cast it to numbers, text, times, lists or structs, or leave it out"
_ADVICE = {
    "Map": "cast it to a list of structs of key and value, or leave it out",
    "Extension": "take what it is stored as, by .ext.storage(), or leave it out",
}
_SIMPLE: dict[str, tuple[type[pl.DataType], ...]] = {
    "bool": (pl.Boolean,),
    "int": (
        *(pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128),
        *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128),
    ),
    "float": (pl.Float16, pl.Float32, pl.Float64),
    "text": (pl.String, pl.Categorical, pl.Enum),
    "binary": (pl.Binary,),
    "date": (pl.Date,),
    "time": (pl.Time,),
    "duration": (pl.Duration,),
    "null": (pl.Null,),
}


def cells(column: pl.Series) -> Cells:
    """Hash every cell of a column; a null is one constant, whatever the type."""
    # Under no name: one that looks like a pattern would be read as one.
    column = column.alias("")
    hashed = _filled_cells(column)
    if not column.null_count():
        return hashed
    is_null = column.is_null().to_numpy()
    first, second = (
        np.where(is_null, np.uint64(null), lane) for null, lane in zip(NULLS, hashed, strict=True)
    )
    return first, second


def _filled_cells(column: pl.Series) -> Cells:
    """Hash the cells; what stands where a null was does not matter."""
    dtype = column.dtype
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return _category_cells(column)
    if isinstance(dtype, pl.String | pl.Binary):
        return _byte_cells(column)
    if isinstance(dtype, pl.List):
        return _list_cells(column)
    if isinstance(dtype, pl.Array):
        return _list_cells(column.arr.to_list())
    if isinstance(dtype, pl.Struct):
        return struct_cells(column.struct.unnest())
    words = _number_words(column)
    return words, words


def _number_words(column: pl.Series) -> Words:
    dtype = column.dtype
    if isinstance(dtype, pl.Null):
        return np.zeros(len(column), dtype=np.uint64)
    if dtype.is_float():
        # Each step of Polars costs some 50 µs, which counts in a table of 10,000 columns.
        column = column if dtype == pl.Float64 else column.cast(pl.Float64)
        column = column.fill_null(0.0) if column.null_count() else column
        values = column.to_numpy() + 0.0  # -0.0 becomes 0.0
        values[np.isnan(values)] = math.nan
        return values.view(np.uint64)
    if isinstance(dtype, pl.Datetime | pl.Duration):
        return _nanosecond_words(column.to_physical(), _NS[dtype.time_unit])
    return _integer_words(column.to_physical())


def _nanosecond_words(column: pl.Series, factor: int) -> Words:
    """Give times in nanoseconds, exact also where they leave 64 bits."""
    low, high = column.min(), column.max()
    if low is None or (int(low) * factor >= -(2**63) and int(high) * factor < 2**63):  # type: ignore[arg-type]
        return _integer_words(column) * np.uint64(factor)
    return _integer_words(column.cast(pl.Int128) * pl.Series([factor], dtype=pl.Int128))


def _integer_words(column: pl.Series) -> Words:
    """Give 64 bits an integer: equal ones are equal in every width and sign."""
    dtype = column.dtype
    if isinstance(dtype, pl.Boolean):
        return column.fill_null(value=False).to_numpy().astype(np.uint64)
    column = column.fill_null(0)
    if not isinstance(dtype, pl.UInt64 | pl.UInt128 | pl.Int128):
        return column.cast(pl.Int64).to_numpy().view(np.uint64)
    low = column.cast(pl.UInt64, wrap_numerical=True).to_numpy()
    sign = np.where(low >> np.uint64(63) == 1, np.uint64(MASK), np.uint64(0))
    if isinstance(dtype, pl.UInt64):
        extra = sign
    else:
        high = (column // 2**64).cast(pl.UInt64, wrap_numerical=True).to_numpy()
        extra = high ^ sign
        if isinstance(dtype, pl.UInt128):
            beyond = high >> np.uint64(63) == 1
            extra = np.where(beyond, extra ^ np.uint64(BEYOND_INT128), extra)
    if not extra.any():
        return low
    return np.where(extra != 0, mix(low + mix(extra)), low)


def _category_cells(column: pl.Series) -> Cells:
    """Hash each category that occurs once, then look the codes up."""
    used = column.drop_nulls().unique()
    codes = column.to_physical().fill_null(0).to_numpy()
    used_codes = used.to_physical().to_numpy()
    n_codes = max(int(used_codes.max(initial=0)), int(codes.max(initial=0))) + 1
    table = np.zeros((2, n_codes), dtype=np.uint64)
    table[:, used_codes] = _byte_cells(used.cast(pl.String))
    return table[0][codes], table[1][codes]


def _byte_cells(column: pl.Series) -> Cells:
    from polars import CompatLevel

    # A name with a NUL cannot leave Polars.
    arrow = column.alias("").rechunk().to_arrow(compat_level=CompatLevel.oldest())
    if not len(arrow):
        return _no_cells()
    _, offsets, payload = arrow.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[arrow.offset : arrow.offset + len(arrow) + 1]
    begin, lengths = ends[:-1] - ends[0], np.diff(ends)
    content = np.zeros(ends[-1] - ends[0] + 8, dtype=np.uint8)
    if payload is not None:
        content[:-8] = np.frombuffer(payload, dtype=np.uint8)[ends[0] : ends[-1]]
    # One word begins at every byte: a gather from it reads any eight bytes at once.
    at_byte = np.ndarray(len(content) - 7, dtype="<u8", buffer=content, strides=(1,))

    def read(owner: NDArray[np.int64], position: NDArray[np.int64]) -> Words:
        byte = begin[owner]
        byte += 8 * position
        words: Words = at_byte[byte].astype(np.uint64, copy=False)
        n_left = lengths[owner] - 8 * position
        short = np.flatnonzero(n_left < 8)
        words[short] &= (np.uint64(1) << (8 * n_left[short]).astype(np.uint64)) - np.uint64(1)
        return words

    return _sequences((lengths + 7) // 8, lengths, lambda owner, at: (read(owner, at),) * 2)


def _list_cells(column: pl.Series) -> Cells:
    lengths = column.list.len().fill_null(0).cast(pl.Int64).to_numpy()
    first, second = cells(column.explode(empty_as_null=False, keep_nulls=False))
    begin = np.cumsum(lengths) - lengths

    def read(owner: NDArray[np.int64], position: NDArray[np.int64]) -> Cells:
        item = begin[owner] + position
        return first[item], second[item]

    return _sequences(lengths, lengths, read)


def _sequences(
    n_words: NDArray[np.int64],
    lengths: NDArray[np.int64],
    read: Callable[[NDArray[np.int64], NDArray[np.int64]], Cells],
) -> Cells:
    """Hash sequences of words: memory is bounded however long one of them is.

    Parameters
    ----------
    n_words
        How many words each sequence has.
    lengths
        Their lengths in their own unit, so that padding is told from content.
    read
        Gives the words at (sequence, position), under both seeds.

    """
    sums = (np.zeros(len(n_words), np.uint64), np.zeros(len(n_words), np.uint64))
    filled = np.flatnonzero(n_words)
    ends = np.cumsum(n_words[filled])
    begins = ends - n_words[filled]
    for start in range(0, int(ends[-1]) if len(ends) else 0, _BLOCK):
        stop = min(start + _BLOCK, int(ends[-1]))
        here = slice(
            np.searchsorted(ends, start, side="right"), np.searchsorted(begins, stop, side="left")
        )
        inside = np.maximum(begins[here], start)
        counts = np.minimum(ends[here], stop) - inside
        position = np.arange(start, stop) - np.repeat(begins[here], counts)
        both = read(np.repeat(filled[here], counts), position)
        turn = (position + 1).astype(np.uint64)
        for seed, total, words in zip(SEEDS, sums, both, strict=True):
            mixed = mix(words + turn * np.uint64(seed))
            total[filled[here]] += np.add.reduceat(mixed, inside - start)
    size = (lengths + 1).astype(np.uint64)
    first, second = (
        mix(total + size * np.uint64(seed)) for seed, total in zip(SEEDS, sums, strict=True)
    )
    return first, second


def struct_cells(fields: pl.DataFrame) -> Cells:
    """Hash every row of a frame; the order of the columns does not matter."""
    if not fields.height:
        return _no_cells()
    sums = (np.zeros(fields.height, np.uint64), np.zeros(fields.height, np.uint64))
    keys = _byte_cells(pl.Series(fields.columns, dtype=pl.String))
    for field, *own in zip(fields.get_columns(), *keys, strict=True):
        for total, words, key in zip(sums, cells(field), own, strict=True):
            np.add(total, mix(words, plus=int(key)), out=total)
    return mix(sums[0]), mix(sums[1])


def _no_cells() -> Cells:
    return np.empty(0, np.uint64), np.empty(0, np.uint64)


def _inner(dtype: pl.List | pl.Array) -> pl.DataType:
    return dtype.inner  # type: ignore[return-value]
