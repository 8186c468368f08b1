"""Every cell of the page on cascades runs, from top to bottom."""

from page_cells import run_page


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "cascade.md")
    names = notebook.names
    assert names["curve"].gap.low > 0.02
    assert "generation" in repr(names["future"])
