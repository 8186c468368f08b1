"""Starting labelers in processes of their own, hearing them, killing them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("labeler.py")


class Labeler:
    """One of the processes."""

    def __init__(self, place: dict[str, str], name: str, overlap: int = 1) -> None:
        command = [
            *(sys.executable, "-W", "error", str(_SCRIPT)),
            *(place["target"], place["folder"], name, str(overlap)),
        ]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(  # noqa: S603 — our own script
            command, text=True, stdin=pipe, stdout=pipe, stderr=pipe
        )
        self.lines: list[str] = []

    def ready(self) -> Labeler:
        """Wait until it sits down."""
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first == "open\n", self.process.communicate()
        return self

    def go(self) -> None:
        """Let it begin."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def hear(self, n: int) -> None:
        """Read so many lines."""
        assert self.process.stdout is not None
        self.lines += [self.process.stdout.readline().strip() for _ in range(n)]

    def kill(self) -> None:
        """Kill it, and read what it had said until then."""
        self.process.kill()
        said, _ = self.process.communicate()
        self.lines += said.splitlines()

    def finish(self) -> None:
        """Wait until it is done."""
        said, errors = self.process.communicate(timeout=300)
        assert (0, "") == (self.process.returncode, errors)
        self.lines += said.splitlines()

    def said(self, word: str) -> list[str]:
        """Give what it said after a word; a line that was cut off is none."""
        pairs: list[Any] = [line.split(" ", 1) for line in self.lines]
        return [pair[1] for pair in pairs if len(pair) == 2 and pair[0] == word]
