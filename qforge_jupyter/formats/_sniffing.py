"""Which format a source is of: its content decides, its name may only agree."""

from __future__ import annotations

from pathlib import PurePosixPath
from types import ModuleType

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats._reading import Source
from qforge_jupyter.registry import Family

#: Endings of packed text; the ending before them names the format.
PACKED_SUFFIXES = (".gz", ".zst", ".zstd", ".bz2", ".xz")
_PICKLED = "holds pickled Python objects, which are never loaded: save the table as Parquet"
#: What is met and is no table: magic, and the rest of the sentence.
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"\x80\x02", _PICKLED), (b"\x80\x03", _PICKLED),
    (b"\x80\x04", _PICKLED), (b"\x80\x05", _PICKLED),
    (b"%PDF", "is a PDF document: export the table as CSV"),
    (b"\x89PNG", "is a picture: a table is wanted"),
    (b"\xff\xd8\xff", "is a picture: a table is wanted"),
    (b"Rar!", "is an archive: unpack it first"),
    (b"7z\xbc\xaf", "is an archive: unpack it first"),
    (b"Obj\x01", "holds Avro: save it as Parquet"),
    (b"ORC", "holds ORC: save it as Parquet"),
    (b"version https://git-lfs", "is only a Git LFS pointer: fetch the file with git lfs pull"),
)  # fmt: skip


def format_of(source: Source, formats: Family, name: str) -> ModuleType:
    """Find the format by content; a name that says otherwise is an error.

    Parameters
    ----------
    source
        The unpacked source.
    formats
        The family of formats.
    name
        Its file name, whose ending is what it claims to be.

    Raises
    ------
    FormatError
        It is empty, no table, or not what its name says.

    """
    head = source.head()
    if not head:
        raise FormatError(f"{source.label} is empty (0 bytes): a table has at least a header")
    members = formats.members()
    for module in members.values():
        if getattr(module, "IS_DESCRIPTION", False) and module.recognises(head):
            return module
    claimed = next((m for m in members.values() if suffix_of(name) in m.SUFFIXES), None)
    if claimed is not None and claimed.recognises(head):
        return claimed
    found = [module for module in members.values() if module.recognises(head)]
    if not found:
        raise FormatError(f"{source.label} {_foreign(head)}")
    is_same_kin = suffix_of(name) in {".txt", ".dat"}
    if claimed is None or is_same_kin:
        return found[0]
    is_text = found[0].TITLE in {"CSV", "TSV", "JSON", "JSONL"}
    raise FormatError(
        f"{source.label} is named {claimed.TITLE} but holds "
        f"{found[0].TITLE}{' text' if is_text else ''}: "
        f"load it with --format {formats_name(members, found[0])} or rename it"
    )


def formats_name(members: dict[str, ModuleType], module: ModuleType) -> str:
    """Give the name by which a format is asked for."""
    return next(name for name, member in members.items() if member is module)


def suffix_of(name: str) -> str:
    """Give the ending that names the format, under one of packing.

    Examples
    --------
    >>> suffix_of("a.csv.gz"), suffix_of("A.Parquet"), suffix_of("data")
    ('.csv', '.parquet', '')

    """
    path = PurePosixPath(name.lower())
    return PurePosixPath(path.stem).suffix if path.suffix in PACKED_SUFFIXES else path.suffix


def _foreign(head: bytes) -> str:
    for magic, rest in _FOREIGN:
        if head.startswith(magic):
            return rest
    if head.startswith(b"PK\x03\x04"):
        return _PICKLED if b"data.pkl" in head else "is a zip archive: unpack it first"
    if head.lstrip()[:15].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "holds HTML or XML, perhaps an error page of a server: fetch the table itself"
    return (
        "is in no format that can be read (csv, json, parquet, arrow, excel, hdf5, "
        "fits, numpy, sql): save it as one of them"
    )
