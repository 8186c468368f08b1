"""What a cell meets of the tracker: one line, a limited wait, an end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.context import Context
from qforge_jupyter.errors import StoreError, TrackerError

ROWS = pl.DataFrame({"x": [1.0, None]})
CARD: dict[str, Any] = {"required": ["x"], "ranges": {"x": "0 .. 5"}, "outliers": "none"}
pytestmark = pytest.mark.filterwarnings("ignore:::mlflow", "ignore::ResourceWarning")


class Slow:
    """A tracker that is down, or takes its time over every run."""

    def __init__(self, seconds: float, problem: TrackerError | None = None) -> None:
        self.seconds, self.problem = seconds, problem
        self.shown: list[str] = []

    def is_ready(self) -> bool:
        return True

    def prepare(self, *, wait: bool = True) -> None:
        """Do nothing."""

    def show(self, record: Any, *, read: Any) -> str:  # noqa: ARG002 — a tracker's signature
        time.sleep(self.seconds)
        if self.problem:
            raise self.problem
        self.shown.append(record.id)
        return "x"

    def describe(self) -> str:
        return "a slow one"

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "lab")
    return str(request.getfixturevalue("postgresql_database")())


@pytest.fixture
def context(target: str, tmp_path: Path) -> Iterator[Context]:
    """Give a workspace whose tracker a test puts in."""
    settings = {"folder": str(tmp_path / "files"), "tracker_timeout_s": 0.5, "actor": "ann"}
    with qf.open(target, **settings) as ws:
        yield ws.context


def _workspace(context: Context, tracker: Slow, said: list[str]) -> qf.Workspace:
    return qf.Workspace(replace(context, tracker=tracker, say=said.append))


def test_a_tracker_that_is_down_is_one_line_that_names_sync_once(context: Context):
    said: list[str] = []
    down = Slow(0, TrackerError("MLflow at http://x did not take the run: start or repair it"))
    _workspace(context, down, said).score(ROWS, **CARD)
    (line,) = said
    assert line == (
        "MLflow at http://x did not take the run: start or repair it; "
        "`%qforge sync` sends this run later"
    )


def test_the_real_line_names_sync_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    uri = "http://127.0.0.1:9"
    with qf.open(str(tmp_path / "lab"), mlflow_uri=uri, tracker_timeout_s=3) as ws:
        ws.context.tracker.prepare()
        ws.score(ROWS, **CARD)
        (line,) = capsys.readouterr().out.splitlines()
        assert line.count("sync") == 1
        assert line.startswith("MLflow at http://127.0.0.1:9 did not take the run")


def test_a_long_queue_takes_its_time_limit_and_goes_on_at_the_next_call(context: Context):
    said: list[str] = []
    down = _workspace(context, Slow(0, TrackerError("down")), said)
    for _ in range(6):
        down.score(ROWS, **CARD)
    said.clear()
    slow = Slow(0.2)
    ws = _workspace(context, slow, said)
    ws.score(ROWS, **CARD)
    n_shown = len(slow.shown)
    assert 2 <= n_shown < 7
    assert said == [f"{7 - n_shown} earlier runs wait for MLflow: `%qforge sync` sends them all"]
    ws.score(ROWS, **CARD)
    assert len(slow.shown) > n_shown + 1
    ws.sync()
    assert len(set(slow.shown)) == len(slow.shown) == 8
    assert context.store.outbox.pending() == ()


def test_a_closed_workspace_has_ended_its_threads_and_refuses_in_one_sentence(
    target: str, tmp_path: Path
):
    with qf.open(target, folder=str(tmp_path / "files"), progress=False) as ws:
        ws.score(ROWS, **CARD)
        assert ws.status().content["runs"]
    assert [one for one in threading.enumerate() if one.name.startswith("qforge")] == []
    with pytest.raises(StoreError, match=r"^The workspace is closed: open it again"):
        ws.score(ROWS, **CARD)
    ws.close()
    with qf.open(target, folder=str(tmp_path / "files"), progress=False) as again:
        assert again.context.store.runs.list(verb="score")


def test_opening_a_workspace_imports_no_mlflow_and_little_else(tmp_path: Path):
    script = (
        "import sys, time, qforge_jupyter as qf\n"
        "ws = qf.open(sys.argv[1]); ws.close()\n"
        "started = time.process_time()\n"
        "ws = qf.open(sys.argv[1])\n"
        "print(time.process_time() - started, 'mlflow' in sys.modules, 'torch' in sys.modules)\n"
        "ws.close()\n"
    )
    done = subprocess.run(  # noqa: S603 — our own script
        [sys.executable, "-c", script, str(tmp_path / "lab")],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "QFORGE_TRACKER": "mlflow"},
    )
    seconds, *imported = done.stdout.split()
    assert imported == ["False", "False"]
    assert float(seconds) < 0.15
