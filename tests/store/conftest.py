"""Records to keep, rows for every table, and hostile texts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qforge_jupyter.results.run import (
    DatasetInput,
    Event,
    Finding,
    LineageStep,
    Metric,
    RunRecord,
)
from qforge_jupyter.store.tables import Schema
from qforge_jupyter.store.types import Json, Moment, Real, Whole

STARTED = datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)

HOSTILE = {
    "markup": "<img src=x onerror=alert(1)></script><script>alert(1)</script>",
    "formula": "=cmd|' /C calc'!A0",
    "traversal": "../../x\\..\\y",
    "right-to-left": "a\u202eb\u2066c",
    "NUL": "a\x00b\x00",
    "long": "".join(chr(33 + (i * i) % 90) for i in range(70_000)),
    "template": "{{7*7}} ${x} %(x)s %s {x} :x ?",
    "SQL": "'; DROP TABLE run; --\"`",
    "ANSI": "\x1b[31mred\x1b[0m\x07",
    "lone surrogate": "a\ud800b\udfff",
    "regex": "^.*$",
    "star": "*",
    "own mark": "\ufdd0nan \ufdd00000 \ufdd0",
    "blank": " \t\r\n ",
    "empty": "",
    "emoji": "e\u0301 👩‍🔬 \U0010ffff",
}


def full_record(run_id: str | None = None, **changes: Any) -> RunRecord:
    """Make a record in which every field says something."""
    values: dict[str, Any] = {
        "id": run_id or uuid.uuid4().hex,
        "verb": "score",
        "actor": "ann",
        "status": "finished",
        "started_at": STARTED,
        "ended_at": STARTED + timedelta(seconds=2.5),
        "options": {"by": "table", "nested": {"a": [1, 2.5, None, True]}, "nan": float("inf")},
        "seed": 42,
        "device": "cpu",
        "cpu_seconds": 1.5,
        "peak_memory_bytes": 2**40,
        "n_rows": 10,
        "attempts": 2,
        "error_category": "data",
        "error_message": "a sentence",
        "engine_version": "0.1.0",
        "host": "box",
        "notebook": "a.ipynb",
        "cell": "c1",
        "git_commit": "abc",
        "report": {"overall": 0.9, "big": 1e16, "order": {"z": 1, "a": -0.0}},
        "inputs": (DatasetInput("calcs", "file calcs.csv", "f" * 32, 10, (("gap", "Float64"),)),),
        "metrics": (
            Metric("overall", 0.9, "dataset", 0.8, 0.95, 0.95, "bootstrap", "1"),
            Metric("gap", 3, "gap"),
        ),
        "findings": (
            Finding(
                "anomaly", "iqr", 2, "high", "gap", "iqr", 4.5, 0.0, 1.0, (3, 7), ("a", "b"),
                "excluded", "far out", {"fence": 1.5},
            ),
            Finding("rule", "homo < lumo", 0),
        ),
        "lineage": (
            LineageStep(
                "calcs", "f" * 32, "xtb", "GFN2", {"opt": "tight"}, {"tblite": "0.4"}, 3.25, "box",
                ("raw",), "a.ipynb", "c1", "abc", "bob", STARTED, "reviewed",
            ),
        ),
        "events": (
            Event("ann", "use", "workspace/main", {"a": 1}, {"b": 1e16}, "audit"),
            Event("ann", "retry", "run/x", None, None, "error"),
        ),
        "is_tracked": True,
    }  # fmt: skip
    return RunRecord(**{**values, **changes})


def _value(column: sa.Column[Any], words: dict[str, str]) -> Any:
    if column.name in words:
        return words[column.name]
    kind = column.type
    if column.name == "vector":
        return b"\0\0\0\0"
    if column.name in {"hash", "sha256", "id", "chunk"} and column.table.name in {
        "event", "object", "commit", "checkpoint",
    }:  # fmt: skip
        return "ab" * 32
    if isinstance(kind, Json):
        return {"a": [1]}
    for type_, value in ((Moment, STARTED), (Whole, 1), (Real, 0.5)):
        if isinstance(kind, type_):
            return value
    return f"{column.name} 1"


def words_of(table: sa.Table) -> dict[str, str]:
    """Read the first allowed word of every enumerated column."""
    found = {}
    for check in table.constraints:
        if isinstance(check, sa.CheckConstraint) and " IN (" in str(check.sqltext):
            name, _, words = str(check.sqltext).partition(" IN (")
            found[name] = words.split("'")[1]
    return found


def rows_of_every_table(workspace: str) -> dict[str, dict[str, Any]]:
    """Make one valid row for each table, parents first."""
    rows: dict[str, dict[str, Any]] = {}
    for table in Schema.metadata.sorted_tables:
        words = words_of(table)
        row = {column.name: _value(column, words) for column in table.columns}
        for foreign in table.foreign_key_constraints:
            parent = foreign.referred_table.name
            for key in foreign.elements:
                if parent == table.name:
                    row[key.parent.name] = None
                else:
                    row[key.parent.name] = rows[parent][key.column.name]
        row["workspace_id"] = workspace
        if table.name == "workspace":
            row |= {"members": [], "n_events": 0, "last_hash": ""}
        rows[table.name] = row
    return rows


@pytest.fixture
def record() -> Callable[..., RunRecord]:
    """Give the maker of full records."""
    return full_record


@pytest.fixture
def rows() -> Callable[[str], dict[str, dict[str, Any]]]:
    """Give the maker of rows for every table."""
    return rows_of_every_table


@pytest.fixture
def hostile() -> dict[str, str]:
    """Give the hostile texts by what they are."""
    return HOSTILE
