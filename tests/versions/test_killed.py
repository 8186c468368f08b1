"""``kill -9`` leaves the version before or the version after, and a store to go on with."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from committer import changed

import qforge_jupyter as qf
from qforge_jupyter.versions.reading import open_version
from qforge_jupyter.versions.verifying import verify_versions

COMMITTER = Path(__file__).with_name("committer.py")
ROWS = pl.DataFrame({"id": range(200), "n": [0] * 200, "x": [i / 7 for i in range(200)]})
#: Before COMMIT has begun, so that the version must be gone; objects may be there by then.
BEFORE = [
    "fsync 1",
    "rename",
    "fsync 2",
    "fsync 6",
    "before INSERT INTO run",
    "after INSERT INTO object",
    "before INSERT INTO commit",
    "after INSERT INTO commit_object",
    "before UPDATE ref",
    "after UPDATE ref",
    "after UPDATE workspace",
    "commit",
]
#: Kills at random moments; `benchmarks/` asks for hundreds.
N_RANDOM = int(os.environ.get("QFORGE_KILLS", "6"))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where the workspace lies; its dataset d has one version."""
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    place = (target, str(tmp_path / "files"))
    with opened(place) as ws:
        ws.commit(ROWS, to="d", by=["id"])
    return place


def opened(place):
    return qf.open(place[0], tracker="none", folder=place[1], actor="ann")


@pytest.fixture
def start(place):
    """Give what starts a committer on the workspace; none outlives the test."""
    started = []

    def run(verb, count, point=""):
        command = [sys.executable, "-W", "error", str(COMMITTER), *place, verb, str(count)]
        command += [point] if point else []
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 — our own script
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def whole(place, acknowledged):
    """Assert that the store is in order, holds what was acknowledged, and goes on."""
    with opened(place) as ws:
        store = ws.context.store
        assert () == store.verify() + verify_versions(store)
        commits = {each.id: each for each in store.commits.of(store.datasets.find("d").id)}
        assert set(acknowledged) <= commits.keys()
        store.objects.gc(older_than_s=-1)
        referred = {file.sha256 for each in commits.values() for file in each.objects}
        referred |= set(store.read_table("object")["sha256"])
        assert referred == set(store.objects.folder.names())
        assert [] == list(store.objects.folder.staging().glob("*"))
        table = open_version(store, "d")
        # Every step adds one row, takes one away, and counts itself.
        n_steps = table.frame["n"][0]
        assert (n_steps, 200) == (table.frame["id"].ge(1_000_000).sum(), table.n_rows)
        ws.checkout("d@main")
        rows = changed(table.frame, n_steps + 1)
        made = ws.commit(rows, to="d")
        assert rows.equals(open_version(store, f"d@{made.commit}").frame)
        return len(commits)


@pytest.mark.parametrize(
    ("place", "point"),
    [*(("sqlite", each) for each in BEFORE), *(("postgresql", each) for each in BEFORE[5::2])],
    indirect=["place"],
)
def test_killed_before_the_transaction_ends_there_is_no_new_version(place, start, point):
    process = start("commit", 2, point)
    acknowledged = process.stdout.read().split()
    assert -9 == process.wait()
    assert 1 == len(acknowledged)
    # The first version, and the one that was acknowledged.
    assert 2 == whole(place, acknowledged)


def test_killed_after_the_transaction_the_new_version_is_there(place, start):
    process = start("commit", 2, "committed")
    acknowledged = process.stdout.read().split()
    assert (-9, 1) == (process.wait(), len(acknowledged))
    assert 3 == whole(place, acknowledged)


@pytest.mark.parametrize(("point", "n_more"), [("fsync 3", 0), ("commit", 0), ("committed", 1)])
def test_a_killed_merge_is_the_version_before_or_the_merge(place, start, point, n_more):
    process = start("merge", 2, point)
    acknowledged = process.stdout.read().split()
    assert (-9, 1) == (process.wait(), len(acknowledged))
    # The first version; two and a merge; two, and perhaps a merge.
    assert 6 + n_more == whole(place, acknowledged)


@pytest.mark.parametrize("verb", ["commit", "merge", "checkout"])
def test_killed_at_any_moment_nothing_acknowledged_is_lost(place, start, verb):
    moments = random.Random(7)  # noqa: S311 — no secret
    for _ in range(max(1, N_RANDOM // 3)):
        process = start(verb, 10_000)
        acknowledged = {process.stdout.readline().strip()}
        time.sleep(moments.uniform(0.0, 0.4))
        process.kill()
        # A line that was cut off was not acknowledged.
        acknowledged |= {line.strip() for line in process.stdout if line.endswith("\n")}
        process.wait()
        assert 1 <= whole(place, acknowledged)
