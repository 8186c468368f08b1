"""A killed job goes on where it was, in another process, and makes what it would have made."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError
from tests.flows.jobbed_survey import CALL, N_CHUNKS, make_sources

SCRIPT = Path(__file__).with_name("jobbed_survey.py")
ROOT = Path(__file__).resolve().parents[2]
#: Seconds that a process may take.
LIMIT_S = 240.0
#: Kills at random moments.
N_RANDOM = int(os.environ.get("QFORGE_KILLS", "3"))


def _paths():
    return filter(None, [os.environ.get("PYTHONPATH")])


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    make_sources(folder)
    return folder


@pytest.fixture(scope="module")
def expected(sources, tmp_path_factory):
    """Give the fingerprint of a collection that nobody interrupts, outside of any job."""
    target = str(tmp_path_factory.mktemp("plain") / "lab")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(sources)
        with qf.open(target, tracker="none", progress=False) as ws:
            return ws.collect("sky", **CALL).commit.fingerprint


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_database")()
    return str(tmp_path / "lab")


@pytest.fixture
def start(target, sources, tmp_path):
    """Give what starts a process that works on the job; none outlives the test."""
    started = []
    folder = tmp_path / "work"
    folder.mkdir()
    for each in ("fits", "detections.parquet"):
        (folder / each).symlink_to(sources / each)

    def run(action, n_chunks=0):
        process = subprocess.Popen(  # noqa: S603 — our own script
            [sys.executable, "-W", "error", str(SCRIPT), target, str(folder), action,
             str(n_chunks)],
            stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *_paths()])},
        )  # fmt: skip
        # Whoever reads from it, or waits for it, comes to an end.
        limit = threading.Timer(LIMIT_S, process.kill)
        limit.daemon = True
        limit.start()
        started.append((process, limit))
        return process

    run.folder = folder
    yield run
    for process, limit in started:
        limit.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def opened(target, start):
    return qf.open(target, folder=str(start.folder / "files"), tracker="none", progress=False)


@pytest.mark.parametrize("n_done", [1, N_CHUNKS - 1, N_CHUNKS])
def test_what_was_killed_after_some_chunks_is_listed_and_reads_only_the_others(
    start, target, expected, n_done
):
    killed = start("begin", n_done)
    assert n_done * ["chunk"] == killed.stdout.read().split()
    assert -9 == killed.wait()
    with opened(target, start) as ws:
        assert ["interrupted"] == ws.jobs()["state"].to_list()
        assert "`%qforge resume nightly`" in repr(ws.status())
        assert n_done == ws.context.store.checkpoints.count(ws.context.store.jobs.list()[0].id)
        assert None is ws.context.store.datasets.find("sky")
    again = start("resume")
    *chunks, fingerprint = again.stdout.read().split()
    assert (0, expected) == (again.wait(), fingerprint)
    assert N_CHUNKS - n_done == len(chunks)
    with opened(target, start) as ws:
        job = ws.context.store.jobs.find("nightly")
        assert ("done", 0) == (job.state, ws.context.store.checkpoints.count(job.id))
        assert () == ws.context.store.verify()
        assert 1 == len(ws.context.store.runs.list(verb="collect", status="finished"))


def test_killed_at_random_moments_it_comes_to_the_same_end(start, target, expected):
    moments = random.Random(11)  # noqa: S311 — no secret
    for number in range(N_RANDOM):
        process = start("resume" if number else "begin")
        process.stdout.readline()
        time.sleep(moments.uniform(0.0, 0.3))
        process.kill()
        process.wait()
        with opened(target, start) as ws:
            ws.jobs()
            if ws.context.store.jobs.find("nightly").state == "done":
                break
    else:
        assert 0 == (last := start("resume")).wait()
        assert expected == last.stdout.read().split()[-1]
    with opened(target, start) as ws:
        job = ws.context.store.jobs.find("nightly")
        assert ("done", expected) == (job.state, job.fingerprint)
        assert 1 == len(ws.context.store.commits.of(ws.context.store.datasets.find("sky").id))
        assert () == ws.context.store.verify()


def test_two_processes_that_resume_at_once_run_it_once(start, target, expected):
    assert -9 == start("begin", 1).wait()
    both = [start("resume"), start("resume")]
    said = [process.stdout.read().split() for process in both]
    assert [expected] == sorted({lines[-1] for lines in said if lines and lines[-1] != "chunk"})
    assert N_CHUNKS - 1 == sum(line == "chunk" for lines in said for line in lines)
    with opened(target, start) as ws:
        assert 1 == len(ws.context.store.runs.list(verb="collect", status="finished"))


def test_a_job_of_another_folder_is_refused_there(start, target, tmp_path, monkeypatch):
    assert -9 == start("begin", 1).wait()
    monkeypatch.chdir(tmp_path)
    with opened(target, start) as ws:
        ws.resume("nightly")
        with pytest.raises(qf.errors.JobFailed, match="in another folder"):
            ws.attach("nightly")
        with pytest.raises(CallError, match=r"no job 'nightli': did you mean 'nightly'"):
            ws.attach("nightli")
