"""A dashboard in a real JupyterLab: its numbers change while people label, and nobody asks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from notebooks import open_notebook, run_cell
from pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
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
BUSY = "import time; time.sleep(60)"
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
    subprocess.run(code, check=True, timeout=120, env=environment)  # noqa: S603 — our own code


def opened(page, server, name, lab):
    name = f"board-{name}"
    server.write(f"{name}.ipynb", COMMIT.format(lab=lab), DASHBOARD, LABEL, BUSY)
    open_notebook(page, server, f"{name}.ipynb")
    run_cell(page, 0)
    run_cell(page, 1)
    root = page.locator(".qfd").first
    root.wait_for(timeout=120_000)
    root.scroll_into_view_if_needed()  # out of sight it asks nothing
    page.locator(".qfd[data-phase=live]").first.wait_for(timeout=120_000)
    return root


def tile(page, name, value, timeout_s=60):
    """Wait until a tile says so."""
    found = page.locator(".qfd-tile", has_text=name).locator("b", has_text=value)
    found.first.wait_for(timeout=timeout_s * 1000)


def turn_to(root, name):
    root.get_by_role("tab", name=name).click()
    return root.get_by_role("tabpanel")


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
    assert "60 of 90 rows labeled, 60 answers" in root.locator("[aria-live]").inner_text()
    elsewhere(lab, "cy", 60, 2)
    tile(page, "Answers", "120")
    collect = root.locator(".qfd-collect li").first.inner_text()
    assert "tier = '<b>C</b>' and industry = 'retail'" in collect
    assert "0 rows" in collect
    panel = turn_to(root, "Agreement")
    panel.get_by_text("Krippendorff's alpha, nominal").wait_for()
    panel = turn_to(root, "Labelers")
    panel.get_by_role("combobox").select_option("bob")
    tile(page, "Labels", "60")
    assert [] == dialogs


def test_the_label_widget_on_the_same_page_moves_it(page, server, tmp_path):
    root = opened(page, server, "same", tmp_path / "lab")
    run_cell(page, 2)
    page.locator(".qfl[data-phase=ready]").first.wait_for(timeout=120_000)
    page.locator(".qfl[data-phase=ready]").first.focus()
    for key in "aca":
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    root.scroll_into_view_if_needed()
    tile(page, "Rows labeled", "3")


def test_it_counts_on_while_a_cell_runs(page, server, tmp_path):
    lab = tmp_path / "lab"
    root = opened(page, server, "busy", lab)
    run_cell(page, 3)
    running = page.locator(".jp-InputPrompt", has_text="[*]")
    running.first.wait_for(timeout=30_000)
    root.scroll_into_view_if_needed()  # out of sight it asks nothing
    elsewhere(lab, "bob", 7, 1)
    tile(page, "Rows labeled", "7", timeout_s=30)
    assert "live" in root.locator(".qfd-state").inner_text()
    assert 1 == running.count()


def test_it_is_reached_by_keys_and_clean_by_axe_in_light_and_dark(page, server, tmp_path):
    lab = tmp_path / "lab"
    root = opened(page, server, "axe", lab)
    elsewhere(lab, "bob", 40, 1)
    elsewhere(lab, "cy", 40, 2)
    tile(page, "Answers", "80")
    page.add_script_tag(path=str(AXE))
    root.get_by_role("tab", name="Overview").focus()
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
            theme,
        )
        page.wait_for_timeout(1500)
        root.get_by_role("tab", name="Overview").focus()
        for name in ("Overview", "Classes", "Agreement", "Labelers", "Coverage", "Model", "Growth"):
            assert name == page.evaluate("() => document.activeElement.textContent")
            found = page.evaluate("() => axe.run(document.querySelector('.qfd'))")
            wrong = [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]
            assert [] == wrong, json.dumps(wrong)
            picture(root, f"dashboard-{theme.split()[-1]}-{name}")
            page.keyboard.press("ArrowRight")


def test_a_kernel_that_is_gone_is_said(page, server, tmp_path):
    root = opened(page, server, "gone", tmp_path / "lab")
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.shutdown()"
    )
    state = root.locator(".qfd-old")
    state.wait_for(timeout=60_000)
    assert state.inner_text().startswith("as of ")
    assert "kernel" in state.inner_text()
    assert "Rows labeled" in root.inner_text()
