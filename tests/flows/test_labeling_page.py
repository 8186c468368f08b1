"""Every cell of the page on labeling runs, from top to bottom, and refuses what it says."""

from page_cells import run_page, text_of


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "labeling.md")
    frame = notebook.run("%qforge checkout contacts").frame
    assert ["A", "B", "C", "B"] == frame["tier"].to_list()[:4]


def test_every_verb_and_kind_of_question_is_on_the_page():
    from qforge_jupyter.labeling.plan import Order
    from qforge_jupyter.labeling.protocol import KINDS as REQUESTS
    from qforge_jupyter.labeling.questions import KINDS

    text = " ".join(text_of("labeling.md").split())
    words = (*KINDS, *REQUESTS, *Order.__args__)
    assert [word for word in words if f"`{word}`" not in text] == []
