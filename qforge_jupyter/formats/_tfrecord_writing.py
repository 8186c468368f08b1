"""Batches as records of TensorFlow: every step is done for all rows at once.

A record is its length (8 bytes), the masked CRC-32C of these, an ``Example``
of Protocol Buffers, and the masked CRC-32C of that. An ``Example`` is one
entry a feature; all that stands before an entry's values is decided by how many
bytes these have, so it is looked up.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.formats._tfrecord_columns import Held, Kind, plain_values

Bytes = NDArray[np.uint8]
Counts = NDArray[np.int64]
#: Tags of ``bytes_list``, ``float_list`` and ``int64_list`` in a ``Feature``.
KIND_TAGS: dict[Kind, int] = {"bytes": 0x0A, "float": 0x12, "int64": 0x1A}


def records(batch: pl.DataFrame, features: list[Held]) -> bytes:
    """Write the rows of a batch as records."""
    import pyarrow.compute as pc

    entries: list[Any] = []
    for held in features:
        entries += _entries(batch, held)
    inside = (
        pc.binary_join_element_wise(*entries, _EMPTY())
        if entries
        else _binary(np.zeros(batch.height + 1, np.int64), np.zeros(0, np.uint8))
    )
    sizes = _sizes(inside)
    example = pc.binary_join_element_wise(
        _looked_up(sizes, lambda n: b"\x0a" + varint(n)), inside, _EMPTY()
    )
    sums = masked_sums(example.to_pylist())
    tails = _binary(np.arange(len(sums) + 1, dtype=np.int64) * 4, sums.astype("<u4").view(np.uint8))
    whole = pc.binary_join_element_wise(
        _looked_up(_sizes(example), record_head), example, tails, _EMPTY()
    )
    begin, end = _ends(whole)[[0, -1]].tolist()
    return bytes(memoryview(whole.buffers()[2])[begin:end])


def varint(number: int) -> bytes:
    r"""Write an integer as Protocol Buffers do.

    Examples
    --------
    >>> varint(300)
    b'\xac\x02'

    """
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def record_head(n_bytes: int) -> bytes:
    """Write what stands before a record of so many bytes."""
    size = struct.pack("<Q", n_bytes)
    return size + masked_sums([size]).astype("<u4").tobytes()


def masked_sums(pieces: list[Any]) -> NDArray[np.uint32]:
    """Give the masked CRC-32C of each piece."""
    from google_crc32c import value

    sums = np.fromiter(map(value, pieces), np.uint32, len(pieces))
    return ((sums >> np.uint32(15)) | (sums << np.uint32(17))) + np.uint32(0xA282EAD8)


def _entries(batch: pl.DataFrame, held: Held) -> list[Any]:
    """Give the pieces that, joined, are a column's entries in each row."""
    import pyarrow as pa

    values = plain_values(batch, held)
    is_there = values.is_not_null().to_numpy()
    if held.is_list:
        counts = values.list.len().fill_null(0).to_numpy().astype(np.int64)
        flat = values.explode(empty_as_null=False, keep_nulls=False)
    else:
        counts, flat = is_there.astype(np.int64), values.drop_nulls()
    pieces: list[Any] = []
    is_gap = flat.is_null().to_numpy()
    if held.nulls and is_gap.any():
        pieces += _gaps(held.nulls, counts, is_gap)
    if held.kind == "bytes":
        array = flat.fill_null(b"").to_arrow(compat_level=pl.CompatLevel.oldest())
        payload = _messages(array.cast(pa.large_binary()))
        ends = _ends(payload)[_starts(counts)]
        return [*pieces, *_entry(held.name, "bytes", is_there, _binary(ends, _data(payload)))]
    if held.kind == "int64":
        content, sizes = varints(flat.fill_null(0).to_numpy())
        ends = _starts(sizes)[_starts(counts)]
        return [*pieces, *_entry(held.name, "int64", is_there, _binary(ends, content))]
    return [*pieces, *_floats(held, flat.fill_null(0.0).to_numpy(), counts, is_there)]


def _floats(held: Held, exact: NDArray[np.float64], counts: Counts, is_there: Any) -> list[Any]:
    with np.errstate(over="ignore", invalid="ignore"):
        short = exact.astype("<f4")
    starts = _starts(counts)
    pieces = _entry(held.name, "float", is_there, _binary(starts * 4, short.view(np.uint8)))
    if not held.exact:
        return pieces
    is_rounded = (short != exact) & ~np.isnan(exact)
    rounded_before = np.concatenate([[0], np.cumsum(is_rounded)])
    needed = np.diff(rounded_before[starts]) > 0
    if not needed.any():
        return pieces
    kept = np.repeat(needed, counts)
    sizes = np.where(needed, counts * 8, 0)
    content = np.ascontiguousarray(exact[kept].astype("<f8")).view(np.uint8)
    framed = _messages(_binary(_starts(sizes[needed]), content))
    ends = _ends(framed)[_starts(needed.astype(np.int64))]
    return [*pieces, *_entry(held.exact, "bytes", needed, _binary(ends, _data(framed)))]


def _gaps(name: str, counts: Counts, is_gap: NDArray[np.bool_]) -> list[Any]:
    """Give the positions of nulls in each row's list, in the rows that have some."""
    starts = _starts(counts)
    position = np.arange(len(is_gap)) - np.repeat(starts[:-1], counts)
    gaps = np.diff(np.concatenate([[0], np.cumsum(is_gap)])[starts])
    content, sizes = varints(position[is_gap])
    return _entry(name, "int64", gaps > 0, _binary(_starts(sizes)[_starts(gaps)], content))


def _entry(name: str, kind: Kind, is_there: NDArray[np.bool_], payload: Any) -> list[Any]:
    """Put before each row's values what makes them an entry; nothing where there is none."""
    key = name.encode("utf-8", "surrogatepass")
    named = b"\x0a" + varint(len(key)) + key

    def head(n_bytes: int) -> bytes:
        packed = b"" if kind == "bytes" or not n_bytes else b"\x0a" + varint(n_bytes)
        values = bytes([KIND_TAGS[kind]]) + varint(len(packed) + n_bytes) + packed
        feature = b"\x12" + varint(len(values) + n_bytes) + values
        return b"\x0a" + varint(len(named) + len(feature) + n_bytes) + named + feature

    return [_looked_up(_sizes(payload), head, is_there), payload]


def varints(numbers: NDArray[np.int64]) -> tuple[Bytes, Counts]:
    """Write integers one behind the other; also give how many bytes each takes."""
    bits = numbers.astype(np.int64, copy=False).view(np.uint64)
    sizes = np.ones(len(bits), np.int64)
    for n in range(1, 10):
        more = bits >= np.uint64(1 << (7 * n))
        if not more.any():
            break
        sizes += more
    widest = int(sizes.max(initial=1))
    table = np.empty((len(bits), widest), np.uint8)
    for n in range(widest):
        table[:, n] = (bits >> np.uint64(7 * n)) & np.uint64(127)
        table[:, n] |= (sizes > n + 1).astype(np.uint8) << 7
    return table[np.arange(widest) < sizes[:, None]], sizes


def _messages(items: Any) -> Any:
    """Write each item as a member of a ``bytes_list``."""
    import pyarrow.compute as pc

    heads = _looked_up(_sizes(items), lambda n: b"\x0a" + varint(n))
    return pc.binary_join_element_wise(heads, items, _EMPTY())


def _looked_up(
    sizes: Counts, make: Callable[[int], bytes], is_there: NDArray[np.bool_] | None = None
) -> Any:
    """Give for each row what its size decides, made once a size; nothing where it is not."""
    import pyarrow as pa

    is_everywhere = is_there is None or bool(is_there.all())
    if len(sizes) and is_everywhere and sizes.min() == sizes.max():
        return pa.scalar(make(int(sizes[0])), pa.large_binary())
    if is_there is not None and not is_everywhere:
        sizes = np.where(is_there, sizes, -1)
    known, place = np.unique(sizes, return_inverse=True)
    made = [make(n) if n >= 0 else b"" for n in known.tolist()]
    return pa.array(made, pa.large_binary()).take(pa.array(place))


def _EMPTY() -> Any:  # noqa: N802 — a constant that costs an import
    import pyarrow as pa

    return pa.scalar(b"", pa.large_binary())


def _starts(counts: Counts) -> Counts:
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def _binary(ends: Counts, content: Bytes) -> Any:
    import pyarrow as pa

    offsets = pa.py_buffer(np.ascontiguousarray(ends, np.int64))
    data = pa.py_buffer(np.ascontiguousarray(content))
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(ends) - 1, [None, offsets, data])


def _ends(array: Any) -> Counts:
    offsets = np.frombuffer(array.buffers()[1], np.int64) if len(array) else np.zeros(1, np.int64)
    return offsets[array.offset : array.offset + len(array) + 1]


def _sizes(array: Any) -> Counts:
    return np.diff(_ends(array))


def _data(array: Any) -> Bytes:
    content = array.buffers()[2]
    return np.zeros(0, np.uint8) if content is None else np.frombuffer(content, np.uint8)
