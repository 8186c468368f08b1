"""Every cell of the page on harvesting runs, and the page says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from qforge_jupyter.engine.collectors._roles import OWN
from tests.flows.conftest import Notebook

PAGE = Path(__file__).resolve().parents[2] / "docs" / "harvesting.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run_page(notebook: Notebook) -> None:
    blocks = BLOCK.findall(TEXT)
    for (kind, text), (below, said) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "text":
            continue
        is_lines = not kind and not text.startswith("%%")
        for cell in text.splitlines() if is_lines else [text]:
            if below == "text":
                problem, _ = notebook.fail(cell)
                assert f"{type(problem).__name__}: {problem}".startswith(said.strip())
            else:
                notebook.run(cell)


def test_the_page_runs_from_top_to_bottom(notebook: Notebook):
    notebook.run("%qforge use ./lab")
    run_page(notebook)
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
    assert [name for name in OWN if f"`{name}`" not in TEXT] == []
