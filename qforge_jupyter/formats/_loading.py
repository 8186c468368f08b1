"""One door for files, folders, URLs and queries: everything becomes a `Table`."""

from __future__ import annotations

import glob
import inspect
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import polars as pl

from qforge_jupyter.errors import CallError, FormatError, Stopped, meant, nearest
from qforge_jupyter.formats._description import description_in, is_manifest
from qforge_jupyter.formats._limits import packing_of, unpacked
from qforge_jupyter.formats._parts import Part, joined
from qforge_jupyter.formats._reading import HEAD_BYTES, Reading, Source, readable
from qforge_jupyter.formats._remote import fetch, local_path
from qforge_jupyter.formats._remote_manifest import is_manifest as is_remote_manifest
from qforge_jupyter.formats._remote_manifest import read_remote
from qforge_jupyter.formats._sniffing import format_of
from qforge_jupyter.frames.table import Table
from qforge_jupyter.redaction import redact
from qforge_jupyter.registry import Family
from qforge_jupyter.results.progress import Progress

FORMATS = Family("format", "qforge_jupyter.formats")


def load(
    source: str | Path,
    *,
    name: str | None = None,
    format: str | None = None,  # noqa: A002 — the word people type
    union: bool = False,
    progress: Progress | None = None,
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
    progress
        Told after each of several files, which are then read at once and not
        when they are used; without it files are left where they lie.
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
    Stopped
        It was interrupted between two files; a table of those that were read
        is in the exception.

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
        return _opened(source, name, format, options, union=union, progress=progress)
    except pl.exceptions.PolarsError:
        raise unreadable(redact(str(source))) from None


def unreadable(name: str) -> FormatError:
    """Say that a source broke off while it was read; what Polars says may hold its cells."""
    shown = PurePosixPath(name.partition("?")[0]).name or name
    return FormatError(
        f"{shown!r} cannot be read to its end: a row does not have the form of the others; "
        "give --separator or --format, or mend the file"
    )


def look(source: str | Path, *, format: str | None = None, **options: Any) -> None:  # noqa: A002
    """Raise what `load` would raise before it reads rows: no such file, no such option.

    Of a remote file the first bytes are fetched; a database is not asked.
    """
    text = str(source)
    if isinstance(source, str) and FORMATS.get("sql").is_url(source):
        _check_options(FORMATS.get("sql"), options)
        return
    if "://" in text and local_path(text) is None:
        sources = [(fetch(text, HEAD_BYTES), PurePosixPath(text.partition("?")[0]).name)]
    else:
        files, _ = _files(Path(local_path(text) or text).expanduser())
        sources = [(Source.of(file), file.name) for file in files]
    for each, name in sources:
        with readable(each):
            is_packed = packing_of(each.head(8))
        if format or not is_packed:
            is_export = is_remote_manifest(each)
            module = FORMATS.get(format) if format else format_of(each, FORMATS, name)
            _check_options(FORMATS.get("manifest") if is_export else module, options)


def _opened(  # noqa: PLR0913 - as in load
    source: str | Path,
    name: str | None,
    format: str | None,  # noqa: A002 - as in load
    options: dict[str, Any],
    *,
    union: bool,
    progress: Progress | None,
) -> Table:
    text = str(source)
    sql = FORMATS.get("sql")
    if isinstance(source, str) and sql.is_url(source):
        reading = _read(sql, source, options)
        return Table(name or "query", reading.lazy, f"query on {redact(source)}", reading.findings)
    if "://" in text and local_path(text) is None:
        reading = _read_remote(text, format, options)
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
            name or _stem(place.name),
            reading.lazy,
            f"folder {place.name}",
            reading.findings,
            folder=str(place.resolve()),
        )
    files, is_folder = _files(place)
    if is_folder and any(
        "=" in part for file in files for part in file.relative_to(place).parts[:-1]
    ):
        options = {"hive": True} | options
    parts, is_stopped = _parts(files, format, options, progress)
    lone = len(files) == 1 and not is_folder
    reading = (
        parts[0].reading if lone else joined(parts, union=union, reread=_rereader(format, options))
    )
    kind = "file" if lone else "folder" if is_folder else "files"
    folder = str((place if is_folder else files[0].parent).resolve())
    table = Table(
        name or _stem(place.name),
        reading.lazy,
        f"{kind} {place.name}",
        reading.findings,
        folder=folder,
    )
    if is_stopped:
        done = f"{len(parts)} of {len(files)} files"
        raise Stopped(f"stopped after {done}; the rows of these are kept", result=table)
    return table


def _read_remote(url: str, wanted: str | None, options: dict[str, Any]) -> Reading:
    source = fetch(url)
    if not is_remote_manifest(source):
        return _read_source(source, PurePosixPath(url.partition("?")[0]).name, wanted, options)
    if wanted not in {None, "manifest"}:
        options = {"files": wanted} | options
    _check_options(FORMATS.get("manifest"), options)
    return read_remote(url, source, **options)


def _parts(
    files: list[Path], wanted: str | None, options: dict[str, Any], progress: Progress | None
) -> tuple[list[Part], bool]:
    """Give the files as parts, and whether an interrupt ended that behind one of several."""
    parts: list[Part] = []
    is_eager = progress is not None and len(files) > 1
    try:
        for file in files:
            reading = _read_file(file, wanted, options)
            if is_eager:
                reading = replace(reading, lazy=reading.lazy.collect().lazy())
            parts.append(Part(file.name, reading, file))
            if is_eager and progress is not None:
                progress(len(parts), len(files), "")
    except KeyboardInterrupt:
        if not parts or not is_eager:
            raise Stopped("stopped before a file was read; nothing was kept") from None
        return parts, True
    return parts, False


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
    hint = meant(path.name, _names_in(path.parent)) or ": check its path"
    raise FormatError(f"There is no file {path.name!r}{hint}")


def _names_in(folder: Path) -> list[str]:
    try:
        return [found.name for found in folder.iterdir()]
    except OSError:
        return []


def _read_file(path: Path, wanted: str | None, options: dict[str, Any]) -> Reading:
    source = Source.of(path)
    with readable(source):
        return _read_source(source, path.name, wanted, options)


def _read_source(source: Source, name: str, wanted: str | None, options: dict[str, Any]) -> Reading:
    if packing_of(source.head(8)):
        source = unpacked(source)
    module = FORMATS.get(wanted) if wanted else format_of(source, FORMATS, name)
    return _read(module, source, options)


def _read(module: ModuleType, source: Any, options: dict[str, Any]) -> Reading:
    _check_options(module, options)
    reading: Reading = module.read(source, **options)
    return reading


def _check_options(module: ModuleType, options: dict[str, Any]) -> None:
    known = [
        p.name
        for p in inspect.signature(module.read).parameters.values()
        if p.kind is p.KEYWORD_ONLY
    ]
    for option in options:
        if option not in known:
            raise CallError(f"{module.TITLE} has no option {option!r}{nearest(option, known)}")


def _rereader(wanted: str | None, options: dict[str, Any]) -> Any:
    """Say how to read a part again with types that all parts share; None where types are fixed."""

    def reread(part: Part, types: dict[str, Any]) -> Reading | None:
        source = unpacked(Source.of(part.path))
        module = FORMATS.get(wanted) if wanted else format_of(source, FORMATS, part.path.name)
        if "types" not in inspect.signature(module.read).parameters:
            return None
        return _read(module, source, options | {"types": {**types, **(options.get("types") or {})}})

    return reread
