"""Plans: what helps first, what harms last, what cannot be proven said."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from damaged import case_of, health, repeated, shrunk, sides

from qforge_jupyter.engine.collapse.checking import check
from qforge_jupyter.engine.collapse.recommending.fixing import fix
from qforge_jupyter.engine.collapse.recommending.halving import halves
from qforge_jupyter.engine.collapse.recommending.recommending import (
    ORDER,
    ranked,
    recommend,
    standing_of,
)
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.results.recommendation import Gain


class Ticks:
    """A clock that goes on by one second whenever it is asked."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture(scope="module")
def plan():
    candidate, reference = sides()
    chosen = ("quantile-map", "mix-quarter", "relabel", "drop-copies")
    return recommend(case_of(shrunk(candidate), reference), only=chosen, clock=Ticks())


def test_the_cure_stands_first_with_a_gain_whose_interval_leaves_zero_out(plan):
    first = plan[0]
    assert (first.fixes, first.standing) == (("quantile-map",), "helps")
    assert first.gain.after >= 80
    assert 0 < first.gain.low <= first.gain.value <= first.gain.high
    assert abs(first.estimated - first.gain.value) < 10


def test_the_plan_is_a_sequence_of_which_every_entry_draws_itself(plan):
    assert len(plan) == len(list(plan)) == len(plan.entries)
    assert [each.place for each in plan] == list(range(len(plan)))
    assert "%qforge fix synth with plan[0] as trial" in repr(plan)
    assert "Map quantiles to the reference's" in repr(plan[0])
    with pytest.raises(IndexError):
        plan[99]


def test_fixes_are_listed_from_what_helps_to_what_harms(plan):
    places = [ORDER.index(each.standing) for each in plan]
    assert places == sorted(places)


def test_what_cannot_be_applied_is_listed_with_its_reason(plan):
    assert plan.declined["draw the target anew from the other columns"] == "no target was named"


def test_real_rows_that_are_mixed_in_are_said_to_be_copies(plan):
    mixed = next(each for each in plan if each.fixes == ("mix-quarter",))
    assert mixed.takes_rows
    assert mixed.share_copied[1] - mixed.share_copied[0] > 0.15
    assert "copies of them on purpose" in repr(plan)


def test_a_page_is_short_and_its_numbers_are_json(plan):
    bundle, _ = plan._repr_mimebundle_()
    assert len(bundle["text/html"]) < 100_000
    json.dumps(plan.payload(), allow_nan=False)
    assert "seconds" not in json.dumps(plan.payload())
    assert plan.seconds.keys() == {each.name for each in plan}
    assert plan.frames()["trials"].height == len(plan)


def test_a_second_time_and_another_order_of_rows_give_the_same_plan(plan):
    candidate, reference = sides()
    again = recommend(
        case_of(shrunk(candidate).reverse(), reference.sample(fraction=1, shuffle=True, seed=2)),
        only=("quantile-map", "drop-copies"),
        clock=Ticks(),
    )
    assert round(again[0].gain.value, 6) == round(plan[0].gain.value, 6)


def test_a_fresh_sample_gets_no_fix_and_is_told_that_none_can_be_verified():
    candidate, reference = sides()
    found = recommend(
        case_of(candidate, reference), only=("mix-quarter", "clip", "rank-reorder"), clock=Ticks()
    )
    assert found.helping == ()
    assert "no fix can be verified" in found.advice


def test_a_budget_that_is_spent_leaves_the_trials_that_were_done():
    candidate, reference = sides(600, 800)
    found = recommend(
        case_of(shrunk(candidate), reference),
        only=("quantile-map", "mix-quarter"),
        budget_s=3.5,
        clock=Ticks(),
    )
    assert [each.standing for each in found] == ["not verified"]
    assert found.n_left == 2
    assert "ran out of time" in repr(found)


def test_an_interrupt_leaves_the_trials_that_were_done():
    candidate, reference = sides(600, 800)
    done = []

    def stopping(n, _total, _note=""):
        done.append(n)
        if n == 2:
            raise KeyboardInterrupt

    case = case_of(shrunk(candidate), reference).where(seed=42, device="cpu", progress=stopping)
    found = recommend(case, only=("quantile-map", "mix-quarter"), clock=Ticks())
    assert found.is_interrupted
    assert len(found) == 2
    assert "was stopped" in repr(found)


def test_halves_share_no_row_and_keep_groups_together():
    rows = health()[:2_000].with_row_index("row").with_columns(group=pl.col("row") // 10)
    case = replace(case_of(rows, rows), groups="group", ignore=("row",))
    seen, judging = halves(case)
    assert seen.n_rows + judging.n_rows == 2_000
    assert set(seen.frame["row"]).isdisjoint(judging.frame["row"])
    assert set(seen.frame["group"]).isdisjoint(judging.frame["group"])
    assert 700 < seen.n_rows < 1_300


@pytest.mark.parametrize(
    ("gain", "standing"),
    [
        (Gain(50, 40, -10, -20, 0, "collapsed", "collapsed"), "harmful"),
        (Gain(90, 92, 2, 1, 3, "fit", "collapsed"), "harmful"),
        (Gain(50, 50.5, 0.5, 0.1, 1, "collapsed", "collapsed"), "no effect"),
        (Gain(50, 80, 30, -5, 40, "collapsed", "fit"), "not proven"),
        (Gain(50, 80, 30, 5, 40, "collapsed", "fit"), "helps"),
    ],
)
def test_a_gain_is_put_into_a_word(gain, standing):
    assert standing_of(gain) == standing


def test_equal_gains_are_ranked_by_what_changes_fewer_rows(plan):
    less = replace(plan[0], n_changed=3, fixes=("a",))
    assert [each.fixes for each in ranked([plan[0], less])] == [("a",), plan[0].fixes]


def test_unknown_fixes_are_refused_with_the_nearest_name():
    with pytest.raises(CallError, match="did you mean 'quantile-map'"):
        recommend(case_of(*sides(200, 200)), only=("quantil-map",), clock=Ticks())


def test_one_real_row_cannot_be_halved():
    candidate, reference = sides(200, 1)
    with pytest.raises(DataError, match="cannot be halved"):
        recommend(case_of(candidate, reference), clock=Ticks())


def test_a_fix_is_applied_to_all_rows_and_judged_by_rows_it_has_not_seen(plan):
    candidate, reference = sides()
    fixed = fix(case_of(shrunk(candidate), reference), plan[0])
    assert fixed.frame.height == candidate.height
    assert abs(fixed.gain.value - plan[0].gain.value) < 1
    assert fixed.held_out.height == plan.n_judging
    other = health()[10_000:11_000]
    assert fix(case_of(shrunk(candidate), reference), plan[0], against=table(other)).gain.after > 80


def table(frame):
    from qforge_jupyter.frames import Table

    return Table.of_frame("other", frame)


def test_near_copies_are_dropped_and_the_check_then_finds_none():
    chance = np.random.default_rng(1)
    rows = health()[:2_800].with_columns(x=chance.normal(size=2_800))
    real = rows[1_200:]
    shaken = real[:400].with_columns(
        pl.col(name) + 0.01 * real[name].std() * pl.Series(chance.normal(size=400))
        for name in ("lpi", "disea", "x")
    )
    case = case_of(pl.concat([rows[:800], shaken]), real)
    plan = recommend(case, only=("drop-copies", "quantile-map"), clock=Ticks())
    assert (plan.word, plan[0].fixes, plan[0].standing) == ("collapsed", ("drop-copies",), "helps")
    assert "that nearly do" in repr(plan)
    assert plan[0].share_near[0] - plan[0].share_near[1] > 0.2
    fixed = fix(case, plan[0])
    assert check(case_of(fixed.frame, fixed.held_out)).verdict == "fit"
    assert check(case_of(fixed.frame, real)).verdict == "fit"


def test_a_fix_that_does_not_fit_another_table_is_refused():
    chance = np.random.default_rng(1)
    rows = health()[:2_800].with_columns(x=chance.normal(size=2_800))
    real = rows[1_200:]
    plan = recommend(case_of(repeated(rows[:1_200]), real), only=("deduplicate",), clock=Ticks())
    with pytest.raises(DataError, match="`deduplicate` cannot be applied to synth"):
        fix(case_of(rows[:300], real), plan[0])
