"""Every cell of the page on diversity runs, from top to bottom."""

from page_cells import run_page


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "diversity.md")
    names = notebook.names
    # A third of these rows have twins by nature, which is not held against the candidate.
    memorised = names["sound"].measure("memorised rows")
    assert abs(memorised.candidate.value - memorised.reference.value) < 0.05
    assert "less diverse than real" in repr(names["poor"])
