"""A card written as a body reads back as the same card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.language.body import read_body
from qforge_jupyter.language.validation import validate
from qforge_jupyter.results.card_body import write_body

CARDS = {
    "full": Scorecard(
        required=("energy", "gap when n > 0"),
        units={"gap": "eV"},
        ranges={"gap": "0 ..< 50 eV", "dipole moment": ".. 0"},
        values={"kind": ("a, b", "yes", "#1", "it's", '"')},
        patterns={"id": "^tt[0-9]{7,8}$", "name": r"\d+: .*"},
        rules={"gap agrees: always": "gap == lumo - homo within 0.01 eV", "in": "a in ['x', 'y']"},
        unique_by=("*",),
        ml_ready="overall >= 0.8 and no failed check",
    ),
    "empty": Scorecard(),
}


@pytest.mark.parametrize("name", CARDS)
def test_reads_back_as_the_same_card(name):
    card = CARDS[name]
    assert card == validate(Scorecard, read_body(write_body(card.model_dump())))


@given(st.dictionaries(st.text("abc: #'\"[]{}-,%@", min_size=1), st.text(min_size=1), max_size=4))
def test_reads_back_whatever_names_and_rules_hold(rules):
    rules = {name.strip() or "a": text for name, text in rules.items()}
    printable = {k: v for k, v in rules.items() if v.isprintable() and v.strip() == v and v}
    card = Scorecard(rules=printable)
    assert card == validate(Scorecard, read_body(write_body(card.model_dump())))
