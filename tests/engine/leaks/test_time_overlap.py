from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leaks.time_overlap import find

DAYS = [date(2024, 1, 1) + timedelta(days=i) for i in range(100)]


def case(train, test, validation=None):
    parts = {"train": train, "validation": validation, "test": test}
    frames = {name: pl.DataFrame({"day": v}) for name, v in parts.items() if v is not None}
    return LeakCase.of_parts(frames, time="day")


def test_parts_one_after_the_other_are_clean_and_the_gap_is_told():
    outcome = find(case(DAYS[:60], DAYS[70:]))
    assert (outcome.verdict, outcome.said) == (
        "clean",
        "test begins 11 days, 0:00:00 after the end of train",
    )


def test_rows_before_the_end_of_training_are_counted():
    (leak,) = find(case(DAYS[:60], DAYS[50:])).leaks
    # Days 50 to 58 lie before the last day of training, 59; the 50 rows begin at 50.
    assert (leak.n_rows, leak.severity, leak.statistic) == (9, "high", 9 / 50)
    assert (leak.examples[0].row_a, leak.examples[0].row_b) == (59, 0)


def test_validation_must_lie_between():
    leaks = find(case(DAYS[:50], DAYS[70:90], validation=DAYS[60:95])).leaks
    assert [leak.parts for leak in leaks] == [("validation", "test")]


def test_the_same_instant_in_both_is_a_small_leak():
    (leak,) = find(case(DAYS[:60], DAYS[59:])).leaks
    assert (leak.severity, leak.n_rows) == ("low", 1)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["a", "b"], "String"),
        ([None, None], "Null"),
        (pl.Series([None, None], dtype=pl.Date), "fewer than two parts have a time"),
    ],
)
def test_what_is_no_time_is_declined(values, reason):
    outcome = find(case(values, values))
    assert (outcome.verdict, reason in outcome.said) == ("not applicable", True)


def test_without_a_time_column_nothing_is_guessed(parted):
    assert find(parted()).verdict == "not applicable"


def test_instants_and_numbers_count_as_time():
    start = datetime(2024, 1, 1)  # noqa: DTZ001 — a naive time is a time, too
    hours = [start + timedelta(hours=i) for i in range(10)]
    assert find(case(hours[:5], hours[6:])).said == "test begins 2:00:00 after the end of train"
    assert find(case([1.0, 2.0, float("nan")], [3.0, 4.0])).verdict == "clean"
