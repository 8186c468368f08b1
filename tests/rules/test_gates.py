"""Gates say what has to hold, and what to say when it does not."""

from __future__ import annotations

import math

import pytest

from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.gates import read_gate


def test_a_gate_of_the_scorecard_is_read():
    gate = read_gate(
        "overall >= 0.80 and completeness >= 70% and no failed rule and not an outlier "
        "and lineage approved"
    )
    assert [(one.kind, one.name, one.operator, one.threshold) for one in gate.conditions] == [
        ("score", "overall", ">=", 0.80),
        ("score", "completeness", ">=", 0.70),
        ("no_failed_rule", "", "", None),
        ("no_outlier", "", "", None),
        ("lineage_approved", "", "", None),
    ]
    assert [one.reason for one in gate.conditions] == [
        "overall below 0.80",
        "completeness below 70%",
        "a rule failed",
        "an undocumented outlier",
        "lineage not approved",
    ]
    assert hash(gate) == hash(read_gate(gate.text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no failed validation", "no_failed_validation"),
        ("No Failed  check", "no_failed_check"),
        ("no outlier", "no_outlier"),
        ("no undocumented outlier", "no_outlier"),
    ],
)
def test_every_saying_has_its_kind(text, kind):
    assert read_gate(text).conditions[0].kind == kind


def test_dimensions_of_another_scorecard_can_be_named():
    gate = read_gate("image quality > 0.5", ("image_quality",))
    assert gate.conditions[0].name == "image_quality"
    assert gate.conditions[0].reason == "image_quality not above 0.5"


@pytest.mark.parametrize(
    ("text", "hint", "place"),
    [
        ("overal >= 0.8", "'overall'", 0),
        ("overall >= 0.8 and no faild rule", "'no failed rule'", 19),
        ("overall >= 0.8 or validity >= 1", "", 0),
        ("overall >= 0.8 and", "'and'", 18),
        ("", "", None),
        ("overall >= x", "", 0),
        ("0.8 <= overall", "", 0),
    ],
)
def test_a_wrong_gate_is_refused_where_it_is_wrong(text, hint, place):
    with pytest.raises(RuleError) as caught:
        read_gate(text)
    assert hint in caught.value.message
    assert caught.value.column == place


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("overall >= 0.8", 0.8, True),
        ("overall > 0.8", 0.8, False),
        ("overall < 1", 0, True),
        ("overall <= 1", math.nan, False),
        ("overall == 1", 1.0, True),
        ("overall >= 0", None, False),
    ],
)
def test_a_score_meets_its_threshold_or_not(text, value, expected):
    assert read_gate(text).conditions[0].holds_for(value) is expected
