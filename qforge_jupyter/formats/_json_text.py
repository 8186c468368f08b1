"""Guards around JSON: depth, numbers that a float would round, mixed types."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.errors import DataError, FormatError
from qforge_jupyter.formats._reading import Reading, Source, in_memory
from qforge_jupyter.frames.columns import MAX_EXACT_FLOAT, column
from qforge_jupyter.frames.convert import to_columns

#: Brackets within brackets; deeper is no table and crashes parsers.
MAX_DEPTH = 64
#: JSON that needs Python's own parser is held in memory up to here.
MAX_BYTES = 2 * 2**30
_CHUNK = 4 * 2**20
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_LONG_INTEGER = re.compile(rb"(?<![\d.eE+-])-?\d{16,}(?![\d.eE])")
_LONE_SURROGATE = re.compile(
    rb"\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f][0-9a-f]{2}",
    re.IGNORECASE,
)
_BARE_VALUE = r"^(?:-?\d|true$|false$|\[|\{)"


def require_shallow(source: Source) -> None:
    """Refuse JSON that nests deeper than a table does.

    Raises
    ------
    FormatError
        Brackets nest deeper than 64.

    """
    depth = 0
    with source.open() as stream:
        while chunk := stream.read(_CHUNK):
            depth, deepest = _walk(chunk, depth)
            if deepest > MAX_DEPTH:
                break
        else:
            return
    _, deepest = _walk(_STRING.sub(b"", in_memory(source, MAX_BYTES, "JSON")), 0)
    if deepest > MAX_DEPTH:
        raise FormatError(
            f"{source.label} nests {deepest:,} brackets deep: a table needs at most {MAX_DEPTH}"
        )


def _walk(chunk: bytes, depth: int) -> tuple[int, int]:
    data = np.frombuffer(chunk, np.uint8)
    opens = (data == ord("[")) | (data == ord("{"))
    closes = (data == ord("]")) | (data == ord("}"))
    steps = np.cumsum(opens.astype(np.int32) - closes.astype(np.int32))
    return depth + int(steps[-1]), depth + int(steps.max())


def needs_care(source: Source, lazy: pl.LazyFrame) -> bool:
    """Say whether Polars' quick reading may have rounded or blended values.

    It makes integers beside fractions floats, and numbers beside words text,
    without a word: only then is the slow, exact reading worth its time.
    """
    schema = lazy.collect_schema()
    floats = [name for name, dtype in schema.items() if dtype.is_float()]
    texts = [name for name, dtype in schema.items() if dtype == pl.String]
    is_large = [(column(n).abs().max() >= MAX_EXACT_FLOAT).fill_null(value=False) for n in floats]
    looks_bare = [column(n).str.contains(_BARE_VALUE).any() for n in texts]
    wanted = [e.alias(f"\x01{i}") for i, e in enumerate([*is_large, *looks_bare])]
    # Counting nulls makes Polars parse every line, so that a bad one is met now.
    counted = lazy.select([*wanted, pl.all().null_count()]).collect(engine="streaming")
    if not counted.height:
        return False
    row = counted.row(0)
    is_nested = any(dtype.is_nested() and _holds_float(dtype) for dtype in schema.dtypes())
    if (is_nested or any(row[: len(floats)])) and _matches(source, _LONG_INTEGER):
        return True
    suspects = [n for n, is_bare in zip(texts, row[len(floats) :], strict=False) if is_bare]
    return any(_matches(source, _bare(n)) for n in suspects) or _matches(source, _LONE_SURROGATE)


def _holds_float(dtype: Any) -> bool:
    if dtype.is_float():
        return True
    if isinstance(dtype, pl.List | pl.Array):
        return _holds_float(dtype.inner)
    return isinstance(dtype, pl.Struct) and any(_holds_float(f.dtype) for f in dtype.fields)


def _bare(name: str) -> re.Pattern[bytes]:
    return re.compile(
        re.escape(json.dumps(name, ensure_ascii=False).encode()) + rb"\s*:\s*[-0-9tf\[{]"
    )


def _matches(source: Source, pattern: re.Pattern[bytes]) -> bool:
    rest = b""
    with source.open() as stream:
        while chunk := stream.read(_CHUNK):
            if pattern.search(rest + chunk):
                return True
            rest = chunk[-512:]
    return False


def parse(text: bytes, source: Source, place: str = "") -> Any:
    """Parse JSON with Python's exact integers.

    Raises
    ------
    FormatError
        It is not JSON; the sentence says where.

    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = place or f"line {error.lineno}, column {error.colno}"
        raise FormatError(f"{source.label} is not JSON at {where}: mend it there") from None
    except (RecursionError, UnicodeDecodeError):
        raise FormatError(
            f"{source.label} is not JSON that can be read: save it again as plain JSON"
        ) from None


def reading_of(value: Any, source: Source) -> Reading:
    """Give the rows of a parsed value: records, or columns.

    Raises
    ------
    FormatError
        It is neither.

    """
    try:
        frame, findings = to_columns(value, source.label)
    except DataError:
        raise FormatError(
            f"{source.label} is JSON but no table: a list of objects or an object of equally long "
            "lists is wanted"
        ) from None
    return Reading(frame.lazy(), findings)
