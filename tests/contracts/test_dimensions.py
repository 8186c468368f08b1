"""What every dimension keeps, whoever wrote it."""

from __future__ import annotations

import polars as pl
import pytest

from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.engine.dimensions import DIMENSIONS
from qforge_jupyter.engine.scorecard import WEIGHTS, Scorecard
from qforge_jupyter.frames import Table
from qforge_jupyter.results.uncertainty import NotApplicable

MEMBERS = DIMENSIONS.members()
FRAME = pl.DataFrame({
    "id": [1, 1, 2], "gap": [1.0, None, 90.0], "sigma": [0.1, 0.1, 0.2], "kind": ["a", "b", None],
})  # fmt: skip
FULL = Scorecard(
    required="id, gap",
    ranges={"gap": "0 .. 50"},
    values={"kind": "a"},
    patterns={"kind": "^a"},
    rules={"r": "gap > sigma"},
    unique_by="id",
    accuracy={"gap": "± sigma"},
    examples={"target": "kind", "verified": "sigma", "boundary": "kind", "cover": "id"},
    weights=dict.fromkeys(WEIGHTS, 0.1),
    ml_ready="overall >= 0.8",
)


def answer(name: str, card: Scorecard, frame: pl.DataFrame = FRAME) -> Measure | NotApplicable:
    return MEMBERS[name].measure(Case(Table.of_frame("calcs", frame), card))


def checks(name: str) -> tuple[Check, ...]:
    found = answer(name, FULL)
    assert isinstance(found, Measure)
    return found.checks


def answers(name: str) -> tuple[pl.Series, ...]:
    found = answer(name, FULL)
    assert isinstance(found, Measure)
    return found.answers


@pytest.mark.parametrize("name", MEMBERS)
def test_it_is_explained_in_one_line(name: str):
    assert (MEMBERS[name].__doc__ or "").startswith(name.capitalize())


@pytest.mark.parametrize("name", MEMBERS)
def test_it_declines_with_a_reason_when_nothing_asks_for_it(name: str):
    declined = answer(name, Scorecard())
    assert isinstance(declined, NotApplicable)
    assert declined.reason
    assert "; " not in declined.reason


@pytest.mark.parametrize("name", MEMBERS)
def test_it_answers_by_checks_when_it_has_a_weight_and_by_estimates_when_not(name: str):
    found = answer(name, FULL)
    assert isinstance(found, Measure)
    assert (bool(found.checks), bool(found.estimates)) == (name in WEIGHTS, name not in WEIGHTS)


@pytest.mark.parametrize("name", WEIGHTS)
def test_its_checks_are_boolean_and_name_columns_of_the_table(name: str):
    frame = FRAME.with_columns(*answers(name), is_first=True)
    for check in checks(name):
        assert frame.select(check.expression).to_series().dtype == pl.Boolean
        assert set(check.columns) <= set(FRAME.columns)
        assert (check.dimension, bool(check.name), bool(check.expected)) == (name, True, True)


@pytest.mark.parametrize("name", WEIGHTS)
def test_its_checks_cost_one_expression_a_row_and_no_look_at_the_data(name: str):
    nothing = [each.clear() for each in answers(name)]
    frame = FRAME.clear().with_columns(*nothing, is_first=pl.lit(value=True))
    assert all(frame.select(check.expression).height == 0 for check in checks(name))


@pytest.mark.parametrize("name", MEMBERS)
def test_an_empty_table_is_no_error(name: str):
    assert answer(name, FULL, FRAME.clear())
