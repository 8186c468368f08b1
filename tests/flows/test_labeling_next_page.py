"""Every cell of the page on suggestions runs, from top to bottom, and finds what it says."""

import re

from page_cells import run_page, text_of


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "labeling-next.md")
    names = notebook.names
    found = names["doubts"].rows
    planted = found.filter(found["row"] % 10 == 4)
    assert planted.height >= 14
    assert planted.height / found.height >= 0.75
    assert names["doubts"].queue.columns == ["bottle", "score", "reason"]
    assert names["mending"].progress["n_left"] == 0
    corrected = notebook.run("%qforge checkout golden/wines").frame["cultivar"].to_list()
    assert planted.height == 18 - sum(
        one != other for one, other in zip(names["truth"], corrected, strict=True)
    )
    assert names["upcoming"].rows.height == 10
    assert not names["report"].missing
    unlike = next(each for each in names["report"].checks if each.name == "matches the outcome")
    assert unlike.n_failed == 18


def test_every_strategy_stands_on_the_page():
    from qforge_jupyter.engine.active_learning.strategies import STRATEGIES

    text = text_of("labeling-next.md")
    assert set(STRATEGIES.names()) == set(re.findall(r"^\| `([a-z-]+)`", text, re.MULTILINE))
