"""Every cell of the page on signatures runs, and the page names every mode that ships."""

from page_cells import run_page, text_of

from qforge_jupyter.engine.collapse.signatures.reference import reference


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "signatures.md")


def test_the_page_names_every_mode():
    page = text_of("signatures.md")
    assert [mode for mode in sorted(set(reference().modes.values())) if mode not in page] == []
