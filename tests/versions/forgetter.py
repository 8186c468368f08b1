"""A process that forgets a row, and is killed at a named point.

forgetter.py TARGET FOLDER DATASET KEY POINT
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import event

import qforge_jupyter as qf
from qforge_jupyter.store import forgetting, tombstones
from qforge_jupyter.store.folders import LocalFolder


def die(*_: Any, **__: Any) -> None:
    """End as if the power went for this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(store: Any, point: str) -> None:
    """Make the process die at the point."""
    database = store._database
    if point == "rename":
        sys.addaudithook(lambda name, _: die() if name == "os.rename" else None)
    elif point == "mark":
        forgetting.mark = die
    elif point == "commit":
        event.listen(database.engine, "commit", _when_marked)
    elif point == "committed":
        event.listen(database._write, "after_commit", die)
    elif point == "removing":
        LocalFolder.remove = die  # type: ignore[method-assign]
    elif point == "removed":
        remove = LocalFolder.remove
        LocalFolder.remove = lambda folder, name: die(remove(folder, name))  # type: ignore[method-assign]
    elif point == "compacted":
        tombstones._pending = _second(tombstones._pending)


def _when_marked(connection: Any) -> None:
    if not connection.get_execution_options().get("qforge_reading", False):
        die()


def _second(pending: Any) -> Any:
    """Die when it is asked for the third time: files and free pages are gone by then."""
    calls = []

    def look(session: Any) -> Any:
        calls.append(1)
        return die() if len(calls) == 3 else pending(session)

    return look


def main(target: str, folder: str, name: str, key: str, point: str) -> None:
    """Forget one row."""
    with qf.open(target, tracker="none", folder=folder, actor="ann") as ws:
        arm(ws.context.store, point)
        ws.forget(name, where=f"id == {key}", reason="consent withdrawn")


if __name__ == "__main__":
    main(*sys.argv[1:])
