"""TSV: tab-separated text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.formats import csv
from qforge_jupyter.formats._delimited import Options, read_delimited
from qforge_jupyter.formats._flat import flat_text
from qforge_jupyter.formats._reading import Reading, Source
from qforge_jupyter.formats._text import wide_encoding

TITLE = "TSV"
SUFFIXES = (".tsv", ".tab")
IS_LAZY = True


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start text whose first line has a tab, or one column.

    Examples
    --------
    >>> recognises(b"a\tb\n1\t2\n"), recognises(b"a,b\n1,2\n"), recognises(b"a\n1\n")
    (True, False, True)

    """
    if not csv.recognises(head):
        return False
    encoding = wide_encoding(head) or "utf-8"
    first = head.decode(encoding, "ignore").lstrip("\ufeff").splitlines()[:1]
    return bool(first) and ("\t" in first[0] or not any(mark in first[0] for mark in ",;|"))


def read(  # noqa: PLR0913 — options people type, by name
    path: Path | Source,
    *,
    encoding: str | None = None,
    header: bool = True,
    skip: int = 0,
    nulls: Sequence[str] = (),
    dates: bool = False,
    types: Mapping[str, Any] | None = None,
) -> Reading:
    """Read tab-separated text; the options are those of CSV without the separator.

    Raises
    ------
    FormatError
        It is empty, of another encoding, or not a table.

    """
    return read_delimited(
        Source.of(path), Options("\t", encoding, header, skip, nulls, dates, types)
    )


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write tab-separated UTF-8 text, cells as they are."""
    flat_text(frame, TITLE).write_csv(path, separator="\t")
