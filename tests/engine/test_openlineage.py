"""Events that OpenLineage's own classes take and give back unchanged."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attr
import jsonschema
import pytest
from openlineage.client import event_v2, facet_v2
from openlineage.client.serde import Serde

from qforge_jupyter.engine.openlineage import EVENT_SCHEMA, PRODUCER, STEP_SCHEMA, events_of
from qforge_jupyter.results.run import DatasetInput, LineageStep, RunRecord

STEP_FACET = Path(__file__).parents[2] / "docs" / "openlineage" / "step-run-facet.json"
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STEP = LineageStep(
    "few",
    "f2",
    "an SQL query",
    "sql",
    parameters={"body": "select 1"},
    software={"duckdb": "1.4"},
    inputs=("f1", "f0"),
    input_names=("calcs", "notes"),
    cell_sha256="ab" * 32,
)
RECORD = RunRecord(
    "1" * 32,
    "sql",
    "ann",
    "finished",
    AT,
    AT,
    git_commit="c" * 40,
    notebook="lab.ipynb",
    engine_version="0.1.0",
    inputs=(DatasetInput("calcs", "file calcs.csv", "f1", 3, (("gap", "Float64"),)),),
    lineage=(STEP,),
    parent_id="2" * 32,
)
FAILED = replace(RECORD, status="failed", error_message="No column 'gpa'", lineage=())
FACETS: dict[str, Any] = {
    "version": facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet,
    "dataSource": facet_v2.datasource_dataset.DatasourceDatasetFacet,
    "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
    "documentation": facet_v2.documentation_job.DocumentationJobFacet,
    "jobType": facet_v2.job_type_job.JobTypeJobFacet,
    "sourceCodeLocation": facet_v2.source_code_location_job.SourceCodeLocationJobFacet,
    "nominalTime": facet_v2.nominal_time_run.NominalTimeRunFacet,
    "processing_engine": facet_v2.processing_engine_run.ProcessingEngineRunFacet,
    "parent": facet_v2.parent_run.ParentRunFacet,
    "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
}


def events(*records: RunRecord) -> tuple[dict[str, Any], ...]:
    return events_of(records, purposes={"sql": "Ask tables in SQL."})


def official(facets: dict[str, Any]) -> dict[str, Any]:
    """Build OpenLineage's own facets; an unknown or missing field is an error there."""
    built = {}
    for name, facet in facets.items():
        if name == "qforge_step":
            continue
        kind = FACETS[name]
        values = {key: value for key, value in facet.items() if not key.startswith("_")}
        if name == "parent":
            module = facet_v2.parent_run
            values = {"run": module.Run(**values["run"]), "job": module.Job(**values["job"])}
        if name == "schema":
            field = facet_v2.schema_dataset.SchemaDatasetFacetFields
            values = {"fields": [field(**each) for each in values["fields"]]}
        built[name] = kind(**values, producer=PRODUCER)
    return built


def as_official(event: dict[str, Any]) -> dict[str, Any]:
    def datasets(kind: Any, given: list[dict[str, Any]]) -> list[Any]:
        return [
            kind(each["namespace"], each["name"], facets=official(each["facets"])) for each in given
        ]

    built = event_v2.RunEvent(
        eventTime=event["eventTime"],
        eventType=event_v2.RunState(event["eventType"]),
        producer=event["producer"],
        run=event_v2.Run(event["run"]["runId"], official(event["run"]["facets"])),
        job=event_v2.Job(
            event["job"]["namespace"], event["job"]["name"], official(event["job"]["facets"])
        ),
        inputs=datasets(event_v2.InputDataset, event["inputs"]),
        outputs=datasets(event_v2.OutputDataset, event["outputs"]),
    )
    assert attr.has(type(built))
    return json.loads(Serde.to_json(built))  # type: ignore[no-any-return]


def bare(value: Any) -> Any:
    """Leave out what only one side writes: empty parts, and our own facet."""
    if isinstance(value, dict):
        kept = {key: bare(each) for key, each in value.items() if key != "qforge_step"}
        return {key: each for key, each in kept.items() if each not in ({}, [], None)}
    return [bare(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("record", [RECORD, FAILED], ids=["finished", "failed"])
def test_openlineages_own_classes_give_the_same_events(record: RunRecord):
    for event in events(record):
        assert bare(as_official(event)) == bare(json.loads(json.dumps(event)))


def test_every_event_names_the_schema_of_run_events():
    assert {EVENT_SCHEMA} == {event["schemaURL"] for event in events(RECORD)}


@pytest.mark.parametrize("record", [RECORD, FAILED], ids=["finished", "failed"])
def test_our_own_facet_is_valid_under_its_schema(record: RunRecord):
    schema = json.loads(STEP_FACET.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert STEP_SCHEMA == schema["$id"]
    for event in events(record):
        jsonschema.validate(event["run"]["facets"]["qforge_step"], schema)


def test_a_run_starts_and_then_completes_fails_or_aborts():
    ends = {"finished": "COMPLETE", "failed": "FAIL", "refused": "FAIL", "interrupted": "ABORT"}
    for status, end in ends.items():
        record = replace(RECORD, status=status)  # type: ignore[arg-type]
        assert ["START", end] == [event["eventType"] for event in events(record)]


def test_inputs_carry_what_is_known_of_them():
    calcs, notes = events(RECORD)[1]["inputs"]
    assert [{"name": "gap", "type": "Float64"}] == calcs["facets"]["schema"]["fields"]
    assert ("notes", "schema" in notes["facets"]) == (notes["name"], False)


def test_a_decision_is_no_output():
    decided = replace(STEP, method="approval", approved_by="ann", approved_at=AT)
    assert [] == events(replace(RECORD, lineage=(decided,)))[1]["outputs"]
