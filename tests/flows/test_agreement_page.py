"""Every cell of the page on agreement runs, from top to bottom, and says what the paper says."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "agreement.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_runs_from_top_to_bottom(notebook):
    notebook.run("%qforge use ./lab")
    for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for cell in [text] if kind else text.splitlines():
            notebook.run(cell)
    names = notebook.names
    assert (names["ratings"].height, names["report"].n_repeated) == (315, 90)
    assert names["alpha"].low < names["alpha"].value < names["alpha"].high

    labels = dict(names["labels"].select("item", "label").iter_rows())
    assert (labels[1], labels[11], labels[21]) == (1, 4, 2)
    assert names["quality"].height == 5
