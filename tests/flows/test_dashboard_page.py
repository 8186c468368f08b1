"""Every cell of the page on the dashboard runs, from top to bottom, and finds what it says."""

from page_cells import run_page, text_of


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "dashboard.md")
    before, board = notebook.names["before"], notebook.names["board"]
    assert {"pending": 240} == {name: n for name, n in before.status.rows() if n}
    assert "tier = 'A' and industry = 'retail'" in board.coverage["rule"].to_list()
    assert {"ann", "bob", "eve"} == set(board.labelers["labeler"])
    assert 0 < board.labelers["n_gold"].sum()
    assert notebook.names["reply"]["unchanged"]
    assert notebook.names["again"] is board


def test_every_table_of_the_result_is_on_the_page():
    from qforge_jupyter.results.dashboard import Dashboard

    text = text_of("dashboard.md")
    own = [name for name, each in vars(Dashboard).items() if isinstance(each, property)]
    assert [] == [
        name for name in own if name not in ("n_labeled", "tiers") and f"board.{name}" not in text
    ]
