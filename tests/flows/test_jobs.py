"""Jobs: begun in a cell or in Python, waited for, cancelled at a chunk, refused in a sentence."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.engine.collectors import _sky_chunks
from qforge_jupyter.errors import CallError, JobFailed, StoreError
from qforge_jupyter.jobs import Crew
from qforge_jupyter.store.checkpoints import Checkpoints
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.store.runs import Runs
from tests.flows.jobbed_survey import CALL, N_CHUNKS, make_sources

LIMIT_S = 120.0
LOG = pl.DataFrame({
    "id": [f"c{n}" for n in range(6)],
    "outcome": ["won", "won", "lost", "won", "won", "lost"],
    "confidence": [0.9] * 6,
    "score": [80.0] * 6,
    "title": [f"title {n}" for n in range(6)],
    "tier": ["A", "B"] * 3,
})  # fmt: skip
HARVEST: dict[str, Any] = {
    "from_": "log.csv", "outcome": ["won"], "input": ["title"], "expected_output": ["tier"],
}  # fmt: skip
CELL = """\
%%qforge collect golden/tiers from log.csv into found --job
outcome: won
input: title
expected output: tier
"""


@pytest.fixture
def place(quiet_place: Path) -> Path:
    LOG.write_csv(quiet_place / "log.csv")
    return quiet_place


@pytest.fixture
def survey(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_sources(place)
    monkeypatch.setattr(_sky_chunks, "LEAST", 12)  # a file a chunk
    return place


class Clock:
    """Time that goes on only when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **length: float) -> None:
        self.at += timedelta(**length)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(clock: Clock | None = None) -> qf.Workspace:
    """Open the workspace with jobs that are looked after only when a test asks."""
    ws = qf.open("lab", tracker="none", progress=False)
    crew = Crew(clock, beat_s=3_600) if clock else Crew(beat_s=3_600)
    ws.context = replace(ws.context, crew=crew)
    return ws


@pytest.fixture
def lab(place: Path, clock: Clock) -> Iterator[qf.Workspace]:  # noqa: ARG001 — it is enough to be there
    with opened(clock) as ws:
        yield ws


class Held:
    """Holds whoever calls a method the first time, after or before it is done."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: type, name: str, *, after: bool) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        method = getattr(owner, name)

        def held(*arguments: Any, **options: Any) -> Any:
            given = method(*arguments, **options) if after else None
            if not self.reached.is_set() and threading.current_thread().name.startswith("qforge"):
                self.reached.set()
                assert self.go.wait(LIMIT_S)
            return given if after else method(*arguments, **options)

        patch.setattr(owner, name, held)


@pytest.fixture
def first_chunk(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch, Checkpoints, "keep", after=True)


def ended(ws: qf.Workspace, name: str) -> str:
    """Wait until this process works on the job no more, and give its state."""
    running = ws.context.crew.running(ws.context.store.jobs.find(name).id)
    assert running is not None
    assert running.wait(LIMIT_S)
    return ws.context.store.jobs.find(name).state


def n_runs(ws: qf.Workspace) -> int:
    return len(ws.context.store.runs.list(verb="collect"))


def tick(ws: qf.Workspace) -> None:
    """Look after the jobs once, and wait for those that began."""
    ws.keep_schedules()
    for job in ws.context.store.jobs.list(states=("running",)):
        ended(ws, job.name)


@pytest.mark.usefixtures("place")
def test_a_cell_begins_a_job_and_attach_binds_what_it_makes(notebook):
    notebook.run("%qforge use ./lab")
    begun = notebook.run(CELL)
    assert "`%qforge attach collect-1` waits for it" in repr(begun)
    assert "found" not in notebook.names
    made = notebook.run("%qforge attach collect-1")
    assert made is notebook.names["found"]
    assert 4 == made.n_new
    notebook.run("%qforge attach collect-1 into again")
    assert made is notebook.names["again"]
    assert ["done"] == notebook.run("%qforge jobs")["state"].to_list()


@pytest.mark.usefixtures("place")
def test_the_list_says_the_same_on_every_machine(notebook):
    notebook.run("%qforge use ./lab")
    notebook.run(CELL)
    notebook.run("%qforge attach collect-1")
    said = """\
Jobs
====
• 1 done

job        verb     works on      state  done  plan  note
---------  -------  ------------  -----  ----  ----  ----
collect-1  collect  golden/tiers  done"""
    listed = "\n".join(line.rstrip() for line in repr(notebook.run("%qforge jobs")).splitlines())
    assert said == listed


@pytest.mark.usefixtures("survey")
def test_after_a_restart_attach_gives_the_dataset_with_its_parts(notebook):
    notebook.run("%qforge use ./lab")
    notebook.run(
        "%%qforge collect sky from detections.parquet into train, validation, test --job=n\n"
        "confidence: none\nquality: none\ncutout: {size: 15}\nfolder: fits\n"
    )
    notebook.run("%qforge attach n")
    before = [notebook.names[name]["detection_id"] for name in ("train", "validation", "test")]
    notebook.run("%qforge use ./lab")
    notebook.run("%qforge attach n into a, b, c")
    after = [notebook.names[name]["detection_id"] for name in ("a", "b", "c")]
    assert [list(each) for each in before] == [list(each) for each in after]


@pytest.mark.usefixtures("survey")
def test_cancelled_it_stops_at_the_next_chunk_and_goes_on_from_there(first_chunk):
    with opened() as ws:
        job = ws.job("collect", "sky", **CALL)
        assert first_chunk.reached.wait(LIMIT_S)
        assert "stops at the border of its next chunk" in repr(ws.cancel("collect-1"))
        first_chunk.go.set()
        assert "cancelled" == ended(ws, "collect-1")
        assert 1 == ws.context.store.checkpoints.count(job.job.id)
        assert None is ws.context.store.datasets.find("sky")
        assert "`%qforge resume collect-1`" in repr(ws.attach("collect-1"))
        ws.resume("collect-1")
        made = job.wait(LIMIT_S)
        assert (108, "done") == (made.n_new, job.state)
        with pytest.raises(CallError, match="is done"):
            ws.resume("collect-1")
        assert () == ws.context.store.verify()
        kept = set(ws.context.store.objects.folder.names())
        assert kept == set(ws.context.store.read_table("object")["sha256"])


@pytest.mark.usefixtures("survey")
def test_rows_that_are_forgotten_take_the_chunks_of_every_job_with_them(first_chunk):
    with opened() as ws:
        job = ws.job("collect", "sky", **CALL)
        assert first_chunk.reached.wait(LIMIT_S)
        ws.cancel("collect-1")
        first_chunk.go.set()
        ended(ws, "collect-1")
        ws.commit(LOG, to="log", by=["id"])
        ws.forget("log", where="id == 'c1'", reason="asked to")
        assert 0 == ws.context.store.checkpoints.count(job.job.id)
        kept = set(ws.context.store.objects.folder.names())
        assert kept <= set(ws.context.store.read_table("object")["sha256"])
        ws.resume("collect-1")
        assert 108 == job.wait(LIMIT_S).n_new


def test_cancelled_while_it_commits_it_is_done(lab, monkeypatch):
    held = Held(monkeypatch, Runs, "save", after=False)
    lab.job("collect", "golden/tiers", **HARVEST)
    assert held.reached.wait(LIMIT_S)
    lab.context.store.jobs.cancel(lab.context.store.jobs.find("collect-1"), lab.context.clock())
    held.go.set()
    assert "done" == ended(lab, "collect-1")
    assert 4 == lab.checkout("golden/tiers").frame.height


@pytest.mark.usefixtures("survey")
def test_a_workspace_that_is_closed_stops_its_jobs_and_another_goes_on(first_chunk):
    ws = opened()
    ws.job("collect", "sky", **CALL)
    assert first_chunk.reached.wait(LIMIT_S)
    closing = threading.Thread(target=ws.close)
    closing.start()
    running = ws.context.crew.running(ws.context.store.jobs.list()[0].id)
    while running.stop != "interrupted":
        closing.join(0.01)
    first_chunk.go.set()
    closing.join()
    with opened() as again:
        assert ["interrupted"] == again.jobs()["state"].to_list()
        again.resume("collect-1")
        assert 108 == again.attach("collect-1").value.n_new


@pytest.mark.usefixtures("survey")
def test_whoever_lost_a_job_keeps_nothing_of_it(clock, first_chunk):
    with opened(clock) as slow, opened(clock) as quick:
        slow.job("collect", "sky", **CALL)
        assert first_chunk.reached.wait(LIMIT_S)
        store = quick.context.store
        assert store.jobs.lose(store.jobs.find("collect-1"), clock())
        quick.resume("collect-1")
        first_chunk.go.set()
        assert "done" == ended(quick, "collect-1")
        ended(slow, "collect-1")
        running = slow.context.crew.running(store.jobs.find("collect-1").id)
        assert "lost" == running.stop
        assert 1 == len(store.runs.list(verb="collect", status="finished"))
        assert 1 == len(store.commits.of(store.datasets.find("sky").id))


def test_only_one_of_two_takes_a_job_up(lab):
    jobs = lab.context.store.jobs
    lab.job("collect", "golden/tiers", **HARVEST, every="1 hour")
    assert "done" == ended(lab, "collect-1")
    seen = jobs.find("collect-1")
    at = lab.context.clock()
    assert [True, False] == [jobs.claim(seen, owner, at, attempt=1) for owner in ("a", "b")]


def test_what_another_machine_runs_counts_as_lost_after_a_minute(lab, clock):
    jobs = lab.context.store.jobs
    lab.job("collect", "golden/tiers", **HARVEST)
    ended(lab, "collect-1")
    assert jobs.claim(jobs.find("collect-1"), "elsewhere:7:1.0:abc", clock(), attempt=1)
    clock.forward(seconds=60)
    assert ["running"] == lab.jobs()["state"].to_list()
    clock.forward(seconds=1)
    assert ["interrupted"] == lab.jobs()["state"].to_list()


@pytest.mark.usefixtures("survey")
def test_a_full_disk_fails_a_job_that_goes_on_once_there_is_room(monkeypatch):
    put, n_left = Objects.put_frame, [3]

    def full(self: Objects, *arguments: Any, **options: Any) -> Any:
        n_left[0] -= 1
        if n_left[0] < 0:
            raise StoreError("The store's disk is full, nothing was kept: free some space")
        return put(self, *arguments, **options)

    monkeypatch.setattr(Objects, "put_frame", full)
    with opened() as ws:
        ws.job("collect", "sky", **CALL)
        with pytest.raises(JobFailed, match=r"collect-1 failed: The store's disk is full"):
            ws.attach("collect-1")
        assert 3 == ws.context.store.checkpoints.count(ws.context.store.jobs.list()[0].id)
        n_left[0] = 1_000
        ws.resume("collect-1")
        assert 108 == ws.attach("collect-1").value.n_new
        assert 1_000 - n_left[0] < 2 * N_CHUNKS


REFUSED = [
    ("%qforge score calcs --job", r"'calcs' is a variable of this kernel.*%qforge commit calcs"),
    ("%qforge jobs --job", r"`jobs` does not run as a job; these do: .*collect"),
    ("%qforge score log.csv --every soon", r"`every` is a length of time.*'soon' came"),
    ("%qforge score log.csv --job --tries 0", r"tried once or more"),
    ("%qforge score log.csv --job=../x", r"A job is named with.*'../x' is not"),
    (
        "%qforge collect d from postgresql://ann:hunter2@h/db --table t --job",
        r"holds a secret.*PGPASSWORD",
    ),
    ("%qforge attach nothing", r"There is no job 'nothing': there are none"),
]


@pytest.mark.parametrize(("cell", "sentence"), REFUSED)
@pytest.mark.usefixtures("place")
def test_what_no_job_can_do_is_refused_in_a_sentence(notebook, cell, sentence):
    notebook.run("%qforge use ./lab")
    said = notebook.sentence(cell)
    assert re.search(sentence, said), said
    assert "hunter2" not in said
    assert 0 == notebook.run("%qforge jobs").height


def test_a_name_is_given_once(lab):
    lab.job("collect", "golden/tiers", job_name="nightly", **HARVEST)
    with pytest.raises(CallError, match="a job 'nightly' already"):
        lab.job("collect", "golden/tiers", job_name="nightly", **HARVEST)
    ended(lab, "nightly")


def test_a_job_reads_the_version_that_was_there_and_a_schedule_the_newest(lab):
    lab.commit(LOG, to="log", by=["id"])
    first = lab.context.store.datasets.find("log")
    lab.job("collect", "a", **{**HARVEST, "from_": "log"}, job_name="once")
    lab.job("collect", "b", **{**HARVEST, "from_": "log"}, job_name="often", every="1 day")
    calls = {job.name: job.call["options"]["from_"] for job in lab.context.store.jobs.list()}
    commit = lab.context.store.commits.of(first.id)[0].id
    assert {"once": f"log@{commit}", "often": "log"} == calls
    assert ["done", "done"] == [ended(lab, name) for name in ("once", "often")]


LONG = [
    ("score", {"required": ["tier"]}),
    ("outliers", {"columns": ["score"]}),
    ("deduplicate", {"by": ["tier"], "keep": "first"}),
    ("diversity", {"against": "log"}),
    ("leaks", {"against": "log"}),
    ("export", {"to": "exports", "format": ["jsonl"], "overwrite": True}),
]


@pytest.mark.parametrize(("verb", "asked"), LONG, ids=[verb for verb, _ in LONG])
def test_a_long_verb_gives_as_a_job_what_it_gives_at_once(lab, verb, asked):
    lab.commit(LOG, to="log", by=["id"])
    job = lab.job(verb, "log", **asked)
    made = job.wait(LIMIT_S)
    expected = getattr(lab, verb)("log" if verb != "score" else lab.checkout("log"), **asked)
    assert (expected.kind, "done") == (made.kind, job.state)
    assert {m.name for m in expected.metrics()} == {m.name for m in made.metrics()}


@pytest.mark.usefixtures("place")
def test_python_of_a_job_is_shown(notebook, capsys):
    notebook.run("%qforge use ./lab")
    shown = notebook.shell.run_cell(CELL.replace("--job", "--job=n --every='6 hours' --as-python"))
    assert shown.success
    assert "ws.job(" in capsys.readouterr().out


# Schedules


def test_a_schedule_runs_again_when_due_and_missed_times_once(lab, clock):
    lab.job("collect", "golden/tiers", **HARVEST, job_name="often", every="6 hours")
    assert "done" == ended(lab, "often")
    clock.forward(hours=5.99)
    tick(lab)
    assert 1 == n_runs(lab)
    later = [pl.concat_str(pl.lit("later "), name).alias(name) for name in ("id", "title")]
    LOG.with_columns(later).write_csv("log.csv")
    clock.forward(hours=0.01)
    tick(lab)
    assert (2, 8) == (n_runs(lab), lab.checkout("golden/tiers").frame.height)
    clock.forward(days=3)
    for _ in range(3):
        tick(lab)
    assert 3 == n_runs(lab)


def test_a_schedule_survives_a_restart(lab, clock):
    lab.job("collect", "golden/tiers", **HARVEST, job_name="often", every="6 hours")
    ended(lab, "often")
    lab.close()
    clock.forward(days=2)
    with opened(clock) as again:
        tick(again)
        tick(again)
        assert 2 == n_runs(again)
        assert ["every 6 hours"] == again.jobs()["schedule"].to_list()


def test_a_schedule_that_is_cancelled_runs_no_more_until_it_is_resumed(lab, clock):
    lab.job("collect", "golden/tiers", **HARVEST, job_name="often", every="6 hours")
    ended(lab, "often")
    lab.cancel("often")
    clock.forward(days=2)
    tick(lab)
    assert 1 == n_runs(lab)
    lab.resume("often")
    assert "done" == ended(lab, "often")
    assert lab.context.store.jobs.find("often").next_at is not None


def test_a_failure_is_tried_again_later_each_time_and_then_said(lab, clock, place):
    (place / "log.csv").unlink()
    lab.job("collect", "golden/tiers", **HARVEST, job_name="often", every="1 day", tries=3)
    assert "queued" == ended(lab, "often")
    assert ["every 1 day, tried 1 of 3 times"] == lab.jobs()["schedule"].to_list()
    tried = []
    for seconds in (59, 1, 119, 1):
        clock.forward(seconds=seconds)
        tick(lab)
        tried.append(n_runs(lab))
    assert [1, 2, 2, 3] == tried
    with pytest.raises(JobFailed, match=r"often failed \(tried 3 times\): .*log\.csv"):
        lab.attach("often")
    LOG.write_csv("log.csv")
    clock.forward(days=1)
    tick(lab)
    assert "done" == lab.context.store.jobs.find("often").state


@pytest.mark.usefixtures("survey")
def test_what_trying_again_cannot_mend_is_not_tried_again(clock):
    with opened(clock) as ws:
        asked = {**CALL, "refuse_if": "quality < 1.1"}
        ws.job("collect", "sky", **asked, every="1 day", tries=5)
        assert "failed" == ended(ws, "collect-1")
        assert "is refused" in ws.jobs()["problem"][0]


def test_what_is_stale_is_told_once_and_in_the_list(lab, clock):
    lab.job("collect", "golden/tiers", **HARVEST, job_name="once", fresh_within="24 hours")
    ended(lab, "once")
    clock.forward(hours=24)
    tick(lab)
    assert [False] == lab.jobs()["is_stale"].to_list()
    clock.forward(seconds=1)
    tick(lab)
    tick(lab)
    assert [True] == lab.jobs()["is_stale"].to_list()
    assert "stale" in repr(lab.jobs())
    found = lab.context.store.read_table("finding").filter(kind="stale")
    assert ["once"] == found["name"].to_list()
