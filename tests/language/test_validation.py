import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Literal

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.errors import CallError
from qforge_jupyter.language.body import read_body
from qforge_jupyter.language.parsing import Option
from qforge_jupyter.language.validation import convert, validate

QUICKLY = settings(max_examples=200, deadline=20_000)


class Range(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    low: float | None = None
    size: int = 3


class Score(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    rows: int = 0
    unique_by: list[str] = []
    share: Annotated[float, pydantic.Field(le=1)] = 0
    parts: dict[str, float] = {}
    inner: Range = Range()
    many: list[Range] = []
    order: Literal["most_informative_first", "random"] = "random"
    on: bool = False
    both: float | list[float] | None = None
    day: dt.date | None = None
    path: Path | None = None
    fold: str | None = pydantic.Field(None, alias="where")

    @pydantic.field_validator("path")
    @classmethod
    def _is_good(cls, path: Path | None) -> object:
        if path and path.name == "bad":
            raise ValueError("the path is bad")
        return path


class Needs(pydantic.BaseModel):
    target: str
    limit: int = 1


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("rows: 3", "rows", 3),
        ("unique by: a, b", "unique_by", ["a", "b"]),
        ("unique_by: [a, 'b, c']", "unique_by", ["a", "b, c"]),
        ("unique-by:", "unique_by", []),
        ("share: 5%", "share", 0.05),
        ("parts: {a b: 70%, c: 0.3}", "parts", {"a b": 0.7, "c": 0.3}),
        ("inner: {low: -5 %}", "inner", Range(low=-0.05)),
        ("inner:", "inner", Range()),
        ("many: [{size: 4}]", "many", [Range(size=4)]),
        ("order: most informative first", "order", "most_informative_first"),
        ("on: yes", "on", True),
        ("both: 5%", "both", 0.05),
        ("both: 1, 5%", "both", [1, 0.05]),
        ("both: [1, 5%]", "both", [1, 0.05]),
        ("both:", "both", None),
        ("day: 2026-11-21", "day", dt.date(2026, 11, 21)),
        ("where: null", "fold", "null"),
        ("where: 5%", "fold", "5%"),
    ],
)
def test_a_text_becomes_what_its_field_wants(text: str, field: str, value: object):
    assert value == getattr(validate(Score, read_body(text)), field)


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("rows: 1\nrowz: 3", (3, 0), "No key 'rowz' in score: did you mean 'rows'?"),
        ("uniqe by: a", (2, 0), "No key 'uniqe by' in score: did you mean 'unique by'?"),
        (
            "many: [{siz: 3}]",
            (2, 8),
            "No key 'siz' in 'many' of score: did you mean 'size'?",
        ),
        ("rows: x", (2, 6), "'rows' wants a whole number"),
        ("many: [{size: x}]", (2, 14), "'size' wants a whole number"),
        ("parts:\n  a: x", (3, 5), "'a' wants a number or a percentage"),
        ("parts: [a]", (2, 7), "'parts' wants keys and values"),
        ("share: 2", (2, 7), "'share' wants less than or equal to 1"),
        ("both: x", (2, 6), "'both' wants a number or a percentage"),
        ("order: randm", (2, 7), "'order' does not know 'randm': did you mean 'random'?"),
        ("on: perhaps", (2, 4), "'on' wants yes or no"),
        ("day: x", (2, 5), "'day' wants a date, as in 2026-11-21"),
        ("path: bad", (2, 6), "'path' cannot be used: the path is bad"),
        ("unique by: [a, [b]]", (2, 15), "'unique by', item 2, wants a text"),
        ("unique by: a\nunique_by: b", (3, 0), "The key 'unique_by' stands twice, once in"),
        ("rows: x\nshare: y\non: z", (2, 6), "'rows' wants a whole number (and 2 more problems)"),
        ("rowz: 1\nrows: x", (2, 0), "did you mean 'rows'? (and 1 more problem)"),
        ("[a]", (2, 0), "The body of score wants keys and values"),
    ],
)
def test_the_first_problem_is_one_sentence_with_its_place(
    text: str, place: tuple[int, int], sentence: str
):
    with pytest.raises(CallError) as caught:
        validate(Score, read_body(text), where="score")
    assert (place, True) == (
        (caught.value.line, caught.value.column),
        sentence in caught.value.message,
    )


def test_a_key_that_is_needed_is_named():
    with pytest.raises(CallError, match="Check needs the key 'target'"):
        validate(Needs, None, where="check")


def test_a_key_too_many_is_told_before_one_too_few():
    with pytest.raises(CallError, match=r"No key 'traget' .* \(and 1 more problem\)"):
        validate(Needs, read_body("traget: a"), where="check")


@pytest.mark.parametrize(
    ("value", "annotation", "found"),
    [
        ("3", int, 3),
        ("5%", float, 0.05),
        ("5%", float | None, 0.05),
        ("5%", str, "5%"),
        (True, bool, True),
        ("no", bool, False),
        ("a, b", list[str], ["a", "b"]),
        ("1,2", tuple[int, ...], (1, 2)),
        ("x/y", Path, Path("x/y")),
        ("csv", Literal["csv", "json"], "csv"),
        ({"a": 1}, dict[str, int], {"a": 1}),
    ],
)
def test_an_option_becomes_what_its_parameter_wants(
    value: object, annotation: object, found: object
):
    assert found == convert(Option("x", value), annotation)


@pytest.mark.parametrize(
    ("name", "value", "annotation", "sentence"),
    [
        ("top", "x", int, "'top' wants a whole number"),
        ("at_most", "x", int, "--at-most wants a whole number"),
        ("at_most", True, int, "--at-most needs a value"),
        ("at_most", True, str, "--at-most needs a value"),
        ("format", "jsn", Literal["csv", "json"], "--format does not know 'jsn': did you mean"),
    ],
)
def test_a_wrong_option_is_one_sentence_with_its_place(
    name: str, value: object, annotation: object, sentence: str
):
    with pytest.raises(CallError) as caught:
        convert(Option(name, value, 1, 9), annotation)
    assert caught.value.message.startswith(sentence)
    assert (caught.value.line, caught.value.column) == (1, 9)


def test_an_object_stays_the_object():
    frame = object()
    assert frame is convert(Option("frame", frame), object)


VALUES = st.recursive(
    st.text(max_size=5) | st.sampled_from(["5%", "1", "yes"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["low", "size", "rows"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@QUICKLY
@given(st.dictionaries(st.sampled_from([*Score.model_fields, "where", "x"]), VALUES, max_size=5))
def test_any_body_is_a_model_or_one_error(value: object):
    # JSON is a body, too.
    sentence = ""
    try:
        validate(Score, read_body(json.dumps(value)))
    except CallError as refused:
        sentence = refused.message
    assert "\n" not in sentence
