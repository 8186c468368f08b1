"""What a tracker shows of a record, in the words and limits of MLflow."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from qforge_jupyter.redaction import HIDDEN, redact
from qforge_jupyter.results.run import Artifact, DatasetInput, RunRecord

MAX_TEXT = 500
MAX_ARTIFACT_BYTES = 64 * 2**20
_SECRET = re.compile(
    r"(?i)pass(?:w|phrase|$)|pwd|token(?!s|iz)|secret|api_?key|access_?key|credential"
)
_SHOWN_TYPES = re.compile(r"text/|image/|application/(?:[\w.-]+\+)?json\b")


def milliseconds(moment: datetime) -> int:
    """Count milliseconds since 1970, as MLflow does."""
    return round(moment.timestamp() * 1000)


def shown_text(value: Any) -> str:
    """Write a value in at most 500 characters, without a secret.

    Examples
    --------
    >>> shown_text({"uri": "http://ann:pw@host/", "password": "x"})
    '{"uri": "http://***@host/", "password": "***"}'

    """
    kept = _without_secrets(value)
    text = kept if isinstance(kept, str) else json.dumps(kept, ensure_ascii=False)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _without_secrets(value: Any) -> Any:
    """Hide secrets inside, before quoting could hide them from `redact`; leave plain JSON."""
    if isinstance(value, dict):
        return {
            redact(str(key)): HIDDEN if _SECRET.search(str(key)) else _without_secrets(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(inner) for inner in value]
    return value if value is None or isinstance(value, int | float) else redact(str(value))


def unique_keys(names: Iterable[str]) -> Iterator[str]:
    """Turn names into keys that MLflow takes, each once.

    Examples
    --------
    >>> list(unique_keys(["gap (eV)", "gap [eV]", "../x", "größe"]))
    ['gap _eV_', 'gap _eV_ 2', '_/x', 'größe']

    """
    seen: set[str] = set()
    for name in names:
        parts = [re.sub(r"[^\w. -]", "_", part) for part in name.split("/")]
        clean = "/".join("_" if not part.strip(". ") else part for part in parts)[:240]
        clean = ("_" + clean if clean.startswith("..") else clean).rstrip("/")
        key, n = clean, 1
        while key.casefold() in seen:
            n += 1
            key = f"{clean} {n}"
        seen.add(key.casefold())
        yield key


def metrics_of(record: RunRecord) -> tuple[dict[str, float], list[str]]:
    """Give every finite number by key, and the names of those that are not."""
    named: list[tuple[str, float | None]] = []
    for metric in record.metrics:
        name = metric.name if metric.subject == "dataset" else f"{metric.subject}/{metric.name}"
        named += [(name, metric.value), (f"{name}.low", metric.low), (f"{name}.high", metric.high)]
    named += [
        ("run/seconds", record.seconds),
        ("run/cpu_seconds", record.cpu_seconds),
        ("run/peak_memory_bytes", record.peak_memory_bytes),
        ("run/rows", record.n_rows),
    ]
    given = [(name, float(value)) for name, value in named if value is not None]
    keys = list(unique_keys(name for name, _ in given))
    pairs = [(key, value) for key, (_, value) in zip(keys, given, strict=True)]
    return (
        {key: value for key, value in pairs if math.isfinite(value)},
        [key for key, value in pairs if not math.isfinite(value)],
    )


def steps_of(record: RunRecord) -> Iterator[tuple[str, float, int]]:
    """Give the finite numbers that a report says step by step: key, value, step."""
    logged = (record.report or {}).get("logged") or ()
    names = list(dict.fromkeys(name for name, _, _ in logged))
    keys = dict(zip(names, unique_keys(f"steps/{name}" for name in names), strict=True))
    for name, value, step in logged:
        if math.isfinite(value):
            yield keys[name], float(value), int(step)


def params_of(record: RunRecord) -> dict[str, str]:
    """Give the options, the seed and the device as texts."""
    options = {**record.options}
    options.setdefault("device", record.device)
    if record.seed is not None:
        options.setdefault("seed", record.seed)
    return {
        key: HIDDEN if _SECRET.search(name) else shown_text(value)
        for key, (name, value) in zip(unique_keys(options), options.items(), strict=True)
    }


def tags_of(record: RunRecord, skipped: list[str]) -> dict[str, str]:
    """Give what identifies the run and its outcome."""
    tags = {
        "qforge.run_id": record.id,
        "qforge.verb": record.verb,
        "qforge.status": record.status,
        "qforge.fingerprint": record.inputs[0].fingerprint if record.inputs else "",
        "qforge.version": record.engine_version,
        "qforge.attempts": str(record.attempts),
        "qforge.error_category": record.error_category or "",
        "qforge.error": record.error_message,
        "qforge.not_finite": ", ".join(skipped),
        "qforge.parent_id": record.parent_id or "",
        "mlflow.user": record.actor,
        "mlflow.source.name": record.notebook,
        "mlflow.source.type": "NOTEBOOK" if record.notebook else "",
        "mlflow.source.git.commit": record.git_commit,
    }
    return {key: shown_text(value) for key, value in tags.items() if value}


def name_of(record: RunRecord) -> str:
    """Name the run as people speak of it, as in ``score calcs``."""
    subjects = [given.name for given in record.inputs[:1]]
    return shown_text(" ".join([record.verb, *subjects]))[:250]


def dataset_of(given: DatasetInput) -> dict[str, str]:
    """Give the fields of MLflow's dataset entity; the digest is our fingerprint."""
    columns = [{"name": name, "type": kind, "required": False} for name, kind in given.schema]
    schema = json.dumps({"mlflow_colspec": columns})
    fields = {
        "name": redact(given.name)[:MAX_TEXT] or "unnamed",
        "digest": given.fingerprint[:36],
        "source_type": "code",
        "source": json.dumps({"tags": {"mlflow.source.name": shown_text(given.origin)}}),
        "profile": json.dumps({"num_rows": given.n_rows}),
    }
    return fields | ({"schema": schema} if len(schema) < 1_000_000 else {})


def artifacts_of(record: RunRecord) -> Iterator[tuple[str, Artifact]]:
    """Give reports and pictures with a relative path that stays where it is put."""
    shown = [
        artifact
        for artifact in record.artifacts
        if _SHOWN_TYPES.match(artifact.media_type) and artifact.n_bytes <= MAX_ARTIFACT_BYTES
    ]
    yield from zip(unique_keys(_tidy(item.name) for item in shown), shown, strict=True)


def _tidy(name: str) -> str:
    """Take away what leads out of a folder: roots, drives, parents."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part[-100:] for part in parts if part.strip("/. "))[-200:] or "artifact"
