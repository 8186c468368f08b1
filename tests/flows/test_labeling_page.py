"""Every cell of the page on labeling runs, from top to bottom, and refuses what it says."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "labeling.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def cells():
    """Give each cell with the beginning of the error that the page shows under it, if any."""
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    for (kind, text), (below, said) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "text":
            continue
        is_lines = not kind and not text.startswith("%%")
        for cell in text.splitlines() if is_lines else [text]:
            yield cell, said.strip() if below == "text" else ""


def test_the_page_runs_from_top_to_bottom(notebook):
    notebook.run("%qforge use ./lab")
    for cell, refusal in cells():
        if refusal:
            problem, _ = notebook.fail(cell)
            assert f"{type(problem).__name__}: {problem}".startswith(refusal)
        else:
            notebook.run(cell)
    frame = notebook.run("%qforge checkout contacts").frame
    assert ["A", "B", "C", "B"] == frame["tier"].to_list()[:4]


def test_every_verb_and_kind_of_question_is_on_the_page():
    from qforge_jupyter.labeling.plan import Order
    from qforge_jupyter.labeling.protocol import KINDS as REQUESTS
    from qforge_jupyter.labeling.questions import KINDS

    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    words = (*KINDS, *REQUESTS, *Order.__args__)
    assert [word for word in words if f"`{word}`" not in text] == []
