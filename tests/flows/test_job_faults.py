"""Jobs whose process dies, is closed, or is asked to stop at an awkward moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import qforge_jupyter as qf
from qforge_jupyter import orchestration
from qforge_jupyter.errors import CallError
from qforge_jupyter.store.runs import Runs
from tests.flows.test_jobs import HARVEST, LIMIT_S, LOG, Clock, Held, ended, opened


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
