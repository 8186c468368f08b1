"""MLflow as the tracker: a run for every call, nested where the user works.

Only the client is used, so that neither the tracking URI nor the active run
that the user has set is touched. A run is written in the order: run with its
tags, metrics and parameters, datasets, artifacts, end. Only the end gives it a
final status, so a run that was cut off is found by its tag and continued.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from qforge_jupyter.errors import QForgeError, TrackerError
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.tracking import ReadObject, _content
from qforge_jupyter.tracking._quiet import environment, is_reachable, quiet, reason_of, within
from qforge_jupyter.tracking._template import place_database, revision_of, sqlite_path

#: Seconds that opening, and each later request, may take.
OPEN_S, REQUEST_S = 8, 5
_STATUSES = {
    "finished": "FINISHED",
    "failed": "FAILED",
    "refused": "FAILED",
    "interrupted": "KILLED",
}
_CHATTY = ("mlflow", "mlflow.store.db.utils", "alembic.runtime.migration", "urllib3.connectionpool")
#: Nothing is retried, printed or pooled: the outbox retries, a pool would hold a deleted file.
_CALL = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": str(REQUEST_S),
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT": str(2 * REQUEST_S),
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
}


@dataclass
class MlflowTracker:
    """Shows runs in MLflow; see `qforge_jupyter.tracking.open_tracker`."""

    uri: str = field(repr=False)
    experiment: str
    artifact_root: Path
    _session: str = field(default_factory=lambda: uuid.uuid4().hex, repr=False)
    #: Runs begun by this process and where, so that each is continued there.
    _begun: dict[str, tuple[Any, str]] = field(default_factory=dict, repr=False)
    _preparing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def is_ready(self) -> bool:
        """Say whether the database is there and nothing is being prepared."""
        path = sqlite_path(self.uri)
        is_there = path is None or (path.exists() and (path.is_dir() or path.stat().st_size > 0))
        return is_there and not self._preparing.locked()

    def prepare(self, *, wait: bool = True) -> None:
        """Make the database of a new workspace and import MLflow.

        In the background the database is made by another process; MLflow is
        imported by a thread, so that the first run need not wait for that.
        """
        if not wait:
            if self._preparing.acquire(blocking=False):
                work = threading.Thread(target=self._prepare_behind, name="qforge-mlflow")
                work.daemon = True
                work.start()
            return
        with self._preparing, quiet():
            self._prepare()

    def _prepare_behind(self) -> None:
        with suppress(QForgeError):  # the next `show` meets it again and says it
            try:
                self._prepare()
            finally:
                self._preparing.release()

    def _prepare(self) -> None:
        path = sqlite_path(self.uri)
        if path is not None and revision_of(path) is None:
            place_database(path)
        _import_mlflow()

    def describe(self) -> str:
        """Say where runs are shown."""
        return f"MLflow experiment {self.experiment!r} at {redact(self.uri)}"

    def show(self, record: RunRecord, *, read: ReadObject) -> str:
        """Write the run, or continue or find the one that it has already."""
        active = _active_run()
        if active is None:
            self.prepare()
        with _calling(active[0] if active else self.uri):
            client, run = self._continued(record) or self._begin(record, active)
            run_id = str(run.info.run_id)
            self._begun[record.id] = (client, run_id)
            if run.info.status in ("RUNNING", "SCHEDULED"):
                _fill(client, run_id, record)
                _send_artifacts(client, run_id, record, read)
                ended = _content.milliseconds(record.ended_at)
                client.set_terminated(run_id, _STATUSES[record.status], ended)
            del self._begun[record.id]
            return run_id

    def _continued(self, record: RunRecord) -> tuple[Any, Any] | None:
        """Find the run that this process began and could not end."""
        from mlflow.exceptions import MlflowException

        if record.id not in self._begun:
            return None
        client, run_id = self._begun[record.id]
        try:
            return client, client.get_run(run_id)
        except MlflowException as problem:
            if problem.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            del self._begun[record.id]
            return None

    def _begin(self, record: RunRecord, active: tuple[str, Any] | None) -> tuple[Any, Any]:
        """Find the record's run by its tag, or create it in the right place."""
        client = _open(active[0] if active else self.uri)
        own = _own_experiment(client, self.experiment)
        searched = {active[1].info.experiment_id} if active else set()
        searched |= {own.experiment_id} if own else set()
        if found := _find(client, searched, "qforge.run_id", record.id):
            return client, found
        above = active[1] if active else self._run_above(client, own, record)
        tags = _content.tags_of(record, _content.metrics_of(record)[1])
        tags["mlflow.parentRunId"] = above.info.run_id
        started = _content.milliseconds(record.started_at)
        name = _content.name_of(record)
        return client, client.create_run(above.info.experiment_id, started, tags, name)

    def _run_above(self, client: Any, own: Any, record: RunRecord) -> Any:
        """Find the call that this one is part of, else this kernel's session."""
        experiment_id = own.experiment_id if own else self._create_experiment(client)
        if parent := _find(client, {experiment_id}, "qforge.run_id", record.parent_id or ""):
            return parent
        session = _find(client, {experiment_id}, "qforge.session", self._session)
        if session is None:
            started = record.started_at
            session = client.create_run(
                experiment_id,
                _content.milliseconds(started),
                {"qforge.session": self._session, "mlflow.user": record.actor},
                f"qforge session {started:%Y-%m-%d %H:%M}",
            )
        # Ended each time, since a kernel may die at any moment.
        client.set_terminated(
            session.info.run_id, "FINISHED", _content.milliseconds(record.ended_at)
        )
        return session

    def _create_experiment(self, client: Any) -> str:
        from mlflow.exceptions import MlflowException

        is_served = self.uri.startswith(("http:", "https:", "databricks", "uc"))
        folder = None if is_served else self.artifact_root.resolve().as_uri()
        try:
            return str(client.create_experiment(self.experiment, artifact_location=folder))
        except MlflowException:
            # Another kernel may have made it a moment ago.
            if own := _own_experiment(client, self.experiment):
                return str(own.experiment_id)
            raise


def _active_run() -> tuple[str, Any] | None:
    """Give the user's tracking URI and active run, if there is one."""
    mlflow = sys.modules.get("mlflow")
    active = mlflow.active_run() if mlflow and hasattr(mlflow, "active_run") else None
    return None if mlflow is None or active is None else (mlflow.get_tracking_uri(), active)


def _import_mlflow() -> None:
    """Import the client; where the user did not import MLflow, without telemetry."""
    first = {} if "mlflow" in sys.modules else {"MLFLOW_DISABLE_TELEMETRY": "true"}
    with environment(**first):
        importlib.import_module("mlflow.tracking")
        importlib.import_module("mlflow.store.tracking.sqlalchemy_store")


@contextmanager
def _one_attempt() -> Iterator[None]:
    """Keep MLflow from trying a database ten times in 100 s.

    It holds a lock meanwhile on which every other use of MLflow would wait.
    """
    from mlflow.store.db import utils

    before = utils.MAX_RETRY_COUNT
    utils.MAX_RETRY_COUNT = 1
    try:
        yield
    finally:
        utils.MAX_RETRY_COUNT = before


@contextmanager
def _calling(uri: str) -> Iterator[None]:
    """Call MLflow in silence and turn whatever it raises into one sentence."""
    with environment(**_CALL), quiet():
        _import_mlflow()
        with quiet(*_CHATTY), _one_attempt():
            try:
                yield
            except QForgeError:
                raise
            except Exception as problem:  # noqa: BLE001 — MLflow and its databases raise anything
                raise TrackerError(
                    f"MLflow at {redact(uri)} did not take the run ({reason_of(problem)}): "
                    "start or repair it, then send the run with  %qforge sync"
                ) from None


def _open(uri: str) -> Any:
    from mlflow.tracking import MlflowClient

    def connect() -> Any:
        client = MlflowClient(tracking_uri=uri)
        client.search_experiments(max_results=1)
        return client

    late = f"MLflow at {redact(uri)} did not answer within {OPEN_S} s: check that it runs"
    if not is_reachable(uri, OPEN_S):
        raise TrackerError(late)
    return within(OPEN_S, connect, late=late)


def _own_experiment(client: Any, name: str) -> Any:
    """Find our experiment; a deleted one cannot take runs."""
    found = client.get_experiment_by_name(name)
    if found is not None and found.lifecycle_stage == "deleted":
        raise TrackerError(
            f"The MLflow experiment {name!r} was deleted: restore it, "
            "or set QFORGE_MLFLOW_EXPERIMENT to another name"
        )
    return found


def _find(client: Any, experiment_ids: set[str], tag: str, value: str) -> Any:
    """Find the run with that tag, None if there is none."""
    if not value or not experiment_ids or "'" in value:
        return None
    runs = client.search_runs(sorted(experiment_ids), f"tags.`{tag}` = '{value}'", max_results=1)
    return runs[0] if runs else None


def _fill(client: Any, run_id: str, record: RunRecord) -> None:
    """Send metrics, parameters and datasets; sending them again changes nothing."""
    from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param

    at = _content.milliseconds(record.ended_at)
    values, _ = _content.metrics_of(record)
    metrics = iter([Metric(key, value, at, 0) for key, value in values.items()])
    params = iter([Param(key, text) for key, text in _content.params_of(record).items()])
    while some := (list(islice(metrics, 800)), list(islice(params, 100))):
        if not any(some):
            break
        client.log_batch(run_id, metrics=some[0], params=some[1])
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


def connect(*, uri: str, experiment: str, artifact_root: Path) -> MlflowTracker:
    """Open MLflow there; an empty URI is the workspace's own database."""
    own = f"sqlite:///{(artifact_root.parent / 'mlflow.db').resolve().as_posix()}"
    if not uri and "?" in own:
        raise TrackerError(
            "MLflow cannot keep its database in a folder with '?' in its path: "
            "rename the folder, or set QFORGE_MLFLOW_URI"
        )
    return MlflowTracker(uri or own, experiment, artifact_root)
