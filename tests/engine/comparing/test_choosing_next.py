"""What to simulate next: where it is uncertain and where nothing like it is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.comparing import Question, compared, side_of
from qforge_jupyter.errors import CallError


def chosen(mine, theirs, n=2, **how: Any):
    asked = Question(("id",), n_next=n, **how)
    return compared(
        side_of(pl.DataFrame(mine), "mine"), side_of(pl.DataFrame(theirs), "dft"), asked
    )


KNOWN = {"id": ["a", "b"], "gap": [1.0, 2.0]}


def test_distance_alone_is_greedy_k_center():
    """From 0 the farthest of 1, 6, 10 is 10; then 6 is 4 away from it and 1 is 1 away from 0."""
    mine = {"id": list("abcde"), "gap": [1.0] * 5, "x": [0.0, 0.0, 1.0, 6.0, 10.0]}
    report = chosen(mine, KNOWN, n=3, features=("x",))
    assert ["e", "d", "c"] == report.next["id"].to_list()
    assert "nothing says how uncertain" in report.next_said
    assert "from what is known or chosen" in report.next["reason"][0]


@pytest.mark.parametrize("spread", ["gap_spread", "gap_std"])
def test_the_uncertain_come_first_where_nothing_describes_rows(spread):
    """An ensemble says how far its members are apart in a column of the first kind."""
    mine = {"id": list("abcd"), "gap": [1.0] * 4, spread: [0.1, 0.1, 0.2, 0.9]}
    report = chosen(mine, KNOWN)
    assert ["d", "c"] == report.next["id"].to_list()
    assert "gap is uncertain by ±0.9" in report.next["reason"][0]


def test_uncertainty_and_distance_are_multiplied():
    """0.9 x 1 is less than 0.3 x 10."""
    mine = {
        "id": list("abcd"), "gap": [1.0] * 4, "x": [0.0, 0.0, 1.0, 10.0],
        "gap_low": [0.9, 0.9, 0.1, 0.7], "gap_high": [1.1, 1.1, 1.9, 1.3],
    }  # fmt: skip
    assert ["d", "c"] == chosen(mine, KNOWN, features=("x",)).next["id"].to_list()


def test_intervals_of_one_width_say_nothing_and_that_is_told():
    mine = {"id": list("abcd"), "gap": [1.0, 2.0, 3.0, 9.0]}
    mine |= {"gap_low": [value - 1 for value in mine["gap"]]}
    mine |= {"gap_high": [value + 1 for value in mine["gap"]]}
    report = chosen(mine, KNOWN)
    assert "nothing says how uncertain" in report.next_said
    assert "predicted values" in report.next_said
    assert "d" == report.next["id"][0]


def test_the_error_of_a_group_is_expected_of_its_members():
    n = 20
    known = {"id": [f"k{at}" for at in range(2 * n)], "gap": [1.0] * (2 * n)}
    mine = {
        "id": [*known["id"], "x", "y"],
        "gap": [1.1] * n + [2.0] * n + [1.5, 1.5],
        "family": ["good"] * n + ["poor"] * n + ["good", "poor"],
    }
    report = chosen(mine, known, n=1, group=("family",))
    assert ["y"] == report.next["id"].to_list()
    assert "(20 references in poor)" in report.next["reason"][0]


def test_composition_tells_rows_apart_where_there_is_a_formula():
    mine = {
        "id": list("abcd"), "gap": [1.0] * 4, "formula": ["NaCl", "NaBr", "Na2Cl2", "Si"],
    }  # fmt: skip
    report = chosen(mine, KNOWN, n=2)
    assert ["d", "c"] == report.next["id"].to_list()
    assert [0.0] == report.next["distance"].to_list()[1:]
    assert "composition" in report.next_said


def test_what_failed_is_no_candidate_and_what_lacks_a_reference_value_is_one():
    mine = {"id": list("abcd"), "gap": [1.0, 2.0, None, 3.0]}
    theirs = {"id": ["a", "b"], "gap": [1.0, None]}
    report = chosen(mine, theirs, n=9)
    assert {"b", "d"} == set(report.next["id"])
    assert "2 were all there are" in report.next_said


def test_nobody_is_chosen_where_all_have_references():
    report = chosen(KNOWN, KNOWN)
    assert 0 == report.next.height
    assert "has a reference" in repr(report)


def test_vectors_describe_rows_and_words_do_not():
    vectors = [[0.0, 0.0], [0.0, 0.0], [3.0, 4.0], [1.0, 0.0]]
    mine = {"id": list("abcd"), "gap": [1.0] * 4, "v": vectors, "word": list("wxyz")}
    assert ["c"] == chosen(mine, KNOWN, n=1, features=("v",)).next["id"].to_list()
    with pytest.raises(CallError, match="rows are described by numbers"):
        chosen(mine, KNOWN, features=("word",))
    with pytest.raises(CallError, match="mine has no column 'u'"):
        chosen(mine, KNOWN, features=("u",))


def test_many_candidates_give_the_same_choice_each_time():
    rng = np.random.default_rng(0)
    n = 30_000
    mine = {"id": np.arange(n), "gap": rng.normal(size=n), "x": rng.normal(size=n)}
    theirs = {"id": np.arange(5), "gap": np.zeros(5)}
    first, second = (chosen(mine, theirs, n=25, features=("x",)) for _ in range(2))
    assert first.next.equals(second.next)
    assert 25 == first.next["id"].n_unique()
    assert "among 20,000 of 29,995" in first.next_said
