"""What a real kernel sends: results, errors in one sentence, interrupts that keep what is done."""

import os
import queue
import time

import pytest
from jupyter_client.manager import KernelManager

LOAD = "%load_ext qforge_jupyter\n%qforge use {folder}"


class Kernel:
    """A kernel with the extension, asked cell by cell."""

    def __init__(self, manager, client) -> None:
        self.manager = manager
        self.client = client

    def ask(self, code, *, timeout_s=240, on_output=None):
        """Run a cell and give its messages by type."""
        asked = self.client.execute(code)
        found: dict[str, list[dict]] = {}
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return found
            found.setdefault(kind, []).append(content)
            if on_output is not None:
                on_output(kind)
        raise TimeoutError(code)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(
        cwd=str(folder),
        env={**os.environ, "QFORGE_TRACKER": "none", "PYTHONPATH": os.pathsep.join(_paths())},
    )
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=240)
    kernel = Kernel(manager, client)
    kernel.ask(LOAD.format(folder=folder / "lab"))
    yield kernel
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def _paths():
    return [os.getcwd(), *filter(None, [os.environ.get("PYTHONPATH")])]  # noqa: PTH109


def test_a_result_comes_as_text_page_and_json(kernel):
    kernel.ask("rows = [{'x': 1.0}, {'x': None}]")
    sent = kernel.ask(
        "%%qforge score rows\nrequired: [x]\nweights: {completeness: 1, validity: 0, "
        "consistency: 0, uniqueness: 0}"
    )
    data = sent["execute_result"][0]["data"]
    assert {"text/plain", "text/html", "application/vnd.qforge.result+json"} == set(data)


def test_a_fault_is_one_sentence_with_its_place(kernel):
    sent = kernel.ask("%%qforge score rows\nrequird: [x]")
    assert [
        "DataError: line 2: No key 'requird' in score: did you mean 'required'?",
        "    requird: [x]",
        "    ^",
    ] == sent["error"][0]["traceback"]


def test_debug_keeps_the_traceback(kernel):
    sent = kernel.ask("%qforge score nothing_here --debug")
    assert "Traceback" in "".join(sent["error"][0]["traceback"])


def test_an_interrupt_keeps_what_is_done_and_says_what(kernel):
    started = []

    def interrupt(kind):
        if kind in ("display_data", "update_display_data") and not started:
            started.append(kind)
            kernel.manager.interrupt_kernel()

    chain = "'C' * (20 + i % 5)"
    kernel.ask(f"chains = [{chain} for i in range(400)]")
    sent = kernel.ask("%qforge calculate chains into done", on_output=interrupt)
    assert started
    assert sent["error"][0]["ename"] == "Interrupted"
    assert "what was done is kept" in sent["error"][0]["evalue"]
    counted = kernel.ask("print(0 < len(done) < 400, done.is_interrupted)")
    assert "True True\n" == counted["stream"][0]["text"]


def test_the_next_cell_works_and_the_run_is_kept_as_interrupted(kernel):
    sent = kernel.ask(
        "%%qforge sql into kept\nselect status from qforge.run where verb = 'calculate'"
    )
    assert "error" not in sent
    told = kernel.ask("print(kept['status'].to_list())")
    assert "['interrupted']\n" == told["stream"][0]["text"]


def test_help_is_asked_with_a_question_mark(kernel):
    sent = kernel.ask("%qforge certify?")
    assert "approve-lineage" in sent["execute_result"][0]["data"]["text/plain"]
