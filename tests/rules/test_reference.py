"""Generated rules agree with a plain-Python evaluator, row by row."""

from __future__ import annotations

import math
import operator
from typing import Any

import polars as pl
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.expressions import read_rule

SCHEMA = pl.Schema(
    {"x": pl.Float64, "y": pl.Float64, "i": pl.Int64, "j": pl.Int64, "s": pl.String,
     "t": pl.String, "b": pl.Boolean, "c": pl.Boolean}
)  # fmt: skip
COMPARISONS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}

floats = st.sampled_from(
    [0.0, -0.0, 1.0, -2.5, 0.1, 1e300, -1e300, 5e-324, 2.0**53, 2.0**63, math.nan, math.inf,
     -math.inf, None]
)  # fmt: skip
integers = st.sampled_from([0, 1, -1, 7, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), None])
texts = st.sampled_from(["", "a", "ab", "B", "é", None])
truths = st.sampled_from([True, False, None])
rows = st.fixed_dictionaries(
    {"x": floats, "y": floats, "i": integers, "j": integers, "s": texts, "t": texts, "b": truths,
     "c": truths}
)  # fmt: skip

float_leaves = st.sampled_from(["x", "y", 0.5, 2.0**53, -3.0, 1e18])
integer_leaves = st.sampled_from(["i", "j", 0, 3, -2, 2**53 + 1, 2**63])
text_leaves = st.sampled_from(["s", "t", "'a'", "''"])


def _arithmetic(leaves):
    return leaves | st.tuples(st.sampled_from(list("+-*/")), leaves, leaves)


float_numbers = _arithmetic(float_leaves)
numbers = float_numbers | _arithmetic(integer_leaves) | _arithmetic(float_leaves | integer_leaves)
comparisons = (
    st.tuples(st.sampled_from(list(COMPARISONS)), numbers, numbers)
    | st.tuples(st.sampled_from(list(COMPARISONS)), text_leaves, text_leaves)
    | st.tuples(st.just("chain"), numbers, numbers, numbers)
    | st.tuples(st.just("within"), numbers, numbers, st.sampled_from([0, 0.5, 10]))
    | st.tuples(st.just("null"), numbers)
    | st.tuples(st.just("coalesce"), st.sampled_from(["x", "y"]), float_numbers, numbers)
    | st.tuples(st.just("in"), integer_leaves, st.lists(st.integers(-3, 2**60), max_size=3))
    | st.tuples(st.just("min"), numbers, numbers, numbers)
    | st.sampled_from(["b", "c"])
)
claims = st.recursive(
    comparisons,
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or", "implies"]), inner, inner)
        | st.tuples(st.just("not"), inner)
        | st.tuples(st.just("if"), inner, inner, inner)
    ),
    max_leaves=6,
)


def spell(node: Any) -> str:
    if not isinstance(node, tuple):
        return node if isinstance(node, str) else repr(node)
    name, *parts = node
    given = [spell(part) for part in parts]
    forms = {
        "chain": "({} < {} <= {})", "within": "({} == {} within {})", "null": "({} is null)",
        "in": "({} in {})", "min": "(min({}, {}) < {})", "coalesce": "(coalesce({}, {}) > {})",
        "not": "(not {})",
        "if": "({1} if {0} else {2})",
    }  # fmt: skip
    return forms.get(name, f"({{}} {name} {{}})").format(*given)


def value(node: Any, row: dict[str, Any]) -> Any:
    if isinstance(node, tuple):
        return _computed(node[0], [value(part, row) for part in node[1:]])
    if isinstance(node, str):
        return node.strip("'") if node.startswith("'") else row[node]
    return node


def _compare(name: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if any(isinstance(side, float) and math.isnan(side) for side in (left, right)):
        return False
    return COMPARISONS[name](left, right)


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _not(claim: bool | None) -> bool | None:
    return None if claim is None else not claim


def _calculate(name: str, left: Any, right: Any) -> Any:
    if left is None or right is None or (name == "/" and right == 0):
        return None
    if name == "/":
        return float(left) / float(right)
    if isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
    return ARITHMETIC[name](left, right)


def _smallest(values: list[Any]) -> Any:
    if None in values:
        return None
    if any(isinstance(one, float) for one in values):
        values = [float(one) for one in values]
    return math.nan if any(math.isnan(one) for one in values) else min(values)


def _computed(name: str, parts: list[Any]) -> Any:  # noqa: C901, PLR0911 — a table of cases
    match name:
        case "and":
            return _and(*parts)
        case "or":
            return _not(_and(_not(parts[0]), _not(parts[1])))
        case "implies":
            return _not(_and(parts[0], _not(parts[1])))
        case "not":
            return _not(parts[0])
        case "if":
            return None if parts[0] is None else parts[1] if parts[0] else parts[2]
        case "chain":
            return _and(_compare("<", parts[0], parts[1]), _compare("<=", parts[1], parts[2]))
        case "within":
            difference = _calculate("-", parts[0], parts[1])
            return _compare("<=", None if difference is None else abs(difference), parts[2])
        case "null":
            return parts[0] is None
        case "in":
            return None if parts[0] is None else parts[0] in parts[1]
        case "coalesce":
            first = parts[1] if parts[0] is None else parts[0]
            return _compare(">", first, parts[2])
        case "min":
            return _compare("<", _smallest(parts[:2]), parts[2])
    return _compare(name, *parts) if name in COMPARISONS else _calculate(name, *parts)


def _reads_a_column(node: Any) -> bool:
    """Whether it does, and every condition in it does: others are refused."""
    if not isinstance(node, tuple):
        return isinstance(node, str) and node in SCHEMA
    read = [_reads_a_column(part) for part in node[1:]]
    return all(read) if node[0] in ("and", "or", "implies", "not", "if") else any(read)


def _divides_by_literal_zero(node: Any) -> bool:
    if not isinstance(node, tuple):
        return False
    return (node[0] == "/" and node[2] == 0 and not isinstance(node[2], str)) or any(
        _divides_by_literal_zero(part) for part in node[1:]
    )


@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(claims, st.lists(rows, min_size=1, max_size=5))
@example(
    ("<", ("*", "i", "i"), "x"),
    [{"x": 1e300, "y": 0.0, "i": -(2**63), "j": 0, "s": "", "t": "", "b": True, "c": True}],
)
def test_a_generated_rule_judges_as_plain_python_does(claim, given_rows):
    assume(_reads_a_column(claim) and not _divides_by_literal_zero(claim))
    frame = pl.DataFrame(given_rows, schema=SCHEMA)
    rule = read_rule(spell(claim), SCHEMA)
    judged = frame.select(passed=rule.expression)["passed"].to_list()
    assert judged == [value(claim, row) for row in given_rows], spell(claim)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="xyij ()[]<>=!+-*/%.,'\"`0123eE_&|^~@:;{}\\#\n$andornot", max_size=40))
def test_any_text_is_a_rule_or_refused_with_a_rule_error(text):
    try:
        rule = read_rule(text, SCHEMA)
    except RuleError as error:
        place = error.column
    else:
        place = None
        pl.DataFrame(schema=SCHEMA).select(rule.expression)
    assert place is None or 0 <= place <= len(text)
