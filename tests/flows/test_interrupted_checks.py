"""Who stops a check, or what follows from one, has what was done by then."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from qforge_jupyter.engine.collapse.localizing import blocks
from qforge_jupyter.workspace import Workspace
from tests.engine.collapse.damaged import shrunk, sides
from tests.flows.conftest import Notebook
from tests.flows.test_interrupts import stopped


def at_note(ws: Workspace, note: str, nth: int = 1) -> Workspace:
    """Give the workspace to somebody who presses stop when a note is reported so often."""
    left = [nth]

    def report(done: int, total: int | None, said: str = "") -> None:  # noqa: ARG001 - its shape
        left[0] -= note in said
        if note in said and not left[0]:
            raise KeyboardInterrupt

    return Workspace(replace(ws.context, progress=report))


def halves() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give a candidate that lost half of its spread, and real rows."""
    candidate, real = sides(400, 600)
    return shrunk(candidate), real


def test_a_check_concludes_from_the_draws_there_were(ws: Workspace):
    candidate, real = halves()
    work = at_note(ws, "draws from the null", 2)
    stop = stopped(ws, lambda: work.check(candidate, against=real))
    assert str(stop) == ("stopped after 199 of 300 draws from the null; the verdict rests on these")
    verdict = stop.result
    assert verdict.verdict == "collapsed"
    assert verdict.p_value >= 1 / 200
    assert verdict.statistics["p_value"].min() >= 1 / 200
    assert "Interrupted after 199 of 300 draws from the null" in repr(verdict)
    assert ws.context.store.read_table("metric").height > 0


def test_a_check_at_a_rare_alarm_needs_more_draws_to_conclude(ws: Workspace):
    candidate, real = halves()
    work = at_note(ws, "draws from the null", 1)
    stop = stopped(ws, lambda: work.check(candidate, against=real, false_alarms=0.01))
    assert (str(stop), stop.result) == ("stopped before the verdict; nothing was kept", None)


@pytest.mark.parametrize("note", ["rows read", "rows summed", "told apart"])
def test_a_check_that_has_not_drawn_yet_says_so(ws: Workspace, note: str):
    candidate, real = halves()
    stop = stopped(ws, lambda: at_note(ws, note).check(candidate, against=real))
    assert (str(stop), stop.result) == ("stopped before the verdict; nothing was kept", None)


def test_localizing_keeps_the_channels_that_had_finished(ws: Workspace):
    candidate, real = halves()
    verdict = ws.check(candidate, against=real, target="good")
    stop = stopped(ws, lambda: at_note(ws, "label loss").localize(verdict))
    found = stop.result
    done = found.channels.filter(pl.col("declined") == "")["channel"].to_list()
    assert "density-ratio" in done
    assert "label-loss" not in done
    assert str(stop) == f"stopped after {len(done)} channels; the rows they rank are kept"
    assert found.rows.height == 200
    assert (found.regions, found.missing.height) == ((), 0)
    assert f"Interrupted after {len(done)} of 10 channels" in repr(found)


def test_localizing_that_has_ranked_rows_keeps_them_without_regions(ws: Workspace):
    candidate, real = halves()
    verdict = ws.check(candidate, against=real)
    whole = ws.localize(verdict)
    stop = stopped(ws, lambda: at_note(ws, "regions").localize(verdict))
    assert stop.result.rows.equals(whole.rows)
    assert "Interrupted after the rows were ranked" in repr(stop.result)


def test_localizing_keeps_the_rows_that_were_judged(ws: Workspace, monkeypatch):
    monkeypatch.setattr(blocks, "BATCH_ROWS", 100)
    candidate, real = halves()
    verdict = ws.check(candidate, against=real)
    n = candidate.height
    stop = stopped(ws, lambda: at_note(ws, "rows judged", 3).localize(verdict, top=50))
    assert str(stop) == f"stopped after 200 of {n} rows; these are ranked and kept"
    found = stop.result
    assert list(range(200)) == found.scores["row"].to_list()
    assert found.rows.height == 50
    assert found.rows["reason"].str.len_chars().max() > 0
    assert f"Interrupted after 200 of {n} rows: these are ranked" in repr(found)
    stop = stopped(ws, lambda: at_note(ws, "rows judged", 1).localize(verdict))
    assert (str(stop), stop.result) == (
        "stopped before the rows were ranked; nothing was kept",
        None,
    )


def test_localizing_that_is_stopped_at_the_reasons_keeps_ranks_and_what_reasons_there_are(
    ws: Workspace,
):
    candidate, real = halves()
    verdict = ws.check(candidate, against=real)
    whole = ws.localize(verdict)
    stop = stopped(ws, lambda: at_note(ws, "reasons").localize(verdict))
    assert stop.result.rows.equals(whole.rows)
    assert "Interrupted while reasons were looked for" in repr(stop.result)


def test_localizing_keeps_regions_when_missing_rows_are_not_looked_for_to_the_end(ws: Workspace):
    candidate, real = halves()
    verdict = ws.check(candidate, against=real)
    whole = ws.localize(verdict)
    for note in ("missing rows, density", "missing rows, rows judged", "missing rows, reasons"):
        found = stopped(ws, lambda note=note: at_note(ws, note).localize(verdict)).result
        assert found.rows.equals(whole.rows)
        assert (whole.regions, whole.missing_regions) == (found.regions, found.missing_regions)
        assert found.missing.is_empty()
        assert "Interrupted after the regions were found" in repr(found)


def test_recommending_keeps_the_fixes_that_were_tried(ws: Workspace):
    candidate, real = halves()
    verdict = ws.check(candidate, against=real)
    fixes = ["clip", "quantile-map", "reweight"]
    stop = stopped(ws, lambda: at_note(ws, "verified").recommend(verdict, only=fixes))
    plan = stop.result
    assert str(stop) == f"stopped after {len(plan)} fixes were tried; what was found is kept"
    assert [each.gain is not None for each in plan].count(True) == 1
    stop = stopped(ws, lambda: at_note(ws, "clip").recommend(verdict, only=["clip"]))
    assert stop.result is None or len(stop.result) == 1


def test_a_cascade_keeps_the_rungs_that_were_climbed(ws: Workspace):
    candidate, real = sides(900, 1_400)
    call = {"against": real, "target": "good", "tolerance": 0.0001}
    stop = stopped(ws, lambda: at_note(ws, "models of", 2).cascade(candidate, **call))
    assert "stopped after 1 rung; what they say is kept" == str(stop)
    assert len(stop.result.rungs) == 1
    assert "Interrupted after 1 of" in repr(stop.result)
    stop = stopped(ws, lambda: at_note(ws, "models of", 1).cascade(candidate, **call))
    assert (str(stop), stop.result) == ("stopped while climbing; nothing was kept", None)


def test_generations_that_were_checked_are_kept(ws: Workspace):
    candidate, real = sides(400, 600)
    work = at_note(ws, "generations")
    stop = stopped(ws, lambda: work.cascade(candidate, against=real, target="good", generations=2))
    assert [each.number for each in stop.result.generations] == [0, 1]


def test_in_a_cell_an_interrupted_verdict_is_bound(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
):
    notebook.names["candidate"], notebook.names["real"] = halves()
    left = [2]

    def press(_line: object, _done: int, _total: int | None, note: str = "") -> None:
        left[0] -= note == "draws from the null"
        if not left[0]:
            raise KeyboardInterrupt

    monkeypatch.setattr("qforge_jupyter.magics.progress.ProgressLine.__call__", press)
    notebook.fail("%qforge check candidate against real into verdict")
    assert notebook.names["verdict"].is_interrupted
