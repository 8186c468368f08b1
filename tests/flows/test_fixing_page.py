"""Every cell of the page on fixing runs, from top to bottom, and finds what it says."""

import re

from page_cells import run_page, text_of


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "fixing.md")
    assert "helps" in repr(notebook.names["plan"])


def test_every_fix_stands_on_the_page():
    from qforge_jupyter.engine.collapse.recommending.fixes import FIXES

    cells = re.findall(r"^\| (`[^|]+) \|", text_of("fixing.md"), re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`([a-z-]+)`", cell)}
    assert set(FIXES.names()) == named
