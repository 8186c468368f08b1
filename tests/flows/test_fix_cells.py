"""From check to recommend to fix to check again, in cells."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest


@pytest.fixture
def damaged(notebook):
    """Two tables of one distribution, one of them shrunk, and a plan for it."""
    chance = np.random.default_rng(11)

    def rows(n):
        age = chance.gamma(9, 5, n)
        return pl.DataFrame({
            "age": age, "pay": 900 + 30 * age + 300 * chance.normal(size=n),
            "plan": chance.choice(["A", "B", "C"], n, p=[0.6, 0.3, 0.1]),
        })  # fmt: skip

    narrow = (
        pl.col("age", "pay").mean() + (pl.col("age", "pay") - pl.col("age", "pay").mean()) * 0.4
    )
    synth = rows(900).with_columns(narrow).with_row_index("id")
    notebook.names.update({"synth": synth, "real": rows(1_400)})
    notebook.run("%qforge check synth against real into verdict")
    notebook.run("%qforge recommend verdict --only quantile-map, mix-quarter into cures")
    return notebook


def test_a_fix_of_a_variable_binds_a_table_that_is_fit(damaged):
    assert damaged.names["verdict"].verdict == "collapsed"
    fixed = damaged.run("%qforge fix synth with cures[0] as trial")
    assert damaged.names["trial"] is fixed
    assert fixed.gain.after - fixed.gain.before > 50
    assert damaged.names["synth"]["id"].equals(fixed["id"])
    again = damaged.run("%qforge check trial against {{trial.held_out}}")
    assert again.verdict == "fit"
    assert again.score > damaged.names["verdict"].score + 50


def test_into_binds_it_too_and_other_real_rows_may_judge(damaged):
    damaged.names["more"] = damaged.names["real"].sample(700, seed=1, shuffle=True)
    fixed = damaged.run("%qforge fix synth with cures[0] against more into better")
    assert damaged.names["better"] is fixed
    assert fixed.judged_by == "more"
    assert "trial" not in damaged.names


def test_a_fix_of_a_stored_dataset_is_a_commit_on_a_branch_of_its_own(damaged):
    damaged.run("%qforge commit synth to made/people by id -m first")
    before = damaged.run("%qforge log made/people")
    fixed = damaged.run("%qforge fix made/people with cures[0] as cure-1")
    assert "cure-1" not in damaged.names
    assert fixed.commit.branch == "cure-1"
    assert fixed.commit.message.startswith("map quantiles to the reference's: score ")
    assert repr(damaged.run("%qforge log made/people")) == repr(before)
    diff = damaged.run("%qforge diff made/people HEAD..cure-1")
    assert "rows changed   900" in repr(diff)
    stored = damaged.run("%qforge checkout made/people@cure-1 into cured")
    assert stored.frame.sort("id").equals(fixed.frame.sort("id").select(stored.frame.columns))
    (run,) = damaged.context.store.runs.list(verb="fix")
    kept = damaged.context.store.runs.get(run.id)
    assert {"score_before", "score_after", "gain"} <= {each.name for each in kept.metrics}


def test_the_same_branch_is_gone_on_with_and_its_own_is_refused(damaged):
    damaged.run("%qforge commit synth to made/people by id -m first")
    damaged.run("%qforge fix made/people with cures[0]")
    said = damaged.sentence("%qforge fix made/people with cures[0] as main")
    assert "on the branch main already" in said
    again = damaged.run("%qforge fix made/people with cures[1] as trial")
    assert again.commit.is_new


def test_recommendations_are_kept_with_the_run(damaged):
    (run,) = damaged.context.store.runs.list(verb="recommend")
    kept = damaged.context.store.runs.get(run.id)
    assert kept.report["entries"][0]["fixes"] == ["quantile-map"]
    assert {"n_helping", "best_gain", "score"} <= {each.name for each in kept.metrics}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%qforge fix synth with cures[9] as trial", "There is no cures[9]: the last is cures[1]"),
        ("%qforge fix synth with cures as trial", "cures holds several: write cures[0]"),
        ("%qforge fix synth with verdict as trial", "A recommendation was wanted"),
        ("%qforge fix synth with curse[0] as trial", "did you mean 'cures'"),
        ("%qforge fix synth with cures[0] as 2x", "cannot name one"),
        ("%qforge fix synth as trial", "`fix` needs `with`"),
        ("%qforge recommend verdict --only quantil-map", "did you mean 'quantile-map'"),
        ("%qforge recommend verdict --budget-s 0", "wanted more than 0 seconds"),
        ("%qforge recommend synth", "A verdict was wanted"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(damaged, cell, said):
    assert said in damaged.sentence(cell)


def test_it_is_plain_python_too(damaged, ws):
    synth, real = damaged.names["synth"], damaged.names["real"]
    verdict = ws.check(synth, against=real, name="synth")
    plan = ws.recommend(verdict, only=["quantile-map"])
    assert ws.fix(synth, with_=plan[0], name="synth").gain.after > 80
