"""A kernel that is busy or killed, before the real store: no label is lost, none counts twice."""

import os
import signal

import pytest
from bench import Bench
from notebooks import n_cells, ran_cell, restarted, run_cell
from playwright.sync_api import expect
from stored import cell, said
from waiting import becomes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: Computes until the test has seen its labels in the store.
BUSY = """import pathlib, time
until = time.monotonic() + 300
pathlib.Path({begun!r}).touch()
while time.monotonic() < until and not pathlib.Path({seen!r}).exists(): pass"""


def busy(bench):
    return BUSY.format(begun=str(bench.folder / "begun"), seen=str(bench.folder / "seen"))


def keep_busy(bench, n):
    """Run the cell that computes, and wait until it does."""
    run_cell(bench.page, n)
    becomes(bench.page, True, (bench.folder / "begun").exists)
    bench.root.focus()


def answers(*values: str):
    """Give what the store holds where the items were answered one after the other."""
    return [(f"[{n}]", "answer", value) for n, value in enumerate(values)]


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_busy_kernel_saves_labels_meanwhile(page, server, place, app):
    bench = Bench(page, server, f"busy-{app}", app)
    bench.open(cell(place), busy(bench))
    keep_busy(bench, 1)
    bench.answer("a", "c", "a")
    bench.saved(3)
    assert answers("A", "C", "A") == said(place)
    running = page.locator(".jp-InputPrompt", has_text="[*]")
    expect(running).to_have_count(1)  # the cell goes on
    (bench.folder / "seen").touch()
    running.wait_for(state="detached")
    bench.assert_nothing_leaked()


def test_a_killed_kernel_is_said_and_labeling_goes_on_when_the_cell_runs_again(page, server, place):
    bench = Bench(page, server, "killed").open(cell(place))
    bench.answer("a", "c")
    bench.saved(2)
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("Not connected to a kernel")
    restarted(page)
    bench.root.focus()
    bench.press("c")
    bench.says("Every label that you gave is saved")
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
    bench.open("None", cell(place), busy(bench))
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
    keep_busy(bench, 2)
    bench.answer("c", "a")
    bench.says("1 saved · 2 waiting for the kernel")
    page.locator(".qfl-ledger", has_text="does not answer").wait_for()
    assert answers("A") == said(place)
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("2 labels are not saved: kept here, and sent when the cell runs again")
    restarted(page)
    ran_cell(page, 0)
    page.get_by_role("button", name="Run the cell again").click()
    bench.saved(2)
    assert answers("A", "C", "A") == said(place)
