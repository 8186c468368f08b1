from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tracked_objects import PICTURE, REPORT, STARTED, artifact

from qforge_jupyter.results.run import Artifact, DatasetInput, Metric, RunRecord
from qforge_jupyter.tracking import Tracker, open_tracker


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the template of this test run apart from the user's."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture
def make_record() -> Callable[..., RunRecord]:
    def make(name: str = "run-1", **changes: Any) -> RunRecord:
        given: dict[str, Any] = {
            "id": name,
            "verb": "score",
            "actor": "ann",
            "status": "finished",
            "started_at": STARTED,
            "ended_at": STARTED + timedelta(seconds=2.5),
            "options": {"ruleset": "golden", "weights": {"validity": 0.35}},
            "seed": 42,
            "n_rows": 10,
            "cpu_seconds": 1.25,
            "engine_version": "0.1.0",
            "inputs": (
                DatasetInput("calcs", "file calcs.parquet", "ab" * 16, 10, (("gap", "float"),)),
            ),
            "metrics": (
                Metric("overall", 0.93, low=0.9, high=0.95),
                Metric("completeness", 0.7, subject="gap (eV)"),
                Metric("ratio", float("nan")),
                Metric("slope", float("inf")),
            ),
            "artifacts": (
                artifact("report.html", "text/html", REPORT),
                artifact("pictures/bands.png", "image/png", PICTURE),
                artifact("report.json", "application/vnd.qforge.result+json", b"{}"),
                Artifact("rows.parquet", "application/vnd.apache.parquet", "0" * 64, 10),
            ),
        }
        return RunRecord(**given | changes)

    return make


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a workspace folder beside an empty current one."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "my lab"


@pytest.fixture
def tracker(lab: Path) -> Tracker:
    # Patient, because a test is about what is shown and not about a busy machine.
    return open_tracker(
        "mlflow", uri="", experiment="qforge", artifact_root=lab / "artifacts", timeout_s=60
    )
