"""Every cell of the page on datasets runs, from top to bottom, and refuses what it says."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "datasets.md"
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
    assert notebook.names["back"].frame.equals(notebook.names["split"]["train"])


def test_every_verb_of_the_page_exists():
    from qforge_jupyter.verbs import VERBS

    text = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"^%{1,2}qforge ([a-z]+)", text, re.MULTILINE)) <= set(VERBS.names())
