"""Run the cells of a page of the documentation, from top to bottom."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(page):
    return (DOCS / page).read_text(encoding="utf-8")


def run_page(notebook, page):
    """Run every cell in a new workspace; one with a block of text below it has to fail so."""
    notebook.run("%qforge use ./lab")
    for cell, refusal in _cells(text_of(page)):
        if refusal:
            problem, _ = notebook.fail(cell)
            assert f"{type(problem).__name__}: {problem}".startswith(refusal)
        else:
            notebook.run(cell)


def _cells(text):
    blocks = _BLOCK.findall(text)
    for (kind, code), (below, said) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "text":
            continue
        is_lines = not kind and not code.startswith("%%")
        for cell in code.splitlines() if is_lines else [code]:
            yield cell, said.strip() if below == "text" else ""
