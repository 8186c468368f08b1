"""Rules written for another tool, as a scorecard to lay things over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qforge_jupyter.engine.rule_imports import RULE_IMPORTS
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.errors import FormatError
from qforge_jupyter.results.imported_rules import ImportedRules
from qforge_jupyter.results.run import Finding

#: A file of rules is text that people write; nobody writes more.
LARGEST_BYTES = 1_000_000


def read_rules(source: Any) -> ImportedRules:
    """Read rules from a file's path, or from the other tool's own object.

    Raises
    ------
    FormatError
        No such file, or no tool that is known wrote it.

    """
    if isinstance(source, str | Path):
        text = _text_of(Path(source).expanduser())
        tool = _tool_of_text(text)
        return RULE_IMPORTS.get(tool).read(text)  # type: ignore[no-any-return]
    tool = type(source).__module__.split(".", 1)[0].replace("_", "-")
    if isinstance(source, type):
        tool = "pandera"
    if tool not in RULE_IMPORTS.names():
        raise FormatError(
            f"Rules were wanted and a {type(source).__name__} came: give a pandera schema, or a "
            "file of Great Expectations, pointblank or frictionless"
        )
    return RULE_IMPORTS.get(tool).read(source)  # type: ignore[no-any-return]


def card_of(rules: ImportedRules) -> Scorecard:
    """Turn imported rules into a scorecard."""
    return Scorecard(
        required=rules.required,
        optional=rules.optional,
        ranges=rules.ranges,
        values={name: tuple(map(_written, values)) for name, values in rules.values.items()},
        patterns=rules.patterns,
        rules=rules.rules,
        unique_by=rules.unique_by,
    )


def not_imported(rules: ImportedRules | None) -> tuple[Finding, ...]:
    """Name what has no equivalent here, so that nobody takes it for checked."""
    return tuple(
        Finding("rule not imported", f"Not imported: {what}"[:200], 0, "low", note=why)
        for what, why in (rules.skipped if rules else ())
    )


def _written(value: object) -> str:
    """Write a value as a body would: ``true``, not ``True``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise FormatError(f"There is no file {path.name!r} with rules: give its path")
    if path.stat().st_size > LARGEST_BYTES:
        raise FormatError(f"{path.name!r} is larger than a file of rules can be (1 MB)")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FormatError(f"{path.name!r} is no text: a file of rules is JSON or YAML") from None


def _tool_of_text(text: str) -> str:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "pointblank"
    if isinstance(found, dict) and "expectations" in found:
        return "great-expectations"
    return "frictionless"
