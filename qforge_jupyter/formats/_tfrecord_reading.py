"""Records of TensorFlow as columns: one step reads one field of every record at once."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats._tfrecord_writing import KIND_TAGS, Bytes, Counts, masked_sums

_KINDS = {tag: kind for kind, tag in KIND_TAGS.items()}
_FRAME_BYTES = 16
_ODD = "holds a record that is no tf.train.Example: a table of them is wanted"


@dataclass
class Feature:
    """One feature of every record: which have it, how many values, and these.

    ``values`` is a series of Int64, Float32 or Binary.
    """

    kind: str
    is_there: NDArray[np.bool_]
    counts: Counts
    values: pl.Series


def record_places(data: Any, label: str) -> tuple[Counts, Counts]:
    """Find where records begin and how long they are, and check every sum.

    Raises
    ------
    FormatError
        The file is cut off, or bytes of it were changed.

    """
    starts: list[int] = []
    sizes: list[int] = []
    sums: list[int] = []
    at, n_bytes = 0, len(data)
    unpack = struct.Struct("<QI").unpack_from
    while at < n_bytes:
        if at + _FRAME_BYTES > n_bytes:
            raise FormatError(f"{label} is cut off in record {len(starts) + 1:,}: fetch it again")
        size, checked = unpack(data, at)
        if size > n_bytes - at - _FRAME_BYTES:
            raise FormatError(f"{label} is cut off in record {len(starts) + 1:,}: fetch it again")
        starts.append(at + 12)
        sizes.append(size)
        sums.append(checked)
        at += size + _FRAME_BYTES
    begin, length = np.array(starts, np.int64), np.array(sizes, np.int64)
    known, place = np.unique(length, return_inverse=True)
    right = masked_sums([struct.pack("<Q", n) for n in known.tolist()])[place]
    is_wrong = right != np.array(sums, np.uint32)
    if is_wrong.any():
        n = int(np.flatnonzero(is_wrong)[0]) + 1
        raise FormatError(f"{label} is damaged in record {n:,}: its length has another checksum")
    return begin, length


def check_sums(data: Any, starts: Counts, sizes: Counts, label: str, first: int) -> None:
    """Compare the content of records with their checksums.

    Raises
    ------
    FormatError
        A record was changed.

    """
    view = memoryview(data)
    ends = (starts + sizes).tolist()
    right = masked_sums([bytes(view[a:b]) for a, b in zip(starts.tolist(), ends, strict=True)])
    octets = np.frombuffer(data, np.uint8)
    found = octets[(starts + sizes)[:, None] + np.arange(4)].reshape(-1).view("<u4")
    is_wrong = right != found
    if is_wrong.any():
        n = first + int(np.flatnonzero(is_wrong)[0]) + 1
        raise FormatError(f"{label} is damaged in record {n:,}: its content has another checksum")


def read_examples(octets: Bytes, starts: Counts, sizes: Counts, label: str) -> dict[str, Feature]:
    """Read the features of records.

    Raises
    ------
    FormatError
        A record is no Example in the form that every writer gives it.

    """
    reader = _Reader(octets, label)
    ends = starts + sizes
    at = starts.copy()
    rows = np.flatnonzero(sizes)
    reader.expect(at[rows], 0x0A)
    length, after = reader.varint(at[rows] + 1)
    reader.require(after + length == ends[rows])
    at[rows] = after
    rows = rows[after < ends[rows]]
    found: dict[bytes, list[tuple[Counts, Bytes, Counts, Counts]]] = {}
    while len(rows):
        reader.expect(at[rows], 0x0A)
        length, begin = reader.varint(at[rows] + 1)
        at[rows] = begin + length
        reader.require(at[rows] <= ends[rows])
        for key, here, kinds, lists, list_sizes in reader.entries(begin, at[rows]):
            found.setdefault(key, []).append((rows[here], kinds, lists, list_sizes))
        rows = rows[at[rows] < ends[rows]]
    try:
        return {key.decode(): reader.feature(parts, len(starts)) for key, parts in found.items()}
    except UnicodeDecodeError:
        raise FormatError(f"{label} {_ODD}") from None


class _Reader:
    """Reads one field of many records at a time."""

    def __init__(self, octets: Bytes, label: str) -> None:
        # Behind the end stands what no field reads but a gather may touch.
        self.octets = octets
        self.label = label

    def require(self, holds: NDArray[np.bool_]) -> None:
        if not holds.all():
            raise FormatError(f"{self.label} {_ODD}")

    def expect(self, at: Counts, tag: int) -> None:
        self.require(at < len(self.octets))
        self.require(self.octets[at] == tag)

    def varint(self, at: Counts) -> tuple[Counts, Counts]:
        """Read a number at each place; give it and the place behind it."""
        value, at, rest = np.zeros(len(at), np.int64), at.copy(), np.arange(len(at))
        for n in range(5):
            self.require(at[rest] < len(self.octets))
            octet = self.octets[at[rest]]
            value[rest] |= (octet & 127).astype(np.int64) << (7 * n)
            at[rest] += 1
            rest = rest[octet > 127]
            if not len(rest):
                return value, at
        raise FormatError(f"{self.label} {_ODD}")

    def entries(
        self, begin: Counts, end: Counts
    ) -> list[tuple[bytes, Counts, Bytes, Counts, Counts]]:
        """Read the entry at each place; give key, who has it, kind, and where the values are."""
        self.expect(begin, 0x0A)
        key_size, key_at = self.varint(begin + 1)
        after = key_at + key_size
        self.expect(after, 0x12)
        size, at = self.varint(after + 1)
        self.require(at + size == end)
        kinds, lists, list_sizes = (
            np.zeros(len(at), np.uint8),
            at.copy(),
            np.zeros(len(at), np.int64),
        )
        told = np.flatnonzero(size)
        kinds[told] = self.octets[at[told]]
        list_sizes[told], lists[told] = self.varint(at[told] + 1)
        self.require(lists + list_sizes == end)
        rest, out = np.arange(len(at)), []
        while len(rest):
            first = rest[0]
            key = self.octets[key_at[first] : after[first]]
            same = rest[key_size[rest] == len(key)]
            is_same = self.octets[key_at[same][:, None] + np.arange(len(key))] == key
            here = same[is_same.all(axis=1)]
            out.append((key.tobytes(), here, kinds[here], lists[here], list_sizes[here]))
            rest = np.setdiff1d(rest, here, assume_unique=True)
        return out

    def feature(self, parts: list[tuple[Counts, Bytes, Counts, Counts]], n: int) -> Feature:
        """Put together what the records have of one feature."""
        kind, at, size = np.zeros(n, np.uint8), np.zeros(n, np.int64), np.zeros(n, np.int64)
        for rows, kinds, lists, list_sizes in parts:
            kind[rows], at[rows], size[rows] = kinds, lists, list_sizes
        is_there = kind > 0
        used = set(np.unique(kind[is_there]).tolist())
        self.require(np.array([used <= _KINDS.keys(), len(used) <= 1]))
        name = _KINDS[used.pop()] if used else "bytes"
        read = self._byte_values if name == "bytes" else self._packed
        counts, values = read(at, np.where(is_there, size, 0), name)
        return Feature(name, is_there, counts, values)

    def _packed(self, at: Counts, size: Counts, kind: str) -> tuple[Counts, pl.Series]:
        rows = np.flatnonzero(size)
        self.expect(at[rows], 0x0A)
        inside, begin = self.varint(at[rows] + 1)
        self.require(begin + inside == at[rows] + size[rows])
        counts = np.zeros(len(at), np.int64)
        if kind == "float":
            self.require(inside % 4 == 0)
            counts[rows] = inside // 4
            every = np.ndarray(max(0, len(self.octets) - 3), "<f4", self.octets.data, strides=(1,))
            place = np.repeat(begin, inside // 4) + 4 * _within(inside // 4)
            return counts, pl.Series(every[place].astype(np.float32, copy=False))
        content = self.octets[np.repeat(begin, inside) + _within(inside)]
        is_last = content < 128
        before = np.concatenate([[0], np.cumsum(is_last)])
        edges = np.concatenate([[0], np.cumsum(inside)])
        self.require(is_last[edges[1:] - 1])
        counts[rows] = np.diff(before[edges])
        return counts, pl.Series(_numbers(content, is_last))

    def _byte_values(self, at: Counts, size: Counts, _kind: str) -> tuple[Counts, pl.Series]:
        end, at = at + size, at.copy()
        counts = np.zeros(len(at), np.int64)
        owners, places, lengths = [], [], []
        rows = np.flatnonzero(size)
        while len(rows):
            self.expect(at[rows], 0x0A)
            length, begin = self.varint(at[rows] + 1)
            at[rows] = begin + length
            self.require(at[rows] <= end[rows])
            owners.append(rows)
            places.append(begin)
            lengths.append(length)
            counts[rows] += 1
            rows = rows[at[rows] < end[rows]]
        if not owners:
            return counts, pl.Series([], dtype=pl.Binary)
        order = np.argsort(np.concatenate(owners), kind="stable")
        place, length = np.concatenate(places)[order], np.concatenate(lengths)[order]
        return counts, self._texts(place, length)

    def _texts(self, place: Counts, length: Counts) -> pl.Series:
        import pyarrow as pa

        content = self.octets[np.repeat(place, length) + _within(length)]
        offsets = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
        array = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(place), buffers)
        return pl.Series(pl.from_arrow(array))


def _within(counts: Counts) -> Counts:
    """Count 0, 1, 2 … within each group."""
    starts = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) - np.repeat(starts, counts)


def _numbers(content: Bytes, is_last: NDArray[np.bool_]) -> NDArray[np.int64]:
    last = np.flatnonzero(is_last)
    first = np.concatenate([[0], last[:-1] + 1]) if len(last) else last
    bits = np.zeros(len(last), np.uint64)
    sizes = last - first + 1
    for n in range(min(10, int(sizes.max(initial=0)))):
        has = sizes > n
        octet = content[first[has] + n].astype(np.uint64) & np.uint64(127)
        bits[has] |= octet << np.uint64(7 * n)
    return bits.view(np.int64)
