"""Send what a run says; sending it again changes nothing."""

from __future__ import annotations

import os
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.tracking import ReadObject, _content

_STATUSES = {
    "finished": "FINISHED",
    "failed": "FAILED",
    "refused": "FAILED",
    "interrupted": "KILLED",
}


def send(client: Any, run_id: str, record: RunRecord, read: ReadObject) -> None:
    """Send everything, then give the run its end."""
    _send_values(client, run_id, record)
    _send_datasets(client, run_id, record)
    _send_artifacts(client, run_id, record, read)
    ended = _content.milliseconds(record.ended_at)
    client.set_terminated(run_id, _STATUSES[record.status], ended)


def _send_values(client: Any, run_id: str, record: RunRecord) -> None:
    from mlflow.entities import Metric, Param

    at = _content.milliseconds(record.ended_at)
    values, _ = _content.metrics_of(record)
    metrics = iter(
        [
            *(Metric(key, value, at, 0) for key, value in values.items()),
            *(Metric(key, value, at, step) for key, value, step in _content.steps_of(record)),
        ]
    )
    params = iter([Param(key, text) for key, text in _content.params_of(record).items()])
    while some := (list(islice(metrics, 800)), list(islice(params, 100))):
        if not any(some):
            break
        client.log_batch(run_id, metrics=some[0], params=some[1])


def _send_datasets(client: Any, run_id: str, record: RunRecord) -> None:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    inputs = [
        DatasetInput(
            Dataset(**_content.dataset_of(given)), [InputTag("mlflow.data.context", given.role)]
        )
        for given in record.inputs
    ]
    if inputs:
        client.log_inputs(run_id, datasets=inputs)


def _send_artifacts(client: Any, run_id: str, record: RunRecord, read: ReadObject) -> None:
    """Send reports and pictures from a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qforge-artifacts-") as folder:
        for name, artifact in _content.artifacts_of(record):
            path = Path(folder, *name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(read(artifact.sha256))
            client.log_artifact(run_id, os.fspath(path), name.rpartition("/")[0] or None)
