"""Between the records that travel and the rows that are kept."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from datetime import datetime
from typing import Any, TypeVar

from qforge_jupyter.redaction import redact
from qforge_jupyter.results.run import (
    Artifact,
    DatasetInput,
    Finding,
    LineageStep,
    Metric,
    RunRecord,
)
from qforge_jupyter.store.tables import FindingRow, LineageRow, MetricRow, RunRow
from qforge_jupyter.store.types import canonical, from_json, to_json

Value = TypeVar("Value")

#: Fields of a run that lie in tables of their own.
_ELSEWHERE = frozenset({"metrics", "findings", "lineage", "events", "is_tracked", "changes"})
#: What may change after a run is kept, each change with an event of its own.
_CHANGING = frozenset({"action", "note", "approved_by", "approved_at", "reason"})
#: Of a step of lineage, kept beside its columns where there is something to keep.
_BESIDE = frozenset({"input_names", "cell_sha256"})
_REAL = frozenset({"value", "low", "high", "confidence", "statistic", "seconds"})


def without_secrets(value: Value) -> Value:
    """Cut secrets out of every text in a record, however deep."""
    return _clean(value)  # type: ignore[no-any-return]


def _clean(value: Any) -> Any:  # noqa: PLR0911 — one return a kind, the commonest first
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, (int, float, datetime)):
        return value
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        changed = {
            name: new for name, old in vars(value).items() if (new := _clean(old)) is not old
        }
        return dataclasses.replace(value, **changed) if changed else value
    if isinstance(value, dict):
        return {_clean(key): _clean_under(key, one) for key, one in value.items()}
    if type(value) in {list, tuple}:
        cleaned = [_clean(one) for one in value]
        if all(new is old for new, old in zip(cleaned, value, strict=True)):
            return value
        return type(value)(cleaned)
    return from_json(to_json(value))


def _clean_under(key: Any, value: Any) -> Any:
    """Cut out a text whose key alone says that it is a secret."""
    if isinstance(key, str) and isinstance(value, str) and value:
        named = f"{key}={'x' * 8}"
        return "***" if redact(named) != named else redact(value)
    return _clean(value)


def digest_of(record: RunRecord) -> str:
    """Hash what a run says, less what may change later with an event of its own."""
    content = _shallow(record)
    del content["events"], content["is_tracked"], content["changes"]
    for part in ("inputs", "artifacts", "metrics", "findings", "lineage"):
        content[part] = [_shallow(one) for one in content[part]]
    content["started_at"], content["ended_at"] = (
        moment.timestamp() for moment in (record.started_at, record.ended_at)
    )
    content["cpu_seconds"] = float(record.cpu_seconds)
    for part in ("metrics", "findings", "lineage"):
        content[part] = [
            {
                name: _as_kept(name, one[name])
                for name in one
                if name not in _CHANGING and (name not in _BESIDE or one[name])
            }
            for one in content[part]
        ]
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _shallow(record: Any) -> dict[str, Any]:
    """Give a record's fields; `dataclasses.asdict` copies all that lies in them, too."""
    return dict(vars(record))


def _as_kept(name: str, value: Any) -> Any:
    """Bring a number to the form in which it comes back: a double, NaN as nothing."""
    if name not in _REAL or value is None:
        return value
    return None if math.isnan(value) else float(value)


def row_of_run(record: RunRecord, workspace: str) -> RunRow:
    """Make the row of a run; its parts have rows of their own."""
    subject = next((one for one in record.inputs if one.role == "subject"), None)
    values = {
        field.name: getattr(record, field.name)
        for field in dataclasses.fields(record)
        if field.name not in _ELSEWHERE
    }
    values["inputs"] = [dataclasses.asdict(one) for one in record.inputs]
    values["artifacts"] = [dataclasses.asdict(one) for one in record.artifacts]
    return RunRow(
        workspace_id=workspace,
        seconds=record.seconds,
        dataset=subject.name if subject else "",
        fingerprint=subject.fingerprint if subject else "",
        tracker_state="pending" if record.is_tracked else "none",
        **values,
    )


def run_of_row(row: RunRow, **parts: Any) -> RunRecord:
    """Make the record of a run, given its parts."""
    values = {
        field.name: getattr(row, field.name)
        for field in dataclasses.fields(RunRecord)
        if field.name not in _ELSEWHERE
    }
    values["inputs"] = tuple(
        DatasetInput(**{**one, "schema": tuple((name, kind) for name, kind in one["schema"])})
        for one in row.inputs
    )
    values["artifacts"] = tuple(Artifact(**one) for one in row.artifacts)
    return RunRecord(**values, is_tracked=row.tracker_state != "none", **parts)


def values_of_metric(metric: Metric) -> dict[str, Any]:
    """Give the columns of a metric."""
    return _shallow(metric)


def metric_of_row(row: MetricRow) -> Metric:
    """Make the record of a metric; NULL is NaN."""
    values = {field.name: getattr(row, field.name) for field in dataclasses.fields(Metric)}
    values["value"] = math.nan if row.value is None else row.value
    return Metric(**values)


def values_of_finding(finding: Finding) -> dict[str, Any]:
    """Give the columns of a finding."""
    values = _shallow(finding)
    values["column_name"] = values.pop("column")
    return values


def finding_of_row(row: FindingRow) -> Finding:
    """Make the record of a finding."""
    values = {
        field.name: getattr(row, field.name)
        for field in dataclasses.fields(Finding)
        if field.name != "column"
    }
    values["rows"], values["entities"] = tuple(row.rows), tuple(row.entities)
    return Finding(**values, column=row.column_name)


def values_of_step(step: LineageStep) -> dict[str, Any]:
    """Give the columns of a step of lineage."""
    values = _shallow(step)
    values["meta"] = {name: kept for name in sorted(_BESIDE) if (kept := values.pop(name))}
    return values


def step_of_row(row: LineageRow) -> LineageStep:
    """Make the record of a step of lineage."""
    values = {
        field.name: getattr(row, field.name)
        for field in dataclasses.fields(LineageStep)
        if field.name not in _BESIDE
    }
    values["inputs"] = tuple(row.inputs)
    values["input_names"] = tuple(row.meta.get("input_names", ()))
    values["cell_sha256"] = row.meta.get("cell_sha256", "")
    return LineageStep(**values)
