"""Which decisions become examples, what these are, and why the others are left out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.collectors import CollectCase, collector_of
from qforge_jupyter.errors import CallError, DataError, QForgeError, RuleError
from qforge_jupyter.frames import Table

DECISIONS = collector_of([])
LOG = pl.DataFrame({
    "decision_id": [1, 2, 3, 4, 5, 6, 7, 8],
    "input": ["a", "b", "c", "d", "e", "", "a", "a"],
    "expected_output": ["x", "y", "x", "y", "x", "y", "x", "z"],
    "outcome": ["positive", "Positive", "negative", None, "positive", "positive", "positive",
                "positive"],
    "confidence": [0.9, 0.8, 0.9, 0.9, None, 0.9, 0.95, 0.99],
    "score": [80, 75, 90, 90, 90, 90, 80, 76],
})  # fmt: skip


def case(frame: pl.DataFrame = LOG, **more: Any) -> CollectCase:
    about = {"dataset": "golden/tiers", "keys": ("source_decision_id",), "source": "log"}
    about |= {
        name: more.pop(name) for name in list(more) if name in CollectCase.__dataclass_fields__
    }
    plan = DECISIONS.Plan.model_validate(more)
    return CollectCase(Table.of_frame("log", frame), plan, **about)


def harvest(frame: pl.DataFrame = LOG, **more: Any) -> Any:
    return DECISIONS.collect(case(frame, **more))


def ids(found: Any) -> list[Any]:
    return found.examples["source_decision_id"].to_list()


def reasons(found: Any) -> dict[int, str]:
    return dict(found.left_out.select("source_decision_id", "reason").rows())


def test_what_is_positive_sure_and_scored_high_becomes_an_example_and_the_rest_has_a_reason():
    found = harvest()
    assert ids(found) == [2, 7]
    assert reasons(found) == {
        1: "repeats an input",
        3: "the outcome is not positive",
        4: "no outcome",
        5: "no confidence",
        6: "no input",
        8: "repeats an input, with another expected output",
    }
    assert found.left_out.filter(pl.col("source_decision_id") == 8)["like"].to_list() == [7]
    assert [(step.name, step.n_left) for step in found.steps] == [
        ("outcome", 6), ("confidence", 5), ("score", 5), ("input and output", 4),
        ("distinct input", 2),
    ]  # fmt: skip
    assert (found.n_contradictions, found.contradictions) == (1, (7,))


def test_every_row_is_an_example_or_left_out_and_never_both():
    found = harvest()
    assert sorted(ids(found) + found.left_out["source_decision_id"].to_list()) == list(range(1, 9))
    assert found.left_out["row"].to_list() == [0, 2, 3, 4, 5, 7]


def test_an_example_is_linked_to_its_decision_and_pending():
    row = harvest(type="tier").examples.row(0, named=True)
    assert row == {
        "source_decision_id": 2, "source_table": "log", "source_time": None,
        "example_type": "tier", "input": "b", "expected_output": "y", "outcome": "Positive",
        "confidence": 0.8, "score": 75, "difficulty": 1.0, "edge_case": True,
        "validation_status": "pending", "validated_by": None, "validated_at": None,
    }  # fmt: skip


def test_of_equal_inputs_the_highest_score_stays_then_the_highest_confidence_then_the_first():
    rows = LOG.head(1).select(pl.exclude("decision_id", "score", "confidence"))
    many = pl.concat([rows] * 4).with_columns(
        decision_id=pl.Series([1, 2, 3, 4]),
        score=pl.Series([80, 90, 90, 90]),
        confidence=pl.Series([0.99, 0.8, 0.9, 0.9]),
    )
    assert ids(harvest(many)) == [3]


@pytest.mark.parametrize(
    ("outcomes", "asked", "wanted"),
    [
        ([True, False, None], {}, [1]),
        ([True, False, None], {"outcome": ["false"]}, [2]),
        ([True, False, None], {"outcome": ["none"]}, [1, 2, 3]),
        ([-1.5, 0.0, 2.5], {}, [3]),
        ([3, 4, 5], {"outcome": ["3", "5"]}, [1, 3]),
        (["won", "lost", "renewed"], {"outcome": ["won", "renewed"]}, [1, 3]),
        (["won", "lost", "renewed"], {"where": "outcome != 'lost'"}, [1, 3]),
        (["won", "lost", "won"], {"where": "outcome != 'x'", "outcome": ["won"]}, [1, 3]),
    ],
)
def test_what_counts_as_a_good_outcome(outcomes: Any, asked: Any, wanted: Any):
    log = LOG.head(3).with_columns(outcome=pl.Series(outcomes))
    assert ids(harvest(log, **asked)) == wanted


def test_filters_are_ranges_that_can_be_changed_and_turned_off():
    assert ids(harvest(confidence="none", score="none")) == [2, 5, 7]
    assert ids(harvest(confidence="0.75 .. 0.9")) == [1, 2]
    bare = LOG.drop("confidence", "score", "outcome")
    found = harvest(bare, outcome=["none"], confidence="none", score="none")
    assert ids(found) == [1, 2, 3, 4, 5]
    assert found.examples.columns == [
        "source_decision_id", "source_table", "source_time", "example_type", "input",
        "expected_output", "validation_status", "validated_by", "validated_at",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "missing",
    [
        pl.Series([1, None, 3, 4, 5, 6, 7, 8]),
        pl.Series([1.0, math.nan, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]),
        pl.Series(["1", " ", "3", "4", "5", "6", "7", "8"]),
    ],
)
def test_a_decision_without_an_id_falls_and_the_funnel_says_why(missing: pl.Series):
    found = harvest(LOG.with_columns(decision_id=missing))
    assert 2 in ids(harvest())
    assert [float(each) for each in ids(harvest()) if each != 2] == [float(e) for e in ids(found)]
    assert (found.steps[0].name, found.steps[0].reasons) == ("id", (("no decision_id", 1),))


def test_several_inputs_keep_their_names_and_more_is_carried_along():
    log = LOG.with_columns(size=pl.col("score") * 2, region=pl.lit("north"))
    found = harvest(log, input=["input", "size"], keep=["region"])
    assert {"input", "size", "region"} < set(found.examples.columns)
    assert {7, 8} < set(ids(found)), "the same input of another size is another input"


def test_columns_that_look_like_patterns_are_only_themselves():
    log = LOG.rename({"input": "^.*$", "score": "*"})
    found = harvest(log, input=["^.*$"], columns={"score": "*"})
    assert ids(found) == [2, 7]


def test_not_a_number_is_no_confidence_that_is_high_enough():
    log = LOG.with_columns(confidence=pl.lit(float("nan")))
    with pytest.raises(
        DataError, match=r"the last 6 fell at `confidence` \(confidence below 0.8\)"
    ):
        harvest(log)


def test_confidence_in_per_cent_is_pointed_out():
    found = harvest(LOG.with_columns(confidence=pl.lit(97.0)))
    assert "above 1" in found.warnings[0]


def test_a_second_harvest_brings_only_what_is_new():
    first = harvest(LOG.head(2))
    second = harvest(held=first.examples)
    assert ids(second) == []
    assert [reasons(second)[each] for each in (1, 2, 7)] == [
        "in golden/tiers already", "in golden/tiers already", "repeats an input",
    ]  # fmt: skip
    assert second.n_before == 2
    assert second.left_out.filter(pl.col("source_decision_id") == 7)["like"].to_list() == [1]


def test_an_id_of_another_source_is_no_decision_that_is_known():
    held = harvest().examples.with_columns(source_table=pl.lit("old log"))
    other = LOG.with_columns(input=pl.col("input") + "!")
    assert reasons(harvest(other, held=held))[2] == "the id of an example from another source"
    both = harvest(other, held=held, keys=("source_table", "source_decision_id"))
    assert ids(both) == [2, 6, 7]


def test_a_forgotten_decision_does_not_come_back():
    def is_forgotten(rows: pl.DataFrame) -> pl.Series:
        return rows["source_decision_id"] == 7

    found = harvest(held=harvest().examples.head(1), is_forgotten=is_forgotten)
    assert (ids(found), reasons(found)[7]) == ([1], "forgotten on request")


def numbers(n: int) -> pl.DataFrame:
    random = np.random.default_rng(3)
    return pl.DataFrame({
        "id": range(n), "x": random.normal(size=n), "y": random.normal(size=n), "answer": ["a"] * n,
        "score": random.uniform(75, 100, n),
    })  # fmt: skip


PLAIN = {
    "outcome": ["none"], "confidence": "none", "input": ["x", "y"], "expected_output": ["answer"]
}  # fmt: skip


def test_near_duplicates_of_the_dataset_and_of_better_decisions_are_left_out():
    held = harvest(numbers(200), **PLAIN).examples
    old = held.row(17, named=True)
    new = pl.DataFrame({
        "id": [900, 901, 902], "x": [old["x"] + 1e-6, 9.0, 9.0 + 1e-6], "y": [old["y"], 9.0, 9.0],
        "answer": ["a", "a", "b"], "score": [99.0, 80.0, 90.0],
    })  # fmt: skip
    found = harvest(new, held=held, seeks_near=True, within=0.001, **PLAIN)
    assert ids(found) == [902]
    rows = found.left_out.select("source_decision_id", "reason", "like").rows()
    assert rows == [
        (900, "nearly repeats an input", 17),
        (901, "nearly repeats an input, with another expected output", 902),
    ]


def test_without_near_duplicates_a_calibrated_search_leaves_nothing_out():
    assert harvest(numbers(300), seeks_near=True, **PLAIN).n_new == 300


def test_a_new_example_near_one_of_the_dataset_falls_also_behind_another_one_of_it():
    near = pl.DataFrame({
        "id": [500, 501], "x": [5.0, 5.008], "y": [5.0, 5.0], "answer": ["a", "a"],
        "score": [76.0, 76.0],
    })  # fmt: skip
    held = harvest(pl.concat([numbers(200), near]), **PLAIN).examples
    chain = near.with_columns(pl.col("id") + 100, pl.col("x") + 0.016)
    found = harvest(chain, held=held, seeks_near=True, within=0.01, **PLAIN)
    assert ids(found) == [601], "600 is near 501 and 601 is near 600 alone"
    assert found.left_out["like"].to_list() == [501]


WRONG: list[tuple[pl.DataFrame, dict[str, Any], type[QForgeError], str]] = [
    (LOG.rename({"input": "inputs"}), {}, DataError,
     "log has no column 'input' for `input`: did you mean 'inputs'?"),
    (LOG.rename({"decision_id": "decisionid"}), {}, DataError,
     "'decision_id' or 'id' was looked for: did you mean 'decisionid'?"),
    (LOG.rename({"score": "scores"}), {}, DataError,
     "log has no column 'score': did you mean 'scores'?"),
    (LOG.drop("outcome"), {}, DataError, "log has no column 'outcome'"),
    (LOG, {"columns": {"time": "at"}}, DataError, "log has no column 'at' for `time`"),
    (LOG, {"keep": ["regionn"]}, DataError, "log has no column 'regionn' for `keep`"),
    (LOG, {"outcome": ["won"]}, DataError, "an outcome that counts: 'outcome' never holds one"),
    (LOG, {"score": ">= 96"}, DataError,
     "None of the 8 rows of log is left: the last 5 fell at `score` (score below 96)"),
    (LOG, {"where": "score > 900"}, DataError, "the last 8 fell at `condition`"),
    (LOG, {"where": "scor > 900"}, RuleError, "did you mean 'score'?"),
    (LOG, {"confidence": "high"}, RuleError, "'high' is no range"),
    (LOG.with_columns(score=pl.lit("90")), {}, RuleError, "The column 'score' holds String"),
    (LOG.with_columns(decision_id=pl.lit(1)), {}, DataError,
     "'decision_id' of log repeats in 7 rows, and it has to name one decision"),
    (LOG.with_columns(decision_id=pl.lit("")), {}, DataError,
     "None of the 8 rows of log is left: the last 8 fell at `id` (no decision_id)"),
    (LOG.clear(), {}, DataError, "log holds no rows"),
    (LOG, {"expected_output": ["input"]}, CallError, "is an input and an expected output"),
    (LOG.with_columns(validation_status=pl.lit("x")), {"keep": ["validation_status"]}, CallError,
     "cannot become 'validation_status' of an example"),
    (LOG.with_columns(outcome=pl.lit(1)), {"outcome": ["won"]}, CallError, "'won' is none"),
    (LOG.with_columns(outcome=pl.lit([1])), {}, CallError, "an outcome is a text, a number or"),
    (LOG, {"held": pl.DataFrame({"question": ["a"]})}, DataError,
     "golden/tiers has no column 'source_decision_id', which every example of this harvest has"),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "asked", "kind", "said"), WRONG, ids=range(len(WRONG)))
def test_what_cannot_be_harvested_is_one_sentence(frame: Any, asked: Any, kind: Any, said: str):
    with pytest.raises(kind) as problem:
        harvest(frame, **asked)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


def test_ids_that_repeat_can_be_told_apart_by_a_condition():
    log = pl.concat([LOG, LOG.with_columns(outcome=pl.lit("open"))])
    assert ids(harvest(log, where="outcome != 'open'", outcome=["positive"])) == [2, 7]


def test_examples_of_another_type_do_not_fit_a_dataset():
    held = harvest().examples
    words = LOG.with_columns(pl.col("decision_id").cast(pl.String))
    with pytest.raises(DataError, match="holds Int64 and this harvest brings String"):
        harvest(words, held=held)
    small = LOG.with_columns(pl.col("decision_id").cast(pl.Int32))
    assert harvest(small, held=held.head(1)).examples.schema == held.schema


def test_a_dataset_with_other_keys_wants_them_in_every_example():
    held = harvest().examples.with_columns(contact=pl.lit("c"))
    with pytest.raises(DataError, match=r"carry it along with  keep: \[contact\]"):
        harvest(held=held, keys=("contact",))
