"""An export's manifest: what its files hold, so that every type comes back."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.errors import FormatError, nearest
from qforge_jupyter.formats._description import ABOUT, chosen, described, inside
from qforge_jupyter.formats._reading import Reading, Source
from qforge_jupyter.formats._types import type_from_json

TITLE = "Export manifest"
SUFFIXES = ()
IS_LAZY = True
IS_DESCRIPTION = True
#: From which format the rows are taken where several are there.
PREFERENCE = ("parquet", "arrow", "jsonl", "csv", "huggingface", "tfrecord")


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes begin the manifest of an export.

    Examples
    --------
    >>> recognises(b'{"about":"qforge export","files":['), recognises(b'{"about": 1}')
    (True, False)

    """
    return head.lstrip().startswith(b'{"about":"' + ABOUT.encode())


def read(path: Path | Source, *, part: str | None = None, files: str | None = None) -> Reading:
    """Read an export back with the types that its columns had.

    Parameters
    ----------
    path
        The manifest.
    part
        The part that is wanted; all under each other when None.
    files
        The format whose files are read, where there are several.

    Raises
    ------
    FormatError
        A file is missing or not as it was written, or there is no such part.

    """
    source = Source.of(path)
    folder, said = described(source, "an export")
    schema, chosen_rows = _chosen(said, part, files, source.label)
    lazies = []
    for one in chosen_rows:
        place = inside(folder, one["path"], source.label)
        if place.stat().st_size != int(one["n_bytes"]) or _sha256(place) != one["sha256"]:
            raise FormatError(
                f"{place.name!r} is not the file that {source.label} names, for its size or its "
                "SHA-256 differs: fetch the folder again, or load the file itself"
            )
        lazies.append(_module(one["format"]).restore(place, schema))
    return Reading(pl.concat(lazies, how="vertical") if len(lazies) > 1 else lazies[0])


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def wanted_files(
    path: Path, *, part: str | None = None, files: str | None = None
) -> list[dict[str, Any]]:
    """Give what the manifest says of the files that `read` would read."""
    source = Source.of(path)
    _, said = described(source, "an export")
    return _chosen(said, part, files, source.label)[1]


def _chosen(
    said: dict[str, Any], part: str | None, files: str | None, label: str
) -> tuple[pl.Schema, list[dict[str, Any]]]:
    """Choose one file a part."""
    try:
        schema = pl.Schema({name: type_from_json(kind) for name, kind in said["schema"]})
        names = [str(each["name"]) for each in said["parts"]]
        rows = [each for each in said["files"] if each.get("part") is not None]
        found = sorted({str(each["format"]) for each in rows})
        wanted = _wanted(files, found, label)
        places = {
            each["part"]: each
            for each in reversed(rows)
            if each["format"] == wanted and _holds_rows(each["path"]) and int(each["n_bytes"]) >= 0
        }
        return schema, [places[name] for name in chosen(names, part, label)]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise FormatError(f"{label} is damaged: it is not the JSON of an export") from None


def paths(path: Path) -> frozenset[str]:
    """Name the files of an export."""
    _, said = described(Source.of(path), "an export")
    try:
        return frozenset(str(each["path"]) for each in said["files"])
    except (KeyError, TypeError):
        return frozenset()


def _wanted(files: str | None, found: list[str], label: str) -> str:
    names = {"hf": "huggingface"}
    if files is not None:
        wanted = names.get(files, files)
        if wanted not in found:
            raise FormatError(f"{label} names no files of {files!r}{nearest(files, found)}")
        return wanted
    known = [name for name in PREFERENCE if name in found]
    if not known:
        raise FormatError(f"{label} names no files that can be read back")
    return known[0]


def _holds_rows(path: object) -> bool:
    """Whether a file is the one to read: Hugging Face has each part twice."""
    return not str(path).startswith("hf/") or str(path).endswith(".parquet")


def _module(name: str) -> Any:
    import importlib

    return importlib.import_module(f"qforge_jupyter.formats.{name}")


def canonical(content: dict[str, Any]) -> str:
    """Write a manifest: the same bytes for the same content."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
