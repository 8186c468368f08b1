"""A kernel that is busy, killed or left behind by a reload: no label and no draft is lost."""

import os
import signal
import time

import pytest
from bench import CHOICE, Bench
from notebooks import IDLE, n_cells, run_cell

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

BUSY = "import time; until = time.monotonic() + 6\nwhile time.monotonic() < until: pass"


def test_a_busy_kernel_saves_labels_meanwhile(page, server):
    bench = Bench(page, server, "busy").open(CHOICE, BUSY)
    run_cell(page, 1)
    page.wait_for_timeout(500)
    started = time.monotonic()
    bench.root.focus()
    bench.press("1", "2", "3")
    bench.events(3, timeout_s=5)
    assert time.monotonic() - started < 5  # the cell takes six
    bench.assert_nothing_leaked()


def test_a_killed_kernel_is_said_and_labeling_goes_on_when_the_cell_runs_again(page, server):
    bench = Bench(page, server, "killed").open(CHOICE)
    bench.press("1", "2")
    bench.events(2)
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("Not connected to a kernel", 30)
    bench.root.focus()
    bench.press("3")
    bench.says("Every label that you gave is saved")
    page.wait_for_function(IDLE, timeout=120_000)
    page.keyboard.press("Escape")
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.get_by_role("button", name="Run the cell again").click()
    bench.ready()
    page.locator(".qfl-count", has_text="Item 3 ").wait_for()
    bench.press("3")
    events = bench.events(3)
    assert ["k0", "k1", "k2"] == [each["key"] for each in events]
    assert bench.n_cells == n_cells(page)


def test_labels_that_a_killed_kernel_left_unsaved_are_sent_when_the_cell_runs_again(page, server):
    bench = Bench(page, server, "unsaved").open("None", CHOICE, BUSY.replace("6", "60"))
    page.evaluate(
        """() => {
          const session = window.jupyterapp.shell.currentWidget.sessionContext.session;
          session.kernel.commsOverSubshells = 'disabled';
        }"""
    )
    run_cell(page, 1)
    bench.ready()
    bench.press("1")
    bench.events(1)
    run_cell(page, 2)
    page.wait_for_timeout(700)
    bench.root.focus()
    bench.press("2", "3")
    bench.says("1 saved · 2 waiting for the kernel")
    page.locator(".qfl-ledger", has_text="does not answer").wait_for(timeout=10_000)
    assert 1 == len(bench.events(1))
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("2 labels are not saved: kept here, and sent when the cell runs again", 30)
    page.wait_for_function(IDLE, timeout=120_000)
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog button.jp-mod-accept").click()
    run_cell(page, 0)
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Run the cell again").click()
    events = bench.events(3)
    assert [("k1", "B"), ("k2", "C")] == [(e["key"], e["answers"]["tier"]) for e in events[1:]]
    page.locator(".qfl-ledger", has_text="2 saved").wait_for()


def test_a_reloaded_page_goes_on_where_it_was(page, server):
    bench = Bench(page, server, "reload").open(CHOICE)
    bench.press("1", "2", "3")
    bench.events(3)
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.locator(".qfl[data-phase=ready]").first.wait_for(timeout=120_000)
    page.locator(".qfl-count", has_text="Item 4 ").wait_for()
    page.locator(".qfl").first.focus()
    bench.press("1")
    assert "k3" == bench.events(4)[3]["key"]
