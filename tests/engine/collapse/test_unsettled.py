"""What is left open where nothing is proven, and that so many rows as are said would settle it."""

from __future__ import annotations

import numpy as np
import pytest
from collapse_tables import checked
from damaged import health

from qforge_jupyter.engine.collapse.readings import Reading, judge
from qforge_jupyter.engine.collapse.unsettled import unsettled

N = 300
#: A null of 999 draws with mean 0 and spread 1.
NULL = np.random.default_rng(0).permutation(np.linspace(-1.73, 1.73, 999))


def measured(value, spread, tolerance, *, is_sole=False):
    reading = Reading(
        "loss", np.concatenate([[value], NULL * spread]), tolerance, "signed", is_sole=is_sole
    )
    return judge("entropy", reading)


def among(judged, tail=3.0):
    """Of other statistics a twentieth of the dealings is ``tail`` spreads away."""
    worst = np.concatenate([[judged.z[0]], np.linspace(0, 2.9, 999)])
    worst[-60:] = tail
    return unsettled([judged], worst, N, 0.05)


def test_nothing_is_open_where_everything_is_within_reach():
    assert [] == among(measured(0.1, 0.1, 0.5))


def test_a_bound_beyond_its_tolerance_that_chance_explains_is_open():
    (left,) = among(measured(0.45, 0.1, 0.15), tail=6.0)
    assert left.said.startswith("entropy: loss seems to be beyond 0.15, what is tolerated")
    assert "6.1% of sound candidates" in left.said
    # At so many rows 4.5 spreads are 6.84, what stands out from all statistics with power .8.
    assert np.ceil(N * (6.84 / 4.5) ** 2) == pytest.approx(left.n_needed, rel=0.01)


def test_an_effect_between_harmless_and_moderate_is_open_until_its_bounds_are_narrow():
    wide = measured(0.8, 0.2, 0.5)
    (left,) = among(wide)
    assert left.said == f"entropy: loss is off by {wide.low:.2g} to {wide.high:.2g}, tolerated 0.5"
    narrow = measured(0.8, 0.2 * np.sqrt(N / left.n_needed), 0.5)
    assert narrow.high <= 2.5 * 0.5 or narrow.low >= 0.5
    assert [] == among(measured(0.8, 0.1, 0.6))


def test_the_only_eye_for_a_damage_has_to_see_it():
    blind = measured(0.0, 0.2, 0.1, is_sole=True)
    (left,) = among(blind)
    assert f"would only be found from {blind.least:.2g} on" in left.said
    seeing = measured(0.0, 0.2 * np.sqrt(N / left.n_needed), 0.1, is_sole=True)
    assert [] == among(seeing)
    assert [] == among(measured(0.0, 0.2, 0.1))


def test_few_rows_cannot_say_whether_labels_are_right():
    rows = health()
    few = checked(rows[:150], rows[150:300], target="mdvis")
    assert "not enough data to say" == few.verdict
    (foretold,) = (each for each in few.unsettled if "foretold" in each)
    assert "would only be found from" in foretold
    assert foretold[:1].upper() + foretold[1:] in repr(few)
    assert few.n_needed > 150


@pytest.mark.parametrize("seed", range(6))
def test_a_score_below_100_is_shown_at_the_rate_of_false_alarms(seed):
    rows = health().sample(fraction=1, shuffle=True, seed=seed)
    found = checked(rows[:300], rows[300:600])
    if found.p_value > 0.05:
        assert {100.0} == {each.score for each in found.dimensions if each.score is not None}
        assert 100 == found.score
    else:
        assert found.score <= 100
    assert found.low < 100
