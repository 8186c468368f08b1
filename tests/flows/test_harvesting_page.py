"""Every cell of the page on harvesting runs, and the page says what the code does."""

import polars as pl
from page_cells import run_page, text_of

from qforge_jupyter.engine.collectors._roles import OWN


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "harvesting.md")
    decisions = notebook.names["decisions"]
    funnel, again, more = (notebook.names[name] for name in ("funnel", "again", "more"))
    is_good = (pl.col("confidence") >= 0.8) & (pl.col("score") >= 75)
    n_good = decisions.filter(is_good, pl.col("outcome") == "confirmed").height
    assert (funnel.n_new, again.n_new) == (n_good, 0)
    assert 0 < more.n_new < n_good
    assert more.n_before == funnel.n_new
    assert notebook.names["everything"].n_new == n_good
    late = notebook.names["recent"].examples["source_decision_id"]
    assert late.to_list() == [each for each in funnel.examples["source_decision_id"] if each > 400]


def test_the_page_names_every_column_of_an_example():
    assert [name for name in OWN if f"`{name}`" not in text_of("harvesting.md")] == []
