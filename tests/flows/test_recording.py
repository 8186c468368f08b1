"""Every call leaves a run: also the one that could not be read, bound or finished."""

from __future__ import annotations

import polars as pl
import pytest

from qforge_jupyter.context import Context
from qforge_jupyter.verbs import invoke
from qforge_jupyter.workspace import Workspace
from tests.flows.conftest import CARD, Notebook


def last_run(notebook: Notebook) -> dict[str, object]:
    return notebook.context.store.read_table("run").sort("started_at").row(-1, named=True)


@pytest.mark.parametrize(
    ("cell", "verb"),
    [
        ("%qforge score calcs --colour red", "score"),
        ("%qforge score", "score"),
        ("%qforge score 'calcs", "score"),
        ("%%qforge score calcs\nrangs: {}", "score"),
        ("%%qforge score calcs\na: [", "score"),
        ("%qforge report << outliers nothing", "outliers"),
        ("%qforge use mysql://x", "use"),
        ("%qforge help scor", "help"),
        ("%qforge sql", "sql"),
    ],
)
def test_a_call_that_cannot_be_read_or_bound_is_a_failed_run(
    notebook: Notebook, cell: str, verb: str
):
    notebook.run("%qforge use ./lab")
    notebook.sentence(cell)
    run = last_run(notebook)
    assert (verb, "failed", "data") == (run["verb"], run["status"], run["error_category"])
    assert notebook.context.store.read_table("run").height == 2


def test_help_and_use_are_runs(notebook: Notebook):
    notebook.run("%qforge use ./lab")
    notebook.run("%qforge help score")
    runs = notebook.context.store.read_table("run").sort("started_at")
    assert runs["verb"].to_list() == ["use", "help"]


def test_no_workspace_is_opened_for_a_mistake_or_for_help(notebook: Notebook):
    notebook.sentence("%qforge score calcs --colour red")
    notebook.run("%qforge help score")
    assert notebook.shell.magics_manager.registry["QforgeMagics"].context is None


def test_an_unknown_verb_is_no_run(notebook: Notebook):
    notebook.run("%qforge use ./lab")
    notebook.sentence("%qforge scor calcs")
    assert notebook.context.store.read_table("run").height == 1


def test_what_a_failed_call_says_is_kept_without_its_secret(notebook: Notebook):
    notebook.run("%qforge use ./lab")
    notebook.sentence("%qforge use postgresql+psycopg://ann:hunter2@localhost:1/x")
    kept = notebook.context.store.read_table("run").sort("started_at").row(-1)
    assert "hunter2" not in str(kept)


def test_the_error_of_a_call_is_told_although_it_cannot_be_written_down(notebook: Notebook):
    notebook.run("%qforge use ./lab")
    notebook.context.store.close()
    assert "No option 'colour' of score" in notebook.sentence("%qforge score calcs --colour red")


def test_a_call_in_python_that_cannot_be_bound_is_a_failed_run(ws: Workspace):
    with pytest.raises(Exception, match="holds no rows"):
        ws.score(42)
    run = ws.context.store.read_table("run").row(0, named=True)
    assert ("score", "failed", "data") == (run["verb"], run["status"], run["error_category"])


def test_a_failed_run_says_how_many_rows_it_had(notebook: Notebook):
    notebook.sentence("%%qforge score calcs\nrules: {r: nothing > 1}")
    assert last_run(notebook)["n_rows"] == 12


def test_the_memory_of_a_run_is_its_own_peak(notebook: Notebook):
    notebook.run("%qforge use ./lab")
    large = pl.Series(range(1)).new_from_index(0, 60_000_000).to_frame("x")
    assert large.height == 60_000_000
    del large
    notebook.run("%qforge status")
    before = last_run(notebook)["peak_memory_bytes"]
    context = notebook.context

    def hold(used: Context) -> int:
        return len(bytearray(300_000_000)) + used.seed * 0

    context.call("status", hold, options={}, inputs={})
    assert 250_000_000 < last_run(notebook)["peak_memory_bytes"] - before < 400_000_000
    notebook.run("%qforge status")
    assert last_run(notebook)["peak_memory_bytes"] < before + 150_000_000


def test_an_interrupted_call_in_python_is_an_interrupted_run(ws: Workspace):
    class Stopping:
        """Rows that the user stops."""

        def __arrow_c_stream__(self, schema: object = None) -> object:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invoke(ws.context, "score", Stopping(), options={})
    assert ws.context.store.read_table("run")["status"].to_list() == ["interrupted"]


def test_a_call_that_is_right_is_one_run(notebook: Notebook):
    notebook.run(f"%%qforge score calcs into report\n{CARD}")
    assert notebook.context.store.read_table("run").height == 1
