"""Every cell of the page on predictions runs, and it names every kind of failure."""

from typing import get_args

from page_cells import run_page, text_of

from qforge_jupyter.results.calculation import FailureKind

#: Kinds that only a calculation meets.
OF_CALCULATIONS = {"invalid_electrons", "scf_not_converged", "timeout"}


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "predicting.md")


def test_the_page_names_every_kind_of_failure():
    page = text_of("predicting.md")
    kinds = set(get_args(FailureKind)) - OF_CALCULATIONS
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in page] == []
