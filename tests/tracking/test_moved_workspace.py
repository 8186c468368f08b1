"""A workspace whose folder was moved finds its artifacts again in MLflow."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tracked_objects import REPORT, read

from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.tracking import Tracker, open_tracker

pytestmark = pytest.mark.filterwarnings("ignore:::mlflow", "ignore::ResourceWarning")
Make = Callable[..., RunRecord]


def opened(folder: Path, experiment: str = "qforge") -> Tracker:
    root = folder / "artifacts"
    return open_tracker("mlflow", uri="", experiment=experiment, artifact_root=root, timeout_s=60)


def client_of(folder: Path) -> Any:
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")


def report_of(folder: Path, run_id: str, to: Path) -> bytes:
    to.mkdir()
    client = client_of(folder)
    assert "report.html" in {one.path for one in client.list_artifacts(run_id)}
    return Path(client.download_artifacts(run_id, "report.html", str(to))).read_bytes()


@pytest.mark.parametrize("name", ["new", "with space ünï", "deep/er"])
def test_runs_are_found_where_the_folder_is_now_and_new_ones_go_there(
    lab: Path, tmp_path: Path, make_record: Make, name: str
):
    run_id = opened(lab).show(make_record("run-1"), read=read)
    moved = tmp_path / name / "lab"
    moved.parent.mkdir(parents=True)
    lab.rename(moved)
    tracker = opened(moved)
    assert report_of(moved, run_id, tmp_path / "one") == REPORT
    later = tracker.show(make_record("run-2"), read=read)
    assert report_of(moved, later, tmp_path / "two") == REPORT
    assert (moved / "artifacts" / later / "artifacts" / "report.html").read_bytes() == REPORT
    assert not lab.exists()


def test_a_copy_has_its_own_artifacts_and_the_original_keeps_its(
    lab: Path, tmp_path: Path, make_record: Make
):
    run_id = opened(lab).show(make_record("run-1"), read=read)
    shutil.copytree(lab, tmp_path / "copy")
    later = opened(tmp_path / "copy").show(make_record("run-2"), read=read)
    assert (tmp_path / "copy" / "artifacts" / later).is_dir()
    assert not (lab / "artifacts" / later).exists()
    assert report_of(lab, run_id, tmp_path / "one") == REPORT
    shutil.rmtree(lab)
    assert report_of(tmp_path / "copy", run_id, tmp_path / "two") == REPORT


def test_a_database_that_went_without_its_artifacts_still_points_to_them(
    lab: Path, tmp_path: Path, make_record: Make
):
    run_id = opened(lab).show(make_record("run-1"), read=read)
    (tmp_path / "other").mkdir()
    shutil.copyfile(lab / "mlflow.db", tmp_path / "other" / "mlflow.db")
    opened(tmp_path / "other")
    assert report_of(tmp_path / "other", run_id, tmp_path / "one") == REPORT


def test_an_experiment_elsewhere_by_choice_and_others_runs_are_left_alone(
    lab: Path, tmp_path: Path
):
    tracker = opened(lab)
    tracker.prepare()
    client = client_of(lab)
    chosen = (tmp_path / "chosen").as_uri()
    client.create_experiment("qforge", artifact_location=chosen)
    theirs = client.create_experiment("theirs", artifact_location=(lab / "artifacts2").as_uri())
    before = client.get_experiment(theirs).artifact_location
    lab.rename(tmp_path / "moved")
    opened(tmp_path / "moved")
    after = client_of(tmp_path / "moved")
    assert after.get_experiment_by_name("qforge").artifact_location == chosen
    assert after.get_experiment(theirs).artifact_location == before


def test_where_nothing_moved_the_database_is_not_written(lab: Path, make_record: Make):
    opened(lab).show(make_record(), read=read)
    before = (lab / "mlflow.db").read_bytes()
    opened(lab)
    assert (lab / "mlflow.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no database" * 500])
def test_a_database_that_cannot_be_read_does_not_keep_the_workspace_closed(
    lab: Path, content: bytes
):
    lab.mkdir()
    (lab / "mlflow.db").write_bytes(content)
    assert opened(lab).describe()


def test_a_change_that_fails_midway_changes_nothing(lab: Path, tmp_path: Path, make_record: Make):
    opened(lab).show(make_record(), read=read)
    with closing(sqlite3.connect(lab / "mlflow.db")) as database:
        database.execute(
            "CREATE TRIGGER no_change BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        query = "SELECT artifact_location FROM experiments WHERE name = 'qforge'"
        before = database.execute(query).fetchall()
    lab.rename(tmp_path / "moved")
    opened(tmp_path / "moved")
    with closing(sqlite3.connect(tmp_path / "moved" / "mlflow.db")) as database:
        assert database.execute(query).fetchall() == before
