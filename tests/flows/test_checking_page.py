"""Every cell of the page on checking runs, and the page names every dimension and key."""

from page_cells import run_page, text_of

from qforge_jupyter.engine.collapse.dimensions import COLLAPSE_DIMENSIONS
from qforge_jupyter.verbs.check import CheckBody


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "checking.md")


def test_the_page_names_every_dimension_and_key():
    page = text_of("checking.md")
    assert [name for name in COLLAPSE_DIMENSIONS.names() if f"| {name} |" not in page] == []
    keys = [name.replace("_", " ") for name in CheckBody.model_fields]
    assert [key for key in keys if f"| `{key}` |" not in page] == []
