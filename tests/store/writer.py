"""A process that saves runs, and is killed at a named point if one is given.

    writer.py TARGET OBJECTS COUNT [POINT]

It prints the id of every run after its save was acknowledged.
"""

from __future__ import annotations

import os
import signal
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event

from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric, RunRecord
from qforge_jupyter.store import Store, open_store


def die(*_: Any) -> None:
    """End as if the power went for this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(store: Store, point: str) -> None:
    """Make the process die at the point."""
    engine = store._database.engine
    when, _, what = point.partition(" ")
    if when == "commit":
        event.listen(engine, "commit", die)
    elif when == "committed":
        event.listen(store._database._write, "after_commit", die)
    elif when == "rename":
        sys.addaudithook(lambda name, _: die() if name == "os.rename" else None)
    elif when == "fsync":
        synced = os.fsync
        left = [int(what)]

        def sync(handle: int) -> None:
            synced(handle)
            left[0] -= 1
            if left[0] == 0:
                die()

        os.fsync = sync
    else:
        event.listen(engine, f"{when}_cursor_execute", _at_statement(what))


def _at_statement(start: str) -> Callable[..., None]:
    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.replace('"', "").startswith(start):
            die()

    return look


def save(store: Store, number: int) -> str:
    """Save one run with something in every table."""
    kept = store.objects.put(os.urandom(2_000), "text/plain", name="report")
    moment = datetime.now(UTC)
    record = RunRecord(
        uuid.uuid4().hex, "score", f"p{os.getpid()}", "finished", moment, moment,
        options={"number": number},
        metrics=(Metric("a", 1.0), Metric("b", 2.0)),
        findings=(Finding("rule", "x < y", 1, rows=(1,)),),
        lineage=(LineageStep("d", "f", "s"),),
        artifacts=(kept,),
        events=(Event("ann", "did", "x"),),
    )  # fmt: skip
    store.runs.save(record)
    return record.id


def main(target: str, objects: str, count: str, point: str = "") -> None:
    """Save so many runs; the point counts from the second on."""
    with open_store(target, actor="ann", objects=objects) as store:
        for number in range(int(count)):
            if point and number == 1:
                arm(store, point)
            print(save(store, number), flush=True)  # noqa: T201 — the parent reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
