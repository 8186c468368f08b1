"""Every cell of the page on comparing runs, and it names every statistic."""

from page_cells import run_page, text_of

from qforge_jupyter.engine.comparing.measuring import NAMES


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "comparing.md")


def test_the_page_names_every_statistic():
    page = text_of("comparing.md")
    assert [] == [name for name in (*NAMES, "share_within", "coverage") if f"`{name}`" not in page]
