"""Taking the room of a small disk."""

from __future__ import annotations

import os
from pathlib import Path


def fill(disk: Path, *, leaving: int = 0) -> Path:
    """Take all the room but so many bytes; taking the file away gives it back."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"x" * 4096)
        except OSError:
            pass
    os.truncate(ballast, ballast.stat().st_size - leaving)
    return ballast
