import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.documents.visible import make_visible, show_cell


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("\\n", "\n"),
        ("\\x00", "\0"),
        ("\\x1b[31m", "\x1b[31m"),
        ("\\u202e", "\u202e"),
        ("\\u2066", "\u2066"),
        ("\\u200b", "\u200b"),
        ("\\ufeff", "\ufeff"),
        ("\\u2028", "\u2028"),
        ("\\ud800", "\ud800"),
        ("\\U000e0041", "\U000e0041"),
        ("é ≤ שלום 漢字", "é ≤ שלום 漢字"),
    ],
)
def test_hidden_characters_are_written_out(shown, text):
    assert shown == make_visible(text, 40)


def test_joiners_of_scripts_and_emoji_stay():
    assert make_visible("👩\u200d🔬", 40) == "👩\u200d🔬"


def test_a_long_text_ends_in_an_ellipsis():
    assert make_visible("abcdefghij", 5) == "abcd…"


def test_a_text_of_just_the_limit_is_whole():
    assert make_visible("abcde", 5) == "abcde"


@given(st.text(st.characters(codec=None)), st.integers(min_value=1, max_value=50))
def test_what_is_shown_is_short_encodable_and_without_controls(text, limit):
    shown = make_visible(text, limit)
    assert len(shown) <= limit
    shown.encode()
    kinds = {unicodedata.category(c) for c in shown.replace("\u200c", "").replace("\u200d", "")}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_a_cell_of_an_unknown_type_is_its_text():
    assert show_cell({"a": 1}, 40) == "{'a': 1}"
