"""Runs and their lineage as OpenLineage events (specification 2-0-2).

A run gives a START event and the one that ended it: COMPLETE, FAIL or ABORT.
A dataset is named as people call it and versioned by its fingerprint. What
OpenLineage has no facet for is in our own, whose schema lies in
``docs/openlineage``.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from qforge_jupyter.results.run import DatasetInput, LineageStep, RunRecord
from qforge_jupyter.version import __version__

NAMESPACE = "qforge"
PRODUCER = f"urn:qforge-jupyter:{__version__}"
EVENT_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
#: Our own facet; its schema is docs/openlineage/step-run-facet.json.
STEP_SCHEMA = "urn:qforge-jupyter:openlineage:step-run-facet:1-0-0"
_FACETS = "https://openlineage.io/spec/facets/{}/{}.json#/$defs/{}"
_VERSIONS = {
    "SchemaDatasetFacet": "1-2-0",
    "DatasourceDatasetFacet": "1-0-1",
    "DatasetVersionDatasetFacet": "1-0-1",
    "DocumentationJobFacet": "1-1-0",
    "JobTypeJobFacet": "2-0-4",
    "SourceCodeLocationJobFacet": "1-1-0",
    "ErrorMessageRunFacet": "1-0-1",
    "NominalTimeRunFacet": "1-0-1",
    "ParentRunFacet": "1-2-0",
    "ProcessingEngineRunFacet": "1-1-1",
}
_ENDS = {"finished": "COMPLETE", "failed": "FAIL", "refused": "FAIL", "interrupted": "ABORT"}

Json = dict[str, Any]


def events_of(records: Iterable[RunRecord], *, purposes: Mapping[str, str]) -> tuple[Json, ...]:
    """Write the events of runs, in the order in which they are given.

    Parameters
    ----------
    records
        Runs with their inputs and steps.
    purposes
        What each verb does, in one sentence.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> record = RunRecord("0" * 32, "load", "ann", "finished", at, at)
    >>> [event["eventType"] for event in events_of([record], purposes={})]
    ['START', 'COMPLETE']

    """
    kept = tuple(records)
    known = {given.fingerprint: given for record in kept for given in record.inputs}
    return tuple(event for record in kept for event in _events(record, known, purposes))


def _events(
    record: RunRecord, known: Mapping[str, DatasetInput], purposes: Mapping[str, str]
) -> tuple[Json, Json]:
    made = [step for step in record.lineage if step.method not in ("approval", "revocation")]
    inputs = _inputs(record, made, known)
    outputs = [_dataset(step.fingerprint, step.dataset, step.source, known) for step in made]
    job = {
        "namespace": NAMESPACE,
        "name": " ".join([record.verb, *(step.dataset for step in made[:1])]),
        "facets": _job_facets(record, purposes),
    }
    run = {"runId": str(uuid.UUID(record.id)), "facets": _run_facets(record, made)}

    def event(kind: str, at: datetime, outputs: list[Json]) -> Json:
        return {
            "eventType": kind,
            "eventTime": at.isoformat(),
            "producer": PRODUCER,
            "schemaURL": EVENT_SCHEMA,
            "run": run if kind != "START" else {**run, "facets": _without_end(run["facets"])},
            "job": job,
            "inputs": inputs,
            "outputs": outputs,
        }

    return (
        event("START", record.started_at, []),
        event(_ENDS[record.status], record.ended_at, outputs),
    )


def _without_end(facets: Any) -> Json:
    return {name: facet for name, facet in facets.items() if name != "errorMessage"}


def _inputs(
    record: RunRecord, made: list[LineageStep], known: Mapping[str, DatasetInput]
) -> list[Json]:
    found = {given.fingerprint: (given.name, given.origin) for given in record.inputs}
    for step in made:
        for content, name in zip(step.inputs, step.input_names, strict=False):
            found.setdefault(content, (name, "an earlier step"))
    return [_dataset(content, name, origin, known) for content, (name, origin) in found.items()]


def _dataset(
    content: str, name: str, origin: str, known: Mapping[str, DatasetInput]
) -> dict[str, Any]:
    facets = {
        "version": _facet("DatasetVersionDatasetFacet", datasetVersion=content),
        "dataSource": _facet(
            "DatasourceDatasetFacet", name=origin, uri=f"urn:qforge-jupyter:content:{content}"
        ),
    }
    if content in known:
        fields = [{"name": column, "type": kind} for column, kind in known[content].schema]
        facets["schema"] = _facet("SchemaDatasetFacet", fields=fields)
    return {"namespace": NAMESPACE, "name": name or "a table", "facets": facets}


def _job_facets(record: RunRecord, purposes: Mapping[str, str]) -> Json:
    said = purposes.get(record.verb, f"The verb {record.verb} of Q-Forge.")
    facets = {
        "documentation": _facet("DocumentationJobFacet", description=said),
        "jobType": _facet(
            "JobTypeJobFacet", processingType="BATCH", integration="QFORGE", jobType="JOB"
        ),
    }
    if record.git_commit:
        facets["sourceCodeLocation"] = _facet(
            "SourceCodeLocationJobFacet",
            type="git",
            url=f"urn:git:{record.git_commit}",
            version=record.git_commit,
            **({"path": record.notebook} if record.notebook else {}),
        )
    return facets


def _run_facets(record: RunRecord, made: list[LineageStep]) -> Json:
    facets = {
        "nominalTime": _facet(
            "NominalTimeRunFacet",
            nominalStartTime=record.started_at.isoformat(),
            nominalEndTime=record.ended_at.isoformat(),
        ),
        "processing_engine": _facet(
            "ProcessingEngineRunFacet",
            version=record.engine_version or __version__,
            name="qforge-jupyter",
            openlineageAdapterVersion=__version__,
        ),
        "qforge_step": {
            "_producer": PRODUCER,
            "_schemaURL": STEP_SCHEMA,
            "status": record.status,
            "actor": record.actor,
            "device": record.device,
            "cpuSeconds": record.cpu_seconds,
            "steps": [_told(step) for step in made],
        },
    }
    if record.parent_id:
        facets["parent"] = _facet(
            "ParentRunFacet",
            run={"runId": str(uuid.UUID(record.parent_id))},
            job={"namespace": NAMESPACE, "name": record.verb},
        )
    if record.error_message:
        facets["errorMessage"] = _facet(
            "ErrorMessageRunFacet", message=record.error_message, programmingLanguage="PYTHON"
        )
    return facets


def _told(step: LineageStep) -> Json:
    return {
        "dataset": step.dataset,
        "fingerprint": step.fingerprint,
        "method": step.method,
        "parameters": {name: one for name, one in step.parameters.items() if name != "folder"},
        "software": step.software,
        "resource": step.resource,
        "notebook": step.notebook,
        "cell": step.cell,
        "cellSha256": step.cell_sha256,
    }


def _facet(kind: str, **values: Any) -> Json:
    return {
        "_producer": PRODUCER,
        "_schemaURL": _FACETS.format(_VERSIONS[kind], kind, kind),
    } | values
