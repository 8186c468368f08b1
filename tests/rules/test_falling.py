"""Conditions on a change are read before anything is compared."""

from __future__ import annotations

import pytest

from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.falling import check_condition


@pytest.mark.parametrize(
    "text",
    [
        "no dimension drops",
        "no dimension drops by 0.5 and overall >= 0.80",
        "validity does not drop",
        "no my measure drops",
    ],
)
def test_what_can_be_asked_is_taken_without_scores(text):
    check_condition(text, ("validity", "my measure"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "No condition 'nonsense'"),
        ("validity drops by 1", "says what may not happen"),
        ("no vality drops", "did you mean 'validity'"),
        ("no failed rule", "judged by scores"),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(text, said):
    with pytest.raises(RuleError, match=said):
        check_condition(text)
