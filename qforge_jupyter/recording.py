"""What is written down of one call: the record of its run."""

from __future__ import annotations

import json
import platform
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from qforge_jupyter.errors import QualityError, category_of
from qforge_jupyter.frames import Table
from qforge_jupyter.place import Place
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Artifact, DatasetInput, LineageStep, RunRecord
from qforge_jupyter.results.tabular import Tabular
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.version import __version__


@dataclass
class Call:
    """One call of a verb while it runs; its watch starts when it is made."""

    verb: str
    options: Mapping[str, Any]
    actor: str
    seed: int
    device: str
    place: Place
    clock: Callable[[], datetime]
    is_tracked: bool
    _started_at: datetime = field(init=False)
    _cpu: float = field(init=False)

    def __post_init__(self) -> None:
        self._started_at, self._cpu = self.clock(), time.process_time()

    def record(
        self,
        result: Any,
        error: BaseException | None,
        *,
        inputs: Mapping[str, Table],
        attempts: int,
        objects: Objects,
    ) -> RunRecord:
        """Make the record of what came of it; pages and tables go among the objects."""
        kept = result if isinstance(result, Result) else None
        used = tuple(_input(role, table) for role, table in inputs.items())
        record = RunRecord(
            id=uuid.uuid4().hex,
            verb=self.verb,
            actor=self.actor,
            status=_status(error),
            started_at=self._started_at,
            ended_at=self.clock(),
            cpu_seconds=time.process_time() - self._cpu,
            peak_memory_bytes=_peak_memory_bytes(),
            options={name: redact(str(value))[:2000] for name, value in self.options.items()},
            seed=self.seed,
            device=self.device,
            attempts=attempts,
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
        return record if kept is None else self._with_result(record, kept, objects)

    def _with_result(self, record: RunRecord, result: Result, objects: Objects) -> RunRecord:
        metrics = result.metrics()
        return replace(
            record,
            report=result.payload(),
            metrics=metrics,
            findings=result.findings(),
            artifacts=_artifacts(result, objects) if metrics else (),
            lineage=tuple(self._located(step) for step in result.lineage()),
            events=result.events(self.actor),
            is_tracked=bool(metrics) and self.is_tracked,
        )

    def _located(self, step: LineageStep) -> LineageStep:
        return replace(
            step,
            notebook=self.place.notebook,
            cell=self.place.cell,
            git_commit=self.place.git_commit,
            resource=step.resource or f"{platform.machine()}, {self.device}",
        )


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
    return tuple(pages + tables)


def _height(result: Result | None) -> int | None:
    """Count the rows of a result that is a table."""
    return len(result) if isinstance(result, Tabular) else None


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
