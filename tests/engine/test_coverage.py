"""Thin cells: what is listed is far below what the shares of its sides let expect."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.engine.coverage import AT_LEAST, cover
from qforge_jupyter.engine.facets import facets_of
from qforge_jupyter.rules.expressions import read_filter


def found(rows: pl.DataFrame, target: str = "label", **more: object) -> list[tuple]:
    facets = facets_of(rows, [target])
    made = cover(rows[target], facets, target=target, **more)  # type: ignore[arg-type]
    return made.cells.drop("tiers").rows()


def test_classes_that_do_not_hang_on_a_column_are_thin_nowhere():
    rows = pl.DataFrame({"label": ["A", "B"] * 60, "kind": ["x", "x", "y", "y"] * 30})
    assert [] == found(rows)


def test_a_cell_is_listed_with_its_count_its_expectation_and_the_rest():
    # 90 A and 30 B, half of all in x: 15 B are expected there, and 3 are.
    label = ["A"] * 57 + ["B"] * 3 + ["A"] * 33 + ["B"] * 27
    rows = pl.DataFrame({"label": label, "kind": ["x"] * 60 + ["y"] * 60})
    assert [("label = 'B' and kind = 'x'", 3, 15.0, 12)] == found(rows)


def test_half_of_what_is_expected_is_not_thin():
    label = ["A"] * 52 + ["B"] * 8 + ["A"] * 38 + ["B"] * 22
    rows = pl.DataFrame({"label": label, "kind": ["x"] * 60 + ["y"] * 60})
    assert [] == found(rows)


def test_few_rows_say_nothing_by_chance():
    rows = pl.DataFrame({"label": ["A"] * 12 + ["B"] * 12, "kind": (["x"] * 4 + ["y"] * 8) * 2})
    assert [] == found(rows)


def test_two_columns_at_once_are_told_where_neither_tells_it_alone():
    # B is where first and second are the same: each alone shows half of it.
    first = ["x", "y"] * 80
    second = ["u", "u", "v", "v"] * 40
    label = ["B" if (a == "x") == (b == "u") else "A" for a, b in zip(first, second, strict=True)]
    rows = pl.DataFrame({"label": label, "first": first, "second": second})
    rules = [rule for rule, *_ in found(rows)]
    assert [
        "label = 'A' and first = 'x' and second = 'u'",
        "label = 'A' and first = 'y' and second = 'v'",
        "label = 'B' and first = 'x' and second = 'v'",
        "label = 'B' and first = 'y' and second = 'u'",
    ] == rules


def test_what_one_column_tells_is_not_told_again_with_another():
    label = ["A"] * 60 + ["A", "B"] * 30
    other = ["u", "v"] * 60
    rows = pl.DataFrame({"label": label, "kind": ["x"] * 60 + ["y"] * 60, "other": other})
    rules = [rule for rule, *_ in found(rows) if "kind = 'x'" in rule and "'B'" in rule]
    assert ["label = 'B' and kind = 'x'"] == rules


def test_a_class_that_is_offered_and_was_never_given_comes_with_what_it_wants():
    rows = pl.DataFrame({"label": ["A", "B"] * 30, "kind": ["x", "x", "y", "y"] * 15})
    expected = [("label = 'C'", 0, float(AT_LEAST), AT_LEAST)]
    assert expected == found(rows, offered=("A", "B", "C"))


def test_too_few_rows_with_a_class_are_not_compared():
    rows = pl.DataFrame({"label": ["A", None] * 10, "kind": ["x", "y"] * 10})
    made = cover(rows["label"], facets_of(rows, ["label"]), target="label")
    assert "10 rows have a class" in made.note
    assert (None, 0) == (made.square, made.cells.height)


def test_rows_without_a_class_or_a_value_are_left_out():
    label = ["A", "A"] * 30 + ["A", "B"] * 30 + [None] * 50
    kind = ["x", "y"] * 60 + ["x"] * 50
    rows = pl.DataFrame({"label": label, "kind": kind})
    assert [("label = 'B' and kind = 'x'", 0, 15.0, 15)] == found(rows)


def test_numbers_are_cut_into_thirds_that_the_rules_name():
    label = ["B" if n >= 60 else "A" for n in range(90)]
    rows = pl.DataFrame({"label": label, "score": [float(n) for n in range(90)]})
    facet = facets_of(rows, ["label"])[0]
    for code, rule in enumerate(facet.rules):
        low, high = ((0, 29.7), (29.7, 59.3), (59.3, 90))[code]
        there = rows.filter(facet.codes == code)["score"]
        assert (there.min() >= low, there.max() < high) == (True, True), rule
    assert ("label = 'B' and score < 29.7", 0, 10.0, 10) in found(rows)


def test_columns_that_name_rows_or_hold_nothing_sort_nothing():
    rows = pl.DataFrame({
        "id": [f"r{n}" for n in range(50)],
        "empty": pl.Series([None] * 50, dtype=pl.String),
        "same": ["x"] * 50,
        "list": [["x"]] * 50,
        "nan": [float("nan")] * 50,
        "flag": [True, False] * 25,
    })  # fmt: skip
    assert ["flag"] == [facet.name for facet in facets_of(rows)]


def test_a_column_called_like_a_pattern_is_itself():
    rows = pl.DataFrame({"^.*$": ["x", "y"] * 60, "*": ["u", "u", "v", "v"] * 30})
    assert [("`^.*$` = 'x'", "`^.*$` = 'y'"), ("`*` = 'u'", "`*` = 'v'")] == [
        facet.rules for facet in facets_of(rows)
    ]


def test_a_cell_of_which_every_row_is_rejected_is_not_covered():
    # Without tiers nothing is thin; every A of x is rejected.
    rows = pl.DataFrame({"label": ["A", "B"] * 60, "kind": ["x", "x", "y", "y"] * 30})
    is_it = (rows["label"] == "A") & (rows["kind"] == "x")
    tiers = pl.Series(["rejected" if each else "gold" for each in is_it])
    made = cover(rows["label"], facets_of(rows, ["label"]), target="label", tiers=tiers)
    # 30 of 120 rows are rejected: of 30 As in x, three in four are expected to count.
    expected = ("label = 'A' and kind = 'x'", 0, 22.5, 22, "30 rejected")
    assert [expected] == made.cells.rows()
    assert (90, 30) == (made.n_rows, made.n_rejected)
    assert [[0, 30], [30, 30]] == made.square["counts"]


def test_rejected_rows_everywhere_alike_make_no_cell_thin():
    rows = pl.DataFrame({"label": ["A", "B"] * 80, "kind": ["x", "x", "y", "y"] * 40})
    tiers = pl.Series((["silver"] * 4 + ["rejected"] * 4) * 20)
    assert [] == found(rows, tiers=tiers)


def test_a_thin_cell_says_of_which_tiers_its_rows_are():
    label = ["A"] * 57 + ["B"] * 3 + ["A"] * 33 + ["B"] * 27
    tier = ["gold"] * 57 + ["bronze", "rejected", None] + ["gold"] * 60
    rows = pl.DataFrame({"label": label, "kind": ["x"] * 60 + ["y"] * 60})
    facets = facets_of(rows, ["label"])
    made = cover(rows["label"], facets, target="label", tiers=pl.Series(tier))
    expected = ("label = 'B' and kind = 'x'", 2, 14.9, 13)
    (line,) = made.cells.rows()
    assert expected == line[:4]
    assert {"1 bronze", "1 rejected", "1 without a tier"} == set(line[4].split(", "))


def test_a_class_of_which_every_row_is_rejected_wants_as_many_as_one_never_given():
    rows = pl.DataFrame({"label": ["A"] * 60 + ["B"] * 6, "kind": ["x", "y"] * 33})
    tiers = pl.Series(["gold"] * 60 + ["rejected"] * 6)
    made = cover(rows["label"], facets_of(rows, ["label"]), target="label", tiers=tiers)
    assert [("label = 'B'", 0, float(AT_LEAST), AT_LEAST, "6 rejected")] == made.cells.rows()


def test_rules_over_awkward_names_can_be_read_as_conditions():
    rows = pl.DataFrame({
        "the label": ["A", "A"] * 30 + ["A", "B"] * 30,
        "my col": ["r", "s"] * 60,
        "a`b": ["r", "s"] * 60,
    })  # fmt: skip
    facets = facets_of(rows, ["the label"])
    assert ["my col"] == [facet.name for facet in facets]
    (rule,) = cover(rows["the label"], facets, target="the label").cells["rule"]
    assert "`the label` = 'B' and `my col` = 'r'" == rule
    assert 0 == rows.filter(read_filter(rule, rows.schema)).height
