"""What a verb is given: settings, store, tracker, clock; and who writes it down."""

from __future__ import annotations

import getpass
import platform
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from qforge_jupyter.errors import DataError, QForgeError, QualityError, TrackerError, category_of
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.captured import captured, software
from qforge_jupyter.place import Place, find_place
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.run import Artifact, DatasetInput, LineageStep, RunRecord
from qforge_jupyter.results.tabular import Tabular
from qforge_jupyter.retrying import retried
from qforge_jupyter.settings import Settings, read_settings
from qforge_jupyter.store.opening import Store, open_store
from qforge_jupyter.tracking import Tracker, open_tracker
from qforge_jupyter.version import __version__

Answer = TypeVar("Answer")


def now() -> datetime:
    """Tell the time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """Everything a verb may touch outside the engine."""

    settings: Settings
    store: Store
    tracker: Tracker
    actor: str
    seed: int = 42
    device: str = "cpu"
    progress: Progress = field(default=silent, repr=False)
    clock: Callable[[], datetime] = now
    place: Place = field(default_factory=Place)
    say: Callable[[str], None] = field(default=print, repr=False)

    def call(  # noqa: PLR0913 - one call with all that its record needs
        self,
        verb: str,
        work: Callable[[Context], Answer],
        *,
        options: Mapping[str, Any],
        inputs: Mapping[str, Table],
        sources: Mapping[str, Table | Result] | None = None,
        uses: Sequence[str] = (),
    ) -> Answer:
        """Do a verb's work and write down what came of it, whatever came of it.

        Parameters
        ----------
        verb
            The verb's name.
        work
            The verb's ``run`` with its arguments bound; takes this context.
        options
            What was asked, as it can be shown; secrets are removed here.
        inputs
            Tables worked on, by their role.
        sources
            What the result is made of besides: results, and tables in other values.
        uses
            Packages that do the verb's work, for its lineage.

        """
        watch = _Watch(self.clock)
        result: Any = None
        error: BaseException | None = None
        try:
            result, attempts = retried(lambda: work(self))
        except BaseException as problem:  # noqa: BLE001 - written down, then raised again
            error = _unreadable(problem, inputs.values()) or problem
            result, attempts = getattr(problem, "result", None), getattr(problem, "attempts", 1)
        used = inputs if isinstance(result, Result) and result.metrics() else {}
        try:
            record = self._record(verb, watch, options, used, result, error)
            record = replace(record, attempts=attempts)
            if isinstance(result, Result):
                record = self._traced(record, result, {**inputs, **(sources or {})}, uses)
            retried(lambda: self.store.runs.save(record))
        except QForgeError as problem:
            # What was computed is not lost because it could not be written down.
            if error is None:
                problem.result = result  # type: ignore[attr-defined]
                raise
        else:
            if record.is_tracked and self.show(record):
                self.show_pending()
        if error is not None:
            raise error from error.__cause__
        return result  # type: ignore[no-any-return]

    def _record(  # noqa: PLR0913 - one record of one call
        self,
        verb: str,
        watch: _Watch,
        options: Mapping[str, Any],
        inputs: Mapping[str, Table],
        result: Any,
        error: BaseException | None,
    ) -> RunRecord:
        kept = result if isinstance(result, Result) else None
        shown = {name: redact(str(value))[:2000] for name, value in options.items()}
        used = tuple(_input(role, table) for role, table in inputs.items())
        record = RunRecord(
            id=uuid.uuid4().hex,
            verb=verb,
            actor=self.actor,
            status=_status(error),
            started_at=watch.started_at,
            ended_at=self.clock(),
            cpu_seconds=watch.cpu_seconds(),
            peak_memory_bytes=_peak_memory_bytes(),
            options=shown,
            seed=self.seed,
            device=self.device,
            error_category=category_of(error) if isinstance(error, Exception) else None,
            error_message=redact(str(error))[:2000] if error else "",
            engine_version=__version__,
            host=platform.node(),
            notebook=self.place.notebook,
            cell=self.place.cell,
            git_commit=self.place.git_commit,
            inputs=used,
            n_rows=used[0].n_rows if used else _height(kept),
        )
        if kept is None:
            return record
        return replace(
            record,
            report=kept.payload(),
            metrics=kept.metrics(),
            findings=kept.findings(),
            artifacts=self._artifacts(kept) if kept.metrics() else (),
            events=kept.events(self.actor),
            changes=kept.changes(),
            is_tracked=bool(kept.metrics()) and self.settings.tracker != "none",
        )

    def _artifacts(self, result: Result) -> tuple[Artifact, ...]:
        """Put the result's pages and tables among the objects."""
        import json

        bundle, _ = result._repr_mimebundle_()
        objects = self.store.objects
        pages = [
            objects.put(bundle["text/html"].encode(), "text/html", name="report.html"),
            objects.put(
                json.dumps(result.payload(), sort_keys=True, default=str).encode(),
                "application/json",
                name="report.json",
            ),
        ]
        tables = [
            objects.put_frame(frame, name=f"{name}.parquet")
            for name, frame in result.frames().items()
        ]
        return tuple(pages + tables)

    def _traced(
        self,
        record: RunRecord,
        result: Result,
        sources: Mapping[str, Table | Result],
        uses: Sequence[str],
    ) -> RunRecord:
        """Say how the result came about."""
        known = LineageStep(
            "",
            "",
            "",
            parameters=record.options,
            software=software(uses),
            seconds=record.seconds,
            resource=f"{platform.machine()}, {self.device}",
            notebook=self.place.notebook,
            cell=self.place.cell,
            git_commit=self.place.git_commit,
            cell_sha256=self.place.cell_sha256,
        )
        steps = captured(record.verb, result, sources, known, into=self.place.into)
        return replace(record, lineage=steps)

    def show(self, record: RunRecord) -> bool:
        """Show a stored run in the tracker; what cannot be shown stays pending."""
        if not record.is_tracked:
            return True
        if not self.tracker.is_ready():
            self.say("MLflow is being prepared; this run is shown there later")
            return False
        try:
            run_id = self.tracker.show(record, read=self.store.objects.read)
        except TrackerError as problem:
            self.store.outbox.mark_failed(record.id, redact(problem.message))
            self.say(f"{redact(problem.message)}; `%qforge sync` sends this run later")
            return False
        self.store.outbox.mark_synced(record.id, run_id)
        return True

    def show_pending(self) -> tuple[int, int]:
        """Show what waits, oldest first, until one cannot be shown.

        Returns
        -------
        tuple
            How many runs were shown, and how many still wait.

        """
        pending = self.store.outbox.pending()
        for n_shown, delivery in enumerate(pending):
            if not self.show(self.store.runs.get(delivery.run_id)):
                return n_shown, len(pending) - n_shown
            self.progress(n_shown + 1, len(pending), "runs shown")
        return len(pending), 0


def _height(result: Result | None) -> int | None:
    """Count the rows of a result that is a table."""
    return len(result) if isinstance(result, Tabular) else None


def _say_nothing(text: str) -> None:
    """Keep outputs free of what depends on the machine."""


def _unreadable(problem: BaseException, tables: Iterable[Table]) -> DataError | None:
    """Find the table whose own rows cannot be read, where that is what went wrong."""
    if not isinstance(problem, pl.exceptions.PolarsError | OSError):
        return None
    for table in tables:
        try:
            for _ in table.batches():
                pass
        except (pl.exceptions.PolarsError, OSError) as cause:
            kind = type(cause).__name__
            return DataError(
                f"The rows of {table.name} cannot be read to the end ({kind}): "
                "load them once with `%qforge load`, or collect them, to see why"
            )
    return None


class _Watch:
    """Wall and processor time since the call began."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.started_at = clock()
        self._cpu = time.process_time()

    def cpu_seconds(self) -> float:
        return time.process_time() - self._cpu


def _status(error: BaseException | None) -> Any:
    if error is None:
        return "finished"
    if isinstance(error, QualityError):
        return "refused"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"


def _peak_memory_bytes() -> int:
    """Most memory this process has held so far."""
    import psutil

    memory = psutil.Process().memory_info()
    peak = getattr(memory, "peak_wset", None)
    if peak is None:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak *= 1 if sys.platform == "darwin" else 1024
    return int(peak)


def _input(role: str, table: Table) -> DatasetInput:
    return DatasetInput(
        name=table.name,
        origin=table.origin,
        fingerprint=table.fingerprint,
        n_rows=table.n_rows,
        schema=tuple((name, str(dtype)) for name, dtype in table.schema.items()),
        role=role,
    )


def open_context(
    target: str = "", *, settings: Settings | None = None, **arguments: Any
) -> Context:
    """Open a workspace with its store and its tracker.

    Parameters
    ----------
    target
        A folder or a database URL; empty takes the settings' ``workspace``.
    settings
        Read from the environment when None.
    **arguments
        Settings that go before the environment, as ``tracker="none"``.

    """
    settings = settings or read_settings(**arguments)
    where = target or settings.workspace
    actor = settings.actor or getpass.getuser()
    # A database keeps rows; files and a local tracker need a folder beside it.
    is_database = "://" in where
    folder = Path(settings.folder if is_database else where)
    store = open_store(where, actor=actor, objects=folder / "objects" if is_database else None)
    tracker = open_tracker(
        settings.tracker,
        uri=settings.mlflow_uri,
        experiment=settings.mlflow_experiment,
        artifact_root=folder / "artifacts",
    )
    tracker.prepare(wait=False)
    return Context(
        settings,
        store,
        tracker,
        actor,
        say=print if settings.progress else _say_nothing,
        seed=settings.dataset_random_seed,
        place=find_place(),
    )
