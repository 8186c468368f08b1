import math

import pytest
from pydantic import ValidationError

from qforge_jupyter.engine.scorecard import WEIGHTS, Scorecard


def test_the_usual_weights_are_a_quarter_35_30_and_10_hundredths():
    assert Scorecard().shares() == {
        "completeness": 0.25, "validity": 0.35, "consistency": 0.30, "uniqueness": 0.10,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ({"completeness": 0.5, "validity": 0.5}, (0.5, 0.5, 0.0, 0.0)),
        ({"uniqueness": 0}, (0.25 / 0.9, 0.35 / 0.9, 0.30 / 0.9, 0.0)),
        ({"validity": 0.6}, (0.25 * 0.4 / 0.65, 0.6, 0.30 * 0.4 / 0.65, 0.10 * 0.4 / 0.65)),
        ({"completeness": 3, "validity": 1}, (0.75, 0.25, 0.0, 0.0)),
        ({"validity": "100%"}, (0.0, 1.0, 0.0, 0.0)),
        ({}, (0.25, 0.35, 0.30, 0.10)),
    ],
)
def test_what_is_named_has_its_weight_and_the_rest_shares_what_is_left(
    weights: dict[str, object], shares: tuple[float, ...]
):
    assert tuple(Scorecard(weights=weights).shares().values()) == pytest.approx(shares)


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({"weights": {"validty": 1}}, "no weighted dimension is named 'validty'"),
        ({"weights": {"validity": -1}}, "greater than or equal to 0"),
        ({"weights": {"validity": math.inf}}, "finite"),
        ({"weights": {"validity": "x%"}}, "could not convert"),
        ({"weights": dict.fromkeys(WEIGHTS, 0)}, "one weight must be above 0"),
        ({"bands": {"exclude": 0.5}}, "'exclude' is a band of its own"),
        ({"bands": {"unscored": 0.5}}, "'unscored' is a band of its own"),
        ({"bands": {"good": 80}}, "bands begin above 0 and at most at 1"),
        ({"bands": {"good": 0}}, "bands begin above 0 and at most at 1"),
        (
            {"bands": {"good": 0.8, "best": 0.9}},
            r"bands fall from best to worst, and 'best' \(0.9\) stands below 'good' \(0.8\)",
        ),
        ({"bands": {"good": 0.8, "fair": 0.8}}, "bands fall from best to worst"),
        ({"outliers": {"threshold": math.inf}}, "finite"),
        ({"outliers": "sigma"}, "'iqr', 'z', 'mad' or 'none'"),
        ({"rangs": {}}, "Extra inputs"),
    ],
)
def test_a_card_that_cannot_be_is_refused(card: dict[str, object], said: str):
    with pytest.raises(ValidationError, match=said):
        Scorecard(**card)


def test_names_may_be_one_text_and_are_asked_once():
    assert Scorecard(required="a, b,, a").required == ("a", "b")


def test_fields_are_merged_and_weights_and_bands_are_replaced():
    base = Scorecard(ranges={"a": "0 .. 1", "b": "0 .. 1"}, bands={"good": 0.5})
    over = Scorecard(ranges={"b": "0 .. 2"}, bands={"fine": 0.7}, weights={"validity": 1})
    card = over.over(base)
    assert card.ranges == {"a": "0 .. 1", "b": "0 .. 2"}
    assert (card.bands, card.weights) == ({"fine": 0.7}, {"validity": 1.0})


def test_what_is_not_set_comes_from_the_card_below():
    base = Scorecard(required=("a",), ml_ready="overall >= 0.5")
    assert Scorecard(optional=("b",)).over(base).required == ("a",)
