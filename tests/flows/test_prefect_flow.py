"""A job as a flow of the real Prefect, on a server of its own: the same rows, tasks, retries."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import MissingPackage
from tests.flows.jobbed_survey import CALL, N_CHUNKS, make_sources

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 540
has_prefect = importlib.util.find_spec("prefect") is not None


@pytest.mark.skipif(not has_prefect, reason="Prefect is not installed (extra `prefect`)")
@pytest.mark.timeout(600)
def test_a_flow_collects_in_tasks_what_a_cell_collects(tmp_path, monkeypatch):
    make_sources(tmp_path)
    told = json.loads(collected(tmp_path).splitlines()[-1])
    # One file was away at the first try: its task alone was tried again.
    assert (2 * ["Completed"], {"Completed": N_CHUNKS}) == (told["flows"], told["tasks"])
    assert [*[1] * (N_CHUNKS - 1), 2] == told["tries"]
    assert [100.0] == told["progress"]
    monkeypatch.chdir(tmp_path)
    with qf.open("plain", tracker="none", progress=False) as ws:
        expected = ws.collect("sky", **CALL).commit.fingerprint
    with qf.open("lab", tracker="none", progress=False) as ws:
        job = ws.context.store.jobs.find("nightly")
        assert (expected, expected) == (told["made"]["fingerprint"], job.fingerprint)
        assert ("done", told["made"]["run"]) == (job.state, job.run_id)
        assert () == ws.context.store.verify()


def test_without_prefect_the_sentence_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "prefect", None)
    with pytest.raises(MissingPackage, match=r"pip install 'qforge-jupyter\[prefect\]'"):
        qf.prefect_flow("lab", "collect", "sky", job_name="nightly")


def collected(folder):
    """Run the flow in a group of processes of its own, of which none outlives it."""
    with subprocess.Popen(  # noqa: S603 — our own script
        [sys.executable, str(Path(__file__).with_name("prefect_survey.py")), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*_paths(), str(ROOT)]),
            "PREFECT_HOME": str(folder / "home"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_LOGGING_LEVEL": "WARNING",
            "DO_NOT_TRACK": "1",
        },
    ) as process:
        try:
            said, problems = process.communicate(timeout=LIMIT_S)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    assert 0 == process.returncode, problems[-4000:]
    return said


def _paths():
    return filter(None, [os.environ.get("PYTHONPATH")])
