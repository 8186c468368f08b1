"""A kernel that is busy or killed, before the real store: no label is lost, none counts twice."""

import os
import signal

import pytest
from bench import Bench
from notebooks import IDLE, n_cells, run_cell
from stored import cell, said

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: Computes until the test has seen its labels in the store.
BUSY = """import pathlib, time
until = time.monotonic() + 120
while time.monotonic() < until and not pathlib.Path({seen!r}).exists(): pass"""


def answers(*values: str):
    """Give what the store holds where the items were answered one after the other."""
    return [(f"[{n}]", "answer", value) for n, value in enumerate(values)]


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_busy_kernel_saves_labels_meanwhile(page, server, place, app):
    bench = Bench(page, server, f"busy-{app}", app)
    seen = bench.folder / "seen"
    bench.open(cell(place), BUSY.format(seen=str(seen)))
    run_cell(page, 1)
    page.wait_for_timeout(500)
    bench.root.focus()
    bench.press("a", "c", "a")
    bench.saved(3)
    assert answers("A", "C", "A") == said(place)
    assert page.locator(".jp-InputPrompt", has_text="[*]").count() == 1  # the cell goes on
    seen.touch()
    page.locator(".jp-InputPrompt", has_text="[*]").wait_for(state="detached", timeout=120_000)
    bench.assert_nothing_leaked()


def test_a_killed_kernel_is_said_and_labeling_goes_on_when_the_cell_runs_again(page, server, place):
    bench = Bench(page, server, "killed").open(cell(place))
    bench.press("a", "c")
    bench.saved(2)
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("Not connected to a kernel", 30)
    bench.root.focus()
    bench.press("c")
    bench.says("Every label that you gave is saved")
    page.wait_for_function(IDLE, timeout=120_000)
    page.keyboard.press("Escape")
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.get_by_role("button", name="Run the cell again").click()
    bench.ready()
    bench.item(3)
    bench.press("c")
    bench.saved(1)
    assert answers("A", "C", "C") == said(place)
    assert bench.n_cells == n_cells(page)


def test_labels_that_a_killed_kernel_left_unsaved_are_sent_when_the_cell_runs_again(
    page, server, place
):
    bench = Bench(page, server, "unsaved")
    bench.open("None", cell(place), BUSY.format(seen=str(bench.folder / "seen")))
    page.evaluate(
        """() => {
          const session = window.jupyterapp.shell.currentWidget.sessionContext.session;
          session.kernel.commsOverSubshells = 'disabled';
        }"""
    )
    run_cell(page, 1)
    bench.ready()
    bench.press("a")
    bench.saved(1)
    run_cell(page, 2)
    page.wait_for_timeout(700)
    bench.root.focus()
    bench.press("c", "a")
    bench.says("1 saved · 2 waiting for the kernel")
    page.locator(".qfl-ledger", has_text="does not answer").wait_for(timeout=10_000)
    assert answers("A") == said(place)
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("2 labels are not saved: kept here, and sent when the cell runs again", 30)
    page.wait_for_function(IDLE, timeout=120_000)
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog button.jp-mod-accept").click()
    run_cell(page, 0)
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Run the cell again").click()
    bench.saved(2)
    assert answers("A", "C", "A") == said(place)
