"""Pointblank contracts: the YAML of ``yaml_interrogate`` and of ``Contract``.

A null fails a pointblank comparison unless ``na_pass`` is set; here the
column is required then, so that the same rows are found. Python code in the
YAML is never run; only ``pb.col("name")`` is understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from qforge_jupyter.engine.rule_imports._collector import (
    LONGEST_SOURCE,
    TYPE_IS_SETTLED,
    Collector,
    literal,
    quoted,
)
from qforge_jupyter.errors import FormatError, RuleError
from qforge_jupyter.results.imported_rules import ImportedRules

_PYTHON = "it is Python code, which is not run"
_COLUMN = re.compile(r"""\s*(?:pb\.)?col\(\s*(["'])(?P<name>[^"'\\]+)\1\s*\)\s*""")
_FRAME_KEYS = {
    "thresholds": "it lets a share of the rows fail: set a threshold instead",
    "actions": _PYTHON,
    "final_actions": _PYTHON,
    "schema": TYPE_IS_SETTLED,
    "missing_specs": "missing values are settled when the data is read",
    "reference": "it names another table",
    "on_violation": "say what to do with a gate",
}
_STEP_KEYS = {
    "pre": "it changes the table before the step",
    "segments": "it looks at parts of the table",
    "thresholds": "it lets a share of the rows fail: set a threshold instead",
    "actions": _PYTHON,
    "missing": "missing values are settled when the data is read",
}
_OPERATORS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}


def read(source: Any) -> ImportedRules:
    """Read the YAML text of a contract, or its parsed mapping.

    Raises
    ------
    FormatError
        It is no contract.

    """
    contract = _parsed(source)
    steps = contract.get("steps")
    if not isinstance(steps, list):
        raise FormatError("The contract has no list 'steps'")
    found = Collector()
    for key, why in _FRAME_KEYS.items():
        if contract.get(key):
            found.skip(key, why)
    for step in steps:
        _read_step(found, step)
    return found.finish()


def _parsed(source: Any) -> dict[str, Any]:
    import yaml

    if hasattr(source, "to_dict"):
        source = source.to_dict()
    if isinstance(source, str):
        if len(source) > LONGEST_SOURCE:
            raise FormatError("The contract is longer than 1 MB")
        try:
            source = yaml.safe_load(source)
        except (yaml.YAMLError, ValueError, RecursionError):
            raise FormatError("The contract is no YAML") from None
    if not isinstance(source, dict):
        raise FormatError(
            f"The contract came as {type(source).__name__}: YAML with 'steps' is wanted"
        )
    inner = source.get("contract")
    return inner if isinstance(inner, dict) else source


def _read_step(found: Collector, step: Any) -> None:
    is_named = isinstance(step, dict) and len(step) == 1
    method, options = next(iter(step.items())) if is_named else (step, {})
    if not isinstance(method, str) or not isinstance(options or {}, dict):
        found.skip("a step", "it is no mapping of one method")
        return
    given: dict[str, Any] = options or {}
    reader = _READERS.get(method)
    if reader is None:
        is_code = method in ("col_vals_expr", "conjointly", "specially", "prompt")
        found.skip(method, _PYTHON if is_code else "it is about the whole table or column")
        return
    if given.get("active", True) is not True:
        found.skip(method, "it is switched off or decides by itself whether it runs")
        return
    hindrance = next((key for key in _STEP_KEYS if given.get(key)), None)
    if hindrance:
        found.skip(f"{method} with {hindrance}", _STEP_KEYS[hindrance])
        return
    for name in _names(given.get("columns", given.get("columns_subset"))) or [""]:
        what = f"{name} {method.removeprefix('col_vals_')}".strip()
        try:
            reader(found, what, name, given)
        except RuleError as error:
            found.skip(what, error.message)
        except (KeyError, TypeError):
            found.skip(what, "a value is missing or of another kind")


def _names(columns: Any) -> list[str]:
    if columns is None:
        return []
    return [str(name) for name in columns] if isinstance(columns, list) else [str(columns)]


def _operand(value: Any) -> str | None:
    """Spell a value or another column; None for any other Python code."""
    if isinstance(value, dict) and set(value) == {"python"}:
        column = _COLUMN.fullmatch(str(value["python"]))
        return quoted(column["name"]) if column else None
    return literal(value)


def _note_nulls(found: Collector, name: str, given: dict[str, Any]) -> None:
    if given.get("na_pass"):
        found.allow(name)
    else:
        found.require(name)


def _comparison(operator: str) -> Callable[[Collector, str, str, dict[str, Any]], None]:
    def read_comparison(found: Collector, what: str, name: str, given: dict[str, Any]) -> None:
        value, is_open = given["value"], operator in "<>"
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and operator in (">", ">="):
            found.bound(name, what, low=value, low_is_open=is_open)
        elif is_number and operator in ("<", "<="):
            found.bound(name, what, high=value, high_is_open=is_open)
        else:
            spelled = _operand(value)
            if spelled is None:
                found.skip(what, _PYTHON)
                return
            found.rule(what, f"{quoted(name)} {operator} {spelled}")
        _note_nulls(found, name, given)
        other = _COLUMN.fullmatch(str(value["python"])) if isinstance(value, dict) else None
        if other:
            _note_nulls(found, other["name"], given)

    return read_comparison


def _inclusive(given: dict[str, Any]) -> tuple[bool, bool]:
    low, high = given.get("inclusive") or (True, True)
    return bool(low), bool(high)


def _between(found: Collector, what: str, name: str, given: dict[str, Any]) -> None:
    low, high = _inclusive(given)
    ends = (given["left"], given["right"])
    if any(isinstance(end, str | dict) for end in ends):
        spelled = [_operand(end) for end in ends]
        if None in spelled:
            found.skip(what, _PYTHON)
            return
        signs = ["<=" if is_in else "<" for is_in in (low, high)]
        found.rule(what, f"{spelled[0]} {signs[0]} {quoted(name)} {signs[1]} {spelled[1]}")
    else:
        found.bound(name, what, *ends, low_is_open=not low, high_is_open=not high)
    _note_nulls(found, name, given)


def _outside(found: Collector, what: str, name: str, given: dict[str, Any]) -> None:
    low, high = _inclusive(given)
    left, right = _operand(given["left"]), _operand(given["right"])
    if left is None or right is None:
        found.skip(what, _PYTHON)
        return
    column = quoted(name)
    below, above = ("<" if low else "<="), (">" if high else ">=")
    found.rule(what, f"{column} {below} {left} or {column} {above} {right}")
    _note_nulls(found, name, given)


def _pattern(found: Collector, what: str, name: str, given: dict[str, Any]) -> None:
    if not given.get("inverse"):
        found.match(name, what, given["pattern"])
    else:
        pattern = found.usable_pattern(what, given["pattern"])
        if pattern is None:
            return
        found.rule(what, f"not matches({quoted(name)}, {literal(pattern)})")
        given = {"na_pass": True}  # an inverse pattern lets nulls pass whatever is set
    _note_nulls(found, name, given)


def _in_set(found: Collector, what: str, name: str, given: dict[str, Any]) -> None:
    found.allow_values(name, what, given["set"])


def _not_in_set(found: Collector, what: str, name: str, given: dict[str, Any]) -> None:
    found.among(name, what, given["set"], is_inside=False)
    found.require(name)


def _distinct(found: Collector, what: str, name: str, given: dict[str, Any]) -> None:
    names = _names(given.get("columns_subset"))
    if not names:
        found.skip(what, "it is about every column: name those that make a row unique")
    elif name == names[0]:
        found.unique(names, what)


def _complete(found: Collector, what: str, name: str, given: dict[str, Any]) -> None:
    if not given.get("columns_subset"):
        found.skip(what, "it is about every column: name those that are required")
    else:
        found.require(name)


_READERS: dict[str, Callable[[Collector, str, str, dict[str, Any]], None]] = {
    **{f"col_vals_{short}": _comparison(sign) for short, sign in _OPERATORS.items()},
    "col_vals_between": _between,
    "col_vals_outside": _outside,
    "col_vals_regex": _pattern,
    "col_vals_in_set": _in_set,
    "col_vals_not_in_set": _not_in_set,
    "col_vals_not_null": lambda found, _, name, __: found.require(name),
    "col_vals_null": lambda found, what, name, _: found.rule(what, f"{quoted(name)} is null"),
    "col_exists": lambda found, _, name, __: found.allow(name),
    "rows_distinct": _distinct,
    "rows_complete": _complete,
}
