"""What a call leaves in MLflow, read back with MLflow's own client."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tracked_objects import PICTURE, REPORT, STARTED, artifact, read

from qforge_jupyter.errors import StoreError, TrackerError
from qforge_jupyter.results.run import DatasetInput, Metric, RunRecord
from qforge_jupyter.tracking import Tracker, open_tracker

pytestmark = pytest.mark.filterwarnings("ignore:::mlflow", "ignore::ResourceWarning")
Make = Callable[..., RunRecord]


def client_of(tracker: Tracker) -> Any:
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=tracker.uri)  # type: ignore[attr-defined]


def runs_of(tracker: Tracker, tag: str = "qforge.run_id") -> list[Any]:
    client = client_of(tracker)
    experiment = client.get_experiment_by_name("qforge")
    runs = client.search_runs([experiment.experiment_id])
    return [run for run in runs if tag in run.data.tags]


def test_a_shown_run_has_metrics_parameters_tags_times_and_status(
    tracker: Tracker, make_record: Make
):
    run = client_of(tracker).get_run(tracker.show(make_record(), read=read))
    assert run.data.metrics == {
        "overall": 0.93,
        "overall.low": 0.9,
        "overall.high": 0.95,
        "gap _eV_/completeness": 0.7,
        "run/seconds": 2.5,
        "run/cpu_seconds": 1.25,
        "run/peak_memory_bytes": 0.0,
        "run/rows": 10.0,
    }
    assert run.data.params == {
        "ruleset": "golden",
        "weights": '{"validity": 0.35}',
        "seed": "42",
        "device": "cpu",
    }
    tags = run.data.tags
    assert tags["qforge.run_id"] == "run-1"
    assert tags["qforge.verb"] == "score"
    assert tags["qforge.status"] == "finished"
    assert tags["qforge.fingerprint"] == "ab" * 16
    assert tags["qforge.not_finite"] == "ratio, slope"
    assert tags["mlflow.user"] == "ann"
    assert run.info.run_name == "score calcs"
    assert run.info.status == "FINISHED"
    assert run.info.start_time == round(STARTED.timestamp() * 1000)
    assert run.info.end_time == run.info.start_time + 2500


def test_the_dataset_input_has_the_fingerprint_as_digest(tracker: Tracker, make_record: Make):
    run = client_of(tracker).get_run(tracker.show(make_record(), read=read))
    (given,) = run.inputs.dataset_inputs
    assert (given.dataset.name, given.dataset.digest) == ("calcs", "ab" * 16)
    assert json.loads(given.dataset.profile) == {"num_rows": 10}
    assert "file calcs.parquet" in given.dataset.source
    assert [(tag.key, tag.value) for tag in given.tags] == [("mlflow.data.context", "subject")]


def test_reports_and_pictures_are_artifacts_inside_the_workspace_and_nothing_lies_elsewhere(
    tracker: Tracker, make_record: Make, lab: Path
):
    run_id = tracker.show(make_record(), read=read)
    folder = lab / "artifacts" / run_id / "artifacts"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert files == {"report.html": REPORT, "report.json": b"{}", "pictures/bands.png": PICTURE}
    assert list(Path.cwd().iterdir()) == []
    assert sorted(path.name for path in lab.iterdir()) == ["artifacts", "mlflow.db"]


def test_an_artifact_whose_name_leads_out_of_the_folder_stays_inside(
    tracker: Tracker, make_record: Make, lab: Path
):
    names = ("../../out.html", "/etc/out.html", "C:\\out.html", "..", "a/../b.html")
    record = make_record(artifacts=tuple(artifact(name, "text/html", REPORT) for name in names))
    run_id = tracker.show(record, read=read)
    folder = lab / "artifacts" / run_id / "artifacts"
    assert len([path for path in folder.rglob("*") if path.is_file()]) == len(names)
    assert not list(lab.parent.glob("*.html"))


def test_showing_a_record_twice_leaves_one_run(tracker: Tracker, make_record: Make, lab: Path):
    other_kernel = open_tracker(
        "mlflow", uri="", experiment="qforge", artifact_root=lab / "artifacts"
    )
    first = tracker.show(make_record(), read=read)
    assert tracker.show(make_record(), read=read) == first
    assert other_kernel.show(make_record(), read=read) == first
    assert len(runs_of(tracker)) == 1


def test_a_run_that_was_cut_off_is_continued_also_by_another_kernel(
    tracker: Tracker, make_record: Make, lab: Path
):
    def lost(_: str) -> bytes:
        raise StoreError("The object is gone: restore it")

    with pytest.raises(StoreError):
        tracker.show(make_record(), read=lost)
    (half,) = runs_of(tracker)
    assert half.info.status == "RUNNING"

    other_kernel = open_tracker(
        "mlflow", uri="", experiment="qforge", artifact_root=lab / "artifacts"
    )
    assert other_kernel.show(make_record(), read=read) == half.info.run_id
    (whole,) = runs_of(tracker)
    assert whole.info.status == "FINISHED"
    assert len(whole.inputs.dataset_inputs) == 1
    history = client_of(tracker).get_metric_history(whole.info.run_id, "overall")
    assert len(history) == 1
    assert tracker.show(make_record(), read=read) == half.info.run_id


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("finished", "FINISHED"),
        ("failed", "FAILED"),
        ("refused", "FAILED"),
        ("interrupted", "KILLED"),
    ],
)
def test_each_outcome_has_its_status(tracker: Tracker, make_record: Make, status: str, shown: str):
    run_id = tracker.show(make_record(status=status, error_message="no"), read=read)
    run = client_of(tracker).get_run(run_id)
    assert (run.info.status, run.data.tags["qforge.error"]) == (shown, "no")


def test_runs_of_one_kernel_stand_under_one_session_run(
    tracker: Tracker, make_record: Make, lab: Path
):
    for name in ("run-1", "run-2"):
        tracker.show(make_record(name), read=read)
    other_kernel = open_tracker(
        "mlflow", uri="", experiment="qforge", artifact_root=lab / "artifacts"
    )
    other_kernel.show(make_record("run-3"), read=read)
    sessions = {run.info.run_id: run for run in runs_of(tracker, "qforge.session")}
    parents = [run.data.tags["mlflow.parentRunId"] for run in runs_of(tracker)]
    assert len(sessions) == len(set(parents)) == 2
    assert set(parents) == set(sessions)
    assert {run.info.status for run in sessions.values()} == {"FINISHED"}
    assert {run.info.run_name for run in sessions.values()} == {"qforge session 2026-11-21 09:30"}


def test_a_call_made_by_another_call_stands_under_it(tracker: Tracker, make_record: Make):
    above = tracker.show(make_record("run-1"), read=read)
    below = tracker.show(make_record("run-2", parent_id="run-1"), read=read)
    assert client_of(tracker).get_run(below).data.tags["mlflow.parentRunId"] == above


@pytest.fixture
def their_mlflow(tmp_path: Path) -> Iterator[Any]:
    """Give MLflow as the user has set it up, with a database of their own."""
    import mlflow

    from qforge_jupyter.tracking._template import place_database

    place_database(tmp_path / "theirs.db")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'theirs.db'}")
    mlflow.create_experiment("theirs", artifact_location=(tmp_path / "their files").as_uri())
    mlflow.set_experiment("theirs")
    yield mlflow
    mlflow.end_run()
    mlflow.set_tracking_uri(before)


def test_a_run_is_nested_under_the_users_active_run_which_stays_active(
    tracker: Tracker, make_record: Make, their_mlflow: Any, lab: Path, tmp_path: Path
):
    their_uri = their_mlflow.get_tracking_uri()
    with their_mlflow.start_run() as theirs:
        run_id = tracker.show(make_record(), read=read)
        assert tracker.show(make_record(), read=read) == run_id
        assert their_mlflow.active_run().info.run_id == theirs.info.run_id
    assert their_mlflow.get_tracking_uri() == their_uri
    run = their_mlflow.tracking.MlflowClient().get_run(run_id)
    assert run.data.tags["mlflow.parentRunId"] == theirs.info.run_id
    assert run.info.experiment_id == theirs.info.experiment_id
    assert (tmp_path / "their files" / run_id / "artifacts" / "report.html").read_bytes() == REPORT
    assert not lab.exists()


def test_without_an_active_run_the_users_settings_do_not_matter(
    tracker: Tracker, make_record: Make, their_mlflow: Any, lab: Path
):
    their_uri = their_mlflow.get_tracking_uri()
    tracker.show(make_record(), read=read)
    assert their_mlflow.get_tracking_uri() == their_uri
    assert (lab / "mlflow.db").exists()
    assert their_mlflow.search_runs(experiment_names=["theirs"]).empty


def test_thousands_of_metrics_and_hundreds_of_options_arrive(tracker: Tracker, make_record: Make):
    record = make_record(
        metrics=tuple(Metric("completeness", i / 2000, subject=f"c{i}") for i in range(2000)),
        options={f"option {i}": i for i in range(250)},
    )
    run = client_of(tracker).get_run(tracker.show(record, read=read))
    assert len(run.data.metrics) == 2004
    assert len(run.data.params) == 252


def test_hostile_names_arrive_in_names_that_mlflow_takes(tracker: Tracker, make_record: Make):
    subjects = ("", "..", "../x", "a/../b", "/", "a'; DROP TABLE runs; --", "^.*$", "\x00", "..x")
    record = make_record(
        metrics=tuple(Metric("share", 0.5, subject=name) for name in subjects),
        options=dict.fromkeys((*subjects, "x" * 400), "y" * 10_000),
        inputs=(DatasetInput("<b>" * 400, "", "cd" * 16, 0, (("\x00", "text"),)),),
        notebook="n" * 9000,
    )
    run = client_of(tracker).get_run(tracker.show(record, read=read))
    assert sum(key.endswith("share") for key in run.data.metrics) >= 1
    assert len(run.data.metrics) == len(subjects) + 4
    assert {len(text) for key, text in run.data.params.items() if "y" in text} <= {500, 3}


def test_no_secret_reaches_the_tracker(tracker: Tracker, make_record: Make, lab: Path):
    record = make_record(
        status="failed",
        options={
            "source": "postgresql://ann:hunter2@host/db?sslpassword=hunter2",
            "api_key": "hunter2",
            "nested": {"password": "hunter2", "urls": ["https://bob:hunter2@host/"]},
        },
        error_message="could not open postgresql://ann:hunter2@host/db",
        inputs=(DatasetInput("calcs", "sql mysql://ann:hunter2@host/db", "ab" * 16, 1, ()),),
    )
    tracker.show(record, read=read)
    written = b"".join(path.read_bytes() for path in lab.rglob("*") if path.is_file())
    assert b"hunter2" not in written


def test_our_calls_leave_the_environment_as_it_was(tracker: Tracker, make_record: Make):
    before = dict(os.environ)
    tracker.show(make_record(), read=read)
    assert dict(os.environ) == before


def test_nothing_is_printed_or_logged(
    tracker: Tracker, make_record: Make, capfd: pytest.CaptureFixture[str]
):
    tracker.show(make_record(), read=read)
    assert capfd.readouterr() == ("", "")


def test_a_deleted_experiment_is_said_in_one_sentence(tracker: Tracker, make_record: Make):
    tracker.show(make_record(), read=read)
    client = client_of(tracker)
    client.delete_experiment(client.get_experiment_by_name("qforge").experiment_id)
    with pytest.raises(TrackerError, match="'qforge' was deleted: restore it"):
        tracker.show(make_record("run-2"), read=read)


def test_a_record_that_ended_at_once_is_shown(tracker: Tracker, make_record: Make):
    record = replace(make_record(), ended_at=STARTED + timedelta(0), inputs=(), metrics=())
    assert tracker.show(record, read=read)
