"""An export behind a URL: its manifest, and beside it the files that the manifest names."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats import manifest
from qforge_jupyter.formats._description import MAX_BYTES
from qforge_jupyter.formats._reading import Reading, Source, in_memory
from qforge_jupyter.formats._remote import fetch


def read_remote(
    url: str, source: Source, *, part: str | None = None, files: str | None = None
) -> Reading:
    """Fetch the files that are wanted from beside a manifest, and read them with their types.

    Each file has to have the size and the SHA-256 that the manifest says, and
    is named relative to it: nothing of another place is asked for. The rows
    are in memory afterwards.

    Parameters
    ----------
    url
        Of the manifest; what stands behind its ``?`` is sent for the files, too.
    source
        The manifest, as it was fetched.
    part, files
        As in `manifest.read`.

    Raises
    ------
    FormatError
        A file is missing, lies elsewhere, or is not the one that was exported.

    """
    content = in_memory(source, MAX_BYTES, "a description")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "manifest.json").write_bytes(content)
        wanted = manifest.wanted_files(place / "manifest.json", part=part, files=files)
        for one in wanted:
            _fetch(url, one, place, source.label)
        reading = manifest.read(place / "manifest.json", part=part, files=files)
        return Reading(reading.lazy.collect().lazy(), reading.findings)


def _fetch(url: str, said: dict[str, Any], place: Path, label: str) -> None:
    """Fetch one file, and write it where it lies in the export once it is proved."""
    name = str(said.get("path"))
    path = PurePosixPath(name)
    is_odd = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name
    if is_odd or name in ("", "manifest.json"):
        raise FormatError(f"{label} names a file outside its folder, which is not read")
    data = fetch(beside(url, name)).content()
    if len(data) != said.get("n_bytes") or hashlib.sha256(data).hexdigest() != said.get("sha256"):
        raise FormatError(
            f"{name!r} is not the file that {label} names, for its size or its SHA-256 differs: "
            "export it again, or ask who keeps it"
        )
    target = place / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def beside(url: str, name: str) -> str:
    """Give the URL of a file that lies beside another one, or below.

    Examples
    --------
    >>> beside("https://example.org/out/manifest.json?key=1", "hf/a b.parquet")
    'https://example.org/out/hf/a%20b.parquet?key=1'

    """
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0]
    return urlunsplit(parts._replace(path=f"{folder}/{quote(name)}", fragment=""))


def is_manifest(source: Source) -> bool:
    """Whether what was fetched is the manifest of an export."""
    return manifest.recognises(source.head(64))
