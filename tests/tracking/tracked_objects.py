"""The objects that the runs of these tests point at."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from qforge_jupyter.results.run import Artifact

STARTED = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
REPORT = b"<p>calcs: 0.93</p>"
PICTURE = b"\x89PNG\r\n"
OBJECTS = {hashlib.sha256(content).hexdigest(): content for content in (REPORT, PICTURE, b"{}")}


def artifact(name: str, media_type: str, content: bytes) -> Artifact:
    return Artifact(name, media_type, hashlib.sha256(content).hexdigest(), len(content))


def read(sha256: str) -> bytes:
    return OBJECTS[sha256]
