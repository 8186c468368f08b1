"""Jobs whose process dies, is closed, or is asked to stop at an awkward moment."""

from __future__ import annotations

import platform
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter import orchestration
from qforge_jupyter.engine.collectors import _sky_chunks
from qforge_jupyter.errors import CallError, JobFailed
from qforge_jupyter.jobs.owner import new_owner
from qforge_jupyter.results.jobs import Job
from qforge_jupyter.store.checkpoints import Checkpoints
from qforge_jupyter.store.jobs import Jobs
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


#: The owner of a process of this machine that is gone.
GONE = f"{platform.node()}:999999999:1.00:abc"


def claimed(ws: qf.Workspace, name: str, owner: str = GONE, attempt: int = 1) -> None:
    """Let a process that is no more take the job up."""
    jobs = ws.context.store.jobs
    assert jobs.claim(jobs.find(name), owner, ws.context.crew.clock(), attempt=attempt)


@pytest.fixture
def often(lab: qf.Workspace) -> str:
    """Give a schedule that ran once."""
    lab.job("collect", "golden/tiers", **HARVEST, job_name="often", every="6 hours")
    assert "done" == ended(lab, "often")
    return "often"


def test_a_schedule_that_is_cancelled_while_it_commits_ends(lab, saving):
    lab.job("collect", "golden/tiers", **HARVEST, job_name="often", every="6 hours")
    assert saving.reached.wait(LIMIT_S)
    lab.cancel("often")
    saving.go.set()
    assert "done" == ended(lab, "often")
    assert None is lab.context.store.jobs.find("often").next_at


def test_a_schedule_that_is_cancelled_before_its_process_dies_ends(lab, often):
    claimed(lab, often)
    jobs = lab.context.store.jobs
    assert jobs.cancel(jobs.find(often), lab.context.crew.clock())
    assert ["cancelled"] == lab.jobs()["state"].to_list()
    assert None is jobs.find(often).next_at


@pytest.mark.parametrize(
    ("ending", "state"),
    [("queued", "cancelled"), ("interrupted", "cancelled"), ("failed", "failed")],
)
def test_a_run_that_fails_once_it_was_cancelled_is_not_tried_again(lab, often, ending, state):
    claimed(lab, often)
    jobs, at = lab.context.store.jobs, lab.context.crew.clock()
    assert jobs.cancel(jobs.find(often), at)
    assert jobs.end(jobs.find(often).id, GONE, ending, at, next_at=at)
    job = jobs.find(often)
    assert (state, None) == (job.state, job.next_at)


def test_a_job_that_is_begun_in_the_moment_of_its_cancelling_is_asked(lab, often, monkeypatch):
    cancel, n_asked = Jobs.cancel, []

    def late(self: Jobs, job: Job, at: datetime) -> bool:
        if not n_asked:
            claimed(lab, often, "elsewhere:7:1.0:abc")
        n_asked.append(1)
        return cancel(self, job, at)

    monkeypatch.setattr(Jobs, "cancel", late)
    assert "It stops at the border of its next chunk" in repr(lab.cancel(often))
    assert lab.context.store.jobs.find(often).cancel_asked_at is not None


def test_a_job_whose_thread_is_dead_while_its_process_lives_is_lost_after_a_minute(
    lab, often, clock
):
    claimed(lab, often, new_owner())
    clock.forward(seconds=60)
    assert ["running"] == lab.jobs()["state"].to_list()
    clock.forward(seconds=1)
    assert ["interrupted"] == lab.jobs()["state"].to_list()


def test_a_schedule_that_kills_its_process_is_tried_later_each_time_and_then_failed(
    lab, often, clock
):
    jobs, found = lab.context.store.jobs, []
    for attempt in (1, 2, 3):
        claimed(lab, often, attempt=attempt)
        lab.jobs()
        job = jobs.find(often)
        found.append((job.state, job.attempts, (job.next_at - clock()).total_seconds()))
        clock.forward(seconds=30)
    six_hours = 6 * 3600.0
    assert [("interrupted", 2, 60.0), ("interrupted", 3, 120.0), ("failed", 3, six_hours)] == found
    with pytest.raises(JobFailed, match=r"often failed \(tried 3 times\): Its process ended"):
        lab.attach(often)
    clock.forward(hours=6)
    tick(lab)
    assert ("done", 0) == (jobs.find(often).state, jobs.find(often).attempts)


def test_chunks_that_outlived_their_job_go_with_the_next_look(place, monkeypatch):
    make_sources(place)
    with monkeypatch.context() as killed, opened() as ws:
        killed.setattr(Checkpoints, "drop", lambda *_: None)
        ws.job("collect", "sky", **CALL, job_name="once")
        assert "done" == ended(ws, "once")
        job = ws.context.store.jobs.find("once")
    with opened() as again:
        assert 0 < again.context.store.checkpoints.count(job.id)
        again.jobs()
        assert 0 == again.context.store.checkpoints.count(job.id)
        kept = set(again.context.store.objects.folder.names())
        assert kept == set(again.context.store.read_table("object")["sha256"])


def test_a_chunk_whose_file_is_damaged_is_read_again(place, first_chunk):
    make_sources(place)
    with opened() as ws:
        job = ws.job("collect", "sky", **CALL, job_name="once")
        assert first_chunk.reached.wait(LIMIT_S)
        ws.cancel("once")
        first_chunk.go.set()
        assert "cancelled" == ended(ws, "once")
        sha256 = ws.context.store.read_table("checkpoint")["sha256"].item()
        file = ws.context.store.objects.folder.local_path(sha256)
        file.chmod(0o644)
        file.write_bytes(file.read_bytes()[:100])
        ws.resume("once")
        assert 108 == job.wait(LIMIT_S).n_new
        assert () == ws.context.store.verify()


def later() -> pl.DataFrame:
    """Give as many decisions more."""
    texts = [pl.concat_str(pl.lit("later "), name).alias(name) for name in ("id", "title")]
    return LOG.with_columns(texts)


def test_attach_gives_what_another_process_made_since(lab, often, clock):
    assert 4 == lab.attach(often).value.n_new
    pl.concat([LOG, later()]).write_csv("log.csv")
    clock.forward(hours=6)
    with opened(clock) as other:
        tick(other)
        assert 4 == other.attach(often).value.n_new
    made = lab.attach(often)
    assert (8, made.job.fingerprint) == (made.value.frame.height, made.value.table.fingerprint)


def test_after_a_restart_attach_gives_the_version_that_the_job_made(lab, often, clock):
    lab.close()
    later().write_csv("others.csv")
    with opened(clock) as again:
        again.collect("golden/tiers", **{**HARVEST, "from_": "others.csv"})
        assert 8 == again.checkout("golden/tiers").frame.height
        assert 4 == again.attach(often).value.frame.height


def test_after_a_restart_attach_gives_the_parts_that_the_job_made(place, clock):
    make_sources(place)
    detections = pl.read_parquet("detections.parquet")
    detections.head(48).write_parquet("first.parquet")
    with opened(clock) as ws:
        ws.job("collect", "sky", **{**CALL, "from_": "first.parquet"}, job_name="first")
        assert "done" == ended(ws, "first")
        before = [list(part["detection_id"]) for part in ws.attach("first").parts]
        assert 48 == sum(len(part) for part in before)
        ws.collect("sky", **CALL)
    with opened(clock) as again:
        assert before == [list(part["detection_id"]) for part in again.attach("first").parts]


def test_what_a_job_keeps_of_a_forgotten_row_is_cut_out_and_the_rest_stays(lab):
    lab.commit(LOG, to="log", by=["id"])
    lab.job(
        "collect", "golden/tiers", **{**HARVEST, "from_": "log"}, where="title != 'title 1'",
        job_name="once",
    )  # fmt: skip
    lab.job("collect", "golden/others", **HARVEST, where="title != 'title 3'", job_name="other")
    assert ["done", "done"] == [ended(lab, name) for name in ("once", "other")]
    jobs = lab.context.store.jobs
    kept = {name: jobs.find(name).call for name in ("once", "other")}
    lab.forget("log", where="id == 'c1'", reason="asked to", preview=True)
    assert kept["once"] == jobs.find("once").call
    lab.forget("log", where="id == 'c1'", reason="asked to")
    options = {**kept["once"]["options"], "where": "(forgotten)"}
    assert {**kept["once"], "options": options} == jobs.find("once").call
    assert kept["other"] == jobs.find("other").call
    assert "title 1" not in str(lab.context.store.read_table("job").to_dicts())
