import collections
import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.errors import CallError
from qforge_jupyter.language.expansion import bind, expand, expand_call, look_up
from qforge_jupyter.language.parsing import parse_call

QUICKLY = settings(max_examples=300, deadline=20_000)
Point = collections.namedtuple("Point", ["x", "y"])  # noqa: PYI024 — users have these


@dataclass(frozen=True, slots=True)
class Slotted:
    best: int


@dataclass
class Plan:
    best: int

    @property
    def loud(self):
        raise AssertionError("a property ran")

    def __getattr__(self, name: str) -> object:
        raise AssertionError("__getattr__ ran")


class Model(pydantic.BaseModel):
    best: int


class Loud(dict):
    def __getitem__(self, key: object) -> object:
        raise AssertionError("__getitem__ ran")

    def __missing__(self, key: object) -> object:
        raise AssertionError("__missing__ ran")


def test_a_value_that_is_entirely_a_name_is_the_object():
    rows = object()
    assert rows is expand("{{ rows }}", {"rows": rows})


@pytest.mark.parametrize(
    "holder", [Slotted(7), Plan(7), Model(best=7), {"best": 7}, Loud(best=7)], ids=repr
)
def test_a_field_is_data_that_the_object_holds(holder: object):
    assert expand("{{plan.best}}", {"plan": holder}) == 7


def test_fields_of_named_tuples_modules_and_fields_of_fields_are_found():
    names = {"p": Point(1, {"z": 3}), "math": math}
    assert (1, 3, math.pi) == tuple(look_up(path, names) for path in ("p.x", "p.y.z", "math.pi"))


@pytest.mark.parametrize(
    "value",
    ["text", 3, 0.5, True, dt.date(2026, 1, 2), np.float64(0.5), np.int64(3)],
    ids=lambda value: type(value).__name__,
)
def test_a_plain_value_is_written_into_a_longer_text(value: object):
    assert f"a {value} b" == expand("a {{v}} b", {"v": value})


def test_what_came_out_is_not_read_again():
    names = {"a": "{{b}}", "b": "secret"}
    assert (expand("{{a}}", names), expand("x {{a}}", names)) == ("{{b}}", "x {{b}}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{calc}}", "No variable 'calc' in this notebook: did you mean 'calcs'"),
        ("{{plan.bset}}", "no field 'bset': did you mean 'best'"),
        ("{{plan.loud}}", "no field 'loud'"),
        ("{{plan.__class__}}", "underscore"),
        ("{{_private}}", "underscore"),
        ("{{calcs.append}}", "no field 'append'"),
        ("{{Plan.mro}}", "no field 'mro'"),
        ("{{calcs()}}", "Between {{ and }} stands a variable"),
        ("{{calcs[0]}}", "Between {{ and }} stands a variable"),
        ("{{1 + 1}}", "Between {{ and }} stands a variable"),
        ("{{}}", "Between {{ and }} stands a variable"),
        ("all {{calcs}}", "is a list and stands inside a longer text"),
    ],
)
def test_what_is_no_stored_value_is_refused_in_one_sentence(text: str, words: str):
    names = {"calcs": [1], "plan": Plan(7), "_private": 1, "Plan": Plan}
    with pytest.raises(CallError) as caught:
        expand(text, names)
    assert words in caught.value.message


def test_single_braces_dollars_and_backticks_are_plain():
    assert expand("{a} ${b} `c` $d", {}) == "{a} ${b} `c` $d"


def test_a_call_is_expanded_in_options_and_values_and_knows_the_place():
    call = parse_call("score calcs top {{n}}", "rows: [a, '{{n}}']")
    found = expand_call(call, {"n": 3})
    assert (found.options["top"].value, found.body.value) == (3, {"rows": ["a", 3]})
    with pytest.raises(CallError) as caught:
        expand_call(parse_call("score calcs", "a: b\nrows: [a, {{n}}]"), {})
    assert (caught.value.line, caught.value.column) == (3, 10)


@pytest.mark.parametrize(
    ("sql", "bound", "names"),
    [
        ("select {{a}}, {{ b.c }}, {{a}}", "select $1, $2, $1", ["a", "b.c"]),
        ("select 1 -- {{a}}\n + {{b}}", "select 1 -- {{a}}\n + $1", ["b"]),
        ("select /* ' {{a}} */ {{b}}", "select /* ' {{a}} */ $1", ["b"]),
        ("select 'it''s ?', {{a}}", "select 'it''s ?', $1", ["a"]),
        ("select $$ ' $$, {{a}}", "select $$ ' $$, $1", ["a"]),
        ("select $t$ $$ ' $t$, {{a}}", "select $t$ $$ ' $t$, $1", ["a"]),
        (r"select e'\'', {{a}}", r"select e'\'', $1", ["a"]),
        ("select {'a': {'b': 1}}, ?", "select {'a': {'b': 1}}, ?", []),
    ],
)
def test_in_sql_a_name_becomes_a_parameter(sql: str, bound: str, names: list[str]):
    assert (bound, names) == bind(sql)


@pytest.mark.parametrize("sql", ["select '{{a}}'", 'select "{{a}}"', "select $$ {{a}} $$"])
def test_in_sql_a_name_in_quotes_is_refused(sql: str):
    with pytest.raises(CallError, match="takes no quotes") as caught:
        bind(sql)
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_in_sql_two_kinds_of_parameters_are_refused():
    with pytest.raises(CallError, match="keep one kind"):
        bind("select ?, {{a}}")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (r"select e'\'', {{a}}", [("'", 7)]),
        ("select $t$ $$ ' $t$, {{a}}", [(" $$ ' ", 7)]),
        ("select {{a}}, {{a}}, {{b}}", [(7, 7, 7)]),
        ("select 1 -- {{c}}\r, {{a}}", [(1, 7)]),
    ],
)
def test_the_database_sees_quotes_and_comments_where_we_do(
    sql: str, rows: list[tuple[object, ...]]
):
    duckdb = pytest.importorskip("duckdb")
    bound, names = bind(sql)
    assert rows == duckdb.execute(bound, [7] * len(names)).fetchall()


def test_in_sql_a_comment_within_a_comment_is_refused():
    with pytest.raises(CallError, match="within a comment"):
        bind("select /* /* */ {{a}} */ 1")


@QUICKLY
@given(st.text(alphabet="a{}'\"$-/*\\eE \n?1.", max_size=60))
def test_any_sql_is_bound_or_refused(sql: str):
    try:
        bound, names = bind(sql)
    except CallError:
        return
    assert bound == sql or names
