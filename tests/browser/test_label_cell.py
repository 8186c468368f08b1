"""`%%qforge label` in a real JupyterLab: what the keys say stands in the store."""

import polars as pl
import pytest
from notebooks import open_notebook, ran_cell, run_cell
from playwright.sync_api import expect
from waiting import saved

import qforge_jupyter as qf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

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


def test_a_cell_opens_the_widget_and_its_labels_are_in_the_store(page, server, tmp_path):
    lab = tmp_path / "lab"
    server.write("label.ipynb", COMMIT.format(lab=lab), LABEL)
    open_notebook(page, server, "label.ipynb", "lab")
    run_cell(page, 0)
    run_cell(page, 1)
    root = page.locator(".qfl[data-phase=ready]").first
    root.wait_for()
    # The page that a saved notebook still shows stands before the widget.
    static = page.locator(".jp-OutputArea", has_text="Labeling contacts: 0 of 6 items labeled")
    static.first.wait_for()
    expect(root).to_contain_text("Title 0 <b>")
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
    ran_cell(page, 1)
    expect(page.locator(".qfl-ledger")).to_have_text("0 saved")  # by the widget that is there now
    page.locator(".qfl-count", has_text="Item 3 ").wait_for()
