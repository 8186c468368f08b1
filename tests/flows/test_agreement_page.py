"""Every cell of the page on agreement runs, from top to bottom, and says what the paper says."""

from page_cells import run_page


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "agreement.md")
    names = notebook.names
    assert (names["ratings"].height, names["report"].n_repeated) == (315, 90)
    assert names["alpha"].low < names["alpha"].value < names["alpha"].high

    labels = dict(names["labels"].select("item", "label").iter_rows())
    assert (labels[1], labels[11], labels[21]) == (1, 4, 2)
    assert names["quality"].height == 5
