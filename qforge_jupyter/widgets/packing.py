"""Replies as JSON with their bytes beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from qforge_jupyter.pictures.picture import Picture


def packed(reply: Any) -> tuple[Any, list[bytes]]:
    """Put ``{"$buffer": number}`` where bytes were, and give the bytes.

    Numbers that JSON cannot hold become None.

    Examples
    --------
    >>> packed({"cell": b"abc", "n": float("nan")})
    ({'cell': {'$buffer': 0}, 'n': None}, [b'abc'])

    """
    buffers: list[bytes] = []
    return _packed(reply, buffers), buffers


def _packed(value: Any, buffers: list[bytes]) -> Any:
    match value:
        case bytes() | bytearray() | memoryview():
            buffers.append(bytes(value))
            return {"$buffer": len(buffers) - 1}
        case Picture():
            return {**_packed(value.data, buffers), **value.facts()}
        case Mapping():
            return {str(name): _packed(each, buffers) for name, each in value.items()}
        case list() | tuple():
            return [_packed(each, buffers) for each in value]
        case float() if not math.isfinite(value):
            return None
        case _:
            return value
