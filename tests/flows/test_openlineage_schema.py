"""Events of a real day at work are valid under OpenLineage's published JSON schemas.

The schemas lie unchanged in tests/data/openlineage; references between them are
looked up there by their ids, and nothing is asked of the network.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from referencing import Registry, Resource

import qforge_jupyter as qf
from qforge_jupyter.engine.openlineage import EVENT_SCHEMA, STEP_SCHEMA
from qforge_jupyter.errors import CallError

TESTS = Path(__file__).parents[1]
PUBLISHED = TESTS / "data" / "openlineage"
OWN = TESTS.parent / "docs" / "openlineage" / "step-run-facet.json"
SCHEMAS: dict[str, dict[str, Any]] = {
    schema["$id"]: schema
    for schema in (
        json.loads(file.read_text(encoding="utf-8"))
        for file in (*sorted(PUBLISHED.rglob("*.json")), OWN)
    )
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER
RIDGE = "from sklearn.linear_model import Ridge\nmodel = Ridge().fit(X_train, y_train)"
ROWS = pl.DataFrame({"id": range(60)}).with_columns(
    x=pl.col("id").hash(1) % 100 / 100.0, z=pl.col("id").hash(2) % 100 / 100.0
)
ROWS = ROWS.with_columns(y=pl.col("x") * 2 - pl.col("z"))


def validate(value: Any, schema: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(schema, registry=REGISTRY, format_checker=FORMATS)
    validator.validate(value)


def facets_of(event: dict[str, Any]) -> dict[str, dict[str, Any]]:
    parts = [event["run"], event["job"], *event["inputs"], *event["outputs"]]
    return {
        f"{index} {name}": {name: facet}
        for index, part in enumerate(parts)
        for name, facet in part["facets"].items()
    }


def validate_event(event: dict[str, Any]) -> None:
    """Check the event, and each facet against the schema that it names itself."""
    validate(event, {"$ref": EVENT_SCHEMA})
    for named in facets_of(event).values():
        ((name, facet),) = named.items()
        where, _, definition = facet["_schemaURL"].partition("#/$defs/")
        if where == STEP_SCHEMA:
            validate(facet, SCHEMAS[where])
            continue
        assert f"#/$defs/{definition}" == SCHEMAS[where]["properties"][name]["$ref"]
        validate(named, SCHEMAS[where])


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], ...]:
    """Commit, change, split, look for leaks, train, and fail once; then export."""
    place = tmp_path_factory.mktemp("openlineage")
    with qf.open(str(place / "lab"), tracker="none", actor="ann", progress=False) as ws:
        ws.commit(ROWS, to="calcs", by=["id"], message="first")
        few = ws.sql("select * from calcs where x >= 0", calcs=ROWS)
        split = ws.split("calcs", as_="parts")
        ws.leaks(split)
        ws.train("ridge", RIDGE, with_=split, target="y")
        with pytest.raises(CallError):
            ws.train("ridge", RIDGE, with_=split, target="nothing")
        ws.approve(few, reason="looked at", name="few")
        ws.lineage(ws.checkout("calcs").frame, name="calcs", export=str(place / "all.jsonl"))
    lines = (place / "all.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def test_the_formats_that_the_schemas_ask_for_are_checked():
    assert {"date-time", "uri", "uuid"} <= set(FORMATS.checkers)


def test_the_published_schemas_are_schemas():
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_schemas_refer_to_nothing_that_does_not_lie_here():
    for name, schema in SCHEMAS.items():
        found: list[str] = []
        json.loads(
            json.dumps(schema), object_hook=lambda each, found=found: found.append(each.get("$ref"))
        )
        for reference in filter(None, found):
            REGISTRY.resolver(base_uri=name).lookup(reference)


def test_every_event_of_a_real_flow_is_valid(events):
    done = {event["job"]["name"].split()[0] for event in events}
    assert {"commit", "sql", "split", "train"} <= done
    assert {"START", "COMPLETE"} <= {event["eventType"] for event in events}
    for event in events:
        validate_event(event)


def test_every_kind_of_facet_that_a_flow_gives_was_checked(events):
    given = {name.split()[1] for event in events for name in facets_of(event)}
    expected = {"dataSource", "documentation", "jobType", "nominalTime", "processing_engine"}
    assert expected | {"qforge_step", "schema", "version"} <= given


def without(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def take(event: Any) -> None:
        for step in path[:-1]:
            event = event[step]
        del event[path[-1]]

    return take


def with_(value: Any, *path: str | int) -> Callable[[dict[str, Any]], None]:
    def put(event: Any) -> None:
        for step in path[:-1]:
            event = event[step]
        event[path[-1]] = value

    return put


BROKEN = {
    "no run": without("run"),
    "no time": without("eventTime"),
    "a time that is none": with_("yesterday", "eventTime"),
    "an id that is no UUID": with_("17", "run", "runId"),
    "an unknown type": with_("DONE", "eventType"),
    "a producer that is no URI": with_("q forge", "producer"),
    "a dataset without a name": without("inputs", 0, "name"),
    "a facet without its schema": without("job", "facets", "jobType", "_schemaURL"),
    "a job type without integration": without("job", "facets", "jobType", "integration"),
    "a version that is a number": with_(7, "inputs", 0, "facets", "version", "datasetVersion"),
    "a step without a status": without("run", "facets", "qforge_step", "status"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_event_is_not_valid(events, how):
    event = copy.deepcopy(next(each for each in events if each["inputs"]))
    validate_event(event)
    BROKEN[how](event)
    with pytest.raises(jsonschema.ValidationError):
        validate_event(event)
