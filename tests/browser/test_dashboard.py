"""A dashboard in a real JupyterLab: its numbers change while people label, and nobody asks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from accessibility import violations
from notebooks import change_theme, open_notebook, run_cell
from pictures import picture
from playwright.sync_api import expect
from waiting import saved

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
COMMIT = """%load_ext qforge_jupyter
%qforge use {lab}
import polars as pl
rows = pl.DataFrame({{
    "id": range(90),
    "title": [f"Title {{n}} <b>" for n in range(90)],
    "industry": [("retail", "<img src=x onerror=alert(1)>", "tech")[n % 3] for n in range(90)],
    "score": [float(n) for n in range(90)],
}})
%qforge commit rows to contacts by id
"""
DASHBOARD = "%qforge dashboard contacts into board\n"
LABEL = """%%qforge label contacts as alice into labeling
show: "**{title}**"
choose tier: {a: A, c: "<b>C</b>"}
"""
#: Runs until the test has seen what it wants to see.
BUSY = """import pathlib, time
until = time.monotonic() + 300
while time.monotonic() < until and not pathlib.Path({seen!r}).exists(): time.sleep(0.1)"""
#: Another process labels, as another person at another notebook would.
ELSEWHERE = """
import sys
import qforge_jupyter as qf
with qf.open(sys.argv[1], tracker="none", actor=sys.argv[2]) as ws:
    body = {"choose tier": {"a": "A", "c": "<b>C</b>"}, "overlap": 2}
    labeling = ws.label("contacts", as_=sys.argv[2], **body)
    for n in range(int(sys.argv[3])):
        item = labeling.next()
        is_retail = int(item.key[1:-1]) % 3 == 0
        said = "A" if is_retail or n % 5 == int(sys.argv[4]) else "<b>C</b>"
        labeling.answer(item, tier=said, confidence=0.5)
"""


def elsewhere(lab, who, n, odd):
    code = [sys.executable, "-c", ELSEWHERE, str(lab), who, str(n), str(odd)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(code, check=True, timeout=300, env=environment)  # noqa: S603 — our own code


def opened(page, server, name, lab):
    name = f"board-{name}"
    busy = BUSY.format(seen=str(lab.parent / "seen"))
    server.write(f"{name}.ipynb", COMMIT.format(lab=lab), DASHBOARD, LABEL, busy)
    open_notebook(page, server, f"{name}.ipynb")
    run_cell(page, 0)
    run_cell(page, 1)
    root = page.locator(".qfd").first
    root.wait_for()
    root.scroll_into_view_if_needed()  # out of sight it asks nothing
    page.locator(".qfd[data-phase=live]").first.wait_for()
    return root


def tile(page, name, value):
    """Wait until a tile says so."""
    found = page.locator(".qfd-tile", has_text=name).locator("b", has_text=value)
    found.first.wait_for()


def turn_to(root, name):
    root.get_by_role("tab", name=name).click()
    return root.get_by_role("tabpanel", name=name)


def test_numbers_change_while_others_label_and_nobody_presses_anything(page, server, tmp_path):
    lab = tmp_path / "lab"
    dialogs = []
    page.on("dialog", lambda each: (dialogs.append(each.message), each.accept()))
    root = opened(page, server, "others", lab)
    tile(page, "Rows labeled", "0")
    static = page.locator(".jp-OutputArea", has_text="Nobody has labeled it yet")
    static.first.wait_for()
    elsewhere(lab, "bob", 60, 1)
    tile(page, "Rows labeled", "60")
    expect(root.locator("[aria-live]")).to_contain_text("60 of 90 rows labeled, 60 answers")
    elsewhere(lab, "cy", 60, 2)
    tile(page, "Answers", "120")
    collect = root.locator(".qfd-collect li").first
    expect(collect).to_contain_text("tier = '<b>C</b>' and industry = 'retail'")
    expect(collect).to_contain_text("0 rows")
    panel = turn_to(root, "Agreement")
    panel.get_by_text("Krippendorff's alpha, nominal").wait_for()
    panel = turn_to(root, "Labelers")
    panel.get_by_role("combobox").select_option("bob")
    tile(page, "Labels", "60")
    assert [] == dialogs


def test_the_label_widget_on_the_same_page_moves_it(page, server, tmp_path):
    root = opened(page, server, "same", tmp_path / "lab")
    run_cell(page, 2)
    page.locator(".qfl[data-phase=ready]").first.wait_for()
    page.locator(".qfl[data-phase=ready]").first.focus()
    for n, key in enumerate("aca", 1):
        page.keyboard.press(key)
        saved(page, n)
    root.scroll_into_view_if_needed()
    tile(page, "Rows labeled", "3")


def test_it_counts_on_while_a_cell_runs(page, server, tmp_path):
    lab = tmp_path / "lab"
    root = opened(page, server, "busy", lab)
    run_cell(page, 3)
    running = page.locator(".jp-InputPrompt", has_text="[*]")
    running.first.wait_for()
    root.scroll_into_view_if_needed()  # out of sight it asks nothing
    elsewhere(lab, "bob", 7, 1)
    tile(page, "Rows labeled", "7")
    expect(root.locator(".qfd-state")).to_contain_text("live")
    assert 1 == running.count()
    (tmp_path / "seen").touch()


def test_it_is_reached_by_keys_and_clean_by_axe_in_light_and_dark(page, server, tmp_path):
    lab = tmp_path / "lab"
    root = opened(page, server, "axe", lab)
    elsewhere(lab, "bob", 40, 1)
    elsewhere(lab, "cy", 40, 2)
    tile(page, "Answers", "80")
    for theme in ("Light", "Dark"):
        change_theme(page, theme)
        root.get_by_role("tab", name="Overview").focus()
        for name in ("Overview", "Classes", "Agreement", "Labelers", "Coverage", "Model", "Growth"):
            expect(root.get_by_role("tab", name=name)).to_be_focused()
            expect(root.get_by_role("tabpanel", name=name)).to_be_visible()
            assert [] == violations(page, ".qfd")
            picture(root, f"dashboard-{theme}-{name}")
            page.keyboard.press("ArrowRight")


def test_a_kernel_that_is_gone_is_said(page, server, tmp_path):
    root = opened(page, server, "gone", tmp_path / "lab")
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.shutdown()"
    )
    state = root.locator(".qfd-old")
    expect(state).to_have_text(re.compile("^as of .*kernel"))
    expect(root).to_contain_text("Rows labeled")
