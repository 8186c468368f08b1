"""Every cell of the page on features runs, and it names every kind, fingerprint and problem."""

from page_cells import run_page, text_of

from qforge_jupyter.engine.featurizers import FEATURIZERS
from qforge_jupyter.results.feature_problems import KINDS


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "features.md")


def test_the_page_names_every_kind_of_problem_and_every_fingerprint():
    page = text_of("features.md")
    kinds = {name.replace("-", " ") for name in FEATURIZERS.names()} - {"rdkit descriptors"}
    assert [word for word in sorted({*KINDS, *kinds}) if f"| `{word}` |" not in page] == []
