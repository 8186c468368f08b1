"""Every cell of the page on datasets runs, from top to bottom, and refuses what it says."""

import re

from page_cells import run_page, text_of


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "datasets.md")
    assert notebook.names["back"].frame.equals(notebook.names["split"]["train"])


def test_every_verb_of_the_page_exists():
    from qforge_jupyter.verbs import VERBS

    text = text_of("datasets.md")
    assert set(re.findall(r"^%{1,2}qforge ([a-z]+)", text, re.MULTILINE)) <= set(VERBS.names())
