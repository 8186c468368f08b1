"""Great Expectations suites, as the object, its dict or its JSON.

A null passes an expectation about values, as it does here; an expectation
about a pair of columns says itself which rows it ignores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qforge_jupyter.engine.rule_imports._collector import (
    TYPE_IS_SETTLED,
    Collector,
    literal,
    parsed_json,
    quoted,
)
from qforge_jupyter.errors import FormatError, RuleError
from qforge_jupyter.results.imported_rules import ImportedRules
from qforge_jupyter.rules.tokens import read_moment


def read(source: Any) -> ImportedRules:
    """Read an expectation suite.

    Raises
    ------
    FormatError
        It is no suite.

    """
    plain = source.to_json_dict() if hasattr(source, "to_json_dict") else source
    suite = parsed_json(plain, "expectation suite")
    expectations = suite.get("expectations")
    if not isinstance(expectations, list):
        raise FormatError("The expectation suite has no list 'expectations'")
    found = Collector()
    for expectation in expectations:
        if isinstance(expectation, dict):
            _read_expectation(found, expectation)
        else:
            found.skip("an expectation", "it is no mapping")
    return found.finish()


def _read_expectation(found: Collector, expectation: dict[str, Any]) -> None:
    name = str(expectation.get("type") or expectation.get("expectation_type"))
    kwargs = expectation.get("kwargs")
    given = kwargs if isinstance(kwargs, dict) else {}
    subject = given.get("column") or given.get("column_list") or given.get("column_A") or ""
    short = name.removeprefix("expect_").removeprefix("column_").replace("_", " ")
    what = f"{subject} {short}".strip()
    reader = _READERS.get(name)
    if reader is None:
        is_type = "type" in name
        why = TYPE_IS_SETTLED if is_type else "it is about the whole table or column, not a row"
        found.skip(what, why)
    elif given.get("mostly") not in (None, 1, 1.0):
        found.skip(what, "it lets a share of the rows fail ('mostly'): set a threshold instead")
    elif given.get("row_condition"):
        found.skip(what, "it is about some rows only: write it as 'condition implies rule'")
    else:
        try:
            reader(found, what, given)
        except RuleError as error:
            found.skip(what, error.message)
        except (KeyError, TypeError, AttributeError):
            found.skip(what, "a value is missing or of another kind")


def _between(found: Collector, what: str, given: dict[str, Any]) -> None:
    found.bound(
        given["column"],
        what,
        _moment(given.get("min_value")),
        _moment(given.get("max_value")),
        low_is_open=bool(given.get("strict_min")),
        high_is_open=bool(given.get("strict_max")),
    )


def _moment(end: Any) -> Any:
    """Read an end that JSON could only hold as text."""
    return read_moment(end.replace(" ", "T", 1)) if isinstance(end, str) else end


def _lengths(found: Collector, what: str, given: dict[str, Any]) -> None:
    if given.get("strict_min") or given.get("strict_max"):
        found.skip(what, "it excludes an end")
        return
    low, high = given.get("min_value"), given.get("max_value")
    exact = given.get("value")
    found.lengths(given["column"], what, low if exact is None else exact, exact or high)


def _not_matching(found: Collector, what: str, given: dict[str, Any]) -> None:
    pattern = found.usable_pattern(what, given["regex"])
    if pattern is not None:
        found.rule(what, f"not matches({quoted(given['column'])}, {literal(pattern)})")


def _pair(operator: str) -> Callable[[Collector, str, dict[str, Any]], None]:
    def read_pair(found: Collector, what: str, given: dict[str, Any]) -> None:
        left, right = quoted(given["column_A"]), quoted(given["column_B"])
        is_or_equal = operator == ">" and given.get("or_equal")
        compared = f"{left} {'>=' if is_or_equal else operator} {right}"
        ignored = given.get("ignore_row_if") or "both_values_are_missing"
        if ignored == "both_values_are_missing":
            compared = f"({left} is null and {right} is null) or coalesce({compared}, False)"
        elif ignored == "neither":
            compared = f"coalesce({compared}, False)"
        found.rule(f"{given['column_A']} {what.partition(' ')[2]} {given['column_B']}", compared)

    return read_pair


def _values(found: Collector, what: str, given: dict[str, Any]) -> None:
    found.allow_values(given["column"], what, given["value_set"])


_READERS: dict[str, Callable[[Collector, str, dict[str, Any]], None]] = {
    "expect_column_to_exist": lambda found, _, given: found.allow(given["column"]),
    "expect_column_values_to_not_be_null": lambda found, _, given: found.require(given["column"]),
    "expect_column_values_to_be_null": lambda found, what, given: found.rule(
        what, f"{quoted(given['column'])} is null"
    ),
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_be_in_set": _values,
    "expect_column_values_to_not_be_in_set": lambda found, what, given: found.among(
        given["column"], what, given["value_set"], is_inside=False
    ),
    "expect_column_values_to_match_regex": lambda found, what, given: found.match(
        given["column"], what, given["regex"]
    ),
    "expect_column_values_to_not_match_regex": _not_matching,
    "expect_column_value_lengths_to_be_between": _lengths,
    "expect_column_value_lengths_to_equal": _lengths,
    "expect_column_values_to_be_unique": lambda found, what, given: found.unique(
        [given["column"]], what
    ),
    "expect_compound_columns_to_be_unique": lambda found, what, given: found.unique(
        given["column_list"], what
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": _pair(">"),
    "expect_column_pair_values_to_be_equal": _pair("=="),
}
