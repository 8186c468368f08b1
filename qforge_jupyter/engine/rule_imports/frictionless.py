"""Frictionless table schemas, as the object, its descriptor or its JSON.

A missing cell passes every constraint but ``required``, as it does here.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from qforge_jupyter.engine.rule_imports._collector import TYPE_IS_SETTLED, Collector, parsed_json
from qforge_jupyter.errors import FormatError, RuleError
from qforge_jupyter.results.imported_rules import ImportedRules

_WORDS_ONLY = {"name", "type", "title", "description", "example", "rdfType", "constraints"}
_SCHEMA_KEYS = {"fields", "primaryKey", "name", "title", "description", "$schema", "profile"}
_NUMBERS = ("integer", "number", "year")


def read(source: Any) -> ImportedRules:
    """Read a table schema.

    Raises
    ------
    FormatError
        It is no table schema.

    """
    plain = source.to_descriptor() if hasattr(source, "to_descriptor") else source
    schema = parsed_json(plain, "table schema")
    fields = schema.get("fields")
    if not isinstance(fields, list) or not all(isinstance(one, dict) for one in fields):
        raise FormatError("The table schema has no list 'fields'")
    found = Collector()
    key = schema.get("primaryKey") or []
    key = [key] if isinstance(key, str) else [str(name) for name in key]
    if key:
        found.unique(key, "primaryKey")
    for name in key:
        found.require(name)
    for described in fields:
        _read_field(found, described)
    for name, value in schema.items():
        if name == "missingValues" and value == [""]:
            continue
        if name not in _SCHEMA_KEYS:
            found.skip(name, "it is about reading the file or about other tables, not about a row")
    return found.finish()


def _read_field(found: Collector, described: dict[str, Any]) -> None:
    name, kind = str(described.get("name")), str(described.get("type", "any"))
    constraints = described.get("constraints")
    given: dict[str, Any] = constraints if isinstance(constraints, dict) else {}
    if given.get("required"):
        found.require(name)
    else:
        found.allow(name)
    if kind != "any":
        found.skip(f"type of {name!r}", TYPE_IS_SETTLED)
    for option in described.keys() - _WORDS_ONLY:
        if (option, described[option]) != ("format", "default"):
            found.skip(f"{option} of {name!r}", TYPE_IS_SETTLED)
    for constraint, value in given.items():
        what = f"{name} {constraint}"
        try:
            _read_constraint(found, name, kind, constraint, value)
        except RuleError as error:
            found.skip(what, error.message)
        except (TypeError, ValueError):
            found.skip(what, f"its value is no {kind}")
    lengths = (given.get("minLength"), given.get("maxLength"))
    if kind in ("string", "any") and any(length is not None for length in lengths):
        found.lengths(name, f"{name} length", *lengths)


def _read_constraint(found: Collector, name: str, kind: str, constraint: str, value: Any) -> None:
    what = f"{name} {constraint}"
    if constraint in ("minimum", "exclusiveMinimum"):
        found.bound(name, what, _typed(value, kind), low_is_open=constraint != "minimum")
    elif constraint in ("maximum", "exclusiveMaximum"):
        found.bound(name, what, high=_typed(value, kind), high_is_open=constraint != "maximum")
    elif constraint == "enum":
        found.allow_values(name, what, [_typed(one, kind) for one in value])
    elif constraint == "pattern" and kind in ("string", "any"):
        found.match(name, what, rf"^(?:{value})$")
    elif constraint == "unique":
        if value:
            found.unique([name], what)
    elif constraint in ("minLength", "maxLength") and kind in ("string", "any"):
        return
    elif constraint != "required":
        found.skip(what, f"it has no equivalent for a column of type {kind}")


def _typed(value: Any, kind: str) -> Any:
    if not isinstance(value, str):
        return value
    if kind in _NUMBERS:
        return int(value) if value.lstrip("+-").isdecimal() else float(value)
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    if kind == "date":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if kind == "datetime" else value
