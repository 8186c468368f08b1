"""Likeness to others is what counting by hand gives; time without pauses; entropy by item."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.engine.difficulty import divided
from qforge_jupyter.engine.labeling_pace import labels_over, likeness_of, pace_of
from qforge_jupyter.labeling.disagreement import entropy

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
ANSWERS = st.dictionaries(
    st.tuples(st.sampled_from("xyz"), st.sampled_from("abcdef")),
    st.sampled_from("123"),
    max_size=18,
)


def frame_of(answers: dict[tuple[str, str], str]) -> pl.DataFrame:
    lines = [(item, "q", who, said) for (item, who), said in answers.items()]
    schema = dict.fromkeys(("item", "question", "labeler", "value"), pl.String)
    return pl.DataFrame(lines, schema=schema, orient="row")


@settings(max_examples=300, deadline=None)
@given(ANSWERS)
def test_an_answer_is_compared_with_what_most_others_say(answers):
    by_hand: dict[str, list[int]] = {}
    for (item, who), said in answers.items():
        others = Counter(v for (i, w), v in answers.items() if i == item and w != who)
        top = others.most_common(2)
        if not top or (len(top) == 2 and top[0][1] == top[1][1]):
            continue
        counted = by_hand.setdefault(who, [0, 0])
        counted[0] += 1
        counted[1] += said == top[0][0]
    found = likeness_of(frame_of(answers))
    assert {who: tuple(each) for who, each in by_hand.items()} == {
        who: (n, alike) for who, n, alike, _ in found.iter_rows()
    }


@settings(max_examples=100, deadline=None)
@given(ANSWERS)
def test_division_is_the_entropy_of_an_items_answers(answers):
    expected = {}
    for item in {item for item, _ in answers}:
        bits = entropy([said for (i, _), said in answers.items() if i == item])
        if bits > 0:
            expected[item] = pytest.approx(bits, abs=1e-3)
    assert expected == {item: bits for item, _, bits in divided(frame_of(answers)).iter_rows()}


def test_the_trend_is_the_later_half_less_the_earlier():
    # ann is like the others first, and not later.
    lines = []
    for n in range(4):
        lines += [(f"i{n}", "q", who, "1") for who in ("bob", "cy")]
        lines.append((f"i{n}", "q", "ann", "1" if n < 2 else "2"))
    answers = pl.DataFrame(lines, schema=["item", "question", "labeler", "value"], orient="row")
    (trend,) = likeness_of(answers).filter(pl.col("labeler") == "ann")["trend"]
    assert -1.0 == trend


def test_a_pause_is_no_work():
    seconds = [0, 10, 20, 5_000, 5_010]
    living = pl.DataFrame({
        "labeler": ["ann"] * 5, "session": ["s"] * 5, "submission": list("abcde"),
        "item": list("abcde"), "type": ["answer"] * 5,
        "at": [AT + timedelta(seconds=n) for n in seconds], "latency_ms": [1_000] * 5,
    })  # fmt: skip
    assert [360.0] == pace_of(living)["per_hour"].to_list()


def test_several_answers_to_one_item_are_one_label():
    living = pl.DataFrame({
        "labeler": ["ann"] * 2, "session": ["s"] * 2, "submission": ["a"] * 2, "item": ["x"] * 2,
        "type": ["answer", "cant_tell"], "at": [AT] * 2, "latency_ms": [3_000] * 2,
    })  # fmt: skip
    (line,) = pace_of(living).to_dicts()
    assert (1, 1, 1, 3.0, None) == tuple(
        line[name] for name in ("n_labels", "n_items", "n_cant_tell", "median_s", "per_hour")
    )


@pytest.mark.parametrize(
    ("hours", "unit", "n"), [(1, "minute", 61), (2, "minute", 121), (5, "hour", 6), (200, "day", 9)]
)
def test_labels_are_counted_in_the_unit_that_fits_their_time(hours, unit, n):
    found, points = labels_over(pl.Series([AT, AT + timedelta(hours=hours)]))
    assert (unit, n, 2) == (found, len(points), sum(count for _, count in points))


def test_no_label_has_no_time():
    assert ("minute", []) == labels_over(pl.Series([], dtype=pl.Datetime("us", "UTC")))
