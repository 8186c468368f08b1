"""What every ready scorecard keeps, and what `table` proposes for real data."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from sklearn import datasets

from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scorecards import SCORECARDS
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.frames import Table, to_table
from qforge_jupyter.results.score import ScoreReport

CALCS = pl.DataFrame({
    "inchikey": ["A", "B"], "energy": [-130.0, -10.0], "gap": [10.0, None], "homo": [-12.0, -20.0],
    "lumo": [-2.0, None], "dipole_moment": [0.0, 1.8], "forces": [0.0, 0.3],
    "n_virtual_orbitals": [3, 0],
})  # fmt: skip
GATE = "overall >= 0.8 and completeness >= 0.7 and no failed check"


def assessed(name: str, table: Table) -> ScoreReport:
    card = SCORECARDS.get(name).build(table)
    return score(Case(table, card.model_copy(update={"ml_ready": GATE})))


def proposed(columns: object) -> Scorecard:
    return SCORECARDS.get("table").build(to_table(columns, "t"))


@pytest.mark.parametrize("name", [name for name in SCORECARDS.names() if name != "golden"])
def test_a_card_fits_good_calculations(name: str):
    report = assessed(name, Table.of_frame("calcs", CALCS))
    assert (report.n_ready, report.missing) == (2, ())


@pytest.mark.parametrize("name", SCORECARDS.names())
def test_a_card_is_the_same_each_time(name: str):
    table = Table.of_frame("calcs", CALCS)
    assert SCORECARDS.get(name).build(table) == SCORECARDS.get(name).build(table)


@pytest.mark.parametrize("name", SCORECARDS.names())
def test_a_card_is_built_for_no_rows_too(name: str):
    assert isinstance(SCORECARDS.get(name).build(Table.of_frame("t", CALCS.clear())), Scorecard)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes"])
def test_clean_real_tables_pass_what_is_proposed_for_them(name: str):
    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    report = assessed("table", to_table(frame, name))
    assert report.is_certifiable
    assert report.n_ready >= 0.97 * report.n_rows


@pytest.mark.parametrize("name", ["iris", "wine", "diabetes"])
def test_a_slip_in_a_real_table_is_found(name: str):
    frame = pl.DataFrame(getattr(datasets, f"load_{name}")(as_frame=True).frame)
    column = frame.columns[0]
    slipped = frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 7).then(-999.0).otherwise(pl.col(column)).alias(column)
    )
    report = assessed("table", to_table(slipped, name))
    assert (7, f"{column} in range") in report.bad.select("row", "check").rows()


def test_a_rare_category_looks_like_a_slip():
    card = proposed({"sex": ["male"] * 500 + ["female"] * 499 + ["."], "x": range(1000)})
    assert card.values == {"sex": ("female", "male")}


def test_a_column_called_an_id_goes_before_one_that_happens_to_differ():
    card = proposed({"text": [f"t{i}" for i in range(50)], "PassengerId": range(50)})
    assert card.unique_by == ("PassengerId",)


@pytest.mark.parametrize("name", ["paid", "valid", "weight"])
def test_measured_whole_numbers_that_all_differ_are_no_key(name: str):
    card = proposed({name: [i * i for i in range(60)]})
    assert card.unique_by == ("*",)


def test_amounts_of_one_kind_that_keep_their_order_make_a_rule():
    random = np.random.default_rng(3)
    us = random.lognormal(17, 1, 300)
    card = proposed({"US Gross": us, "Worldwide Gross": us * (1 + random.random(300))})
    assert card.rules == {"US Gross at most Worldwide Gross": "`US Gross` <= `Worldwide Gross`"}


def test_columns_on_other_scales_make_no_rule():
    assert proposed({"mean a": range(100), "mean b": range(1000, 1100)}).rules == {}


def test_a_narrow_range_around_a_large_number_holds_its_values():
    values = [1000.02 + 0.0001 * (i % 100) for i in range(200)]
    low, high = map(float, proposed({"a": values}).ranges["a"].split(" .. "))
    assert (low < 1000.02, high > 1000.03, high - low < 0.1) == (True, True, True)


@pytest.mark.parametrize(
    "values",
    [
        [1e300, 2e300, 3e300, 4e300] * 10,
        [1e-300, 2e-300, 3e-300, 4e-300] * 10,
        [0, 2**63 - 1, 5, 7] * 10,
        [math.nan, math.inf, -math.inf, None] * 10,
        [5] * 40,
        [True, False] * 20,
        [[1], [2]] * 20,
        [None] * 40,
        ["a" * 10_000, "b"] * 20,
    ],
    ids=range(9),
)
@pytest.mark.parametrize("name", ["a", "and", "a`b", " a ", "", "^a$", "*", "is_first"])
def test_what_is_proposed_can_always_be_asked(values: list[object], name: str):
    frame = pl.DataFrame({name: pl.Series(values, strict=False), f"{name} 2": range(40)})
    assert assessed("table", Table.of_frame("t", frame)).n_rows == 40
