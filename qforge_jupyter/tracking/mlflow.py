"""MLflow as the tracker: a run for every call, nested where the user works.

Only the client is used, so that neither the tracking URI nor the active run
that the user has set is touched. A run is written in the order: run with its
tags, metrics and parameters, datasets, artifacts, end. Only the end gives it a
final status, so a run that was cut off is found by its tag and continued.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qforge_jupyter.errors import QForgeError, TrackerError
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.tracking import TIMEOUT_S, ReadObject, _content, _erasing
from qforge_jupyter.tracking._calling import calling, import_mlflow, one_attempt, open_client
from qforge_jupyter.tracking._moving import follow
from qforge_jupyter.tracking._quiet import quiet
from qforge_jupyter.tracking._running import active_run
from qforge_jupyter.tracking._sending import send
from qforge_jupyter.tracking._template import place_database, revision_of, sqlite_path
from qforge_jupyter.tracking._waiting import Guarded, Line


@dataclass
class MlflowTracker:
    """Shows runs in MLflow; see `qforge_jupyter.tracking.open_tracker`."""

    uri: str = field(repr=False)
    experiment: str
    artifact_root: Path
    timeout_s: float = TIMEOUT_S
    _session: str = field(default_factory=lambda: uuid.uuid4().hex, repr=False)
    #: Runs begun by this process and where, so that each is continued there.
    _begun: dict[str, tuple[Any, str]] = field(default_factory=dict, repr=False)
    _preparing: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _preparation: threading.Thread | None = field(default=None, repr=False)
    _is_tried: bool = field(default=False, repr=False)
    _line: Line = field(default_factory=Line, repr=False)

    def is_ready(self) -> bool:
        """Say whether MLflow was prepared, or could not be, and is not being prepared."""
        return self._is_tried and not self._preparing.locked()

    def prepare(self, *, wait: bool = True) -> None:
        """Make the database of a new workspace and import MLflow.

        In the background the database is made by another process; MLflow is
        imported by a thread, so that the first run need not wait for that.
        """
        if wait:
            with self._preparing, quiet():
                self._is_tried = True
                self._prepare()
        elif not self._is_tried and self._preparing.acquire(blocking=False):
            self._is_tried = True
            self._preparation = threading.Thread(
                target=self._prepare_behind, name="qforge-mlflow", daemon=True
            )
            self._preparation.start()

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
        import_mlflow()

    def describe(self) -> str:
        """Say where runs are shown."""
        return f"MLflow experiment {self.experiment!r} at {redact(self.uri)}"

    def forget(self, record: RunRecord, run_id: str, *, preview: bool = False) -> bool:
        """Erase what the workspace's own MLflow was shown; a server's runs are out of reach."""
        database = sqlite_path(self.uri)
        return _erasing.forget(self.artifact_root, database, record, run_id, preview=preview)

    def logged(self, record: RunRecord, run_id: str) -> tuple[str, ...]:
        """Name the files below the workspace's folder that are not ours."""
        return _erasing.logged(self.artifact_root, record, run_id)

    def close(self) -> None:
        """Wait for the threads that prepare and that show."""
        if self._preparation is not None:
            self._preparation.join()
        self._line.close(self.timeout_s)

    def show(self, record: RunRecord, *, read: ReadObject) -> str:
        """Write the run, or continue or find the one that it has already."""
        active = _active_run()
        if active is None:
            self.prepare()
        uri = active[0] if active else self.uri
        where = f"MLflow at {redact(uri)}"
        with calling(uri, self.timeout_s):
            return self._line.call(
                self.timeout_s,
                lambda given_up: self._show(record, read, active, given_up),
                late=f"{where} did not answer within {self.timeout_s:g} s: check that it runs",
                taken=f"{where} has still not answered an earlier call: check that it runs",
            )

    @contextmanager
    def running(self, record: RunRecord) -> Iterator[None]:
        """Begin the record's run and make it the active one meanwhile."""
        try:
            client, uri, is_nested = self._open_run(record)
        except QForgeError:  # the record is shown later, as any other
            yield
            return
        with active_run(client, uri, self._begun[record.id][1], is_nested=is_nested):
            yield

    def _open_run(self, record: RunRecord) -> tuple[Any, str, bool]:
        active = _active_run()
        if active is None:
            self.prepare()
        uri = active[0] if active else self.uri

        def begin(given_up: threading.Event) -> Any:
            with one_attempt():
                client = open_client(uri, self.timeout_s)
                run = self._begin(Guarded(client, given_up), record, active)
                self._begun[record.id] = (client, str(run.info.run_id))
                return client

        with calling(uri, self.timeout_s):
            client = self._line.call(
                self.timeout_s, begin, late="MLflow is late", taken="MLflow is late"
            )
        return client, uri, active is not None

    def _show(
        self,
        record: RunRecord,
        read: ReadObject,
        active: tuple[str, Any] | None,
        given_up: threading.Event,
    ) -> str:
        with one_attempt():
            opened, run = self._begun.get(record.id, (None, ""))[0], None
            if opened is not None:
                client = Guarded(opened, given_up)
                run = self._continued(client, record)
                if run is not None:
                    _tag(client, run, record)
            if run is None:
                opened = open_client(active[0] if active else self.uri, self.timeout_s)
                run = self._begin(Guarded(opened, given_up), record, active)
            client = Guarded(opened, given_up)
            run_id = str(run.info.run_id)
            self._begun[record.id] = (opened, run_id)
            if run.info.status in ("RUNNING", "SCHEDULED"):
                send(client, run_id, record, read)
            del self._begun[record.id]
            return run_id

    def _continued(self, client: Any, record: RunRecord) -> Any:
        """Find the run that this process began and could not end."""
        from mlflow.exceptions import MlflowException

        try:
            return client.get_run(self._begun[record.id][1])
        except MlflowException as problem:
            if problem.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None

    def _begin(self, client: Any, record: RunRecord, active: tuple[str, Any] | None) -> Any:
        """Find the record's run by its tag, or create it in the right place."""
        own = _own_experiment(client, self.experiment)
        searched = {active[1].info.experiment_id} if active else set()
        searched |= {own.experiment_id} if own else set()
        if found := _find(client, searched, "qforge.run_id", record.id):
            return found
        above = active[1] if active else self._run_above(client, own, record)
        tags = _content.tags_of(record, _content.metrics_of(record)[1])
        tags["mlflow.parentRunId"] = above.info.run_id
        started = _content.milliseconds(record.started_at)
        name = _content.name_of(record)
        return client.create_run(above.info.experiment_id, started, tags, name)

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


def _tag(client: Any, run: Any, record: RunRecord) -> None:
    """Give a run that was begun before its work the tags that the work gave."""
    from mlflow.entities import RunTag

    known = run.data.tags
    tags = _content.tags_of(record, _content.metrics_of(record)[1])
    new = [RunTag(name, text) for name, text in tags.items() if known.get(name) != text]
    if new:
        client.log_batch(run.info.run_id, tags=new)


def _active_run() -> tuple[str, Any] | None:
    """Give the user's tracking URI and active run, if there is one."""
    mlflow = sys.modules.get("mlflow")
    active = mlflow.active_run() if mlflow and hasattr(mlflow, "active_run") else None
    return None if mlflow is None or active is None else (mlflow.get_tracking_uri(), active)


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


def connect(
    *, uri: str, experiment: str, artifact_root: Path, timeout_s: float = TIMEOUT_S
) -> MlflowTracker:
    """Open MLflow there; an empty URI is the workspace's own database.

    Where the workspace was moved, its own database follows it.
    """
    database = (artifact_root.parent / "mlflow.db").resolve()
    own = f"sqlite:///{database.as_posix()}"
    if not uri and "?" in own:
        raise TrackerError(
            "MLflow cannot keep its database in a folder with '?' in its path: "
            "rename the folder, or set QFORGE_MLFLOW_URI"
        )
    if not uri:
        with suppress(sqlite3.Error, OSError):  # the first `show` meets it again and says it
            follow(database, experiment, artifact_root)
    return MlflowTracker(uri or own, experiment, artifact_root, timeout_s)
