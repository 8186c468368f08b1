"""A long table is read as it is meant, or refused in one sentence."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.agreement.bootstrap import Resampling
from qforge_jupyter.engine.agreement.coefficients import coefficients_of
from qforge_jupyter.engine.agreement.majority import majority
from qforge_jupyter.engine.agreement.measuring import Asked, measure_agreement
from qforge_jupyter.engine.agreement.patterns import patterns_of
from qforge_jupyter.engine.agreement.ratings import Roles, read_ratings
from qforge_jupyter.errors import CallError, DataError
from tests.engine.agreement.conftest import long

FRAME = long([("x", "ada", "low"), ("x", "ben", "high"), ("y", "ada", "low"), ("y", "ben", "low")])
TWICE = pl.DataFrame({
    "item": [1, 1, 1, 2, 2],
    "labeler": ["a", "a", "b", "a", "b"],
    "value": ["yes", "no", "no", "no", "no"],
    "time": [date(2026, 5, 2), date(2026, 5, 1), None, None, None],
})  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (Roles(item="itme"), "No column named 'itme' for the item: did you mean 'item'?"),
        (Roles(labeler="annotator"), "No column named 'annotator' for the labeler: there are"),
        (Roles(time="when"), "No column named 'when' for the time"),
        (Roles(question="item"), "The column 'item' has two roles"),
    ],
)
def test_a_column_that_is_not_there_is_named_with_the_nearest(roles, said):
    with pytest.raises(CallError) as problem:
        read_ratings(FRAME, roles)
    assert said in str(problem.value)


@pytest.mark.parametrize(
    ("level", "categories", "said"),
    [
        ("ordinal", None, "text without an order"),
        ("interval", None, "wanted numbers for the level interval"),
        ("ratio", ["low", "high"], "wanted numbers for the level ratio"),
        ("nominal", ["low", "low"], "not all different"),
        ("nominal", [], "not all different"),
        ("ordinary", None, "did you mean 'ordinal'?"),
    ],
)
def test_a_level_that_the_values_do_not_have_is_refused(level, categories, said):
    with pytest.raises(CallError) as problem:
        read_ratings(FRAME, level=level, categories=categories)
    assert said in str(problem.value)


def test_a_value_that_is_no_category_is_counted_and_not_shown():
    with pytest.raises(DataError) as problem:
        read_ratings(FRAME, categories=["low", "middle"])
    assert "In 1 row the value in 'value' is none of the 2 categories" in str(problem.value)
    assert "high" not in str(problem.value)


def test_values_of_several_parts_are_refused():
    frame = FRAME.with_columns(value=pl.concat_list("value"))
    with pytest.raises(CallError, match="give one plain value a row"):
        read_ratings(frame)


def test_infinite_numbers_are_refused_where_distance_counts():
    frame = FRAME.with_columns(value=pl.Series([float("inf"), 1.0, 2.0, 2.0]))
    with pytest.raises(DataError, match="wanted finite numbers for the level interval"):
        read_ratings(frame)
    assert read_ratings(frame, level="ordinal").n_categories == 3


@pytest.mark.parametrize("values", [[True, False, True, True], [1.5, 1.5, 2.5, 3.0], list("aabb")])
@pytest.mark.parametrize("aggregate", ["majority", "dawid-skene", "one-coin"])
def test_two_items_are_few_and_enough_for_a_report(values, aggregate):
    frame = FRAME.with_columns(value=pl.Series(values))
    report = measure_agreement(frame, asked=Asked(aggregate=aggregate, resampling=QUICK))
    assert report.labels.height == 2
    assert report.document().title == "Agreement on ratings"


def test_declared_categories_have_their_order_and_count_although_nobody_used_them():
    ratings = read_ratings(FRAME, level="ordinal", categories=["low", "middle", "high"])
    assert ratings.scale.names.to_list() == ["low", "middle", "high"]
    assert patterns_of(ratings).counts.shape[1] == 3


def test_an_enum_has_the_order_of_its_type():
    kind = pl.Enum(["low", "middle", "high"])
    ratings = read_ratings(FRAME.with_columns(pl.col("value").cast(kind)), level="ordinal")
    assert ratings.scale.names.to_list() == ["low", "middle", "high"]


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ([1, 2, 1, 1], "interval"),
        ([0.5, 1.5, 2.0, 1.0], "interval"),
        (["a", "b", "a", "a"], "nominal"),
        ([True, False, True, True], "nominal"),
        ([date(2026, 1, day) for day in (1, 2, 3, 4)], "interval"),
    ],
)
def test_the_level_follows_the_type(values, level):
    assert read_ratings(FRAME.with_columns(value=pl.Series(values))).scale.level == level


def test_the_last_of_two_ratings_counts_by_row_and_by_time():
    by_row = read_ratings(TWICE.drop("time"))
    by_time = read_ratings(TWICE, Roles(time="time"))
    assert (by_row.n_repeated, by_time.n_repeated) == (1, 1)
    assert coefficients_of(by_row)["percent agreement"].value == 1.0
    assert coefficients_of(by_time)["percent agreement"].value == 0.5


def test_two_ratings_are_refused_where_that_is_wanted():
    with pytest.raises(DataError, match="In 1 row a labeler of 'labeler' rated an item again"):
        read_ratings(TWICE, repeats="refuse")


def test_rows_with_something_missing_are_left_out_and_counted():
    frame = pl.DataFrame({
        "item": [1, 1, None, 2, 2],
        "labeler": ["a", "b", "a", None, "b"],
        "value": [1.0, float("nan"), 2.0, 1.0, None],
    })  # fmt: skip
    ratings = read_ratings(frame)
    assert (len(ratings), ratings.n_missing) == (1, 4)


def test_columns_may_be_called_like_patterns():
    frame = FRAME.rename({"item": "^.*$", "labeler": "*", "value": "^v.*$"})
    ratings = read_ratings(frame, Roles("^.*$", "*", "^v.*$"))
    assert coefficients_of(ratings)["percent agreement"].value == 0.5


def test_the_same_ratings_as_text_category_and_enum_are_the_same():
    kinds = [pl.String, pl.Categorical, pl.Enum(["high", "low"])]
    found = [
        coefficients_of(read_ratings(FRAME.with_columns(pl.col("value").cast(kind))))
        for kind in kinds
    ]
    alphas = [each["Krippendorff's alpha, nominal"].value for each in found]
    assert len(set(alphas)) == 1


@pytest.fixture(scope="module")
def scores():
    """Two scores between 0 and 1 of each of 8,000 items: hardly any is there twice."""
    rng = np.random.default_rng(0)
    truth = rng.random(8_000)
    return np.clip(truth[:, None] + rng.normal(0, 0.1, (8_000, 2)), 0, 1)


QUICK = Resampling(n_resamples=100)


def long_scores(scores):
    return pl.DataFrame({
        "item": np.repeat(np.arange(len(scores)), 2),
        "labeler": np.tile([0, 1], len(scores)),
        "value": scores.ravel(),
    })  # fmt: skip


def test_numbers_that_hardly_repeat_have_the_alpha_of_the_formula_written_out(scores):
    few = scores[:600]
    every = few.ravel()
    observed = ((few[:, 0] - few[:, 1]) ** 2).mean()
    apart = (every[:, None] - every[None, :]) ** 2
    expected = apart.sum() / (len(every) * (len(every) - 1))
    found = coefficients_of(read_ratings(long_scores(few)))
    alpha = found["Krippendorff's alpha, interval"].value
    assert alpha == pytest.approx(1 - observed / expected, abs=1e-9)
    assert "round them" in found["Fleiss' kappa"].reason


def test_their_interval_is_that_of_rounded_numbers(scores):
    few = scores[:600]
    exact, rounded = (
        coefficients_of(read_ratings(long_scores(each)), Resampling(seed=3))[
            "Krippendorff's alpha, interval"
        ]
        for each in (few, few.round(2))
    )
    assert (exact.low, exact.high) == pytest.approx((rounded.low, rounded.high), abs=0.005)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "ratio"])
def test_too_many_different_values_are_refused_with_what_helps(scores, level):
    with pytest.raises(DataError, match="round them, put them into classes"):
        coefficients_of(read_ratings(long_scores(scores), level=level))


def test_labels_are_not_made_of_too_many_values(scores):
    with pytest.raises(DataError, match="too many to choose among"):
        majority(read_ratings(long_scores(scores)))


def test_a_report_of_such_numbers_leaves_out_what_they_do_not_have(scores):
    frame = long_scores(scores).with_columns(day=pl.col("item") // 2_000)
    report = measure_agreement(frame, Roles(time="day"), Asked(n_windows=4, resampling=QUICK))
    assert set(report.frames()) == {"coefficients", "over_time", "labelers"}
    assert report.over_time["n_items"].to_list() == [2_000] * 4
    assert (report.over_time["alpha"] > 0.8).all()
    assert "Pairs of labelers" not in repr(report)
