"""Read a table out of a package's own files: no import, no download, nothing unpacked."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from functools import cache

import polars as pl

from benchmarks.collapse.packages import folder_of

NULLS = ["NA", "", "NaN"]


@cache
def _archive(package: str, path: str) -> dict[str, bytes]:
    """Take the CSVs of a tar archive, the largest of each name."""
    found: dict[str, bytes] = {}
    with tarfile.open(folder_of(package) / path) as archive:
        for member in archive.getmembers():
            if member.isfile() and member.name.endswith(".csv"):
                opened = archive.extractfile(member)
                found[member.name.rsplit("/", 1)[-1]] = opened.read() if opened else b""
    return found


def read(package: str, path: str, separator: str = ",", *, has_header: bool = True) -> pl.DataFrame:
    """Read one table; ``archive.tar.gz#name.csv`` is a member of an archive."""
    inside, _, member = path.partition("#")
    place = folder_of(package) / inside
    if inside.endswith((".pq", ".parquet")):
        return pl.read_parquet(place)
    if member:
        raw = _archive(package, inside)[member]
    elif inside.endswith(".zip"):
        with zipfile.ZipFile(place) as archive:
            raw = archive.read(archive.namelist()[0])
    else:
        raw = place.read_bytes()
        raw = gzip.decompress(raw) if inside.endswith(".gz") else raw
    return pl.read_csv(
        io.BytesIO(raw), infer_schema_length=None, null_values=NULLS, encoding="utf8-lossy",
        separator=separator, has_header=has_header, quote_char="'" if separator == "\t" else '"',
    )  # fmt: skip
