"""The collapse check as a cell: what it binds, keeps and refuses."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.errors import QualityError
from qforge_jupyter.workspace import Workspace

RNG = np.random.default_rng(5)


def rows(spread):
    return pl.DataFrame({
        "age": (40 + 12 * spread * RNG.normal(size=2_000)).round(1),
        "plan": RNG.choice(["A", "B", "C"], 2_000),
        "churn": RNG.choice(["yes", "no"], 2_000),
    })  # fmt: skip


REAL, FRESH, NARROW = rows(1), rows(1), rows(0.4)


def test_a_cell_binds_the_verdict_and_keeps_it(notebook):
    notebook.names.update({"real": REAL, "fresh": FRESH})
    verdict = notebook.run("%%qforge check fresh against real into verdict\ntarget: churn")
    assert notebook.names["verdict"] is verdict
    assert "fit" == verdict.verdict
    (run,) = notebook.context.store.runs.list(verb="check")
    kept = notebook.context.store.runs.get(run.id)
    assert kept.report == json.loads(json.dumps(verdict.payload()))
    assert {"score", "p_value", "distribution", "share_copied"} <= {
        each.name for each in kept.metrics
    }


def test_damage_is_a_finding_of_the_run(notebook):
    notebook.names.update({"real": REAL, "narrow": NARROW})
    verdict = notebook.run("%qforge check narrow against real --target churn")
    assert "collapsed" == verdict.verdict
    (run,) = notebook.context.store.runs.list(verb="check")
    named = {each.name for each in notebook.context.store.runs.get(run.id).findings}
    assert set(verdict.because) <= named


def test_a_gate_stops_what_runs_all_cells(notebook):
    notebook.names.update({"real": REAL, "narrow": NARROW, "few": FRESH[:20]})
    problem, _ = notebook.fail("%%qforge check narrow against real\nrefuse if: collapsed")
    assert isinstance(problem, QualityError)
    assert str(problem).startswith("narrow is refused: collapsed: ")
    assert "collapsed" == problem.result.verdict
    problem, _ = notebook.fail("%%qforge check few against real\nrefuse if: not fit")
    assert str(problem) == "few is refused: not enough data to say"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%qforge check fresh", "add  against TABLE  of real data"),
        ("%%qforge check fresh against real\ntarget: chrn", "'churn'"),
        ("%%qforge check fresh against real\ntargett: churn", "target"),
        ("%%qforge check fresh against real\nfalse alarms: 90%", "at most 20%"),
        ("%%qforge check fresh against real\nfalse alarms: many", "false alarms"),
        ("%%qforge check fresh against real\nrefuse if: maybe", "refuse if"),
    ],
)
def test_bad_cells_are_refused_in_one_sentence(notebook, cell, said):
    notebook.names.update({"real": REAL, "fresh": FRESH})
    sentence = notebook.sentence(cell)
    assert said in sentence


def test_a_dry_run_checks_names_and_no_rows(notebook):
    notebook.names.update({"real": REAL, "fresh": FRESH})
    notebook.run("%qforge check fresh against real --target churn --dry-run")
    assert "chrn" in notebook.sentence("%qforge check fresh against real --target chrn --dry-run")
    assert [] == list(notebook.context.store.runs.list(verb="check"))


def test_python_says_the_same_as_the_cell(notebook):
    notebook.names.update({"real": REAL, "fresh": FRESH})
    cell = notebook.run("%%qforge check fresh against real\nfalse alarms: 1%")
    python = Workspace(notebook.context).check(FRESH, against=REAL, false_alarms=0.01, name="fresh")
    assert cell.verdict == python.verdict
    assert cell.statistics.equals(python.statistics)
    assert 0.01 == cell.false_alarms


def test_what_a_check_found_is_recorded_whatever_it_found(notebook):
    notebook.names.update({"real": REAL, "narrow": NARROW, "fresh": FRESH})
    notebook.run("%qforge check narrow against real into damaged")
    notebook.run("%qforge check fresh against real into sound")
    runs = notebook.context.store.read_table("run")
    metrics = notebook.context.store.read_table("metric").filter(pl.col("name") == "score")
    assert ["check", "check"] == runs["verb"].to_list()
    assert set(runs["id"]) == set(metrics["run_id"])
