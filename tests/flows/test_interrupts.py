"""Who stops long work reads what was kept, and has a store that works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from qforge_jupyter.errors import Stopped
from qforge_jupyter.frames.loaded import LoadedTable
from qforge_jupyter.workspace import Workspace
from tests.flows.conftest import Notebook

LONG = pl.DataFrame({"gap": pl.Series(range(1_000_000)).cast(pl.Float64) % 97})


def stopping(ws: Workspace, after: int) -> Workspace:
    """Give the workspace to somebody who presses stop at the n-th report of progress."""
    left = [after]

    def report(done: int, total: int | None, note: str = "") -> None:  # noqa: ARG001 - its shape
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    return Workspace(replace(ws.context, progress=report))


def stopped(ws: Workspace, work: Callable[[], object]) -> Stopped:
    """Do work that is stopped; the run says so and the store is as good as before."""
    with pytest.raises(Stopped) as caught:
        work()
    run = ws.context.store.read_table("run").sort("started_at").row(-1, named=True)
    assert (run["status"], run["error_message"]) == ("interrupted", str(caught.value))
    assert ws.verify().content["is_intact"]
    return caught.value


def test_scoring_says_how_many_batches_were_scored_and_keeps_none(ws: Workspace):
    stop = stopped(ws, lambda: stopping(ws, 3).score(LONG, ranges={"gap": "0 .. 50"}))
    assert "stopped after 3 of 4 batches were scored; nothing of them was kept" == str(stop)
    kept = {name: ws.context.store.read_table(name).height for name in ("metric", "finding")}
    assert kept == {"metric": 0, "finding": 0}
    runs = ws.context.store.read_table("run").filter(verb="score")
    assert runs["n_rows"].to_list() == [1_000_000]
    assert ws.score(LONG, ranges={"gap": "0 .. 50"}).n_rows == 1_000_000


@pytest.mark.parametrize("method", ["iqr", "isolation-forest"])
def test_looking_for_outliers_records_none(ws: Workspace, method: str):
    frame = LONG.head(2_000)
    stop = stopped(ws, lambda: stopping(ws, 1).outliers(frame, method=method))
    assert "stopped while looking for outliers; none was recorded" == str(stop)
    assert ws.context.store.read_table("finding").height == 0


def test_loading_keeps_the_files_that_were_read(ws: Workspace, quiet_place: Path):
    for i in range(5):
        (quiet_place / f"part{i}.csv").write_text(f"n\n{i}\n")
    stop = stopped(ws, lambda: stopping(ws, 2).load("part*.csv"))
    assert "stopped after 2 of 5 files; the rows of these are kept" == str(stop)
    assert isinstance(stop.result, LoadedTable)
    assert stop.result.frame["n"].to_list() == [0, 1]
    assert ws.load("part*.csv").frame["n"].to_list() == [0, 1, 2, 3, 4]


def test_calculating_keeps_the_molecules_that_were_done(ws: Workspace):
    pytest.importorskip("tblite")
    stop = stopped(ws, lambda: stopping(ws, 2).calculate(["C", "O", "N"]))
    assert "stopped after 2 of 3 molecules; what was done is kept" == str(stop)
    assert stop.result.frame.height == 2


def test_in_a_cell_what_was_kept_is_bound_and_what_was_not_is_not(
    notebook: Notebook, quiet_place: Path, monkeypatch: pytest.MonkeyPatch
):
    for i in range(3):
        (quiet_place / f"part{i}.csv").write_text(f"n\n{i}\n")
    monkeypatch.setattr(
        "qforge_jupyter.magics.progress.ProgressLine.__call__", stopping_line(after=1)
    )
    problem, said = notebook.fail("%qforge load part*.csv into kept")
    assert isinstance(problem, KeyboardInterrupt)
    assert "Interrupted: stopped after 1 of 3 files; the rows of these are kept" in said
    assert notebook.names["kept"].frame["n"].to_list() == [0]
    _, said = notebook.fail("%qforge score calcs by table into report")
    assert "Interrupted: stopped after 1 of 1 batches were scored; nothing of them was kept" in said
    assert "report" not in notebook.names


def stopping_line(after: int) -> Callable[..., None]:
    def report(_line: object, done: int, _total: int | None, _note: str = "") -> None:
        if done >= after:
            raise KeyboardInterrupt

    return report
