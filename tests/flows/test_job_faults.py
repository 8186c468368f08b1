"""Jobs whose process dies, is closed, or is asked to stop at an awkward moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import qforge_jupyter as qf
from qforge_jupyter import orchestration
from qforge_jupyter.engine.collectors import _sky_chunks
from qforge_jupyter.errors import CallError
from qforge_jupyter.store.checkpoints import Checkpoints
from qforge_jupyter.store.runs import Runs
from qforge_jupyter.verbs._job_work import Worker
from tests.flows.jobbed_survey import CALL, make_sources
from tests.flows.test_jobs import (
    HARVEST,
    LIMIT_S,
    LOG,
    Clock,
    Held,
    ended,
    n_runs,
    opened,
    tick,
)


@pytest.fixture
def place(quiet_place: Path) -> Path:
    LOG.write_csv(quiet_place / "log.csv")
    return quiet_place


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lab(place: Path, clock: Clock) -> Iterator[qf.Workspace]:  # noqa: ARG001 — it is enough to be there
    with opened(clock) as ws:
        yield ws


@pytest.fixture
def saving(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Hold a job before it commits."""
    return Held(monkeypatch, Runs, "save", after=False)


@pytest.fixture
def first_chunk(monkeypatch: pytest.MonkeyPatch) -> Held:
    monkeypatch.setattr(_sky_chunks, "LEAST", 12)  # a file a chunk
    return Held(monkeypatch, Checkpoints, "keep", after=True)


def test_a_flow_does_not_take_a_job_away_from_the_process_that_runs_it(lab, clock, saving):
    lab.job("collect", "golden/tiers", **HARVEST, job_name="nightly")
    assert saving.reached.wait(LIMIT_S)
    with opened(clock) as other:
        jobs = other.context.store.jobs
        seen = jobs.find("nightly")
        assert None is other.context.crew.take(other.context.store, seen)
        assert not jobs.claim(seen, "elsewhere:7:1.0:abc", clock(), attempt=1)
        assert not jobs.rewrite(seen, {})
        with pytest.raises(CallError, match="Another process runs the job nightly"):
            orchestration._run(
                other.context, "collect", "golden/tiers", "nightly", HARVEST, lambda one: one.chunk
            )
    saving.go.set()
    assert "done" == ended(lab, "nightly")


def test_a_schedule_whose_run_is_stopped_with_its_workspace_goes_on(place, clock, first_chunk):
    make_sources(place)
    ws = opened(clock)
    ws.job("collect", "sky", **CALL, job_name="often", every="6 hours")
    assert first_chunk.reached.wait(LIMIT_S)
    closing = threading.Thread(target=ws.close)
    closing.start()
    running = ws.context.crew.running(ws.context.store.jobs.find("often").id)
    while running.stop != "interrupted":
        closing.join(0.01)
    first_chunk.go.set()
    closing.join()
    with opened(clock) as again:
        job = again.context.store.jobs.find("often")
        assert ("interrupted", clock()) == (job.state, job.next_at)
        tick(again)
        assert "done" == again.context.store.jobs.find("often").state


def test_a_script_with_a_job_of_its_own_leaves_the_schedules_of_others_alone(lab, clock):
    lab.job("collect", "golden/tiers", **HARVEST, job_name="often", every="6 hours")
    ended(lab, "often")
    lab.close()
    clock.forward(days=1)
    with opened(clock) as script:
        script.job("collect", "golden/others", **HARVEST, job_name="mine", every="6 hours")
        ended(script, "mine")
        clock.forward(days=1)
        crew, store = script.context.crew, script.context.store
        crew.tick(store, Worker(script.context))
        ended(script, "mine")
        assert None is crew.running(store.jobs.find("often").id)
        assert 3 == n_runs(script)
        script.keep_schedules()
        assert "done" == ended(script, "often")
