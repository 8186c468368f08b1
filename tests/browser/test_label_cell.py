"""`%%qforge label` in a real JupyterLab: what the keys say stands in the store."""

import runpy
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import sync_playwright

import qforge_jupyter as qf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PARTS = runpy.run_path(str(Path(__file__).with_name("notebooks.py")))
CHROMIUM = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
COMMIT = """%load_ext qforge_jupyter
%qforge use {lab}
import polars as pl
rows = pl.DataFrame({{"id": range(6), "title": [f"Title {{n}} <b>" for n in range(6)]}})
%qforge commit rows to contacts by id
"""
LABEL = """%%qforge label contacts as alice into labeling
show: "**{title}**"
choose tier: {a: A, c: C}
"""


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("QFORGE_TRACKER", "none")
    made = PARTS["Server"](tmp_path)
    yield made
    made.stop()


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        path = PARTS["chromium_path"]()
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM.split())
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        yield page
        browser.close()


def saved(page, n):
    page.locator(".qfl-ledger", has_text=f"{n} saved").first.wait_for(timeout=120_000)


def test_a_cell_opens_the_widget_and_its_labels_are_in_the_store(page, server, tmp_path):
    lab = tmp_path / "lab"
    server.write("label.ipynb", COMMIT.format(lab=lab), LABEL)
    PARTS["open_notebook"](page, server, "label.ipynb", "lab")
    PARTS["run_cell"](page, 0)
    PARTS["run_cell"](page, 1)
    root = page.locator(".qfl[data-phase=ready]").first
    root.wait_for(timeout=120_000)
    # The page that a saved notebook still shows stands before the widget.
    static = page.locator(".jp-OutputArea", has_text="Labeling contacts: 0 of 6 items labeled")
    static.first.wait_for()
    assert "Title 0 <b>" in root.inner_text()
    root.focus()
    for n, key in enumerate("aca", 1):
        page.keyboard.press(key)
        saved(page, n)
    page.keyboard.press("z")
    page.locator(".qfl-count", has_text="Item 3 ").wait_for()
    with qf.open(str(lab), tracker="none", actor="bob") as ws:
        bob = ws.label("contacts", as_="bob", **{"choose tier": {"a": "A", "c": "C"}})
        of_alice = bob.answers.filter(pl.col("labeler") == "alice")
        assert [("tier", "A"), ("tier", "C")] == of_alice.select("question", "value").rows()
    PARTS["run_cell"](page, 1)
    page.locator(".qfl[data-phase=ready]").first.wait_for(timeout=120_000)
    page.locator(".qfl-count", has_text="Item 3 ").first.wait_for()
