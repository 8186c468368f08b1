"""In a real kernel a job writes into no other cell, whatever its call prints."""

from __future__ import annotations

import os
import queue
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

LOUD = """\
import threading, warnings
import qforge_jupyter.engine.collectors.decisions as decisions
go, quiet = threading.Event(), decisions.collect

def loud(case):
    assert go.wait(120)
    print("from the job")
    warnings.warn("loud")
    case.progress(1, 2, "loud")
    return quiet(case)

decisions.collect = loud
Path = __import__("pathlib").Path
Path("log.csv").write_text("id,outcome,confidence,score,title,tier\\na,won,0.9,80,t,A\\n")
"""
BEGIN = """\
%%qforge collect golden/tiers from log.csv --job
outcome: won
input: title
expected output: tier
"""
#: The job works, and ends, while this cell runs.
OTHER = """\
magics = get_ipython().magics_manager.registry["QforgeMagics"]
job = magics.context.store.jobs.find("collect-1")
go.set()
assert magics.context.crew.running(job.id).wait(120)
print("of this cell")
"""


def ask(client: Any, code: str) -> tuple[str, list[dict[str, Any]]]:
    """Run a cell to its end; give its id and every message that came meanwhile."""
    asked, found = client.execute(code), []
    while True:
        try:
            message = client.get_iopub_msg(timeout=240)
        except queue.Empty:
            raise TimeoutError(code) from None
        found.append(message)
        is_idle = (
            message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
        )
        if is_idle and message["parent_header"].get("msg_id") == asked:
            return asked, found


@pytest.fixture
def client(tmp_path: Path):
    manager = KernelManager(kernel_name="python3")
    paths = [str(Path.cwd()), *filter(None, [os.environ.get("PYTHONPATH")])]
    manager.start_kernel(
        cwd=str(tmp_path),
        env={**os.environ, "QFORGE_TRACKER": "none", "PYTHONPATH": os.pathsep.join(paths)},
    )
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=240)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_what_a_job_prints_is_in_no_other_cell(client):
    ask(client, "%load_ext qforge_jupyter\n%qforge use ./lab")
    ask(client, LOUD)
    _, begun = ask(client, BEGIN)
    assert [] == [each["content"] for each in begun if each["msg_type"] == "error"]
    asked, said = ask(client, OTHER)
    mine = [each for each in said if each["parent_header"].get("msg_id") == asked]
    unseen = ("status", "execute_input")
    shown = [each["content"] for each in mine if each["msg_type"] not in unseen]
    assert {"stdout"} == {each["name"] for each in shown}
    assert "of this cell\n" == "".join(each["text"] for each in shown)
    _, listed = ask(client, "%qforge attach collect-1 into found\nprint(found.n_new)")
    assert "1\n" in [each["content"].get("text") for each in listed]
