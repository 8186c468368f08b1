"""A body takes back what a named card brings."""

from __future__ import annotations

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.engine.leaving_out import leave_out
from qforge_jupyter.engine.scorecard import OutlierRule, Scorecard
from qforge_jupyter.engine.scorecards import SCORECARDS
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table

CALCS = pl.DataFrame({
    "name": ["a", "b"], "energy": [-130.0, -10.0], "gap": [10.0, 8.0], "homo": [-12.0, -10.0],
    "lumo": [-2.0, -2.0], "dipole_moment": [0.0, 1.8],
})  # fmt: skip


@pytest.fixture
def workspace(tmp_path):
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        yield ws


def ready_card() -> Scorecard:
    return SCORECARDS.get("xtb-gfn2").build(Table.of_frame("calcs", CALCS))


def test_a_table_without_forces_is_scored_by_the_chemists_card(workspace):
    report = workspace.score(CALCS, by="xtb-gfn2", without="forces")
    assert (2, ()) == (report.n_ready_once_approved, report.missing)
    assert "forces" not in report.body


def test_without_it_the_missing_column_is_told(workspace):
    with pytest.raises(CallError, match="'forces' is no column"):
        workspace.score(CALCS, by="xtb-gfn2")


def test_a_field_takes_along_the_rules_that_read_it_and_its_outliers():
    card = leave_out(ready_card(), ["gap"])
    assert ["orbitals in order"] == list(card.rules)
    assert ("homo", "lumo") == card.outliers.columns
    assert {"gap"}.isdisjoint({*card.required, *card.ranges, *card.units})


def test_a_condition_is_part_of_the_required_field():
    card = Scorecard(required=["gap when n > 0", "homo"])
    assert ("homo",) == leave_out(card, ["gap"]).required


def test_a_rule_is_left_out_by_its_name_alone():
    card = leave_out(ready_card(), ["gap agrees"])
    assert (["orbitals in order"], True) == (list(card.rules), "gap" in card.ranges)


def test_a_text_in_a_rule_is_no_field():
    card = Scorecard(required=["a"], rules={"kind": "kind == 'a'"})
    assert ["kind"] == list(leave_out(card, ["a"]).rules)


def test_a_range_alone_is_taken_back_by_none(workspace):
    report = workspace.score(
        CALCS.with_columns(forces=1.0), by="xtb-gfn2", ranges={"forces": "none"}
    )
    assert "forces" not in report.card["ranges"]
    assert "forces" in report.card["required"]


def test_nothing_stands_for_none_in_python():
    base = Scorecard(ranges={"a": "0 .. 1", "b": "0 .. 1"})
    assert {"b": "0 .. 1"} == Scorecard(ranges={"a": None}).over(base).ranges


def test_what_the_body_says_itself_stays():
    card = Scorecard(without="gap", ranges={"gap": "0 .. 9 eV"}).over(ready_card())
    assert "0 .. 9 eV" == card.ranges["gap"]
    assert () == card.without


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"without": "force"}, "`without` names 'force', .*: did you mean 'forces'"),
        ({"without": "gap agree"}, "did you mean 'gap agrees'"),
        ({"ranges": {"forcs": "none"}}, "no range of 'forcs' to take back: did you mean 'forces'"),
    ],
)
def test_what_the_card_does_not_have_is_told_with_the_nearest_name(body, said):
    with pytest.raises(CallError, match=said):
        Scorecard(**body).over(ready_card())


def test_outliers_of_all_columns_stay_as_they_are():
    card = Scorecard(required=["a"], outliers=OutlierRule(method="mad"))
    assert card.outliers == leave_out(card, ["a"]).outliers
