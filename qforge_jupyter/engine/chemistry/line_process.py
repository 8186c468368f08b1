"""A process that answers lines of JSON, one for each line that it is sent.

Compiled code cannot be stopped inside its thread, and what crashes takes its
process with it. Here that is another one than the notebook's: it is killed at
a limit or an interrupt, and started again for the next question.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

#: What the process says when it is ready for the first question.
READY = "ready"


class LineTooLate(Exception):
    """The answer did not come within its limit; the process was killed."""


class ProcessEnded(Exception):
    """The process ended without an answer."""


class LineProcess:
    """One process of this Python that runs a module; `close` it at the end.

    Parameters
    ----------
    module
        Import path of a module whose ``main`` ends in `answer_lines`.
    argument
        The one argument that it is started with.

    """

    def __init__(self, module: str, argument: str) -> None:
        self.module = module
        self.argument = argument
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    def warm(self) -> None:
        """Have the process started and its packages loaded.

        Raises
        ------
        ProcessEnded
            It cannot start.

        """
        if self._process is not None:
            return
        root = str(Path(__file__).parents[3])
        paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603 — a module of ours, in this very Python
            [sys.executable, "-m", self.module, self.argument],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": paths},
            start_new_session=True,  # An interrupt of the notebook is for us, not for it.
        )
        self._lines = queue.Queue()
        listening = threading.Thread(
            target=_listen, args=(self._process.stdout, self._lines), daemon=True
        )
        listening.start()
        self._take(None)

    def send(self, question: Any) -> None:
        """Ask; the answers come in the order of the questions, as does that it has ended."""
        self.warm()
        pipe = self._process.stdin if self._process else None
        try:
            with suppress(BrokenPipeError):
                print(json.dumps(question), file=pipe, flush=True)
        except KeyboardInterrupt:  # Its answer would be taken for the next one's.
            self.close()
            raise

    def answer(self, limit_s: float | None = None) -> Any:
        """Wait for the next answer.

        Raises
        ------
        LineTooLate
            It did not come within the limit.
        ProcessEnded
            It will not come.

        """
        return json.loads(self._take(None if limit_s is None else max(limit_s, 0.0)))

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):  # What it was not told yet is lost with it.
                        pipe.close()

    def _take(self, limit_s: float | None) -> str:
        try:
            line = self._lines.get(timeout=limit_s)
        except queue.Empty:
            self.close()
            raise LineTooLate from None
        except KeyboardInterrupt:
            self.close()
            raise
        if not line:
            self.close()
            raise ProcessEnded
        return line


def answer_lines(answered: Callable[[Any], Any], warm: Callable[[], None]) -> None:
    """Answer questions until there are none; the process's side of `LineProcess`."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # What a library prints must not be taken for an answer.
    warm()
    answers.write(READY + "\n")
    answers.flush()
    for question in sys.stdin:
        answers.write(json.dumps(answered(json.loads(question))) + "\n")
        answers.flush()


def _listen(stream: Any, lines: queue.Queue[str]) -> None:
    """Pass lines on; an empty one says that there are no more."""
    try:
        for line in stream:
            lines.put(line)
    except ValueError:  # The pipe was closed while it was read.
        pass
    lines.put("")
