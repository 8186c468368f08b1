"""What names a row where it is labeled: the values of its keys, as one short JSON list.

Rows without keys are known by their content: two hashes of 64 bits over all
cells, as in ``#0123…``. A row whose content changes is another one then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.frames.cell_hash import struct_cells
from qforge_jupyter.versions.identities import names_of

_CONTENT = re.compile(r"#[0-9a-f]{32}")


def plain_names(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Give what names each row as whole numbers and texts; hashes where there are no keys.

    Examples
    --------
    >>> plain_names(pl.DataFrame({"id": [7]}), ["id"]).row(0)
    (7,)

    """
    names = names_of(frame, keys)
    return pl.DataFrame([
        each if each.dtype in (pl.Int128, pl.UInt64, pl.String) else each.cast(pl.String)
        for each in names
    ])  # fmt: skip


def texts_of(names: pl.DataFrame, keys: Sequence[str]) -> list[str]:
    r"""Write what names each row.

    Examples
    --------
    >>> texts_of(pl.DataFrame({"k0": [7], "k1": ["a"]}), ["id", "day"])
    ['[7, "a"]']

    """
    if not keys:
        return [f"#{first:016x}{second:016x}" for first, second in names.iter_rows()]
    return [json.dumps(list(row), ensure_ascii=False) for row in names.iter_rows()]


def item_keys(frame: pl.DataFrame, keys: Sequence[str]) -> list[str]:
    """Write what names each row of a table.

    Examples
    --------
    >>> item_keys(pl.DataFrame({"id": ["a1"], "x": [0.5]}), ["id"])
    ['["a1"]']

    """
    return texts_of(plain_names(frame, keys), keys)


def names_in(texts: Sequence[str], names: pl.DataFrame, *, has_keys: bool) -> pl.DataFrame:
    """Read names back, in the types of others; null where a text names no such row."""
    width = names.width
    rows = [_read(text, width) if has_keys else _read_content(text) for text in texts]
    return pl.DataFrame([
        pl.Series(
            name,
            [row[place] if row is not None and _fits(row[place], kind) else None for row in rows],
            dtype=kind,
        )
        for place, (name, kind) in enumerate(names.schema.items())
    ])  # fmt: skip


def marks_of(names: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Hash names, so that they are found fast and claims tell nothing of a row."""
    first, _ = struct_cells(names)
    return first


def shown(item: str) -> str:
    """Write the key of a row as people read it.

    Examples
    --------
    >>> shown('[7, "a"]'), shown('["a1"]')
    ('7, a', 'a1')

    """
    if not item.startswith("["):
        return item if not _CONTENT.fullmatch(item) else item[:13]
    return ", ".join(map(str, json.loads(item)))


def _read(text: str, width: int) -> list[Any] | None:
    try:
        row = json.loads(text)
    except ValueError:
        return None
    return row if isinstance(row, list) and len(row) == width else None


def _read_content(text: str) -> list[Any] | None:
    if not _CONTENT.fullmatch(text):
        return None
    return [int(text[1:17], 16), int(text[17:], 16)]


def _fits(value: Any, kind: pl.DataType) -> bool:
    return isinstance(value, str if kind == pl.String else int)
