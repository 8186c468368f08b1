"""Every cell of the page on suggestions runs, from top to bottom, and finds what it says."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "labeling-next.md"
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
    names = notebook.names
    found = names["doubts"].rows
    planted = found.filter(found["row"] % 10 == 4)
    assert planted.height >= 14
    assert planted.height / found.height >= 0.75
    assert names["queue"].columns == ["bottle", "score", "reason"]
    assert names["upcoming"].rows.height == 10
    assert not names["report"].missing
    unlike = next(each for each in names["report"].checks if each.name == "matches the outcome")
    assert unlike.n_failed == 18


def test_every_strategy_stands_on_the_page():
    from qforge_jupyter.engine.active_learning.strategies import STRATEGIES

    text = PAGE.read_text(encoding="utf-8")
    assert set(STRATEGIES.names()) == set(re.findall(r"^\| `([a-z-]+)`", text, re.MULTILINE))
