"""The fingerprint once more, cell by cell in plain Python, as a witness.

It shares no line with the vectorised one: values come as Python objects, all
arithmetic is on Python integers.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import struct
from decimal import Decimal
from typing import Any

import polars as pl

M = 2**64
SEEDS = (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03)
NULLS = (0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
BEYOND_INT128 = 0x8EBC6AF09C88C6E3
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def mix(z: int) -> int:
    z %= M
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % M
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % M
    return z ^ (z >> 31)


def sequence(words: list[int], length: int, seed: int) -> int:
    total = sum(mix(word + (j + 1) * seed) for j, word in enumerate(words))
    return mix(total + (length + 1) * seed)


def content(data: bytes, seed: int) -> int:
    words = [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)]
    return sequence(words, len(data), seed)


def integer(value: int) -> int:
    if -(2**63) <= value < 2**63:
        return value % M
    low, high = value % M, (value >> 64) % M
    extra = high ^ (M - 1 if low >> 63 else 0)
    if value >= 2**127:
        extra ^= BEYOND_INT128
    return mix(low + mix(extra))


def nanoseconds(span: dt.timedelta) -> int:
    return ((span.days * 86400 + span.seconds) * 1_000_000 + span.microseconds) * 1000


def cell(value: Any, lane: int, dtype: pl.DataType) -> int:  # noqa: C901, PLR0911 — one line a type
    seed = SEEDS[lane]
    if value is None:
        return NULLS[lane]
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, float):
        value = math.nan if math.isnan(value) else value or 0.0
        bits = struct.unpack("<Q", struct.pack("<d", value))[0]
        return 0x7FF8000000000000 if math.isnan(value) else bits
    if isinstance(value, str):
        return content(value.encode(), seed)
    if isinstance(value, bytes):
        return content(value, seed)
    if isinstance(value, Decimal):
        return integer(int(value.scaleb(dtype.scale)))
    if isinstance(value, dt.datetime):
        return integer(
            nanoseconds((value if value.tzinfo else value.replace(tzinfo=dt.UTC)) - EPOCH)
        )
    if isinstance(value, dt.date):
        return integer((value - EPOCH.date()).days)
    if isinstance(value, dt.timedelta):
        return integer(nanoseconds(value))
    if isinstance(value, dt.time):
        whole = dt.timedelta(
            hours=value.hour,
            minutes=value.minute,
            seconds=value.second,
            microseconds=value.microsecond,
        )
        return integer(nanoseconds(whole))
    if isinstance(value, list):
        return sequence([cell(item, lane, dtype.inner) for item in value], len(value), seed)
    types = {field.name: field.dtype for field in dtype.fields}
    return fields(value, types, lane)


def fields(row: dict[str, Any], types: dict[str, Any], lane: int) -> int:
    return mix(
        sum(
            mix(cell(value, lane, types[name]) + content(name.encode(), SEEDS[lane]))
            for name, value in row.items()
        )
    )


def plain_fingerprint(frame: pl.DataFrame, kinds: dict[str, str]) -> str:
    types = dict(frame.schema)
    rows = frame.to_dicts() if frame.width else [{}] * frame.height
    sums = [sum(fields(row, types, lane) for row in rows) % M for lane in (0, 1)]
    parts = ["qforge fingerprint 1", frame.height, sums, sorted(kinds.items())]
    text = json.dumps(parts, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
