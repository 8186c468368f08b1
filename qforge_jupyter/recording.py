"""What is written down of one call: the record of its run."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from qforge_jupyter.errors import QualityError, category_of
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.captured import Sources, captured, software
from qforge_jupyter.frames.inputs import as_input, known_rows
from qforge_jupyter.place import Place
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Artifact, LineageStep, RunRecord
from qforge_jupyter.results.tabular import Tabular
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.version import __version__
from qforge_jupyter.watch import Watch


@dataclass(frozen=True)
class Call:
    """One call of a verb, as much of it as is known when it begins."""

    run_id: str
    verb: str
    options: Mapping[str, Any]
    actor: str
    seed: int
    device: str
    place: Place
    clock: Callable[[], datetime]
    is_tracked: bool
    watch: Watch
    sources: Sources = field(default_factory=Sources)

    def record(
        self, result: Any, *, inputs: Mapping[str, Table], attempts: int, objects: Objects
    ) -> RunRecord:
        """Make the record of what came of it; pages and tables go among the objects."""
        kept = result if isinstance(result, Result) else None
        # A result may be false, as the verdict on a collapsed candidate is.
        asked = {**self.options, **(kept.parameters() if kept is not None else {})}
        metrics = kept.metrics() if kept is not None else ()
        # What gives no numbers is no work on data: its tables are not worth a hash.
        used = tuple(as_input(role, table) for role, table in inputs.items() if metrics)
        peak_bytes = self.watch.memory.stop()
        record = RunRecord(
            id=self.run_id,
            verb=self.verb,
            actor=self.actor,
            status="finished",
            started_at=self.watch.started_at,
            ended_at=self.clock(),
            cpu_seconds=self.watch.cpu_seconds(),
            peak_memory_bytes=peak_bytes,
            options={name: redact(str(value))[:2000] for name, value in asked.items()},
            seed=self.seed,
            device=self.device,
            attempts=attempts,
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
            metrics=metrics,
            findings=kept.findings(),
            artifacts=_artifacts(kept, objects) if metrics else (),
            lineage=self._traced(record, kept, inputs),
            events=kept.events(self.actor),
            changes=kept.changes(),
            is_tracked=bool(metrics) and self.is_tracked,
        )

    def record_failure(
        self,
        result: Any,
        error: BaseException,
        *,
        inputs: Mapping[str, Table],
        attempts: int,
        objects: Objects,
    ) -> RunRecord:
        """Make the record of a call that failed, with what it still gave.

        It changes nothing but what a result names for the case that a gate refuses it, or that
        the user stops the call.
        """
        record = self.record(result, inputs=inputs, attempts=attempts, objects=objects)
        return replace(
            record,
            changes=_changes_all_the_same(result, error),
            status=_status(error),
            error_category=category_of(error) if isinstance(error, Exception) else None,
            error_message=redact(str(error))[:2000],
            n_rows=record.n_rows if record.inputs else known_rows(inputs, error),
        )

    def _traced(
        self, record: RunRecord, result: Result, inputs: Mapping[str, Table]
    ) -> tuple[LineageStep, ...]:
        """Say how the result came about."""
        known = LineageStep(
            "",
            "",
            "",
            parameters=record.options,
            software=software(self.sources.uses),
            seconds=record.seconds,
            resource=f"{platform.machine()}, {self.device}",
            notebook=self.place.notebook,
            cell=self.place.cell,
            git_commit=self.place.git_commit,
            cell_sha256=self.place.cell_sha256,
        )
        given = {**inputs, **self.sources.given}
        return captured(record.verb, result, given, known, into=self.place.into)


def _artifacts(result: Result, objects: Objects) -> tuple[Artifact, ...]:
    """Put the result's pages and tables among the objects."""
    bundle, _ = result._repr_mimebundle_()
    pages = [
        objects.put(bundle["text/html"].encode(), "text/html", name="report.html"),
        objects.put(
            json.dumps(result.payload(), sort_keys=True, default=str).encode(),
            "application/json",
            name="report.json",
        ),
    ]
    tables = [
        objects.put_frame(frame, name=f"{name}.parquet") for name, frame in result.frames().items()
    ]
    pictures = [
        objects.put(data, "image/svg+xml" if name.endswith(".svg") else "image/png", name=name)
        for name, data in result.image_files().items()
    ]
    return tuple(pages + tables + pictures)


def _changes_all_the_same(result: Any, error: BaseException) -> tuple[Any, ...]:
    """Give what a result changes although the call did not end well."""
    if not isinstance(result, Result):
        return ()
    if isinstance(error, QualityError):
        return result.changes_if_refused()
    return result.changes_if_stopped() if isinstance(error, KeyboardInterrupt) else ()


def _height(result: Result | None) -> int | None:
    """Count the rows of a result that is a table."""
    return len(result) if isinstance(result, Tabular) else None


def _status(error: BaseException) -> Any:
    if isinstance(error, QualityError):
        return "refused"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
