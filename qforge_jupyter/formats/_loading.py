"""One door for files, folders, URLs and queries: everything becomes a `Table`."""

from __future__ import annotations

import glob
import inspect
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import polars as pl

from qforge_jupyter.errors import CallError, FormatError, nearest
from qforge_jupyter.formats._description import description_in, is_manifest
from qforge_jupyter.formats._limits import packing_of, unpacked
from qforge_jupyter.formats._parts import Part, joined
from qforge_jupyter.formats._reading import Reading, Source
from qforge_jupyter.formats._remote import fetch, local_path
from qforge_jupyter.formats._sniffing import format_of
from qforge_jupyter.frames.table import Table
from qforge_jupyter.redaction import redact
from qforge_jupyter.registry import Family

FORMATS = Family("format", "qforge_jupyter.formats")


def load(
    source: str | Path,
    *,
    name: str | None = None,
    format: str | None = None,  # noqa: A002 — the word people type
    union: bool = False,
    **options: Any,
) -> Table:
    r"""Load a table from wherever it lies; its content says what format it is.

    Parameters
    ----------
    source
        A path (``~`` and packed text included), a glob, a folder of Parquet,
        a URL of any fsspec file system, or a database URL with ``query=``.
    name
        What to call it; the file's name when None.
    format
        The format, where the content must not decide.
    union
        Whether parts may differ in columns: what one lacks is null there.
    options
        Those of the format, such as ``encoding``, ``sheet``, ``key``,
        ``hdu``, ``query`` and ``parameters``.

    Returns
    -------
    The table, lazy where the format allows it, with the findings of reading.

    Raises
    ------
    FormatError
        There is no such file, it is not what it says, or parts differ.
    CallError
        The format or an option does not exist.
    MissingPackage
        A file system needs a package that is not installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.csv")
    ...     _ = path.write_text("id,x\n001,1.5\n")
    ...     load(path).frame.rows()
    [('001', 1.5)]

    """
    try:
        return _opened(source, name, format, options, union=union)
    except pl.exceptions.PolarsError:
        raise unreadable(redact(str(source))) from None


def unreadable(name: str) -> FormatError:
    """Say that a source broke off while it was read; what Polars says may hold its cells."""
    shown = PurePosixPath(name.partition("?")[0]).name or name
    return FormatError(
        f"{shown!r} cannot be read to its end: a row does not have the form of the others; "
        "give --separator or --format, or mend the file"
    )


def _opened(
    source: str | Path,
    name: str | None,
    format: str | None,  # noqa: A002 - as in load
    options: dict[str, Any],
    *,
    union: bool,
) -> Table:
    text = str(source)
    sql = FORMATS.get("sql")
    if isinstance(source, str) and sql.is_url(source):
        reading = _read(sql, source, options)
        return Table(name or "query", reading.lazy, f"query on {redact(source)}", reading.findings)
    if "://" in text and local_path(text) is None:
        remote = fetch(text)
        reading = _read_source(remote, PurePosixPath(text.partition("?")[0]).name, format, options)
        return Table(
            name or _stem(text.partition("?")[0]),
            reading.lazy,
            f"file {redact(text)}",
            reading.findings,
        )
    place = Path(local_path(text) or text).expanduser()
    told = description_in(place, FORMATS) if place.is_dir() else None
    if is_manifest(told or place) and format not in {None, "manifest"}:
        options, format = {"files": format} | options, None  # noqa: A001 - as in load
    if told is not None:
        reading = _read_file(told, format, options)
        return Table(
            name or _stem(place.name), reading.lazy, f"folder {place.name}", reading.findings
        )
    files, is_folder = _files(place)
    if is_folder and any(
        "=" in part for file in files for part in file.relative_to(place).parts[:-1]
    ):
        options = {"hive": True} | options
    parts = [Part(file.name, _read_file(file, format, options), file) for file in files]
    lone = len(parts) == 1 and not is_folder
    reading = (
        parts[0].reading if lone else joined(parts, union=union, reread=_rereader(format, options))
    )
    kind = "file" if lone else "folder" if is_folder else "files"
    return Table(name or _stem(place.name), reading.lazy, f"{kind} {place.name}", reading.findings)


def _stem(path: str) -> str:
    name = PurePosixPath(path).name
    return name.partition(".")[0].strip("*?[]_- ") or "table"


def _files(path: Path) -> tuple[list[Path], bool]:
    """Give the files that a path, a glob or a folder means, in order of name."""
    if path.is_file():
        return [path], False
    if path.is_dir():
        every = [found for found in path.rglob("*") if found.is_file()]
        shown = [
            f for f in every if not any(p.startswith((".", "_")) for p in f.relative_to(path).parts)
        ]
        files = sorted(found for found in shown if found.suffix.lower() in {".parquet", ".pq"})
        if files:
            return files, True
        raise FormatError(
            f"The folder {path.name!r} holds no Parquet files: give a glob "
            f"such as '{path.name}/*.csv'"
        )
    if glob.has_magic(str(path)):
        files = sorted(Path(found) for found in glob.glob(str(path), recursive=True))  # noqa: PTH207 — absolute too
        files = [found for found in files if found.is_file()]
        if files:
            return files, False
        raise FormatError(
            f"No file matches {path.name!r} in {path.parent.name or '.'!r}: "
            "check the pattern and the folder"
        )
    siblings = [found.name for found in path.parent.iterdir()] if path.parent.is_dir() else []
    raise FormatError(f"There is no file {path.name!r}{nearest(path.name, siblings)}")


def _read_file(path: Path, wanted: str | None, options: dict[str, Any]) -> Reading:
    return _read_source(Source.of(path), path.name, wanted, options)


def _read_source(source: Source, name: str, wanted: str | None, options: dict[str, Any]) -> Reading:
    if packing_of(source.head(8)):
        source = unpacked(source)
    module = FORMATS.get(wanted) if wanted else format_of(source, FORMATS, name)
    return _read(module, source, options)


def _read(module: ModuleType, source: Any, options: dict[str, Any]) -> Reading:
    known = [
        p.name
        for p in inspect.signature(module.read).parameters.values()
        if p.kind is p.KEYWORD_ONLY
    ]
    for option in options:
        if option not in known:
            raise CallError(f"{module.TITLE} has no option {option!r}{nearest(option, known)}")
    reading: Reading = module.read(source, **options)
    return reading


def _rereader(wanted: str | None, options: dict[str, Any]) -> Any:
    """Say how to read a part again with types that all parts share; None where types are fixed."""

    def reread(part: Part, types: dict[str, Any]) -> Reading | None:
        source = unpacked(Source.of(part.path))
        module = FORMATS.get(wanted) if wanted else format_of(source, FORMATS, part.path.name)
        if "types" not in inspect.signature(module.read).parameters:
            return None
        return _read(module, source, options | {"types": {**types, **(options.get("types") or {})}})

    return reread
