import time

import pytest
from hypothesis import example as given_also
from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.errors import CallError
from qforge_jupyter.language.body import read_body, same_name

QUICKLY = settings(max_examples=300, deadline=20_000)
#: Longer than the slowest body that is read (1.6 s), short enough to find a hang.
SOON_S = 20
PIECES = (
    *("a", "b c", ": ", "- ", "\n", "\n  ", "[", "]", "{", "}", ", ", "'", '"', "#", " # ", "|"),
    *(">", ">= 3", "&x", "*x", "!t", "!!python/name:os.system", "%", "@", "`", "? ", "---", "..."),
    *("\t", "\\", "\\U00110000", "\\ud800", "{{n}}", "<<", "\x85", "\u2028", "\ufeff", "\0", "😀"),
)


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "no", "null", "~", "12:30", "1.10", "0x1F", "1e3", "2026-11-21", "5%", "@id"),
        *(">= 0.7", "> 5", ">5", "| x", "|x", ".. 0 eV", "0 .. 50 eV", "%x", "`x`", "*.parquet"),
        *("* 2", "& x", "&& x", "!= 3", "! x", "? x", "a: b: c", "{{name}}", "{{name}} and more"),
        *("#fff", "red #fff", "gap == lumo - homo within 0.01 eV", "-5", "=", "<<", "a}", "a]"),
        *("x in ['a', 'b'] and y > 3", "scaffold(smiles)", "C:\\new\\x", "http://h:1/x", "größe"),
    ],
)
def test_a_value_means_what_it_looks_like(text: str):
    assert {"key": text} == read_body(f"key: {text}").value


@pytest.mark.parametrize(
    "text", ["yes", "12:30", ">= 0.7", "@id", "%x", "5%", "*.x", "!= 3", "{{n.a}}", "? x", "#fff"]
)
def test_a_value_in_a_list_or_a_mapping_means_what_it_looks_like(text: str):
    found = read_body(f"list: [{text}, {text}]\nmap: {{y: {text}, z: {text}}}\nitems:\n- {text}")
    wanted = {"list": [text, text], "map": {"y": text, "z": text}, "items": [text]}
    assert wanted == found.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}),
        ("# only a comment", {}),
        ("a:", {"a": ""}),
        ("a: x # why\n  # why\n#why\nb: y", {"a": "x", "b": "y"}),
        ("a: >\n  x\n  y\n", {"a": "x y\n"}),
        ("a: |\n  x: y\n  # z", {"a": "x: y\n# z"}),
        ("a: x\n  y", {"a": "x y"}),
        ("a: \"**{title}** at …\"\nb: 'it''s'", {"a": "**{title}** at …", "b": "it's"}),
        ("@id: a\n>x: b\n%y: c", {"@id": "a", ">x": "b", "%y": "c"}),
        ("- a\n- [b, c]", ["a", ["b", "c"]]),
        ("just text", "just text"),
        ("a:\r\n  b: c\r\n", {"a": {"b": "c"}}),
    ],
)
def test_layout_is_yaml(text: str, value: object):
    assert value == read_body(text).value


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 1\nb: 2\na: 3", (4, 0), "'a' stands twice, first in line 2"),
        ("a:\n\tb: c", (3, 0), "tab"),
        ("\ta: b", (2, 0), "tab"),
        ("a: *x", (2, 3), "anchors and aliases"),
        ("a: &x [b]", (2, 3), "anchors and aliases"),
        ("<<: *x", (2, 4), "anchors and aliases"),
        ("a: !!python/object:os.system x", (2, 3), "no tags"),
        ("a: !x y", (2, 3), "no tags"),
        ('a: "x', (2, 3), "opened and not closed"),
        ("a: [1,", (2, 6), "close the bracket"),
        ("a: {b: c", (2, 8), "not closed"),
        ('a: "C:\\new\\q"', (2, 11), "single quotes"),
        ("a: b\n  c: d", (3, 3), "quote text that holds them"),
        ("r: 'a' in x", (2, 7), "quote the whole value"),
        ("a: - b", (2, 3), "line of its own"),
        ("--- a\n--- b", (3, 0), "second document"),
        ("{[a]: b}", (2, 1), "A key is a word"),
        ("a: b\x00", (2, 4), "no text holds"),
        ("a: 😀\nb: *x", (3, 3), "anchors"),
    ],
)
def test_a_wrong_body_is_one_sentence_with_its_place(text: str, place: tuple[int, int], words: str):
    with pytest.raises(CallError, match=words) as caught:
        read_body(text)
    assert place == (caught.value.line, caught.value.column)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 10_000_000, "10,000,000 characters"),
        ("[" * 1_000_000, "more than 20 deep"),
        ("{a: " * 200_000, "more than 20 deep"),
        ("- " * 400_000, "more than 20 deep"),
        ("".join("\n" + " " * i + "a:" for i in range(1_000)), "more than 20 deep"),
        ("- a\n" * 200_000, "more than 10,000"),
        ("a: [" + "x," * 400_000, "more than 10,000"),
        ("a: &a [x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]", "anchors"),
    ],
    ids=["10 MB", "brackets", "braces", "dashes", "steps", "items", "flow items", "laughs"],
)
def test_a_bomb_is_refused_soon(text: str, words: str):
    began_s = time.process_time()
    with pytest.raises(CallError, match=words):
        read_body(text)
    assert time.process_time() - began_s < SOON_S


@pytest.mark.parametrize(
    "text",
    ["a: " + "x" * 900_000, "\n" * 900_000, "# a\n" * 200_000, "a:\n" + " b\n" * 300_000],
    ids=["one word", "blank lines", "comments", "many lines"],
)
def test_the_largest_bodies_are_read_soon(text: str):
    began_s = time.process_time()
    read_body(text)
    assert time.process_time() - began_s < SOON_S


def test_every_part_has_its_place_in_the_cell():
    body = read_body("# c\nranges:\n  gap: 0 .. 50\nlist: [a, {b: c}]")
    places = [
        body.line_of(("ranges",)),
        body.line_of(("ranges", "gap")),
        body.line_of(("ranges", "gap"), "value"),
        body.line_of(("list", 1, "b"), "value"),
        body.line_of(("ranges", "absent")),
        body.line_of(()),
    ]
    assert places == [(3, 0), (4, 2), (4, 7), (5, 14), (3, 0), (2, 0)]


def test_blanks_underscores_and_hyphens_are_the_same():
    assert {"unique_by"} == {same_name(key) for key in ("unique by", "unique_by", "unique-by ")}


def are_texts(value: object):
    if isinstance(value, dict):
        return all(isinstance(key, str) and are_texts(item) for key, item in value.items())
    return all(map(are_texts, value)) if isinstance(value, list) else isinstance(value, str)


@QUICKLY
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text())
@given_also("a: >\n\t")
@given_also("? a\n: b")
def test_any_body_gives_texts_or_one_error(text: str):
    body, lines = None, [2]
    try:
        body = read_body(text)
    except CallError as refused:
        lines = [refused.line]
    assert None not in lines
    assert body is None or (are_texts(body.value) and body == read_body(body.text))
