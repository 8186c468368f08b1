import polars as pl
import pytest

from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.readiness import count_refusals, judge, refuse_if
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.errors import RuleError
from qforge_jupyter.frames import Table

FAILED = {"validity_failed": [0], "consistency_failed": [0], "uniqueness_failed": [0]}
ROW = {"overall": [0.9], "completeness": [0.9], **FAILED, "is_outlier": [False]}
USUAL = (
    "overall >= 0.80 and completeness >= 0.70 and no failed check "
    "and no undocumented outlier and lineage approved"
)


def judged(gate: str = USUAL, *, approved: bool = True, **changes: object) -> str:
    frame = pl.DataFrame({**ROW, **changes})
    return judge(frame, gate, is_lineage_approved=approved)["refusals"][0]


def test_a_row_that_meets_every_condition_is_ready():
    frame = judge(pl.DataFrame(ROW), USUAL, is_lineage_approved=True)
    assert [(True, "")] == frame.select("ml_ready", "refusals").rows()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"overall": [0.79]}, "overall below 0.80"),
        ({"overall": pl.Series([None], dtype=pl.Float64)}, "overall below 0.80"),
        ({"completeness": [0.5]}, "completeness below 0.70"),
        ({"validity_failed": [1]}, "value not allowed"),
        ({"consistency_failed": [2]}, "rule broken"),
        ({"uniqueness_failed": [1]}, "duplicate"),
        ({"is_outlier": [True]}, "undocumented outlier"),
        ({"is_outlier": [True], "is_documented": [False]}, "undocumented outlier"),
        ({"is_outlier": [True], "is_documented": [True]}, ""),
    ],
)
def test_every_refusal_carries_its_reason(changes: dict[str, object], reason: str):
    assert reason == judged(**changes)


def test_several_reasons_stand_beside_each_other():
    said = judged(overall=[0.1], is_outlier=[True], approved=False)
    assert said == "overall below 0.80; undocumented outlier; lineage not approved"


VALIDATIONS = "value not allowed; rule broken"


@pytest.mark.parametrize(
    ("saying", "reasons"),
    [
        ("no failed rule", "rule broken"),
        ("no failed validation", VALIDATIONS),
        ("no failed check", f"{VALIDATIONS}; duplicate"),
    ],
)
def test_rules_are_validations_and_validations_are_checks(saying: str, reasons: str):
    everything = {"validity_failed": [1], "consistency_failed": [1], "uniqueness_failed": [1]}
    assert reasons == judged(saying, **everything)


@pytest.mark.parametrize(
    ("saying", "refused"),
    [
        ("no failed rule", [1]),
        ("no failed validation", [1, 2]),
        ("no failed check", [1, 2, 4]),
    ],
)
def test_only_the_later_row_is_a_duplicate_and_a_missing_value_fails_nothing(
    saying: str, refused: list[int]
):
    rows = pl.DataFrame({
        "id": ["a", "b", "c", "d", "a"],
        "x": [1.0, 1.0, 9.0, None, 1.0],
        "y": [2.0, 0.0, 10.0, 2.0, 2.0],
    })  # fmt: skip
    card = Scorecard(
        required="x", ranges={"x": "0 .. 5"}, rules={"up": "x < y"}, unique_by="id",
        outliers="none", ml_ready=saying,
    )  # fmt: skip
    report = score(Case(Table.of_frame("t", rows), card))
    assert refused == report.rows.filter(~pl.col("ml_ready"))["row"].to_list()


def test_a_gate_that_asks_nothing_of_rows_refuses_them_all():
    frame = pl.DataFrame({"overall": [0.1, 0.2]})
    assert ["lineage not approved"] * 2 == judge(
        frame, "lineage approved", is_lineage_approved=False
    )["refusals"].to_list()


def test_no_rows_have_no_refusals_of_the_right_type():
    empty = judge(pl.DataFrame(ROW).clear(), USUAL, is_lineage_approved=False)
    assert (0, pl.String) == (empty.height, empty.schema["refusals"])


def test_a_gate_may_have_many_conditions_and_not_any_number():
    many = " and ".join(f"overall>0.{i}" for i in range(10, 60))
    assert len(judged(many, overall=[0.0]).split("; ")) == 50
    with pytest.raises(RuleError, match="at most 63"):
        judged(" and ".join(f"overall{op}{i}%" for op in "<>" for i in range(32)))


def test_reasons_are_counted_one_by_one():
    rows = pl.DataFrame({"refusals": ["a; b", "a", "", "c; b"]})
    assert count_refusals(rows) == (("a", 2), ("b", 2), ("c", 1))


@pytest.mark.parametrize(
    ("gate", "reason"),
    [
        ("overall < 0.8", "overall is 0.750"),
        ("overall < 0.5", ""),
        ("overall < 0.8 and validity < 0.9", "overall is 0.750 and validity is 0.500"),
        ("overall < 0.8 and validity > 0.9", ""),
        ("consistency < 0.5", "consistency has no score"),
    ],
)
def test_a_table_is_refused_when_all_of_it_holds(gate: str, reason: str):
    assert reason == refuse_if(gate, {"overall": 0.75, "validity": 0.5})


def test_refuse_if_does_not_speak_of_rows():
    with pytest.raises(RuleError, match="compares scores of the whole table"):
        refuse_if("no failed rule", {"overall": 1.0})
