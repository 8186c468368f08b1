"""A verdict in a real JupyterLab: looked into, acted upon and left, with keys and a pointer."""

import pytest
from accessibility import violations
from notebooks import change_theme, close_notebook, open_notebook, run_cell
from pictures import picture
from playwright.sync_api import expect
from waiting import drawn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

HOSTILE = "<img src=x onerror=alert(1)>"
TABLES = """%load_ext qforge_jupyter
%qforge use {lab}
import numpy as np, polars as pl
chance = np.random.default_rng(3)
def people(n, spread=1.0):
    age = 45 + 14 * spread * chance.normal(size=n)
    income = 900 + 30 * (age - 45) * spread + 250 * spread * chance.normal(size=n)
    plan = np.where(chance.random(n) < 0.3, {hostile!r}, np.where(age > 50, "B", "A"))
    return pl.DataFrame({{
        "id": np.arange(n), "age": age, "income": income, {hostile!r}: plan,
        "visits": chance.poisson(2, size=n),
    }})
real, synth = people(700), people(500, 0.45)
"""
CHECK = "%qforge check synth against real into verdict\n"
FOUND = "print(culprits.rows.height, trial.gain.after > trial.gain.before, plan.entries[0].name)\n"
#: Runs until the test has seen what it wants to see.
BUSY = """import pathlib, time
until = time.monotonic() + 300
while time.monotonic() < until and not pathlib.Path({seen!r}).exists(): time.sleep(0.1)"""


class Opened:
    """One notebook with the widget of a verdict."""

    def __init__(self, page, server, name) -> None:
        self.page, self.server, self.name = page, server, name
        self.folder = server.folder / name
        self.folder.mkdir()
        self.dialogs = []
        page.on("dialog", self.hear)
        source = TABLES.format(lab=str(self.folder / "lab"), hostile=HOSTILE)
        self.seen = self.folder / "seen"
        server.write(f"{name}.ipynb", source, CHECK, FOUND, BUSY.format(seen=str(self.seen)))
        open_notebook(page, server, f"{name}.ipynb")
        run_cell(page, 0)
        run_cell(page, 1)
        page.locator(".qfv[data-phase=ready]").first.wait_for(timeout=240_000)

    def hear(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.accept()

    @property
    def root(self):
        return self.page.locator(".qfv").first

    def turn_to(self, name):
        self.root.get_by_role("tab", name=name, exact=True).click()

    def find_rows(self):
        self.turn_to("Rows")
        self.root.get_by_role("button", name="Find rows to look at").click()
        self.root.locator("table.qfv-rows").wait_for(timeout=240_000)

    def close(self):
        self.page.remove_listener("dialog", self.hear)
        close_notebook(self.page, f"{self.name}.ipynb")


@pytest.fixture(scope="module")
def opened(lab_page, server):
    """One verdict that several tests look at."""
    made = Opened(lab_page, server, "verdict")
    yield made
    made.close()


def test_the_verdict_comes_first_with_its_rate_of_false_alarms(opened):
    said = "collapsed (of sound data at most a share of 0.05 is called so)"
    expect(opened.root.locator(".qfv-verdict")).to_contain_text(said)
    opened.page.locator(".jp-OutputArea .qf-doc", has_text="fit to train on?").first.wait_for()


def test_keys_alone_choose_a_dimension_and_a_column(opened):
    page, root = opened.page, opened.root
    cells = page.locator(".jp-Cell").count()
    root.get_by_role("tab", name="Dimensions", exact=True).focus()
    page.keyboard.press("1")
    bars = root.locator(".qfv-bars [role=tab]")
    expect(bars).to_have_count(8)
    root.locator(".qfv-bars [aria-selected=true]").focus()
    page.keyboard.press("Home")
    expect(bars.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(root.locator(".qfv-panel h4")).to_contain_text("correlation")
    expect(root.get_by_role("tab", name="correlation: ")).to_be_focused()
    page.keyboard.press("2")
    root.locator(".qfv-overlay").wait_for()
    before = root.locator(".qfv-overlay b").inner_text()
    for key in ("Tab", "Tab", "Tab", "Tab"):
        page.keyboard.press(key)
        if "Next" == page.evaluate("() => document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    root.locator(".qfv-overlay b").filter(has_not_text=before).wait_for()
    for key in ("a", "b", "d", "d", "0", "0"):  # cells would be added, deleted, the kernel ended
        page.keyboard.press(key)
    drawn(page)
    assert cells == page.locator(".jp-Cell").count()
    assert 0 == page.locator(".jp-Dialog").count()


def test_rows_are_found_paged_and_handed_on(opened):
    root = opened.root
    opened.find_rows()
    root.get_by_role("status").filter(has_text="1–10 of 200").wait_for()
    first = root.locator("table.qfv-rows tbody th").first.inner_text()
    root.get_by_role("button", name="Next rows").click()
    root.get_by_role("status").filter(has_text="11–20 of 200").wait_for()
    assert first != root.locator("table.qfv-rows tbody th").first.inner_text()
    expect(root.locator(".qfv-code").first).to_contain_text("%%qforge label culprits by row")
    region = root.locator(".qfv-regions button").first
    rule = region.inner_text()
    region.click()
    root.locator(".qfv-code", has_text="where").first.wait_for()
    expect(root.locator(".qfv-code").first).to_contain_text(rule)


def test_names_and_cells_of_anybody_are_text(opened):
    opened.turn_to("Columns")
    select = opened.root.locator("select")
    select.select_option(label=HOSTILE)
    opened.root.locator(".qfv-overlay b", has_text=HOSTILE).wait_for()
    expect(opened.root.locator(".qfv-levels")).to_contain_text(HOSTILE)
    assert 0 == opened.root.locator("img").count()
    assert [] == opened.dialogs


def test_a_fix_is_tried_applied_and_checked_again_and_all_of_it_is_in_the_kernel(opened):
    page, root = opened.page, opened.root
    opened.turn_to("Fixes")
    root.get_by_role("button", name="Try fixes").click()
    root.locator(".qfv-work").wait_for()
    picture(opened.root, "verdict-working")
    root.locator(".qfv-plan li").first.wait_for(timeout=240_000)
    root.get_by_role("button", name="Apply: ").first.click()
    root.get_by_text("Checked again:").wait_for(timeout=240_000)
    expect(root.locator(".qfl-card", has_text="Applied")).to_contain_text("kept as trial")
    run_cell(page, 2)
    page.locator(".jp-OutputArea-output pre", has_text="200 True ").wait_for()


def test_it_is_clean_by_axe_in_light_and_dark(opened):
    for theme in ("Light", "Dark"):
        change_theme(opened.page, theme)
        for name in ("Dimensions", "Columns", "Rows", "Fixes"):
            opened.turn_to(name)
            expect(opened.root).not_to_contain_text("Asking the kernel")
            picture(opened.root, f"verdict-{theme}-{name}")
            assert [] == violations(opened.page, ".qfv")


def test_it_answers_while_a_cell_runs(opened):
    page = opened.page
    run_cell(page, 3)
    page.locator(".jp-InputPrompt", has_text="[*]").first.wait_for()
    opened.turn_to("Columns")
    for column in ("income", "visits", "age"):  # one of them at least has not been told before
        opened.root.locator("select").select_option(label=column)
        opened.root.locator(".qfv-overlay b", has_text=column).wait_for()
    picture(opened.root, "verdict-numbers")
    assert 1 == page.locator(".jp-InputPrompt", has_text="[*]").count()
    opened.seen.touch()


def test_a_kernel_that_is_gone_is_said_and_nothing_is_promised(page, server):
    made = Opened(page, server, "verdict-gone")
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.shutdown()"
    )
    alert = made.root.get_by_role("alert")
    expect(alert).to_have_text("The kernel is gone: run the cell again")
    made.turn_to("Rows")
    expect(made.root.get_by_role("button", name="Find rows to look at")).to_be_disabled()
    expect(made.root.locator(".qfv-verdict")).to_contain_text("collapsed")


def test_work_is_stopped_and_what_was_done_is_shown(page, server):
    made = Opened(page, server, "verdict-stop")
    made.turn_to("Fixes")
    made.root.get_by_role("button", name="Try fixes").click()
    page.wait_for_function("document.querySelector('.qfv-work')?.innerText.includes('verified')")
    made.root.get_by_role("button", name="Stop").click()
    made.root.locator(".qfv-stopped").wait_for()
    made.root.locator(".qfv-plan li").first.wait_for()
    expect(made.root).to_contain_text("fixes were not tried or not verified")
