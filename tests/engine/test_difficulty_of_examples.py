"""Difficulty and edge cases of harvested examples: from columns, or from how little was left."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.engine.collectors import CollectCase
from qforge_jupyter.engine.collectors._difficulty import difficulty_of, edges_of, margins
from qforge_jupyter.engine.collectors.decisions import Plan, collect
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames import Table
from qforge_jupyter.rules.ranges import read_range

LOG = pl.DataFrame({
    "id": [1, 2, 3, 4], "input": ["a", "b", "c", "d"], "expected_output": ["x", "y", "x", "y"],
    "outcome": [True] * 4, "confidence": [0.8, 0.9, 1.0, 0.99], "score": [100.0, 80.0, 100.0, 76.0],
    "f1": [0.1, 0.2, None, 0.4], "cost": [1, 2, 3, 4],
})  # fmt: skip


def harvest(frame: pl.DataFrame, **plan: object):
    case = CollectCase(
        Table.of_frame("log", frame), Plan(**plan), "golden/x", ("source_decision_id",), "log"
    )
    return collect(case)


def test_the_smaller_room_that_is_left_makes_an_example_hard():
    found = harvest(LOG)
    # id 1 stands on the boundary of confidence; 2 has half of it and a fifth of the score left.
    assert [1.0, 0.8, 0.0, 0.96] == found.examples["difficulty"].round(6).to_list()
    assert [True, False, False, True] == found.examples["edge_case"].to_list()
    made = dict(found.made_of)
    assert "1 less the share of its room that confidence and score has" in made["difficulty"]
    assert "less than 10 % of the room of confidence and score left" in made["edge_case"]
    assert {"pending"} == set(found.examples["validation_status"])


def test_columns_of_the_source_say_it_where_it_has_them():
    named = LOG.with_columns(hard=pl.lit("very"), is_edge_case=pl.Series([True, None, False, True]))
    found = harvest(named, columns={"difficulty": "hard"}).examples
    assert ["very"] * 4 == found["difficulty"].to_list()
    assert [True, None, False, True] == found["edge_case"].to_list()


def test_one_measure_is_enough_and_without_any_there_are_no_such_columns():
    one = harvest(LOG, score="none")
    assert [1.0, 0.5, 0.0, 0.05] == one.examples["difficulty"].round(6).to_list()
    assert "confidence has left" in dict(one.made_of)["difficulty"]
    none = harvest(LOG, score="none", confidence="none")
    assert {"difficulty", "edge_case"}.isdisjoint(none.examples.columns)


def test_metrics_become_numbers_of_each_example():
    found = harvest(LOG, metrics=["f1", "cost"])
    assert [{"f1": 0.1, "cost": 1.0}, {"f1": 0.2, "cost": 2.0}] == (
        found.examples["metrics"].to_list()[:2]
    )
    assert "columns f1, cost" == dict(found.made_of)["metrics"]
    with pytest.raises(DataError, match="metric 'input' is String"):
        harvest(LOG, metrics=["input"])
    with pytest.raises(DataError, match="no column 'f2' for `metrics`: there are confidence"):
        harvest(LOG, metrics=["f2"])


def test_an_input_of_that_name_stays_what_it_is():
    found = harvest(LOG.with_columns(difficulty=pl.lit("given")), input=["input", "difficulty"])
    assert {"given"} == set(found.examples["difficulty"])


@pytest.mark.parametrize("asked", [">= 0.8", "> 0.8", "<= 0.3", "0.2 .. 0.6", ">= 1", "<= 0"])
@given(value=st.floats(0, 1))
def test_difficulty_lies_between_0_and_1_and_only_edge_cases_are_near_the_boundary(asked, value):
    range_ = read_range(asked)
    left = margins({"confidence": ("c", range_)})
    frame = pl.DataFrame({"c": [value]}).filter(range_.expression("c"))
    for hard, edge in frame.select(d=difficulty_of(left), e=edges_of(left)).rows():
        assert 0 <= hard <= 1
        assert edge == (1 - hard < 0.1)
