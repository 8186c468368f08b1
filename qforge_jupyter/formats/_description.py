"""Files that describe others: where they lie, and that they name nothing outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qforge_jupyter.errors import FormatError, nearest
from qforge_jupyter.formats._reading import Source, in_memory
from qforge_jupyter.registry import Family

#: Names under which a folder's description may lie; the first that is there counts.
_NAMES = ("manifest.json", "dataset_dict.json", "state.json", "croissant.json")
#: How the manifest of an export begins.
ABOUT = "qforge export"
#: A description is read as a whole.
MAX_BYTES = 64 * 2**20


def description_in(folder: Path, formats: Family) -> Path | None:
    """Find the file that says what a folder holds."""
    return next((folder / n for n in _NAMES if _is_description(folder / n, formats)), None)


def _is_description(path: Path, formats: Family) -> bool:
    if not path.is_file():
        return False
    head = Source.of(path).head()
    return any(
        module.recognises(head)
        for module in formats.members().values()
        if getattr(module, "IS_DESCRIPTION", False)
    )


def is_manifest(path: Path) -> bool:
    """Whether a file is the manifest of an export."""
    if path.name != "manifest.json" or not path.is_file():
        return False
    return Source.of(path).head(64).lstrip().startswith(b'{"about":"' + ABOUT.encode())


def described(source: Source, what: str) -> tuple[Path, dict[str, Any]]:
    """Read a description; give its folder and what it says.

    Raises
    ------
    FormatError
        It is not on disk, or is not JSON.

    """
    if source.path is None:
        raise FormatError(f"{source.label} names other files: fetch its folder and load that")
    try:
        said = json.loads(in_memory(source, MAX_BYTES, "a description"))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise FormatError(f"{source.label} is damaged: it is not the JSON of {what}")
    return source.path.parent, said


def inside(folder: Path, name: object, label: str) -> Path:
    """Give a file that a description names; it lies in the description's own folder.

    Raises
    ------
    FormatError
        It lies outside, or is not there.

    """
    path = folder / str(name)
    if not isinstance(name, str) or not path.resolve().is_relative_to(folder.resolve()):
        raise FormatError(f"{label} names a file outside its folder, which is not read")
    if not path.is_file():
        raise FormatError(f"{label} names {name!r}, which is not there: fetch the whole folder")
    return path


def chosen(parts: list[str], part: str | None, label: str) -> list[str]:
    """Give the parts that are wanted: one, or all.

    Raises
    ------
    FormatError
        There is no such part.

    """
    if part is None:
        return parts
    if part not in parts:
        raise FormatError(f"{label} has no part {part!r}{nearest(part, parts)}")
    return [part]
