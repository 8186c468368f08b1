"""Pandera schemas and models, for pandas and for Polars.

A null passes a pandera check (``ignore_na``), as it does here; what is not
``nullable`` is required.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qforge_jupyter.engine.rule_imports._collector import TYPE_IS_SETTLED, Collector, quoted
from qforge_jupyter.errors import FormatError, RuleError
from qforge_jupyter.results.imported_rules import ImportedRules

_FRAME_OPTIONS = ("strict", "ordered", "index", "parsers", "add_missing_columns")


def read(source: Any) -> ImportedRules:
    """Read a ``DataFrameSchema`` or a ``DataFrameModel``.

    Raises
    ------
    FormatError
        It is neither.

    """
    schema = (
        source.to_schema() if isinstance(source, type) and hasattr(source, "to_schema") else source
    )
    columns = getattr(schema, "columns", None)
    if not isinstance(columns, dict) or not hasattr(schema, "checks"):
        raise FormatError(
            f"That is no pandera schema but {type(source).__name__}: "
            "give a DataFrameSchema or a DataFrameModel"
        )
    found = Collector()
    if schema.unique:
        found.unique([schema.unique] if isinstance(schema.unique, str) else schema.unique, "unique")
    for name, column in columns.items():
        try:
            _read_column(found, str(name), column)
        except RuleError as error:
            found.skip(f"column {name!r}", error.message)
    for check in schema.checks:
        found.skip(f"check {check.name or 'without a name'!r}", "it is Python code on the frame")
    for option in _FRAME_OPTIONS:
        if getattr(schema, option, None):
            found.skip(f"option {option!r}", "it is about the frame's shape, not about its rows")
    return found.finish()


def _read_column(found: Collector, name: str, column: Any) -> None:
    if column.regex:
        found.skip(f"column pattern {name!r}", "a rule names one column")
        return
    if column.nullable or not column.required:
        found.allow(name)
    else:
        found.require(name)
    if not column.required and not column.nullable:
        found.skip(f"no nulls in {name!r}", "a column that may be missing cannot be required")
    if column.dtype is not None:
        found.skip(f"type of {name!r}", TYPE_IS_SETTLED)
    if column.unique:
        found.unique([name], f"unique {name!r}")
    for check in column.checks:
        _read_check(found, name, column, check)


def _read_check(found: Collector, name: str, column: Any, check: Any) -> None:
    what = f"{name} {check.name}"
    reader = _READERS.get(check.name or "")
    if reader is None or not check.statistics:
        found.skip(what, "it is Python code or about the whole column")
    elif check.raise_warning or check.groupby:
        found.skip(what, "it only warns" if check.raise_warning else "it is about groups")
    elif not check.ignore_na and column.nullable:
        found.skip(what, "it fails on nulls that the column allows")
    else:
        reader(found, name, what, check.statistics)


_Reader = Callable[[Collector, str, str, dict[str, Any]], None]


def _bound(key: str, operator: str) -> _Reader:
    def read_bound(found: Collector, name: str, what: str, given: dict[str, Any]) -> None:
        value, is_open = given[key], operator in "<>"
        if isinstance(value, str):
            found.compare(name, what, operator, value)
        elif key == "min_value":
            found.bound(name, what, low=value, low_is_open=is_open)
        else:
            found.bound(name, what, high=value, high_is_open=is_open)

    return read_bound


def _in_range(found: Collector, name: str, what: str, given: dict[str, Any]) -> None:
    found.bound(
        name,
        what,
        given["min_value"],
        given["max_value"],
        low_is_open=not given.get("include_min", True),
        high_is_open=not given.get("include_max", True),
    )


def _length(found: Collector, name: str, what: str, given: dict[str, Any]) -> None:
    exact = given.get("exact_value")
    low = given.get("min_value") if exact is None else exact
    found.lengths(name, what, low, given.get("max_value") if exact is None else exact)


def _ends(function: str) -> _Reader:
    def read_ends(found: Collector, name: str, what: str, given: dict[str, Any]) -> None:
        found.rule(what, f"{function}({quoted(name)}, {given['string']!r})")

    return read_ends


def _matches(start: str, end: str) -> _Reader:
    def read_pattern(found: Collector, name: str, what: str, given: dict[str, Any]) -> None:
        pattern = given["pattern"]
        pattern = getattr(pattern, "pattern", pattern)
        found.match(name, what, f"{start}{pattern}{end}")

    return read_pattern


_READERS: dict[str, _Reader] = {
    "greater_than": _bound("min_value", ">"),
    "greater_than_or_equal_to": _bound("min_value", ">="),
    "less_than": _bound("max_value", "<"),
    "less_than_or_equal_to": _bound("max_value", "<="),
    "in_range": _in_range,
    "equal_to": lambda found, name, what, given: found.compare(name, what, "==", given["value"]),
    "not_equal_to": lambda found, name, what, given: found.compare(
        name, what, "!=", given["value"]
    ),
    "isin": lambda found, name, what, given: found.allow_values(
        name, what, given["allowed_values"]
    ),
    "notin": lambda found, name, what, given: found.among(
        name, what, given["forbidden_values"], is_inside=False
    ),
    "str_matches": _matches("^(?:", ")"),
    "str_contains": _matches("", ""),
    "str_startswith": _ends("starts_with"),
    "str_endswith": _ends("ends_with"),
    "str_length": _length,
}
