"""From what names a unit to a number between 0 and 1 that a seed decides."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import is_present
from qforge_jupyter.engine.splitters import Codes, Words
from qforge_jupyter.frames.cell_hash import mix, struct_cells


def key_of(seed: int, salt: str) -> int:
    """Make the key of a hash from a seed and from what it is for.

    Examples
    --------
    >>> key_of(42, "parts") == key_of(42, "parts") != key_of(42, "repeat 1")
    True

    """
    digest = hashlib.sha256(f"qforge split 1/{seed}/{salt}".encode()).digest()
    return int.from_bytes(digest[:8], "little")


def uniform(hashes: Words, key: int) -> NDArray[np.float64]:
    """Give each hash its place in [0, 1) under a key."""
    return (mix(hashes, plus=key) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def joined(marks: tuple[Words, Words]) -> Words:
    """Make one word of the two of each row."""
    return mix(marks[0] + mix(marks[1]))


def numbered(words: Words) -> tuple[Codes, Words]:
    """Number equal words alike; give the number of each and the word of each number."""
    frame = pl.DataFrame({"word": words})
    known = frame.unique().sort("word")
    codes = (
        frame["word"]
        .to_frame()
        .join(known.with_row_index("code"), on="word", how="left", maintain_order="left")["code"]
    )
    return codes.to_numpy().astype(np.int64), known["word"].to_numpy()


def words_of(columns: pl.DataFrame) -> tuple[Words, NDArray[np.bool_]]:
    """Hash the values of columns together; say which rows lack one of them."""
    present = columns.select(
        pl.all_horizontal(is_present(pl.col(name), dtype) for name, dtype in columns.schema.items())
    ).to_series()
    return joined(struct_cells(columns)), ~present.to_numpy()
