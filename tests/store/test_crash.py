"""``kill -9`` leaves the state before or the state after; two writers lose nothing."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from qforge_jupyter.store import Store

WRITER = Path(__file__).with_name("writer.py")
#: Points before COMMIT has begun: the run must be gone as a whole.
BEFORE = [
    "fsync 1",
    "rename",
    "fsync 2",
    "after INSERT INTO run",
    "after INSERT INTO metric",
    "after INSERT INTO finding",
    "before INSERT INTO lineage",
    "after INSERT INTO object",
    "before INSERT INTO event",
    "after INSERT INTO event",
    "after UPDATE workspace",
    "commit",
]


@pytest.fixture
def start(open_again: Any, tmp_path: Path):
    """Give what starts a writer on the test's store."""
    objects = str(open_again.place.get("objects", tmp_path / "lab" / "objects"))
    started = []

    def run(count: int, point: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", str(WRITER), open_again.target, objects]
        command += [str(count), *([point] if point else [])]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 — our own script
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def _ids(store: Store) -> set[str]:
    return {one.id for one in store.runs.list(limit=10_000)}


def _whole(store: Store) -> None:
    assert store.verify() == ()
    store.objects.gc(older_than_s=-1)
    assert store.verify() == ()
    staging = store.objects.folder.staging()
    assert not staging.exists() or list(staging.iterdir()) == []


def test_killed_before_the_commit_nothing_of_the_run_is_there(start: Any, open_again: Any):
    for point in BEFORE:
        process = start(2, point)
        acknowledged = process.stdout.read().split()
        assert process.wait() == -9, point
        store = open_again()
        assert len(acknowledged) == 1
        assert set(acknowledged) <= _ids(store), point
        _whole(store)
    assert len(_ids(store)) == len(BEFORE)


def test_killed_after_the_commit_the_whole_run_is_there(start: Any, open_again: Any):
    process = start(2, "committed")
    acknowledged = process.stdout.read().split()
    assert process.wait() == -9
    store = open_again()
    assert len(acknowledged) == 1
    assert len(_ids(store)) == 2
    _whole(store)


def test_killed_at_any_moment_no_acknowledged_run_is_lost(start: Any, open_again: Any):
    moments = random.Random(42)  # noqa: S311 — no secret
    acknowledged = set()
    for _ in range(8):
        process = start(10_000)
        acknowledged.add(process.stdout.readline().strip())
        time.sleep(moments.uniform(0.0, 0.15))
        process.kill()
        # A line that was cut off was not acknowledged.
        acknowledged |= {line.strip() for line in process.stdout if line.endswith("\n")}
        process.wait()
        store = open_again()
        assert acknowledged <= _ids(store)
        _whole(store)


def test_two_processes_write_two_hundred_runs_each_without_loss(start: Any, open_again: Any):
    writers = [start(200), start(200)]
    acknowledged = [process.communicate()[0].split() for process in writers]
    assert [process.returncode for process in writers] == [0, 0]
    store = open_again()
    assert _ids(store) == {*acknowledged[0], *acknowledged[1]}
    assert len(_ids(store)) == 400
    assert store.verify() == ()
